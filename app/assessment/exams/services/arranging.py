"""Writes of how a session is held: venue and rooms or online, the registration window, who sits where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from app.assessment.exams.models import Admission, ExamSession, ExamVenue, Registration, SessionRoom, VenueRoom
from app.assessment.exams.queries import candidates as candidates_queries
from app.assessment.exams.queries import venues as queries
from app.assessment.exams.rules.seating import Candidate, seat_plan
from app.assessment.exams.services.freezing import refuse_frozen
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.states import SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.text import _l
from app.courses.models import Cohort, Enrolment


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a session is to be held; without a venue it is online."""

    venue: ExamVenue | None
    rooms: Sequence[VenueRoom]
    registers_from: datetime | None
    registers_until: datetime | None
    identity_check: bool
    rehearsal: bool
    extends: bool


def arrange(found: ExamSession, wanted: Arrangement, *, by: Actor, at: datetime) -> None:
    """Set how a session is held. Changed rooms free every seat, so that seats are given anew.

    Raises InvalidError naming the field, ConflictError while editing is frozen or once candidates were checked in.
    """
    refuse_frozen(found, at=at)
    if found.state not in {SessionState.PLANNED, SessionState.PREPARED} or at >= found.closes_at:
        raise ConflictError(_l("The window has closed. How the session was held stays as it was."))
    _check(found, wanted)
    _set_rooms(found, wanted.rooms)
    found.venue_id = wanted.venue.id if wanted.venue else None
    found.registers_from, found.registers_until = wanted.registers_from, wanted.registers_until
    found.identity_check, found.rehearsal, found.extends = wanted.identity_check, wanted.rehearsal, wanted.extends
    session.flush()
    data = {"rooms": len(wanted.rooms), "seats": sum(room.seats for room in wanted.rooms)}
    events.record("exams.session_arranged", of_session(found), by=by, at=at, data=data)


def _check(found: ExamSession, wanted: Arrangement) -> None:
    if wanted.venue is not None and not wanted.rooms:
        raise InvalidError(_l("Choose at least one room of the venue."), field="rooms")
    if any(wanted.venue is None or room.venue_id != wanted.venue.id for room in wanted.rooms):
        raise InvalidError(_l("Choose rooms of the chosen venue only."), field="rooms")
    if wanted.identity_check and wanted.venue is None:
        raise InvalidError(_l("Identity is checked at the door of a venue. Choose a venue first."), field="venue")
    if (wanted.registers_from is None) != (wanted.registers_until is None):
        raise InvalidError(_l("Give both ends of the registration, or neither."), field="registers_until")
    if wanted.registers_from and wanted.registers_until:
        _check_registration(found, wanted.registers_from, wanted.registers_until)
    if wanted.rehearsal != found.rehearsal and candidates_queries.taken(found.id):
        raise ConflictError(_l("Candidates are registered, so the session stays what it is."), field="rehearsal")


def _check_registration(found: ExamSession, first: datetime, last: datetime) -> None:
    if last <= first:
        raise InvalidError(_l("Registration closes after it has opened. Choose a later time."), field="registers_until")
    if last > found.opens_at:
        raise InvalidError(_l("Registration closes before the window opens."), field="registers_until")


def _set_rooms(found: ExamSession, rooms: Sequence[VenueRoom]) -> None:
    used = {one.room_id: one for one in queries.rooms_of(found.id)}
    wanted = {room.id for room in rooms}
    if wanted == used.keys():
        return
    _free_seats(found)
    for room_id in used.keys() - wanted:
        session.delete(used[room_id])
    session.add_all(SessionRoom(session_id=found.id, room_id=room_id) for room_id in sorted(wanted - used.keys()))
    session.flush()


def _free_seats(found: ExamSession) -> None:
    seated = select(Admission.id).join(Registration, Registration.id == Admission.registration_id)
    here = seated.where(Registration.session_id == found.id)
    if session.scalar(here.where(Admission.outcome.is_not(None)).limit(1)) is not None:
        raise ConflictError(_l("Candidates were checked in already. Move them one by one on the board."), field="rooms")
    session.execute(delete(Admission).where(Admission.id.in_(here)))


def allocate_seats(found: ExamSession, *, by: Actor, at: datetime) -> int:
    """Give every candidate a seat by a seed, people of one base apart; return how many. It gives all seats anew.

    Raises ConflictError online or while editing is frozen, InvalidError where the rooms are too small.
    """
    refuse_frozen(found, at=at)
    rooms = queries.rooms_of(found.id)
    if not rooms:
        raise ConflictError(_l("The session is held online. Choose a venue and rooms first."))
    people = (
        select(Registration.id, Cohort.base_organisation_id)
        .join(Enrolment, Enrolment.id == Registration.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Registration.session_id == found.id, Registration.withdrawn_at.is_(None))
    )
    candidates = [Candidate(one, organisation) for one, organisation in session.execute(people)]
    plan = seat_plan([(one.id, one.room.seats) for one in rooms], candidates, found.code)
    _free_seats(found)
    rows = [
        {"registration_id": one, "session_room_id": place.room_id, "seat": place.seat, "version": 1}
        for one, place in plan.items()
    ]
    if rows:
        session.execute(insert(Admission), rows)
    events.record("exams.seats_given", of_session(found), by=by, at=at, data={"seats": len(rows)})
    return len(rows)
