"""A venue's starts and hand-ins at the door: the short way takes whom the long way takes, and nobody else."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from app.accounts import door
from app.assessment.exams.models import Admission, Attempt, ExamSession
from app.assessment.exams.queries import seb, venues
from app.assessment.exams.services import doors, hot, invigilating, sitting
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import SubmittedHow
from app.core.clock import real_now
from app.core.db import db, session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import timeline
from app.desk.queries import todos_of
from tests.factories.accounts import Member, open_session
from tests.factories.exams import CLOSES, MINUTES, OPENS, House, attempt_of, make_house, said, sitting_of
from tests.factories.venues import Day, make_day, seat_of
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
TODAY = date(2026, 3, 2)
PAGE = "page-of-tests"
DURING = OPENS + timedelta(minutes=5)
LATEST = OPENS + timedelta(minutes=30)
"""Until when the sample rule lets somebody come late."""
FIRST = DURING + timedelta(minutes=30)
"""From when the sample rule lets somebody hand in who started at `DURING`."""
A_LITTLE, A_MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def knock(member: Member) -> door.Knock:
    return door.Knock(open_session(member), real_now(), TODAY)


def short_start(member: Member, at: datetime) -> bool:
    found = hot.start(knock(member), attempt_of(member).code, at=at)
    session.rollback()
    return found is not None


def long_start(member: Member, at: datetime) -> bool:
    try:
        with unit_of_work():
            sitting.start(sitting_of(member), by=member.actor, at=at)
    except ConflictError:
        return False
    return True


def short_submit(member: Member, at: datetime) -> SubmittedHow | None:
    through = hot.submit(knock(member), attempt_of(member).code, PAGE, at=at)
    session.rollback()
    return through.done if through else None


def long_submit(member: Member, at: datetime) -> SubmittedHow | None:
    code = attempt_of(member).code
    try:
        with unit_of_work():
            doors.refuse_early_hand_in(code, by=member.actor, at=at)
            return sitting.submit(sitting.Writer(code, PAGE, member.actor), at=at)
    except ConflictError:
        return None


def nothing(_day: Day) -> None: ...


def nobody_checked(_day: Day) -> None:
    with unit_of_work():
        session.execute(update(Admission).values(outcome=None, checked_at=None, checked_by_id=None))


def nobody_matches(day: Day) -> None:
    for place in range(2):
        registration = day.registration(place)
        with unit_of_work():
            seat, by = seat_of(registration), day.invigilator.actor
            doors.check_identity(seat, registration, matches=False, note="照片不符", by=by, at=OPENS)


def no_check_asked_for(day: Day) -> None:
    nobody_checked(day)
    with unit_of_work():
        session.execute(update(ExamSession).values(identity_check=False))


def room_paused(day: Day) -> None:
    with unit_of_work():
        room = venues.room_of(day.held.id, day.rooms[0].code)
        invigilating.pause(day.held, room, reason="停电", by=day.invigilator.actor, at=OPENS)


def room_paused_for_ten_minutes(day: Day) -> None:
    room_paused(day)
    with unit_of_work():
        room = venues.room_of(day.held.id, day.rooms[0].code)
        invigilating.resume(day.held, room, by=day.invigilator.actor, at=OPENS + timedelta(minutes=10))


def moved(day: Day) -> None:
    for place in range(2):
        registration = day.registration(place)
        with unit_of_work():
            seat, room = seat_of(registration), venues.room_of(day.held.id, day.rooms[0].code)
            by = day.invigilator.actor
            invigilating.move(registration, seat, room, 9 + place, reason="换机", by=by, at=OPENS)


STARTS: dict[str, tuple[Callable[[Day], None], datetime, bool]] = {
    "checked at the door": (nothing, DURING, True),
    "before the window": (nothing, OPENS - A_LITTLE, False),
    "at the end of late entry": (nothing, LATEST, True),
    "after late entry": (nothing, LATEST + A_LITTLE, False),
    "after the window": (nothing, CLOSES, False),
    "not checked yet": (nobody_checked, DURING, False),
    "does not match": (nobody_matches, DURING, False),
    "no check asked for": (no_check_asked_for, DURING, True),
    "room paused": (room_paused, DURING, False),
    "a pause gave late entry back": (room_paused_for_ten_minutes, LATEST + timedelta(minutes=10), True),
    "beyond what a pause gave back": (room_paused_for_ten_minutes, LATEST + timedelta(minutes=10) + A_LITTLE, False),
    "moved to another machine": (moved, DURING, True),
}


@pytest.mark.parametrize("case", STARTS)
def test_at_a_venue_both_ways_start_the_same_people(house: House, case: str) -> None:
    change, at, expected = STARTS[case]
    day = make_day(house)
    short, long = day.candidates
    change(day)

    assert short_start(short, at) == long_start(long, at) == expected

    rows = [(one.started_at, one.seen_at, one.deadline_at) for one in map(attempt_of, (short, long))]
    assert rows[0] == rows[1]
    assert rows[0][0] == (at if expected else None)
    for one in (short, long):
        told = [(each.kind, each.actor_id) for each in timeline(of_attempt(attempt_of(one).code))]
        assert told == [("exams.sitting_started", one.person.id)] * expected


def under_way(_day: Day, *, holder: str | None = PAGE) -> None:
    with unit_of_work():
        at = {"started_at": DURING, "seen_at": DURING, "deadline_at": DURING + timedelta(minutes=MINUTES)}
        session.execute(update(Attempt).values(**at, holder=holder))


def held_by_another(day: Day) -> None:
    under_way(day, holder="another-page")


def moved_meanwhile(day: Day) -> None:
    under_way(day)
    moved(day)


def paused_meanwhile(day: Day) -> None:
    under_way(day)
    room_paused(day)


SUBMITS: dict[str, tuple[Callable[[Day], None], datetime, SubmittedHow | None]] = {
    "not started": (nothing, FIRST, None),
    "within the first minutes": (under_way, FIRST - A_LITTLE, None),
    "from then on": (under_way, FIRST, SubmittedHow.CANDIDATE),
    "after the deadline": (under_way, CLOSES, SubmittedHow.COLLECTED),
    "held by another page": (held_by_another, FIRST, None),
    "moved to another machine": (moved_meanwhile, FIRST, None),
    "room paused": (paused_meanwhile, FIRST, None),
}


@pytest.mark.parametrize("case", SUBMITS)
def test_at_a_venue_both_ways_take_the_same_hand_ins(house: House, case: str) -> None:
    change, at, expected = SUBMITS[case]
    day = make_day(house)
    short, long = day.candidates
    change(day)

    assert short_submit(short, at) == long_submit(long, at) == expected

    for one in (short, long):
        found = attempt_of(one)
        assert (found.submitted_at, found.submitted_how) == ((at, expected) if expected else (None, None))
        kinds = [each.kind for each in timeline(of_attempt(found.code))]
        assert kinds == ["exams.sitting_submitted"] * (expected is not None)
        assert ("exams.sit" in {todo.kind for todo in todos_of(one.actor)}) == (expected is None)


def test_over_http_a_venue_costs_no_more_statements_than_a_look_and_what_is_written(
    house: House, browser_of: Browser, at_time: Clock
) -> None:
    day = make_day(house)
    at_time(DURING)
    browser, code = browser_of(day.candidates[0]), attempt_of(day.candidates[0]).code
    assert seb.requirement(code) is None, "asked once a sitting and process"
    sent: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))

    def words() -> list[str]:
        told = [one.split()[0] for one in sent if not one.startswith(("BEGIN", "SELECT clock"))]
        sent.clear()
        return told

    assert browser.post(f"/sit/{code}/start").status_code == 302
    assert words() == ["SELECT", "UPDATE", "INSERT"]
    with unit_of_work():
        session.execute(update(Attempt).where(Attempt.code == code).values(holder=PAGE))
    at_time(FIRST + A_MINUTE)
    sent.clear()
    answered = browser.post(f"/sit/{code}/submit", json={"page": PAGE})
    assert answered.json is not None
    assert answered.json["submitted"] == "candidate"
    assert words() == ["SELECT", "UPDATE", "INSERT", "UPDATE"]


def test_without_a_script_nobody_hands_in_earlier(house: House, browser_of: Browser, at_time: Clock) -> None:
    day = make_day(house)
    under_way(day)
    browser, code = browser_of(day.candidates[0]), attempt_of(day.candidates[0]).code
    at_time(FIRST - A_MINUTE)

    refused = submit(browser, f"/sit/{code}/hand-in", page=f"/sit/{code}/review")

    assert refused.status_code == 409
    assert said("Nobody hands in before %(time)s. Go on, or look your answers over.", time="10:35") in refused.text
    assert session.scalar(select(Attempt.submitted_at).where(Attempt.code == code)) is None
    at_time(FIRST)
    assert submit(browser, f"/sit/{code}/hand-in", page=f"/sit/{code}/review").status_code == 302
    assert attempt_of(day.candidates[0]).submitted_how is SubmittedHow.CANDIDATE
