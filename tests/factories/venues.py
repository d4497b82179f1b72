"""A session at a venue for tests: rooms, seats, checked candidates, invigilators."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import Admission, ExamSession, ExamVenue, Registration, SessionRoom
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import venues as queries
from app.assessment.exams.services import arranging, doors, sessions, venues
from app.assessment.exams.services.arranging import Arrangement
from app.assessment.exams.services.venues import Place
from app.core import jobs
from app.core.db import session, unit_of_work
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.exams import NOW, House, make_cohort, make_session, make_trainee
from tests.worlds import built_once

_numbers = count(1)


@dataclass(frozen=True)
class Day:
    """An exam day: the session, its rooms, the candidates in the order they were made, two invigilators."""

    held: ExamSession
    rooms: list[SessionRoom]
    candidates: list[Member]
    invigilator: Member
    second: Member

    def registration(self, place: int = 0) -> Registration:
        """Return the registration of a candidate as it is now."""
        query = select(Registration).where(Registration.person_id == self.candidates[place].person.id)
        return session.scalars(query.execution_options(populate_existing=True)).one()


@built_once
def make_venue(house: House, *, rooms: tuple[int, ...] = (10,)) -> ExamVenue:
    """Add a venue with rooms of so many seats."""
    number = next(_numbers)
    with unit_of_work():
        place = Place(f"第{number}考点", f"Venue {number}", "历下区经十路1号", SHANDONG)
        venue = venues.add_venue(place, by=house.examiner.actor, at=NOW)
        for at, seats in enumerate(rooms, start=1):
            venues.add_room(venue, name=f"第{at}考场", seats=seats, by=house.examiner.actor, at=NOW)
    return queries.venue(venue.code, house.examiner.actor)


def arrange(house: House, held: ExamSession, venue: ExamVenue | None, **changes: object) -> None:
    """Set how a session is held: all rooms of the venue, identity checked at its door."""
    given: dict[str, object] = {
        "venue": venue,
        "rooms": venue.rooms if venue else (),
        "registers_from": None,
        "registers_until": None,
        "identity_check": venue is not None,
        "rehearsal": False,
        "extends": True,
    }
    with unit_of_work():
        found = sessions_queries.exam_session(held.code, house.examiner.actor)
        wanted = Arrangement(**{**given, **changes})  # type: ignore[arg-type]
        arranging.arrange(found, wanted, by=house.examiner.actor, at=NOW)


@built_once
def make_day(
    house: House, *, candidates: int = 2, rooms: tuple[int, ...] = (10,), checked: bool = True, **changes: object
) -> Day:
    """Hold a session at a venue: registered, seated, prepared and, if said so, checked at the door."""
    held = make_session(house)
    arrange(house, held, make_venue(house, rooms=rooms), **changes)
    cohort = make_cohort()
    people = [make_trainee(cohort) for _ in range(candidates)]
    with unit_of_work():
        found = sessions_queries.exam_session(held.code, house.examiner.actor)
        sessions.register_eligible(found, by=house.examiner.actor, at=NOW)
        arranging.allocate_seats(found, by=house.examiner.actor, at=NOW)
        sessions.ask_to_prepare(found, by=house.examiner.actor, at=NOW)
    jobs.work()
    invigilator = make_member(Role.INVIGILATOR, organisation=house.body)
    second = make_member(Role.INVIGILATOR, organisation=house.body)
    found = sessions_queries.exam_session(held.code, house.examiner.actor)
    day = Day(found, queries.rooms_of(found.id), people, invigilator, second)
    if checked:
        for place in range(candidates):
            check(day, place)
    return day


def check(day: Day, place: int = 0, *, at: datetime = NOW) -> None:
    """Check a candidate in at the door."""
    registration = day.registration(place)
    with unit_of_work():
        seat = seat_of(registration)
        doors.check_identity(seat, registration, matches=True, note="", by=day.invigilator.actor, at=at)


def seat_of(registration: Registration) -> Admission:
    """Return where a candidate sits."""
    seat = queries.seat_of(registration.id)
    assert seat
    return seat
