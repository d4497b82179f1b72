"""A pause gives the window back to who had not begun: latest start, late entry and close move by it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from app.assessment.exams.models import Admission, Attempt, ExamSession
from app.assessment.exams.queries import pausing as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import venues
from app.assessment.exams.services import doors, extra_time, invigilating, late_seats, pausing, results, sitting
from app.assessment.exams.services.extra_time import More
from app.assessment.exams.services.subjects import of_session
from app.core.clock import SHANGHAI
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import timeline
from tests.factories.accounts import Member
from tests.factories.exams import (
    CLOSES,
    MINUTES,
    OPENS,
    House,
    attempt_of,
    make_house,
    make_prepared,
    said,
    sitting_of,
    start,
)
from tests.factories.venues import Day, make_day, seat_of

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
WHY = "考场停电"
HELD = "A pause held your start for %(time)s. The latest start and the end of your window are later by as long."
SECOND = timedelta(seconds=1)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house(per_cell=2)


@pytest.fixture
def day(house: House) -> Day:
    """One room with three candidates, of whom the first has started; late entry ends 30 minutes after the opening."""
    day = make_day(house, candidates=3)
    start(day.candidates[0])
    return day


def now(day: Day) -> ExamSession:
    return sessions_queries.exam_session(day.held.code, day.invigilator.actor)


def pause(day: Day, at: datetime, place: int = 0) -> int:
    with unit_of_work():
        room = venues.room_of(day.held.id, seat_of(day.registration(place)).session_room.code)
        return invigilating.pause(now(day), room, reason=WHY, by=day.invigilator.actor, at=at)


def resume(day: Day, at: datetime, place: int = 0) -> int:
    with unit_of_work():
        room = venues.room_of(day.held.id, seat_of(day.registration(place)).session_room.code)
        return invigilating.resume(now(day), room, by=day.invigilator.actor, at=at)


def refused(member: Member, at: datetime) -> str:
    with pytest.raises(ConflictError) as error, unit_of_work():
        sitting.start(sitting_of(member), by=member.actor, at=at)
    return error.value.code


def test_who_had_not_begun_may_start_later_by_the_pause(day: Day) -> None:
    _running, waiting, other = day.candidates
    assert pause(day, OPENS + minutes(20)) == 3
    assert refused(waiting, OPENS + minutes(21)) == "paused"
    assert resume(day, OPENS + minutes(70)) == 3

    held = attempt_of(waiting)
    assert (held.deadline_at, held.paused_at, held.held_seconds) == (None, None, 50 * 60)
    assert doors.latest_start(sitting_of(waiting)) == OPENS + minutes(80)
    assert refused(waiting, OPENS + minutes(80) + SECOND) == "not_admitted"
    start(waiting, OPENS + minutes(80))
    assert attempt_of(waiting).deadline_at == OPENS + minutes(80 + MINUTES)
    start(other, OPENS + minutes(75))
    assert attempt_of(other).deadline_at == OPENS + minutes(75 + MINUTES)
    assert attempt_of(day.candidates[0]).deadline_at == OPENS + minutes(MINUTES + 50)


def test_a_shortened_sitting_is_shortened_no_further(house: House) -> None:
    held, [candidate, _other] = make_prepared(house, candidates=2, minutes=110)
    at = OPENS + minutes(30)
    with unit_of_work():
        assert pausing.stand_still(held, Attempt.person_id == candidate.person.id, at=at) == 1
        pausing.go_on(Attempt.person_id == candidate.person.id, at=at + minutes(40))

    start(candidate, at + minutes(40))

    assert attempt_of(candidate).deadline_at == CLOSES + minutes(40), "ninety minutes, as before the pause"


def test_who_had_come_too_late_stays_too_late(day: Day) -> None:
    late = day.candidates[1]
    pause(day, OPENS + minutes(40))
    waits = doors.start_verdict(sitting_of(late), OPENS + minutes(50))
    resume(day, OPENS + minutes(60))

    assert [line.reason for line in waits.lines if line.outcome.value != "met"] == [
        "exams.in_time",
        "exams.room_running",
    ]
    assert refused(late, OPENS + minutes(60)) == "not_admitted"


def test_a_pause_before_the_close_is_the_last_moment_that_can_be_given_back(day: Day) -> None:
    pause(day, CLOSES - SECOND)
    assert resume(day, CLOSES + minutes(10)) == 2, "the one who started is out of time"
    at = CLOSES + minutes(10)
    assert pause(day, at) == 2
    resume(day, at + minutes(5))
    assert attempt_of(day.candidates[1]).held_seconds == 15 * 60 + 1
    assert pause(day, CLOSES + minutes(15) + SECOND) == 0, "their window has closed at this very second"


def test_who_leaves_a_paused_room_before_the_start_takes_the_time_along(house: House) -> None:
    day = make_day(house, candidates=1, rooms=(1, 2))
    left = seat_of(day.registration()).session_room
    target = next(one for one in day.rooms if one.id != left.id)
    pause(day, OPENS + minutes(5))

    with unit_of_work():
        to, registration = venues.room_of(day.held.id, target.code), day.registration()
        by, at = day.invigilator.actor, OPENS + minutes(35)
        invigilating.move(registration, seat_of(registration), to, 1, reason=WHY, by=by, at=at)

    assert attempt_of(day.candidates[0]).held_seconds == 30 * 60
    start(day.candidates[0], OPENS + minutes(60))


def test_who_gets_a_seat_in_a_paused_room_stands_still_with_it(house: House, day: Day) -> None:
    late = day.registration(2)
    with unit_of_work():
        session.execute(delete(Admission).where(Admission.registration_id == late.id))
    pause(day, OPENS + minutes(5))
    at = OPENS + minutes(10)

    with unit_of_work():
        assert late_seats.seat_late(now(day), by=house.examiner.actor, at=at) == 1

    assert [attempt_of(one).paused_at for one in day.candidates] == [OPENS + minutes(5), OPENS + minutes(5), at]
    resume(day, at + minutes(10))
    assert [attempt_of(one).held_seconds for one in day.candidates] == [0, 900, 600]


def test_collecting_all_lets_paused_rooms_go_on_and_gives_the_time_once(day: Day) -> None:
    pause(day, OPENS + minutes(5))

    with unit_of_work():
        by, at = day.invigilator.actor, OPENS + minutes(9)
        assert invigilating.collect_all(now(day), None, expected=1, by=by, at=at) == 1

    assert [one.paused_at for one in venues.rooms_of(day.held.id)] == [None]
    assert [attempt_of(one).held_seconds for one in day.candidates] == [0, 240, 240]
    kinds = [one.kind for one in timeline(of_session(day.held))][:3]
    assert kinds == ["exams.all_collected", "exams.room_resumed", "exams.room_paused"]


@pytest.mark.parametrize("at", [OPENS - SECOND, CLOSES + minutes(90)])
def test_no_room_is_paused_before_its_exam_or_once_marking_was_asked_for(house: House, at: datetime) -> None:
    day = make_day(house, candidates=1)
    if at > CLOSES:
        with unit_of_work():
            results.ask_to_mark(now(day), by=house.examiner.actor, at=CLOSES)

    with pytest.raises(ConflictError):
        pause(day, at)


def test_marking_waits_for_whom_a_pause_held(house: House, day: Day) -> None:
    def mark(at: datetime) -> None:
        with unit_of_work():
            sitting.collect(at=at)
            results.ask_to_mark(now(day), by=house.examiner.actor, at=at)

    pause(day, CLOSES - minutes(20))
    with pytest.raises(ConflictError, match="2"):
        mark(CLOSES + minutes(60))
    resume(day, CLOSES + minutes(60))
    with pytest.raises(ConflictError, match="2"):
        mark(CLOSES + minutes(80) - SECOND)
    assert queries.held_back(now(day), CLOSES + minutes(80)) == 0
    mark(CLOSES + minutes(80))


@pytest.mark.parametrize(("held", "ends"), [(0, 0), (600, 10), (1800, 15)])
def test_extra_time_of_whom_a_pause_held_ends_with_their_own_window(house: House, held: int, ends: int) -> None:
    day = make_day(house, candidates=1, extends=False)
    with unit_of_work():
        session.execute(update(Attempt).values(started_at=OPENS, deadline_at=CLOSES, held_seconds=held))
        asked = extra_time.ask(
            day.held, [day.registration()], more=More(15), reason=WHY, by=house.examiner.actor, at=OPENS
        )
    with unit_of_work():
        extra_time.approve(asked, by=house.examiner2.actor, at=OPENS)

    assert attempt_of(day.candidates[0]).deadline_at == CLOSES + minutes(ends)


def test_the_pages_show_the_new_times(day: Day, browser_of: Browser, at_time: Clock) -> None:
    waiting, ticket = day.candidates[1], day.registration(1).code
    code, board = attempt_of(waiting).code, f"/exams/sessions/{day.held.code}/board"
    mine, watch = browser_of(waiting), browser_of(day.invigilator)
    session.rollback()
    at_time(OPENS + minutes(10))
    pause(day, OPENS + minutes(10))
    held = mine.get(f"/sit/{code}").text
    assert said("Moves on by the pause") in held
    assert said("The room is not paused") in held
    assert f"/sit/{code}/start" not in held
    starts = f'<span class="note">{said("Starts until")}</span>'
    assert starts not in watch.get(board).text

    at_time(OPENS + minutes(30))
    resume(day, OPENS + minutes(30))

    last, closes = (OPENS + minutes(50)), CLOSES + minutes(20)
    waits = mine.get(f"/sit/{code}").text
    assert f"/sit/{code}/start" in waits
    assert last.isoformat() in waits
    assert closes.isoformat() in waits
    assert said(HELD, time="0:20:00") in waits
    assert f"{last.astimezone(SHANGHAI):%H:%M}" in waits
    assert closes.isoformat() in mine.get("/exams/mine").text
    shown = watch.get(board).text
    assert shown.count(starts) == 2
    assert last.isoformat() in shown
    assert f"{last.astimezone(SHANGHAI):%H:%M}" in watch.get(f"/exams/candidates/{ticket}").text
