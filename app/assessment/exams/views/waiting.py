"""Pages of waiting lists: join, accept, leave as a candidate; the whole list for who organises the session."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.administration_states import WAIT_LABELS
from app.assessment.exams.forms.waiting import PlaceFilter
from app.assessment.exams.queries import candidates as candidates_queries
from app.assessment.exams.queries import registering
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import waiting as queries
from app.assessment.exams.queries.pages import PER_PAGE
from app.assessment.exams.services import waiting as services
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.views.blueprint import bp
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.text import _


@bp.post("/open/<code>/wait")
@requires(Permission.SIT)
def join_waiting(code: str) -> Response:
    """Join the waiting list of a full session."""
    with unit_of_work():
        found, enrolment = registering.session_for(code, acting())
        services.join(found, enrolment, by=acting(), at=clock.now())
    flash(_("You are on the waiting list. A seat that becomes free is offered in its order."), "good")
    return redirect(url_for("exams.open_session", code=code))


@bp.post("/mine/waiting/<code>/accept")
@requires(Permission.SIT)
def accept_seat(code: str) -> Response:
    """Take the seat that is offered."""
    with unit_of_work():
        mine = services.accept(queries.own_by_code(code, acting()), by=acting(), at=clock.now())
    flash(_("You are registered. Your ticket is on this page."), "good")
    return redirect(url_for("exams.ticket", code=mine.code))


@bp.post("/mine/waiting/<code>/leave")
@requires(Permission.SIT)
def leave_waiting(code: str) -> Response:
    """Leave the waiting list or decline the seat that is offered."""
    with unit_of_work():
        services.leave(queries.own_by_code(code, acting()), by=acting(), at=clock.now())
    flash(_("You no longer wait for this exam."), "good")
    return redirect(url_for("exams.mine"))


@bp.get("/sessions/<code>/waiting")
@requires(Permission.ORGANISE)
def waiting_list(code: str) -> str:
    """Show who waits for a seat of a session, in which order, and which offers run."""
    found = sessions_queries.exam_session(code, acting())
    narrow = PlaceFilter(request.args)
    page = queries.listed(found, request.args.get("page", 1, type=int), narrow.shown.data or "")
    looked_up((one.person_id for one in page.rows), by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    return render_template(
        "exams/waiting.html",
        session=found,
        page=page,
        page_size=PER_PAGE,
        narrow=narrow,
        labels=WAIT_LABELS,
        rule=candidates_queries.rule_of(found)[0].waiting,
        seats=queries.seats(found.id),
    )
