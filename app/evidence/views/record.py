"""The page of a record: what it is, what is next, its fields, papers side by side, uses, timeline; and its papers."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from flask import Response, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm

from app.core import clock, files
from app.core.access import Actor, acting, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError, Text
from app.core.post import Letter, can_send
from app.core.text import _, _l
from app.desk.queries import timeline_entries
from app.evidence import services
from app.evidence.access import enters, handles, may_check, owns
from app.evidence.forms import AttachForm, CheckForm, LinkForm, ReasonForm
from app.evidence.models import Evidence
from app.evidence.queries import counterparty, records, uses
from app.evidence.queries.records import Bundle
from app.evidence.queries.surroundings import as_paper
from app.evidence.rules.checks import AMOUNTS, REASONS
from app.evidence.rules.compare import CompareRow, side_by_side
from app.evidence.states import KIND_LABELS, OPEN, PAPERS, State
from app.evidence.views import lists
from app.evidence.views.blueprint import Answer, bp
from app.evidence.views.fields import shown
from app.evidence.views.uses import shown as shown_uses
from app.rulebook.verdicts import Line, rendered
from app.web import downloads
from app.web.formats import wan
from app.web.refusals import show_beside

FIRST = ("not", "near", "unknown", "met")
"""What a reader looks for first: what does not match, then what is not known."""
AMOUNT = re.compile(r"\d+(\.\d+)?")
FILE_LIMIT = 10 * files.MEGABYTE
NEXT: dict[State, Text] = {
    State.DRAFT: _l("Attach the paper and declare the record"),
    State.REJECTED: _l("Correct the record and declare a new version"),
}


@bp.get("/<code>")
@signed_in
def record(code: str) -> str:
    """Show one record."""
    return record_page(records.record(code, acting()))


def record_page(found: Evidence, **typed: FlaskForm) -> str:
    """Show a record; `typed` is the form of an act that was refused, by the act's name."""
    actor = acting()
    lists.looked_at([found], services.of_evidence(found), by=actor)
    bundle = records.bundle_of(found, actor)
    together = {one.id: one for one in (found, *bundle.records)}
    attached = records.files_of(together)
    return render_template(
        "evidence/record.html",
        record=found,
        label=KIND_LABELS[found.kind],
        fields=shown(found),
        verdict=verdict_of(found, actor),
        files=[one for one in attached if one.evidence_id == found.id],
        bundle=bundle,
        rows=_compared(bundle),
        labels=KIND_LABELS,
        uses=shown_uses(uses.uses_of([found.id]), own=owns(actor, found)),
        entries=timeline_entries(services.of_evidence(found)),
        next=NEXT.get(found.state),
        newer=records.next_version(found) if found.state is State.SUPERSEDED else None,
        may=may_of(found, actor),
        attach=typed.get("attach") or AttachForm(formdata=None),
        check=typed.get("check") or CheckForm(formdata=None, prefix="check"),
        reject=typed.get("reject") or ReasonForm(formdata=None, prefix="reject"),
        decline=typed.get("decline") or ReasonForm(formdata=None, prefix="decline"),
    )


def _compared(bundle: Bundle) -> list[CompareRow]:
    if bundle.contract is None or bundle.contract.declared_at is None or not bundle.papers:
        return []
    return side_by_side(as_paper(bundle.contract), [as_paper(one) for one in bundle.papers])


def verdict_of(found: Evidence, actor: Actor) -> dict[str, object] | None:
    """Return the kept verdict as `ui.verdict` shows it to the actor, what does not match first."""
    verdict = records.verdicts([found], actor).get(found.id)
    if verdict is None:
        return None
    lines = [
        {**words, "state": words["outcome"], "evidence": _seen(line, words)}
        for line, words in zip(verdict.lines, rendered(verdict, REASONS), strict=True)
    ]
    lines.sort(key=lambda line: FIRST.index(line["state"]))
    titles = {"met": _("The papers hold together"), "not": _("Something does not match")}
    title = titles.get(found.standing or "", _("Not everything is known yet"))
    return {"state": found.standing or "unknown", "title": title, "lines": lines}


