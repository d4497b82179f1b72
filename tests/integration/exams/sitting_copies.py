"""Candidates of whom each run of the sitting's state machine has a copy."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, select

from app.accounts.models import Person
from app.assessment.exams.models import Admission, Attempt, ExamSession, Registration, SessionRoom, VenueRoom
from app.core.columns import new_code
from app.core.db import Base, session
from tests.factories.accounts import Member
from tests.factories.exams import OPENS
from tests.factories.venues import Day, seat_of

Row = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """A candidate of whom each run has a copy: the rows of registration and sitting, of room and seat at a venue."""

    closes_at: datetime
    registration: Row
    attempt: Row
    venue_room: Row | None = None
    session_room: Row | None = None
    admission: Row | None = None

    def copy(self, code: str, room_code: str, *, person_id: int, number: int) -> None:
        """Make a candidate of the same kind: the sitting has the code given, a room of its own too."""
        _insert(Person, {"name": "考生", "created_at": OPENS}, id=person_id, code=new_code())
        ticket = _insert(Registration, self.registration, code=new_code(), number=number, person_id=person_id)
        _insert(Attempt, self.attempt, code=code, registration_id=ticket, person_id=person_id)
        if self.venue_room and self.session_room and self.admission:
            place = _insert(VenueRoom, self.venue_room, code=new_code(), name=f"第{number}考场")
            room = _insert(SessionRoom, self.session_room, code=room_code, room_id=place)
            _insert(Admission, self.admission, registration_id=ticket, session_room_id=room)


def _insert(model: type[Base], row: Row, **own: object) -> int:
    """Put a copy of a row into its table under values of its own; return its key."""
    key: int = session.execute(insert(model).values({**row, **own}).returning(model.__table__.c.id)).scalar_one()
    return key


def _row(model: type[Base], *which: ColumnElement[bool]) -> Row:
    found = session.execute(select(model.__table__).where(*which)).mappings().one()
    return {name: value for name, value in found.items() if name != "id"}


def online(trainee: Member, held: ExamSession) -> Template:
    """Return what a candidate without a room is."""
    mine = trainee.person.id
    registration = _row(Registration, Registration.person_id == mine)
    return Template(held.closes_at, registration, _row(Attempt, Attempt.person_id == mine))


def at_venue(day: Day) -> Template:
    """Return what a candidate at a venue is, whose identity was checked at the door."""
    seat = seat_of(day.registration())
    room = _row(SessionRoom, SessionRoom.id == seat.session_room_id)
    return replace(
        online(day.candidates[0], day.held),
        venue_room=_row(VenueRoom, VenueRoom.id == room["room_id"]),
        session_room=room,
        admission=_row(Admission, Admission.id == seat.id),
    )
