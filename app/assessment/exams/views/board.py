"""The invigilator's pages: the door, the live board, one candidate, pause, move, collect all."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.services.people import masked_data
from app.assessment.exams.access import Permission
from app.assessment.exams.administration_states import STANDING_LABELS, Standing
from app.assessment.exams.forms.administration import (
    BoardForm,
    CheckForm,
    MoveForm,
    RoomReasonForm,
    TicketForm,
)
from app.assessment.exams.models import Admission, ExamSession, Registration
from app.assessment.exams.queries import board as queries
from app.assessment.exams.queries import pausing, venues
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries.candidates import rule_of
from app.assessment.exams.rules.timing import Times, last_start
from app.assessment.exams.services import doors
from app.assessment.exams.services import invigilating as services
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.signal_kinds import MOST_OF_A_KIND
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import ConflictError, DomainError, NotFoundError
from app.core.text import _, _l
from app.desk.queries import timeline_entries

EVERY_MS = 10_000
TONES = {
    Standing.ABSENT: "neutral",
    Standing.SEATED: "info",
    Standing.SIGNED_IN: "info",
    Standing.WORKING: "good",
    Standing.SILENT: "bad",
    Standing.PAUSED: "waiting",
    Standing.SUBMITTED: "done",
    Standing.COLLECTED: "done",
}


@bp.get("/sessions/<code>/board")
@requires(Permission.WATCH)
def board(code: str) -> str:
    """Show where every candidate stands right now; the list fetches itself again."""
    return _board(sessions_queries.exam_session(code, acting()), RoomReasonForm())


def _board(found: ExamSession, reason: RoomReasonForm) -> str:
    at = clock.now()
    rooms = venues.rooms_of(found.id)
    form = BoardForm(request.args)
    form.room.choices = [("", _("All rooms")), *((one.code, one.room.name) for one in rooms)]
    seen = queries.board(found, form.wanted(), request.args.get("page", 1, type=int), at)
    looked_up(
        (one.person_id for one in seen.page.rows), by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found)
    )
    return render_template(
        "exams/board.html",
        session=found,
        rooms=rooms,
        form=form,
        board=seen,
        labels=STANDING_LABELS,
        tones=TONES,
        at=at,
        most=MOST_OF_A_KIND,
        every=EVERY_MS,
        pausing=reason,
        starts=_starts(found, seen.page.rows),
        open=found.opens_at <= at and found.state == "prepared",
    )


def _starts(found: ExamSession, rows: Iterable[queries.Row]) -> dict[str, datetime]:
    """Return by ticket until when those may start whom a pause held."""
    held = {
        row.ticket: timedelta(seconds=row.held_seconds) for row in rows if row.deadline_at is None and row.held_seconds
    }
    if not held:
        return {}
    rule, _source = rule_of(found)
    late = rule.late_entry_minutes if found.venue_id is not None else 0
    window = Times(found.opens_at, found.closes_at, found.minutes)
    return {ticket: last_start(replace(window, held=time), late) for ticket, time in held.items()}


@bp.post("/sessions/<code>/rooms/<room>/pause")
@requires(Permission.WATCH)
def pause(code: str, room: str) -> Answer:
    """Let a room stand still."""
    form, found = RoomReasonForm(), sessions_queries.exam_session(code, acting())
    where = venues.room_of(found.id, room)
    if not form.validate():
        return _board(found, form), 422
    with unit_of_work():
        count = services.pause(found, where, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Paused: %(count)d sittings stand still and lose no time.", count=count), "good")
    return redirect(url_for("exams.board", code=code))


@bp.post("/sessions/<code>/rooms/<room>/resume")
@requires(Permission.WATCH)
def resume(code: str, room: str) -> Response:
    """Let a room go on."""
    with unit_of_work():
        found = sessions_queries.exam_session(code, acting())
        count = services.resume(found, venues.room_of(found.id, room), by=acting(), at=clock.now())
    said = _("Resumed: %(count)d sittings go on; deadlines and the latest start moved on by the pause.", count=count)
    flash(said, "good")
    return redirect(url_for("exams.board", code=code))


@bp.get("/sessions/<code>/collect-all")
@requires(Permission.WATCH)
def collecting(code: str) -> str:
    """Show what collecting all would end, before it is done."""
    found = sessions_queries.exam_session(code, acting())
    room = request.args.get("room", "")
    where = venues.room_of(found.id, room) if room else None
    at = clock.now()
    counts = queries.board(found, queries.Wanted(room=room), 1, at).counts
    return render_template(
        "exams/collect_all.html",
        session=found,
        room=where,
        open=queries.open_sittings(found, room),
        counts=counts,
        labels=STANDING_LABELS,
        early=at < found.closes_at,
    )


@bp.post("/sessions/<code>/collect-all")
@requires(Permission.WATCH)
def collect_all(code: str) -> Response:
    """End every open sitting of a room or the session."""
    room, expected = request.form.get("room", ""), request.form.get("expected", -1, type=int)
    with unit_of_work():
        found = sessions_queries.exam_session(code, acting())
        where = venues.room_of(found.id, room) if room else None
        count = services.collect_all(found, where, expected=expected, by=acting(), at=clock.now())
    flash(_("Collected: %(count)d sittings.", count=count), "good")
    return redirect(url_for("exams.board", code=code, room=room or None))


@bp.get("/sessions/<code>/door")
@requires(Permission.WATCH)
def door(code: str) -> str:
    """Take a ticket at the door: typed, or scanned into the field."""
    found, form = sessions_queries.exam_session(code, acting()), TicketForm(request.args)
    registration = None
    if form.ticket.data:
        try:
            registration = queries.candidate(found, form.ticket.data)
        except NotFoundError as error:
            put_beside_field(form, error)
            form.ticket.errors = [str(error)]
    return _door(found, form, registration, CheckForm(formdata=None))


def _door(found: ExamSession, form: TicketForm, registration: Registration | None, check: CheckForm) -> str:
    if registration is not None:
        looked_up([registration.person_id], by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    return render_template(
        "exams/door.html",
        session=found,
        form=form,
        check=check,
        registration=registration,
        seat=venues.seat_of(registration.id) if registration else None,
        identity=masked_data(registration.person)["identity"] if registration else None,
        counts=queries.checked(found.id),
    )


@bp.post("/sessions/<code>/door/<ticket>")
@requires(Permission.WATCH)
def check(code: str, ticket: str) -> Answer:
    """Record what the identity check found; the page is ready for the next ticket."""
    found, form = sessions_queries.exam_session(code, acting()), CheckForm()
    registration, matches = queries.candidate(found, ticket), request.form.get("outcome") == "checked"
    try:
        if not form.validate():
            return _door(found, TicketForm(formdata=None), registration, form), 422
        with unit_of_work():
            seat = _seat(registration)
            note = form.note.data or ""
            doors.check_identity(seat, registration, matches=matches, note=note, by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _door(found, TicketForm(formdata=None), queries.candidate(found, ticket), form), error.status
    flash(
        _("Checked: %(ticket)s.", ticket=ticket) if matches else _("Mismatch noted: %(ticket)s.", ticket=ticket), "good"
    )
    return redirect(url_for("exams.door", code=code))


def _seat(registration: Registration) -> Admission:
    seat = venues.seat_of(registration.id)
    if seat is None:
        raise ConflictError(_l("The candidate has no seat yet. An examiner gives the seats of the session first."))
    return seat


@bp.get("/candidates/<ticket>")
@requires(Permission.WATCH)
def candidate(ticket: str) -> str:
    """Show one candidate of a session with what an invigilator may do."""
    registration, found = queries.registration_of(ticket, acting())
    seat = venues.seat_of(registration.id)
    form = _move_form(found)
    form.room.data, form.seat.data = (seat.session_room.code, seat.seat) if seat else (None, None)
    return _candidate(registration, found, form, seat)


def _move_form(found: ExamSession) -> MoveForm:
    form = MoveForm()
    form.room.choices = [(one.code, one.room.name) for one in venues.rooms_of(found.id)]
    return form


def _candidate(registration: Registration, found: ExamSession, form: MoveForm, seat: Admission | None) -> str:
    at = clock.now()
    looked_up([registration.person_id], by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    row = queries.row_of(found, registration, at)
    return render_template(
        "exams/candidate.html",
        registration=registration,
        session=found,
        row=row,
        starts=_starts(found, [row]),
        seat=seat,
        identity=masked_data(registration.person)["identity"],
        form=form,
        pausing=pausing.offered(registration, found, at),
        labels=STANDING_LABELS,
        tones=TONES,
        entries=timeline_entries(of_registration(registration)),
    )


@bp.post("/candidates/<ticket>/move")
@requires(Permission.WATCH)
def move(ticket: str) -> Answer:
    """Move a candidate to another machine or seat."""
    registration, found = queries.registration_of(ticket, acting())
    form = _move_form(found)
    if not form.validate():
        return _candidate(registration, found, form, venues.seat_of(registration.id)), 422
    try:
        with unit_of_work():
            room = venues.room_of(found.id, form.room.data)
            reason, seat = form.reason.data or "", form.seat.data or 0
            services.move(registration, _seat(registration), room, seat, reason=reason, by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        registration, found = queries.registration_of(ticket, acting())
        return _candidate(registration, found, form, venues.seat_of(registration.id)), error.status
    flash(_("Moved. The candidate signs in at the new machine and goes on where the answers were saved."), "good")
    return redirect(url_for("exams.candidate", ticket=ticket))