def _seen(line: Line, words: Mapping[str, str]) -> str:
    """Return what a check compared, amounts as every page writes them."""
    if line.reason in AMOUNTS:
        return AMOUNT.sub(lambda found: wan(Decimal(found[0])), line.evidence)
    return words["evidence"]


class May(NamedTuple):
    """What the actor may do with a record now."""

    edit: bool
    attach: bool
    accept: bool
    check: bool
    link: bool
    ask: bool
    withdraw: bool
    correct: bool


def may_of(found: Evidence, actor: Actor) -> May:
    """Return what the actor may do with a record now."""
    handled, waits = handles(actor, found), found.state in OPEN
    own, accepted = owns(actor, found), found.accepted_at is not None
    live = waits or found.state is State.CHECKED
    return May(
        edit=found.state is State.DRAFT and enters(actor, found),
        attach=handled and (waits or found.state is State.DRAFT),
        accept=own and waits and not accepted,
        check=waits and accepted and may_check(actor, found),
        link=handled and live and found.kind in PAPERS,
        ask=handled and waits and bool(counterparty.parties(found)) and can_send(Letter),
        withdraw=live and (own if accepted else handled),
        correct=handled and (live or found.state is State.REJECTED),
    )


@bp.post("/<code>/attach")
@signed_in
def attach(code: str) -> Answer:
    """Attach a file."""
    form = AttachForm()
    if not form.validate():
        return record_page(records.record(code, acting()), attach=form), 422
    try:
        data = files.read_limited(form.file.data.stream, FILE_LIMIT)
        name = form.file.data.filename or ""
        with unit_of_work():
            services.attach(records.record(code, acting()), data, name=name, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return record_page(records.record(code, acting()), attach=form), status
    flash(_("The file is attached."), "good")
    return redirect(url_for("evidence.record", code=code))


@bp.post("/<code>/files/<sha256>/detach")
@signed_in
def detach(code: str, sha256: str) -> Answer:
    """Take a file from a draft."""
    with unit_of_work():
        services.detach(records.record(code, acting()), sha256, by=acting())
    return redirect(url_for("evidence.record", code=code))


@bp.get("/<code>/files/<sha256>")
@signed_in
def download(code: str, sha256: str) -> Response:
    """Send an attached file."""
    found = records.file(records.record(code, acting()), sha256)
    return downloads.sent(files.load(found.file), found.name, found.file.media_type)


@bp.get("/<code>/link")
@signed_in
def link_page(code: str) -> str:
    """Show the contracts to which a paper can be linked."""
    return _link_page(records.record(code, acting()), LinkForm())


def _link_page(found: Evidence, form: LinkForm) -> str:
    contracts = records.contracts_to_link(found.person_id)
    return render_template(
        "evidence/link.html",
        record=found,
        contracts=contracts,
        form=form.offer(contracts),
        label=KIND_LABELS[found.kind],
    )


@bp.post("/<code>/link")
@signed_in
def link(code: str) -> Answer:
    """Link a paper to a contract."""
    form = LinkForm()
    try:
        with unit_of_work():
            found = records.record(code, acting())
            services.link(found, form.contract.data or "", by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _link_page(records.record(code, acting()), form), status
    flash(_("The paper is linked, and the checks were made again."), "good")
    return redirect(url_for("evidence.record", code=code))


@bp.post("/<code>/unlink")
@signed_in
def unlink(code: str) -> Answer:
    """Part a paper from its contract."""
    with unit_of_work():
        services.unlink(records.record(code, acting()), by=acting(), at=clock.now())
    flash(_("The paper stands alone again."), "good")
    return redirect(url_for("evidence.record", code=code))
