"""The page on which sittings without a room are paused and go on: all, those of a filter, or chosen ones."""

from flask import flash, redirect, render_template, request, url_for
from wtforms import SelectMultipleField

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.administration import BoardForm, PauseForm, ResumeForm
from app.assessment.exams.models import ExamSession, Registration
from app.assessment.exams.queries import board, venues
from app.assessment.exams.queries import pausing as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.services import pausing as services
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import ConflictError, DomainError
from app.core.text import _, _l
from app.desk.queries import timeline_entries

LISTED = 50
"""So many candidates have a box each; a longer list is paused or resumed as a whole."""
LATEST = 20


@bp.get("/sessions/<code>/pauses")
@requires(Permission.WATCH)
def pauses(code: str) -> str:
    """Show whose sittings can be paused, and whose stand still."""
    return _page(sessions_queries.exam_session(code, acting()), PauseForm(formdata=None), ResumeForm(formdata=None))


def _page(found: ExamSession, pausing: PauseForm, resuming: ResumeForm) -> str:
    at, wanted = clock.now(), _wanted(found)
    running, standing = queries.to_pause(found, wanted, at), queries.to_resume(found, wanted, at)
    for form, candidates in ((pausing, running), (resuming, standing)):
        _offer(form.tickets, candidates)
    named = [one.person_id for listed in (running, standing) if len(listed) <= LISTED for one in listed]
    looked_up(named, by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    return render_template(
        "exams/pauses.html",
        session=found,
        pausing=pausing,
        resuming=resuming,
        running=len(running),
        standing=len(standing),
        filtered=bool(request.query_string),
        open=found.opens_at <= at,
        entries=timeline_entries(of_session(found), LATEST),
    )


def _wanted(found: ExamSession) -> board.Wanted:
    """Return whom the address names: one ticket, or the filter of the board."""
    ticket = request.args.get("ticket", "")
    if ticket:
        return board.Wanted(text=board.candidate(found, ticket).code)
    form = BoardForm(request.args)
    form.room.choices = [("", ""), *((one.code, one.code) for one in venues.rooms_of(found.id))]
    return form.wanted()


def _offer(field: SelectMultipleField, candidates: list[Registration]) -> None:
    """Give each candidate a box, ticked until somebody chose, where the list is short enough."""
    boxes = [(one.code, f"{one.person.name} {one.code}") for one in candidates] if len(candidates) <= LISTED else []
    field.choices = boxes
    if field.data is None:
        field.data = [code for code, _name in boxes]


def _chosen(field: SelectMultipleField, candidates: list[Registration]) -> list[Registration]:
    """Return whose box is ticked, or all of a long list; raises ConflictError where that list has another length."""
    if len(candidates) <= LISTED:
        return [one for one in candidates if one.code in (field.data or ())]
    if len(candidates) != request.form.get("expected", -1, type=int):
        raise ConflictError(
            _l("%(count)d candidates fit now, not the number you saw. Look again.", count=len(candidates))
        )
    return candidates


@bp.post("/sessions/<code>/pauses")
@requires(Permission.WATCH)
def pause_sittings(code: str) -> Answer:
    """Let the chosen sittings stand still."""
    found, form, at = sessions_queries.exam_session(code, acting()), PauseForm(), clock.now()
    try:
        if not form.validate():
            return _page(found, form, ResumeForm(formdata=None)), 422
        with unit_of_work():
            chosen = _chosen(form.tickets, queries.to_pause(found, _wanted(found), at))
            count = services.pause(found, chosen, reason=form.reason.data or "", by=acting(), at=at)
    except DomainError as error:
        put_beside_field(form, error)
        return _page(sessions_queries.exam_session(code, acting()), form, ResumeForm(formdata=None)), error.status
    flash(_("Paused: %(count)d sittings stand still and lose no time.", count=count), "good")
    return redirect(url_for("exams.pauses", code=code))


@bp.post("/sessions/<code>/pauses/resume")
@requires(Permission.WATCH)
def resume_sittings(code: str) -> Answer:
    """Let the chosen sittings go on."""
    found, form, at = sessions_queries.exam_session(code, acting()), ResumeForm(), clock.now()
    try:
        with unit_of_work():
            chosen = _chosen(form.tickets, queries.to_resume(found, _wanted(found), at))
            count = services.resume(found, chosen, by=acting(), at=at)
    except DomainError as error:
        put_beside_field(form, error)
        return _page(sessions_queries.exam_session(code, acting()), PauseForm(formdata=None), form), error.status
    said = _("Resumed: %(count)d sittings go on; deadlines and the latest start moved on by the pause.", count=count)
    flash(said, "good")
    return redirect(url_for("exams.pauses", code=code))
