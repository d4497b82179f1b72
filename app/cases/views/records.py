"""The page of one case: its state and clock, what I may do, the facts, the exhibits, the notices, the timeline."""

from dataclasses import replace
from typing import Any

from flask import Response as FileResponse
from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.cases import services
from app.cases.access import handles
from app.cases.forms import AskForm, DeliveryForm, ReasonForm, SupplyForm
from app.cases.models import Case, Notice
from app.cases.queries import cases as queries
from app.cases.queries import kinds, notices, rungs
from app.cases.rules.endings import named_as
from app.cases.services.authors import is_author
from app.cases.services.charge import check_handles
from app.cases.services.subjects import of_case
from app.cases.services.visitors import contact_of
from app.cases.states import ENDED_STATES, OPEN_STATES, CaseState, DeliveryHow, Protection
from app.cases.views.blueprint import Answer, bp, kept, uploaded
from app.core import clock, events, files
from app.core.access import Actor, acting, signed_in
from app.core.access_log import Purpose, looked_up
from app.core.columns import new_code
from app.core.db import unit_of_work
from app.core.errors import DomainError, NotFoundError
from app.core.text import _, _l
from app.desk.queries import Happened, timeline_entries
from app.web import navigation
from app.web.downloads import sent
from app.web.refusals import show_beside

FORMS: dict[str, type[FlaskForm]] = {
    "supply": SupplyForm,
    "withdraw": ReasonForm,
    "ask": AskForm,
    "decline": ReasonForm,
    "resume": ReasonForm,
    "reveal": ReasonForm,
}


@bp.get("/cases/<code>")
@signed_in
def case(code: str) -> str | Response:
    """Show one case; one's own draft opens as its form."""
    found = queries.told_case(code, acting())
    if found.state is CaseState.DRAFT:
        return redirect(url_for("cases.draft", code=code))
    return page(found)


def page(found: Case, *, author: str = "", **typed: FlaskForm) -> str:
    """Show a case; `typed` are forms that were refused, by the name of the act."""
    actor = acting()
    own = is_author(found, actor)
    may = _may(found, actor, own=own)
    if not may["party"]:
        _looked(found, actor)
    if may["at_desk"]:
        navigation.lies_under("cases.desk")
    return render_template(
        "cases/case.html",
        case=found,
        kind=kinds.case_kind(found.kind),
        clock=queries.running(found, clock.today()),
        files=queries.files_of(found),
        told=kinds.told(found),
        served=_served(found, actor, own=own, whole=may["whole"]),
        asked=queries.request_of(found) if found.state is CaseState.WAITING else None,
        entries=_entries(found, officer=may["officer"]),
        author=author,
        reachable=may["officer"] and contact_of(found) is not None,
        **may,
        forms={name: typed.get(name) or _fresh(name) for name in FORMS},
    )


def _fresh(name: str) -> FlaskForm:
    """Return an empty form of an act; the token of a supply makes a repeated request harmless."""
    return FORMS[name](formdata=None, prefix=name, **({"token": new_code()} if name == "supply" else {}))


def _served(found: Case, actor: Actor, *, own: bool, whole: bool) -> list[tuple[notices.Served, bool]]:
    """Return the notices that the actor may read and which are theirs; those to a nameless author could show who."""
    told = [(one, notices.is_to(one.notice, actor, author=own)) for one in notices.notices_of(found)]
    return [(one, mine) for one, mine in told if mine or whole]


def _looked(found: Case, officer: Actor) -> None:
    """Note that an authority reads of whom an open case is about; under a protected one no name leads to another."""
    if found.person_id is not None and found.protection is Protection.OPEN:
        looked_up([found.person_id], by=officer, purpose=Purpose.SUPERVISION, record=of_case(found))


def _entries(found: Case, *, officer: bool) -> list[Happened]:
    """Return the timeline; outside of the authority it shows what was done and why, not by which official."""
    entries = timeline_entries(of_case(found))
    hidden = found.protection is not Protection.OPEN and not officer
    return [replace(one, who="") for one in entries] if hidden else entries


def _may(found: Case, actor: Actor, *, own: bool) -> dict[str, Any]:
    """Return what the actor may do with a case, and why not where that needs saying."""
    further = queries.next_of(found) if found.state in ENDED_STATES else None
    ended, is_open = found.state in ENDED_STATES, found.state in OPEN_STATES
    apart = not own and actor.person_id != found.person_id and not queries.serves_subject(found, actor)
    officer = handles(actor, found) and apart
    body = found.subject_organisation_id is not None and found.subject_organisation_id == actor.organisation_id
    rung = rungs.next_instance(found) if ended and further is None else None
    party = own or body or found.person_id == actor.person_id
    until = services.appeal_until(found, actor, on=clock.today()) if rung and party else None
    return {
        "own": own,
        "officer": officer,
        "barred": officer and is_open and actor.person_id in queries.barred(found),
        "is_open": is_open,
        "further": further,
        "opens_further": further is not None and queries.opens(further, actor),
        "rung": rung,
        "until": until,
        "over": until is not None and until < clock.today(),
        "whole": _whole(found, actor),
        "party": party,
        "at_desk": officer or not party,
    }


