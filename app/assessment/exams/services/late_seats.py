"""Seats for who registers once the seats are given: a free one at once, nobody is moved."""

from datetime import datetime

from sqlalchemy import insert, select

from app.assessment.exams.models import Admission, Attempt, ExamSession
from app.assessment.exams.queries import late_seats as queries
from app.assessment.exams.queries import venues, waiting
from app.assessment.exams.rules.seating import Place, late_places
from app.assessment.exams.services import pausing, tickets
from app.assessment.exams.services.registering import locked
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.states import SessionState
from app.core import events
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError
from app.core.events import Event, Subject
from app.core.text import _l


def seat_late(found: ExamSession, *, by: Actor, at: datetime) -> int:
    """Give free seats to the candidates of a session who have none; return how many. Nobody who has one is moved.

    Raises ConflictError online, before any seat is given, once the window has closed, or where no seat is left for
    them: those that are offered to the waiting list are spoken for.
    """
    locked(found)
    if found.state not in {SessionState.PLANNED, SessionState.PREPARED} or at >= found.closes_at:
        raise ConflictError(_l("The window has closed. Who sat where stays as it was."))
    if not queries.are_given(found.id):
        raise ConflictError(_l("No seat of this session is given yet. Give the seats first."))
    late = len(queries.unseated(found.id))
    given = _seat(found, by=by, at=at)
    if late and not given:
        raise ConflictError(
            _l("No seat is left for the %(count)d candidates without one. Add a room, or free a seat.", count=late)
        )
    return given


def _seat(found: ExamSession, *, first: str = "", by: Actor | None, at: datetime) -> int:
    """Give what is free to who has none: the registration named first, then in the order of their registration.

    Where tickets were printed, theirs are printed too.
    """
    rooms = venues.rooms_of(found.id)
    seated = queries.seated(found.id)
    full = waiting.seats(found.id)
    most = max((full.total or 0) - len(seated) - full.offered, 0)
    late = queries.unseated(found.id, first=first)
    plan = late_places([(one.id, one.room.seats) for one in rooms], seated, late, most)
    if not plan:
        return 0
    rows = [
        {"registration_id": one, "session_room_id": place.room_id, "seat": place.seat, "version": 1}
        for one, place in plan.items()
    ]
    session.execute(insert(Admission), rows)
    _stand_still(found, [one.id for one in rooms if one.paused_at is not None], list(plan), at)
    names = {one.id: one.room.name for one in rooms}
    events.record_many("exams.seat_given", _facts(plan, names), by=by, at=at)
    events.record("exams.late_seats_given", of_session(found), by=by, at=at, data={"seats": len(rows)})
    if tickets.latest_job(found) is not None and queries.without_ticket(found.id):
        tickets.ask_for_tickets(found, by=by, at=at)
    return len(rows)


def _stand_still(found: ExamSession, paused: list[int], seated: list[int], at: datetime) -> None:
    """Let who got a seat in a room that is paused stand still with it."""
    if paused:
        here = select(Admission.registration_id).where(
            Admission.session_room_id.in_(paused), Admission.registration_id.in_(seated)
        )
        pausing.stand_still(found, Attempt.registration_id.in_(here), at=at)


def _facts(plan: dict[int, Place], names: dict[int, str]) -> list[tuple[Subject, JsonObject]]:
    codes = queries.codes_of(plan)
    return [
        (Subject("registration", codes[one]), {"room": names[place.room_id], "seat": place.seat})
        for one, place in plan.items()
    ]


def registered(happened: Event) -> None:
    """Seat who registered or counts again once the seats are given; an event about a registration.

    Who takes an offered seat has it before others without one. A seat that comes free goes to who has none.
    """
    _follow(waiting.session_of_registration(happened.subject_code), happened, first=happened.subject_code)


def registered_many(happened: Event) -> None:
    """Seat whom an examiner registered once the seats are given; an event about a session."""
    _follow(waiting.session_by_code(happened.subject_code), happened)


def _follow(found: ExamSession, happened: Event, *, first: str = "") -> None:
    if found.venue_id is not None and queries.are_given(found.id):
        _seat(locked(found), first=first, by=None, at=happened.at)
