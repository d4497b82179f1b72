"""Following a case without an account, by the code and the secret that its author was given, and acting in it."""

from collections.abc import Callable
from dataclasses import replace

from flask import flash, make_response, render_template, request
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.cases import services
from app.cases.forms import AnswerForm, FollowForm, FurtherForm
from app.cases.models import Case
from app.cases.queries import cases as queries
from app.cases.queries import kinds, rungs
from app.cases.rules.leads import HOTLINE
from app.cases.services import Filing, Pass
from app.cases.services.subjects import of_case
from app.cases.services.visitors import contact_of, is_own
from app.cases.states import ENDED_STATES, CaseState
from app.cases.views.blueprint import Answer, bp, kept, uploaded
from app.core import clock
from app.core.access import public
from app.core.columns import new_code
from app.core.db import unit_of_work
from app.core.errors import ConflictError, DomainError, NotFoundError
from app.core.files import StoredFile
from app.core.text import _
from app.desk.queries import timeline_entries
from app.web.refusals import show_beside

FORGET = "forget"
Act = Callable[[Pass, list[tuple[StoredFile, str]]], Case]


def receipt(case: Case) -> Response:
    """Show the code and the secret to whoever just raised a case without an account; a reload shows them again."""
    return _unkept(
        render_template(
            "cases/receipt.html", case=case, kind=kinds.case_kind(case.kind), secret=services.secret_of(case.token)
        )
    )


def _unkept(page: str, status: int = 200) -> Response:
    """Answer with a page that no cache keeps."""
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/cases/follow")
@public
def follow() -> str:
    """Ask for the code and the secret of a case."""
    return render_template("cases/follow.html", form=FollowForm(formdata=None))


@bp.post("/cases/follow")
@public
def followed() -> Answer:
    """Show where a case is to whoever knows its secret; or forget the contact they left."""
    form = FollowForm()
    if not form.validate():
        return render_template("cases/follow.html", form=form), 422
    known = Pass(form.code.data or "", form.secret.data or "")
    try:
        found = services.followed(*known)
    except NotFoundError as error:
        return _not_found(form, error)
    if request.form.get("act") == FORGET:
        with unit_of_work():
            services.forget_contact(found)
        flash(_("Your contact is forgotten."), "good")
    return _state(queries.by_code(found.code), known)


def _not_found(form: FollowForm, error: DomainError) -> Answer:
    """Say that code and secret do not fit; who tries often waits."""
    try:
        _count_wrong()
    except DomainError as slowed:
        error = slowed
    status = show_beside(form, error)
    return render_template("cases/follow.html", form=form), status


def _count_wrong() -> None:
    """Count a wrong secret in a transaction of its own; of two first ones at once the second finds the other's row."""
    address = request.remote_addr or ""
    try:
        with unit_of_work():
            services.count_wrong(address, at=clock.real_now())
    except ConflictError:
        with unit_of_work():
            services.count_wrong(address, at=clock.real_now())


@bp.post("/cases/follow/supply")
@public
def supply_followed() -> Answer:
    """Take the materials that a visitor was asked for."""
    form = AnswerForm()

    def supply(known: Pass, files: list[tuple[StoredFile, str]]) -> Case:
        token = form.token.data or ""
        return services.supply_followed(known, form.facts.data or "", files, token=token, at=clock.now())

    return _act(form, supply, _("Your materials are in the case, and its clock runs on."))


@bp.post("/cases/follow/appeal")
@public
def appeal_followed() -> Answer:
    """Take the decision on a visitor's complaint to the authority above."""
    form = FurtherForm()

    def appeal(known: Pass, files: list[tuple[StoredFile, str]]) -> Case:
        filing = Filing(form.facts.data or "", files, token=form.token.data or new_code())
        return services.appeal_followed(known, filing, at=clock.now())

    said = _("Your appeal is raised. It has a code of its own below; your secret opens it, too. Write the code down.")
    return _act(form, appeal, said)


def _act(form: AnswerForm | FurtherForm, act: Act, done: str) -> Answer:
    """Do what a visitor asks for and show the case; what is refused is shown with all that was typed."""
    known = Pass(form.code.data or "", form.secret.data or "")
    try:
        found = services.followed(*known)
    except NotFoundError as error:
        return _not_found(FollowForm(formdata=None, code=known.code), error)
    if not form.validate():
        return _state(found, known, typed=form, status=422)
    try:
        given = uploaded(form.files.data)
        with unit_of_work():
            code = act(known, kept(given)).code
    except DomainError as error:
        status = show_beside(form, error)
        return _state(services.followed(*known), known, typed=form, status=status)
    flash(done, "good")
    return _state(queries.by_code(code), Pass(code, known.secret))


def _state(case: Case, known: Pass, *, typed: FlaskForm | None = None, status: int = 200) -> Response:
    page = render_template(
        "cases/followed.html",
        case=case,
        kind=kinds.case_kind(case.kind),
        clock=queries.running(case, clock.today()),
        known=known,
        contact=contact_of(case),
        asked=queries.request_of(case) if case.state is CaseState.WAITING else None,
        supply=_supply_form(case, known, typed),
        **_appeal(case, known, typed),
        entries=[replace(one, who="") for one in timeline_entries(of_case(case))],
        authority=kinds.authority_of(case.authority_region),
        hotline=HOTLINE,
    )
    return _unkept(page, status)


def _supply_form(case: Case, known: Pass, typed: FlaskForm | None) -> FlaskForm | None:
    """Return the form of what was asked for, or the one that was refused with what was typed; None where none waits."""
    if isinstance(typed, AnswerForm):
        return typed
    return AnswerForm(formdata=None, **known._asdict(), token=new_code()) if case.state is CaseState.WAITING else None


def _appeal(case: Case, known: Pass, typed: FlaskForm | None) -> dict[str, object]:
    """Return whether the decision can be taken further, until when, or what became of it."""
    ended, today = case.state in ENDED_STATES, clock.today()
    rung = rungs.next_instance(case) if ended else None
    until = services.appeal_until(case, None, on=today) if rung else None
    further = queries.next_of(case) if rung else None
    over = until is not None and until < today
    fresh = None
    if rung and not further and not over:
        fresh = FurtherForm(formdata=None, **known._asdict(), token=new_code())
    return {
        "ended": ended,
        "rung": rung,
        "until": until,
        "over": over,
        "further": further,
        "own": further is not None and is_own(further),
        "appeal": typed if isinstance(typed, FurtherForm) else fresh,
    }
