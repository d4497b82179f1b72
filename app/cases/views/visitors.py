"""Following a case without an account, by the code and the secret that its author was given."""

from dataclasses import replace

from flask import flash, make_response, render_template, request
from werkzeug.wrappers import Response

from app.cases import services
from app.cases.forms import FollowForm
from app.cases.models import Case
from app.cases.queries import cases as queries
from app.cases.queries import kinds
from app.cases.rules.leads import HOTLINE
from app.cases.services.subjects import of_case
from app.cases.services.visitors import contact_of
from app.cases.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import public
from app.core.db import unit_of_work
from app.core.errors import ConflictError, DomainError, NotFoundError
from app.core.text import _
from app.desk.queries import timeline_entries
from app.web.refusals import show_beside

FORGET = "forget"


def receipt(case: Case) -> Response:
    """Show the code and the secret to whoever just raised a case without an account; a reload shows them again."""
    return _unkept(
        render_template(
            "cases/receipt.html", case=case, kind=kinds.case_kind(case.kind), secret=services.secret_of(case.token)
        )
    )


def _unkept(page: str) -> Response:
    """Answer with a page that no cache keeps."""
    answer = make_response(page)
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
    try:
        found = services.followed(form.code.data or "", form.secret.data or "")
    except NotFoundError as error:
        return _not_found(form, error)
    if request.form.get("act") == FORGET:
        with unit_of_work():
            services.forget_contact(found)
        flash(_("Your contact is forgotten."), "good")
    return _unkept(_state(queries.by_code(found.code), form))


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


def _state(case: Case, form: FollowForm) -> str:
    return render_template(
        "cases/followed.html",
        case=case,
        kind=kinds.case_kind(case.kind),
        clock=queries.running(case, clock.today()),
        form=form,
        contact=contact_of(case),
        entries=[replace(one, who="") for one in timeline_entries(of_case(case))],
        authority=kinds.authority_of(case.authority_region),
        hotline=HOTLINE,
    )
