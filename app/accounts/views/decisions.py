"""What administrators decide about people's data: erasures, and records of one person."""

from flask import flash, redirect, render_template, url_for

from app.accounts import rights_queries as queries
from app.accounts import services
from app.accounts.access import Permission
from app.accounts.queries import names_of
from app.accounts.rights import Erasure, PersonMerge
from app.accounts.rights_forms import AnswerForm, MergeForm
from app.accounts.services import erasure as erasing
from app.accounts.services import merging
from app.accounts.services.documents import further_in_words
from app.accounts.states import IDENTITY_LABELS
from app.accounts.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.events import Subject
from app.core.text import _
from app.web.refusals import show_beside


@bp.get("/people/erasures")
@requires(Permission.ERASURE_DECIDE)
def erasures() -> str:
    """List the requests for erasure."""
    return render_template("accounts/erasures.html", rows=queries.erasures())


@bp.get("/people/erasures/<code>")
@requires(Permission.ERASURE_DECIDE)
def erasure(code: str) -> str:
    """Show a request, what must be kept and why."""
    return _erasure_page(queries.erasure(code), AnswerForm())


def _erasure_page(found: Erasure, form: AnswerForm) -> str:
    _looked([found.person_id], Subject("erasure", found.code))
    return render_template(
        "accounts/erasure.html",
        erasure=found,
        own=found.person_id == acting().person_id,
        holds=erasing.holds_of(found.person_id, clock.today()) if found.state == "requested" else (),
        names=names_of((found.decided_by_id,)),
        form=form,
    )


@bp.post("/people/erasures/<code>/<decision>")
@requires(Permission.ERASURE_DECIDE)
def decide_erasure(code: str, decision: str) -> Answer:
    """Grant or refuse an erasure; a grant is carried out at once."""
    form = AnswerForm()
    if not form.validate():
        return _erasure_page(queries.erasure(code), form), 422
    try:
        with unit_of_work():
            erasing.decide_erasure(
                queries.erasure(code),
                grant=decision == "grant",
                answer=form.answer.data or "",
                by=acting(),
                at=clock.now(),
                real_at=clock.real_now(),
            )
    except DomainError as error:
        status = show_beside(form, error)
        return _erasure_page(queries.erasure(code), form), status
    flash(_("The decision is carried out."), "good")
    return redirect(url_for("accounts.erasure", code=code))


@bp.get("/people/merges")
@requires(Permission.MERGE)
def merges() -> str:
    """List the records proposed to be joined."""
    return _merges_page(MergeForm())


def _merges_page(form: MergeForm) -> str:
    return render_template("accounts/merges.html", rows=queries.merges(), form=form)


@bp.post("/people/merges")
@requires(Permission.MERGE)
def propose_merge() -> Answer:
    """Propose that two records are one person."""
    form = MergeForm()
    if not form.validate():
        return _merges_page(form), 422
    try:
        with unit_of_work():
            kept, gone = queries.named(form.kept.data or "", "kept"), queries.named(form.gone.data or "", "gone")
            merge = merging.propose_merge(kept, gone, reasons=form.reasons.data or "", by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _merges_page(form), status
    flash(_("The proposal is noted. A second administrator decides."), "good")
    return redirect(url_for("accounts.merge", code=merge.code))


@bp.get("/people/merges/<code>")
@requires(Permission.MERGE)
def merge(code: str) -> str:
    """Show two records side by side."""
    return _merge_page(queries.merge(code), AnswerForm())


def _looked(people: list[int], record: Subject) -> None:
    looked_up(people, by=acting(), purpose=Purpose.ADMINISTRATION, record=record)


def _merge_page(found: PersonMerge, form: AnswerForm) -> str:
    _looked([found.kept_id, found.gone_id], Subject("person_merge", found.code))
    sides = [queries.side(found.kept), queries.side(found.gone)]
    return render_template(
        "accounts/merge.html",
        merge=found,
        sides=sides,
        known=[services.masked_data(one.person) for one in sides],
        documents=IDENTITY_LABELS,
        further=further_in_words([one.person for one in sides]),
        names=names_of((found.proposed_by_id, found.decided_by_id)),
        proposer=found.proposed_by_id == acting().person_id,
        form=form,
    )


@bp.post("/people/merges/<code>/<decision>")
@requires(Permission.MERGE)
def decide_merge(code: str, decision: str) -> Answer:
    """Join two records, or keep them apart."""
    form = AnswerForm()
    if not form.validate():
        return _merge_page(queries.merge(code), form), 422
    try:
        with unit_of_work():
            _decide(queries.merge(code), form.answer.data or "", join=decision == "join")
    except DomainError as error:
        status = show_beside(form, error)
        return _merge_page(queries.merge(code), form), status
    flash(_("The decision is carried out."), "good")
    return redirect(url_for("accounts.merge", code=code))


def _decide(found: PersonMerge, answer: str, *, join: bool) -> None:
    if join:
        merging.confirm_merge(found, answer=answer, by=acting(), at=clock.now(), real_at=clock.real_now())
    else:
        merging.decline_merge(found, answer=answer, by=acting(), at=clock.now())
