"""Pages of extra time: ask for one or many, decide as the second person, take it back before use."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.administration_states import ASK_LABELS
from app.assessment.exams.forms.administration import BoardForm, ExtraTimeForm
from app.assessment.exams.models import ExamSession, Registration
from app.assessment.exams.queries import board, venues
from app.assessment.exams.queries import extra_time as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.services import extra_time as services
from app.assessment.exams.services.administration import of_extra_time
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import other_examiners, put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import ConflictError, DomainError
from app.core.text import _, _l
from app.desk.queries import timeline_entries

NAMED = 25


@bp.get("/sessions/<code>/extra-time")
@requires(Permission.WATCH)
def extra_times(code: str) -> str:
    """List the asks for extra time of a session."""
    found = sessions_queries.exam_session(code, acting())
    page = queries.grants_of(found.id, request.args.get("page", 1, type=int))
    return render_template("exams/extra_times.html", session=found, page=page, labels=ASK_LABELS)


@bp.get("/sessions/<code>/extra-time/new")
@requires(Permission.WATCH)
def new_extra_time(code: str) -> str:
    """Show the form for the candidates that the board's filter, or one ticket, leaves."""
    found = sessions_queries.exam_session(code, acting())
    return _form_page(found, ExtraTimeForm(), _chosen(found))


def _chosen(found: ExamSession) -> list[Registration]:
    """Return the candidates named by the address: one ticket, or the filter of the board."""
    ticket = request.args.get("ticket", "")
    if ticket:
        return [board.candidate(found, ticket)]
    form = BoardForm(request.args)
    form.room.choices = [("", ""), *((one.code, one.code) for one in venues.rooms_of(found.id))]
    return board.everyone(found, form.wanted(), clock.now())


def _form_page(found: ExamSession, form: ExtraTimeForm, chosen: list[Registration]) -> str:
    named = chosen[:NAMED]
    looked_up((one.person_id for one in named), by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    return render_template(
        "exams/new_extra_time.html",
        session=found,
        form=form,
        named=named,
        count=len(chosen),
        address=request.full_path.rstrip("?"),
        others=other_examiners(acting(), found.organisation_id),
    )


@bp.post("/sessions/<code>/extra-time/new")
@requires(Permission.WATCH)
def ask_extra_time(code: str) -> Answer:
    """Ask for extra time."""
    found, form = sessions_queries.exam_session(code, acting()), ExtraTimeForm()
    chosen = _chosen(found)
    if not form.validate():
        return _form_page(found, form, chosen), 422
    try:
        _check_expected(chosen)
        with unit_of_work():
            more, reason = form.more(), form.reason.data or ""
            grant = services.ask(found, chosen, more=more, reason=reason, by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _form_page(sessions_queries.exam_session(code, acting()), form, _chosen(found)), error.status
    flash(_("Asked. Another examiner decides; from then on the new deadline is in force."), "good")
    return redirect(url_for("exams.extra_time", code=grant.code))


def _check_expected(chosen: list[Registration]) -> None:
    """Refuse where the filter leaves other candidates than those the page named."""
    if len(chosen) != request.form.get("expected", -1, type=int):
        raise ConflictError(_l("%(count)d candidates fit now, not the number you saw. Look again.", count=len(chosen)))


@bp.get("/extra-time/<code>")
@requires(Permission.WATCH)
def extra_time(code: str) -> str:
    """Show one ask for extra time."""
    found, actor = queries.grant(code, acting()), acting()
    page = queries.candidates_of(found, request.args.get("page", 1, type=int))
    looked_up(
        (one.person_id for one in page.rows), by=actor, purpose=Purpose.EXAMINATION, record=of_session(found.session)
    )
    mine = found.asked_by_id == actor.person_id
    return render_template(
        "exams/extra_time.html",
        grant=found,
        session=found.session,
        page=page,
        labels=ASK_LABELS,
        mine=mine,
        others=other_examiners(actor, found.session.organisation_id) if mine else "",
        entries=timeline_entries(of_extra_time(found)),
    )


@bp.post("/extra-time/<code>/approve")
@requires(Permission.ORGANISE)
def approve_extra_time(code: str) -> Response:
    """Approve extra time as the second person."""
    with unit_of_work():
        running = services.approve(queries.grant(code, acting()), by=acting(), at=clock.now())
    flash(_("Approved. New deadlines are in force for %(count)d running sittings.", count=running), "good")
    return redirect(url_for("exams.extra_time", code=code))


@bp.post("/extra-time/<code>/refuse")
@requires(Permission.ORGANISE)
def refuse_extra_time(code: str) -> Response:
    """Refuse extra time as the second person."""
    with unit_of_work():
        services.refuse(queries.grant(code, acting()), by=acting(), at=clock.now())
    flash(_("Refused. The deadlines stay."), "good")
    return redirect(url_for("exams.extra_time", code=code))


@bp.post("/extra-time/<code>/revoke")
@requires(Permission.WATCH)
def revoke_extra_time(code: str) -> Response:
    """Take extra time back before it is used."""
    with unit_of_work():
        services.revoke(queries.grant(code, acting()), by=acting(), at=clock.now())
    flash(_("Taken back."), "good")
    return redirect(url_for("exams.extra_time", code=code))
