"""What an invigilator does with a room that runs: pause, resume, move a candidate, collect all."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, select, update

from app.assessment.exams.models import Admission, Attempt, ExamSession, Registration, SessionRoom
from app.assessment.exams.queries import venues
from app.assessment.exams.services import pausing
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.subjects import of_attempt, of_session
from app.assessment.exams.states import SubmittedHow
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.text import _l
from app.desk import services as desk


def pause(found: ExamSession, room: SessionRoom, *, reason: str, by: Actor, at: datetime) -> int:
    """Let a whole room stand still: nobody starts or writes there, and no time passes; return how many sittings.

    Who has not started stands still as well, so that their window and late entry end later by the pause. Raises
    ConflictError where it stands still already or the session is not open.
    """
    pausing.refuse_outside(found, at=at)
    if room.paused_at is not None:
        raise ConflictError(_l("The room is paused already."))
    if not reason.strip():
        raise InvalidError(_l("Give the reason."), field="reason")
    room.paused_at, room.paused_by_id = at, by.person_id
    session.flush()
    code, about = room.code, of_session(found)
    count = pausing.stand_still(found, _seated(room.id), at=at)
    data = {"room": code, "sittings": count}
    events.record("exams.room_paused", about, by=by, at=at, reason=reason.strip(), data=data)
    return count


def _seated(room_id: int) -> ColumnElement[bool]:
    return Attempt.registration_id.in_(select(Admission.registration_id).where(Admission.session_room_id == room_id))


def resume(found: ExamSession, room: SessionRoom, *, by: Actor, at: datetime) -> int:
    """Let a room go on: every deadline moves on by the time its sitting stood still; return how many sittings.

    Who has not started may do so later by as long, and their window closes later.
    """
    if room.paused_at is None:
        raise ConflictError(_l("The room is not paused."))
    room.paused_at = room.paused_by_id = None
    session.flush()
    code, about = room.code, of_session(found)
    count = len(pausing.go_on(Attempt.session_id == found.id, _seated(room.id), at=at))
    data = {"room": code, "sittings": count}
    events.record("exams.room_resumed", about, by=by, at=at, data=data)
    return count


def move(
    registration: Registration,
    admission: Admission,
    room: SessionRoom,
    seat: int,
    *,
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    """Move a candidate to another machine or seat (换机续考): the page that held the sitting writes no more.

    Answers acknowledged before are there at the new machine. Who leaves a room that is paused for one that runs goes on
    there, with the time the sitting stood still. Raises InvalidError for a seat that is taken or missing.
    """
    _check_seat(admission, room, seat)
    if not reason.strip():
        raise InvalidError(_l("Give the reason."), field="reason")
    was = f"{admission.session_room_id}/{admission.seat}"
    admission.session_room_id, admission.seat = room.id, seat
    session.flush()
    session.execute(
        update(Attempt)
        .where(Attempt.registration_id == registration.id, Attempt.submitted_at.is_(None))
        .values(holder=None)
    )
    if room.paused_at is None:
        pausing.go_on(Attempt.registration_id == registration.id, at=at)
    data = {"from": was, "to": f"{room.id}/{seat}"}
    events.record(
        "exams.candidate_moved", of_registration(registration), by=by, at=at, reason=reason.strip(), data=data
    )


def _check_seat(admission: Admission, room: SessionRoom, seat: int) -> None:
    if not 1 <= seat <= room.room.seats:
        raise InvalidError(_l("The room has seats 1 to %(seats)d.", seats=room.room.seats), field="seat")
    here = Admission.session_room_id == room.id
    taken = select(Admission.id).where(here, Admission.seat == seat, Admission.id != admission.id)
    if session.scalar(taken) is not None:
        raise InvalidError(_l("This seat is taken. Choose a free one."), field="seat")
    if (admission.session_room_id != room.id) and (room.paused_at is not None):
        raise ConflictError(_l("The room is paused. Move the candidate after it has resumed."), field="room")


def collect_all(found: ExamSession, room: SessionRoom | None, *, expected: int, by: Actor, at: datetime) -> int:
    """End every open sitting of a room, or of the whole session, now (统一收卷); return how many.

    Where the whole session is collected, no pause holds a start any longer, and every room goes on.
    Raises ConflictError where their number is no longer the one that was confirmed.
    """
    ids = session.scalars(_running(found, room).with_only_columns(Attempt.id).with_for_update(of=Attempt)).all()
    if len(ids) != expected:
        raise ConflictError(
            _l("%(count)d sittings are open now, not the number you confirmed. Look again.", count=len(ids))
        )
    codes = session.scalars(
        update(Attempt)
        .where(Attempt.id.in_(ids), Attempt.submitted_at.is_(None))
        .values(submitted_at=at, submitted_how=SubmittedHow.COLLECTED, paused_at=None)
        .returning(Attempt.code)
    ).all()
    for code in codes:
        events.record("exams.sitting_collected", of_attempt(code), by=by, at=at)
        desk.close_todos(of_attempt(code), kind="exams.sit", at=at)
    if room is None:
        for one in venues.rooms_of(found.id):
            if one.paused_at is not None:
                resume(found, one, by=by, at=at)
        pausing.go_on(Attempt.session_id == found.id, Attempt.started_at.is_(None), at=at)
    data = {"room": room.code if room else None, "sittings": len(codes)}
    events.record("exams.all_collected", of_session(found), by=by, at=at, data=data)
    return len(codes)


def _running(found: ExamSession, room: SessionRoom | None) -> Select[Attempt]:
    """Select the open sittings of a session, of one room where it is given."""
    query = (
        select(Attempt)
        .outerjoin(Admission, Admission.registration_id == Attempt.registration_id)
        .where(Attempt.session_id == found.id, Attempt.started_at.is_not(None), Attempt.submitted_at.is_(None))
    )
    return query if room is None else query.where(Admission.session_room_id == room.id)
