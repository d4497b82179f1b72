"""The desk of the checkers, and the decisions on a record: its person's and its checker's."""

from collections.abc import Callable
from datetime import datetime

from flask import Response, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from app.core import clock
from app.core.access import Actor, acting, requires, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.evidence import services
from app.evidence.access import Permission
from app.evidence.forms import CheckForm, ReasonForm, SearchForm
from app.evidence.models import Evidence
from app.evidence.queries import records
from app.evidence.queries.pages import Page
from app.evidence.states import KIND_LABELS
from app.evidence.views import lists
from app.evidence.views.blueprint import Answer, bp
from app.evidence.views.record import record_page
from app.web.refusals import show_beside


@bp.get("/queue")
@requires(Permission.CHECK)
def queue() -> str:
    """List what waits for a check, what waited longest first."""
    return _list(records.queue(acting(), lists.searched()), waiting=True)


@bp.get("/region")
@requires(Permission.CHECK)
def region() -> str:
    """List every declared record of the region."""
    return _list(records.in_region(acting(), lists.searched()), waiting=False)


@bp.get("/region.csv")
@requires(Permission.CHECK)
def region_file() -> Response:
    """Send the region's list as a file."""
    return lists.as_file(records.in_region, acting())


def _list(page: Page[Evidence], *, waiting: bool) -> str:
    lists.looked_at(page.rows, lists.LIST, by=acting())
    return render_template(
        "evidence/queue.html", page=page, form=SearchForm(request.args), waiting=waiting, labels=KIND_LABELS
    )


@bp.post("/<code>/accept")
@signed_in
def accept(code: str) -> Answer:
    """Let the person stand by what was entered for them."""
    with unit_of_work():
        services.accept(records.record(code, acting()), by=acting(), at=clock.now())
    flash(_("You stand by this record. Now it waits for its check."), "good")
    return redirect(url_for("evidence.record", code=code))


@bp.post("/<code>/decline")
@signed_in
def decline(code: str) -> Answer:
    """Let the person refuse what was entered for them."""

    def act(found: Evidence, form: FlaskForm, by: Actor, at: datetime) -> None:
        services.decline(found, reason=form.reason.data or "", by=by, at=at)

    return _decide(code, "decline", ReasonForm(prefix="decline"), act)


@bp.post("/<code>/check")
@requires(Permission.CHECK)
def check(code: str) -> Answer:
    """Confirm that the papers hold together."""

    def act(found: Evidence, form: FlaskForm, by: Actor, at: datetime) -> None:
        services.check(found, note=form.note.data or "", by=by, at=at)

    return _decide(code, "check", CheckForm(prefix="check"), act)


@bp.post("/<code>/reject")
@requires(Permission.CHECK)
def reject(code: str) -> Answer:
    """Reject a record with a reason."""

    def act(found: Evidence, form: FlaskForm, by: Actor, at: datetime) -> None:
        services.reject(found, reason=form.reason.data or "", by=by, at=at)

    return _decide(code, "reject", ReasonForm(prefix="reject"), act)


def _decide(
    code: str, name: str, form: FlaskForm, act: Callable[[Evidence, FlaskForm, Actor, datetime], None]
) -> Answer:
    """Do a decision in one transaction; what is refused is shown with what was typed."""
    found = records.record(code, acting())
    if not form.validate():
        return record_page(found, **{name: form}), 422
    try:
        with unit_of_work():
            act(records.record(code, acting()), form, acting(), clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return record_page(records.record(code, acting()), **{name: form}), status
    flash(_("The decision is recorded."), "good")
    return redirect(url_for("evidence.record", code=code))
