"""Correction of a verified name: asked for by its bearer, decided by an administrator who saw the paper."""

from flask import Response as FileResponse
from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts import services
from app.accounts.access import Permission
from app.accounts.models import Person
from app.accounts.queries import names_of
from app.accounts.rights import NameCorrection
from app.accounts.rights_forms import AnswerForm, NameForm
from app.accounts.services import names as correcting
from app.accounts.services.names import Asking, Name
from app.accounts.states import IDENTITY_LABELS
from app.accounts.views.blueprint import Answer, bp
from app.core import clock, files
from app.core.access import acting, requires, signed_in
from app.core.access_log import Purpose, looked_up
from app.core.db import session, unit_of_work
from app.core.errors import DomainError
from app.core.events import Subject
from app.core.text import _
from app.web.refusals import show_beside

LIMIT = 4 * 1024 * 1024


@bp.get("/me/name")
@signed_in
def own_name() -> str:
    """Show one's verified name, what became of earlier requests, and the form of a new one."""
    return _own_page(NameForm())


def _own_page(form: NameForm) -> str:
    person = session.get_one(Person, acting().person_id)
    rows, waits = correcting.own(person.id), correcting.waiting(person.id)
    return render_template("accounts/name.html", person=person, rows=rows, waits=waits, form=form)


@bp.post("/me/name")
@signed_in
def ask_name() -> Answer:
    """Ask that one's own verified name be corrected."""
    form = NameForm()
    if not form.validate():
        return _own_page(form), 422
    try:
        with form.file.data.stream as stream:
            paper = files.read_limited(stream, LIMIT)
        asking = Asking(Name(form.name.data or "", form.name_latin.data or None), paper, form.reason.data or "")
        with unit_of_work():
            correcting.ask(asking, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _own_page(form), status
    flash(_("Your request is noted. An administrator looks at the paper and decides."), "good")
    return redirect(url_for("accounts.own_name"))


@bp.post("/me/name/withdraw")
@signed_in
def withdraw_name() -> Response:
    """Take one's own request back."""
    with unit_of_work():
        correcting.withdraw(by=acting(), at=clock.now())
    flash(_("Your request is withdrawn. Your name stays as it is."), "good")
    return redirect(url_for("accounts.own_name"))


@bp.get("/people/names")
@requires(Permission.NAMES)
def names() -> str:
    """List the requests to correct a name."""
    return render_template("accounts/names.html", rows=correcting.latest())


@bp.get("/people/names/<code>")
@requires(Permission.NAMES)
def name_correction(code: str) -> str:
    """Show a request: the name today, the name asked for, the paper, and the decision."""
    return _page(correcting.correction(code), AnswerForm())


def _looked(found: NameCorrection) -> None:
    record = Subject("name_correction", found.code)
    looked_up([found.person_id], by=acting(), purpose=Purpose.ADMINISTRATION, record=record)


def _page(found: NameCorrection, form: AnswerForm) -> str:
    _looked(found)
    return render_template(
        "accounts/name_correction.html",
        correction=found,
        asked=correcting.name_asked(found),
        own=found.person_id == acting().person_id,
        known=services.masked_data(found.person) if found.person.data_key else {},
        documents=IDENTITY_LABELS,
        names=names_of((found.decided_by_id,)),
        form=form,
    )


@bp.get("/people/names/<code>/paper")
@requires(Permission.NAMES)
def name_paper(code: str) -> FileResponse:
    """Send the paper behind a request; the look is on record."""
    found = correcting.correction(code)
    _looked(found)
    ending = found.media_type.rsplit("/", 1)[-1]
    headers = {
        "Content-Disposition": f"attachment; filename=paper-{found.code}.{ending}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(correcting.paper_of(found), content_type=found.media_type, headers=headers)


@bp.post("/people/names/<code>/<decision>")
@requires(Permission.NAMES)
def decide_name(code: str, decision: str) -> Answer:
    """Correct a name, or refuse the correction."""
    form = AnswerForm()
    if not form.validate():
        return _page(correcting.correction(code), form), 422
    try:
        with unit_of_work():
            correct, answer = decision == "correct", form.answer.data or ""
            found = correcting.correction(code)
            correcting.decide(found, correct=correct, answer=answer, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _page(correcting.correction(code), form), status
    flash(_("The decision is carried out."), "good")
    return redirect(url_for("accounts.name_correction", code=code))