def _whole(found: Case, actor: Actor) -> bool:
    """Tell whether the actor reads all of a case: the body that a nameless complaint is about reads its end alone."""
    body = found.subject_organisation_id is not None and found.subject_organisation_id == actor.organisation_id
    return found.protection is not Protection.ANONYMOUS or not body


@bp.post("/cases/<code>/supply")
@signed_in
def supply(code: str) -> Answer:
    """Give the materials asked for."""
    form = SupplyForm(prefix="supply")
    found = queries.own_case(code, acting())
    if not form.validate():
        return page(found, supply=form), 422
    try:
        given = uploaded(form.files.data)
        with unit_of_work():
            found = queries.own_case(code, acting())
            token = form.token.data or None
            services.supply(found, form.facts.data or "", kept(given), token=token, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return page(queries.own_case(code, acting()), supply=form), status
    flash(_("Your materials are in the case, and its clock runs on."), "good")
    return redirect(url_for("cases.case", code=code))


@bp.post("/cases/<code>/withdraw")
@signed_in
def withdraw(code: str) -> Answer:
    """Withdraw a case of one's own."""
    form = ReasonForm(prefix="withdraw")
    if not form.validate():
        return page(queries.own_case(code, acting()), withdraw=form), 422
    with unit_of_work():
        found = queries.own_case(code, acting())
        services.withdraw(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("The case is withdrawn. It stays on record."), "good")
    return redirect(url_for("cases.case", code=code))


@bp.post("/cases/<code>/notices/<notice>/received")
@signed_in
def received(code: str, notice: str) -> Response:
    """Confirm that a notice has come."""
    with unit_of_work():
        found = queries.told_case(code, acting())
        services.confirm_receipt(found, notices.notice(found, notice), by=acting(), at=clock.now())
    flash(_("The receipt is on record."), "good")
    return redirect(url_for("cases.case", code=code))


@bp.get("/cases/<code>/notices/<notice>")
@signed_in
def notice(code: str, notice: str) -> str:
    """Show one notice for printing."""
    found = queries.told_case(code, acting())
    one = notices.notice(found, notice)
    if not _whole(found, acting()) and not notices.is_to(one, acting(), author=False):
        raise NotFoundError(_l("There is no such notice in this case."))
    return render_template("cases/notice_print.html", case=found, kind=kinds.case_kind(found.kind), notice=one)


@bp.get("/cases/<code>/notices/<notice>/delivery")
@signed_in
def delivery(code: str, notice: str) -> str:
    """Show the form to record how a notice was delivered."""
    found, one = _to_deliver(code, notice)
    return _delivery_page(found, one, DeliveryForm(formdata=None, delivered_on=clock.today()))


def _to_deliver(code: str, notice: str) -> tuple[Case, Notice]:
    found = queries.handled_case(code, acting())
    one = notices.notice(found, notice)
    check_handles(found, acting())
    return found, one


def _delivery_page(found: Case, one: Notice, form: DeliveryForm) -> str:
    navigation.lies_under("cases.desk")
    return render_template("cases/delivery.html", case=found, notice=one, form=form)


@bp.post("/cases/<code>/notices/<notice>/delivery")
@signed_in
def record_delivery(code: str, notice: str) -> Answer:
    """Record how, when and to whom a notice was delivered."""
    form = DeliveryForm()
    found, one = _to_deliver(code, notice)
    if not form.validate():
        return _delivery_page(found, one, form), 422
    try:
        given = uploaded([form.receipt.data])
        _record_delivery(code, notice, form, given)
    except DomainError as error:
        status = show_beside(form, error)
        return _delivery_page(*_to_deliver(code, notice), form), status
    flash(_("The delivery is on record."), "good")
    return redirect(url_for("cases.case", code=code))


def _record_delivery(code: str, notice: str, form: DeliveryForm, given: list[tuple[bytes, str, str]]) -> None:
    with unit_of_work():
        found = queries.handled_case(code, acting())
        receipts = kept(given)
        services.record_delivery(
            found,
            notices.notice(found, notice),
            how=DeliveryHow(form.how.data),
            delivered_on=form.delivered_on.data or clock.today(),
            to_whom=form.to_whom.data or "",
            receipt=receipts[0][0] if receipts else None,
            by=acting(),
            at=clock.now(),
        )


@bp.post("/cases/<code>/files/<sha256>")
@signed_in
def exhibit(code: str, sha256: str) -> FileResponse:
    """Send an exhibit to whom the case is open; opening it is an event."""
    found = queries.case(code, acting())
    shown = queries.exhibit(found, sha256)
    stored = shown.file
    if found.texts_erased or not files.is_kept(stored):
        raise NotFoundError(_l("This exhibit was erased with the data of a person. Its hash stays in the case file."))
    with unit_of_work():
        known = found.protection is Protection.OPEN or not is_author(found, acting())
        by = acting() if known else None
        events.record("cases.exhibit_read", of_case(found), by=by, at=clock.now(), data={"sha256": sha256})
    return sent(files.load(stored), named_as(found.opened(shown.title_kept), stored.media_type), stored.media_type)
