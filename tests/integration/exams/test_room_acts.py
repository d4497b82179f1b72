"""What happens in a room: pause and resume, moving, extra time by two people, the board, changes while frozen."""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.assessment.exams.administration_desk import expected
from app.assessment.exams.administration_states import AskState, Standing
from app.assessment.exams.models import ExtraTime, SessionChange, SessionRoom
from app.assessment.exams.queries import board as queries
from app.assessment.exams.queries import extra_time as extra_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import venues
from app.assessment.exams.queries.board import Wanted
from app.assessment.exams.rules.timing import SILENT_AFTER
from app.assessment.exams.services import arranging, doors, extra_time, freezing, invigilating, sessions, sitting
from app.assessment.exams.services import tickets as ticket_services
from app.assessment.exams.services.extra_time import More
from app.assessment.exams.services.freezing import Window
from app.core import jobs
from app.core.clock import SHANGHAI
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.desk.queries import todos_of
from tests.factories.accounts import Member
from tests.factories.exams import (
    CLOSES,
    MINUTES,
    NOW,
    OPENS,
    House,
    attempt_of,
    make_cohort,
    make_house,
    make_session,
    make_trainee,
    said,
    start,
)
from tests.factories.venues import Day, arrange, check, make_day, make_venue, seat_of
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
DEADLINE = OPENS + timedelta(minutes=MINUTES)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house(per_cell=2)


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def ask(day: Day, by: Member, *, more: int = 10, places: tuple[int, ...] = (0,), share: int | None = None) -> str:
    with unit_of_work():
        chosen = [day.registration(place) for place in places]
        asked = More(percent=share) if share else More(more)
        grant = extra_time.ask(day.held, chosen, more=asked, reason="机器故障", by=by.actor, at=NOW)
    return grant.code


def approve(code: str, by: Member, at: datetime = OPENS) -> int:
    with unit_of_work():
        return extra_time.approve(extra_queries.grant(code, by.actor), by=by.actor, at=at)


def test_a_paused_room_loses_no_time_and_takes_no_start(house: House) -> None:
    day = make_day(house, candidates=2, rooms=(1, 1))
    start(day.candidates[0])
    room = seat_of(day.registration()).session_room
    at = OPENS + minutes(10)

    with unit_of_work():
        found = venues.room_of(day.held.id, room.code)
        assert invigilating.pause(day.held, found, reason="停电", by=day.invigilator.actor, at=at) == 1
    assert attempt_of(day.candidates[0]).paused_at == at
    with unit_of_work():
        assert sitting.collect(at=CLOSES + minutes(60)) == 0
        found = venues.room_of(day.held.id, room.code)
        with pytest.raises(ConflictError):
            invigilating.pause(day.held, found, reason="停电", by=day.invigilator.actor, at=at)
        assert invigilating.resume(day.held, found, by=day.invigilator.actor, at=at + minutes(15)) == 1

    resumed = attempt_of(day.candidates[0])
    assert (resumed.deadline_at, resumed.paused_at) == (DEADLINE + minutes(15), None)
    start(day.candidates[1])
    assert attempt_of(day.candidates[1]).started_at == OPENS


def test_who_is_moved_goes_on_elsewhere_and_the_former_page_writes_no_more(house: House) -> None:
    day = make_day(house, candidates=2, rooms=(2, 2))
    writer = start(day.candidates[0])
    registration, seat = day.registration(), seat_of(day.registration())
    other = seat_of(day.registration(1))
    target = next(one for one in day.rooms if one.id != seat.session_room_id)

    def move(room: SessionRoom, number: int) -> None:
        by = day.invigilator.actor
        invigilating.move(registration, seat_of(registration), room, number, reason="换机", by=by, at=OPENS)

    with unit_of_work():
        with pytest.raises(InvalidError):
            move(other.session_room, other.seat)
        with pytest.raises(InvalidError):
            move(venues.room_of(day.held.id, target.code), 3)
        move(venues.room_of(day.held.id, target.code), 2)

    assert seat_of(day.registration()).session_room_id == target.id
    with pytest.raises(ConflictError), unit_of_work():
        sitting.save(writer, answers=[sitting.Answer(1, 1, {"choice": ["A"]}, review=False)], at=OPENS)


def test_extra_time_is_asked_by_one_and_approved_by_another_for_many_at_once(house: House) -> None:
    day = make_day(house, candidates=3)
    start(day.candidates[0])
    code = ask(day, house.examiner, places=(0, 1))

    with pytest.raises(ForbiddenError):
        approve(code, house.examiner)
    assert [todo.url for todo in todos_of(house.examiner2.actor) if "extra-time" in todo.url]
    assert approve(code, house.examiner2) == 1

    running, waiting, untouched = (attempt_of(one) for one in day.candidates)
    assert running.deadline_at == DEADLINE + minutes(10)
    assert (waiting.deadline_at, waiting.extra_minutes, untouched.extra_minutes) == (None, 10, 0)
    start(day.candidates[1])
    assert attempt_of(day.candidates[1]).deadline_at == DEADLINE + minutes(10)
    with pytest.raises(ConflictError):
        approve(code, house.examiner2)


def test_extra_time_known_before_the_papers_is_in_them(house: House) -> None:
    held = make_session(house)
    arrange(house, held, None, registers_from=NOW - minutes(60), registers_until=NOW + minutes(10))
    candidate = make_trainee(make_cohort())
    day = Day(held, [], [candidate], house.examiner, house.examiner2)
    with unit_of_work():
        found = sessions_queries.exam_session(held.code, house.examiner.actor)
        sessions.register_eligible(found, by=house.examiner.actor, at=NOW)
    approve(ask(day, house.examiner, more=30), house.examiner2, NOW)

    prepare_only(house, held.code)

    assert attempt_of(candidate).extra_minutes == 30


def change_minutes(day: Day, house: House, length: int, at: datetime) -> None:
    with unit_of_work():
        found = sessions_queries.exam_session(day.held.code, house.examiner.actor)
        window = Window(found.opens_at, found.closes_at, length)
        asked = freezing.change_window(found, window, reason="改时长", by=house.examiner.actor, at=at)
    if asked is not None:
        with unit_of_work():
            found = sessions_queries.exam_session(day.held.code, house.examiner2.actor)
            change = extra_queries.change(asked.code, house.examiner2.actor)
            freezing.decide_change(change, found, approved=True, by=house.examiner2.actor, at=at)


def test_a_share_of_the_time_follows_the_exams_minutes_until_the_start(house: House) -> None:
    """A quarter of the exam's time stays a quarter, though somebody changes the exam afterwards."""
    day = make_day(house, candidates=3)
    approve(ask(day, house.examiner, share=25, places=(0, 1)), house.examiner2, NOW)
    plain = ask(day, house.examiner, more=5, places=(2,))
    approve(plain, house.examiner2, NOW)
    waiting = ask(day, house.examiner, share=50, places=(2,))
    quarter = ceil(MINUTES * 0.25)
    assert [attempt_of(one).extra_minutes for one in day.candidates] == [quarter, quarter, 5]
    start(day.candidates[0])
    running = attempt_of(day.candidates[0])
    began = (running.extra_minutes, running.deadline_at)
    assert began == (quarter, DEADLINE + minutes(quarter))

    change_minutes(day, house, MINUTES + 10, OPENS)

    longer = ceil((MINUTES + 10) * 0.25)
    running, later, other = (attempt_of(one) for one in day.candidates)
    assert (running.extra_minutes, running.deadline_at) == began, "who sits keeps the minutes of their start"
    assert (later.extra_minutes, other.extra_minutes) == (longer, 5)
    approve(waiting, house.examiner2)
    assert attempt_of(day.candidates[2]).extra_minutes == 5 + ceil((MINUTES + 10) * 0.5)
    start(day.candidates[1])
    assert attempt_of(day.candidates[1]).deadline_at == DEADLINE + minutes(10 + longer)


def test_extra_time_is_asked_for_as_minutes_or_as_a_share_never_as_both(
    house: House, browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW)
    day = make_day(house, candidates=1)
    client, page = browser_of(house.examiner), f"/exams/sessions/{day.held.code}/extra-time/new"

    both = submit(client, page, minutes="5", percent="25", reason="病", expected="1")
    none = submit(client, page, reason="病", expected="1")
    far = submit(client, page, percent="101", reason="病", expected="1")
    asked = submit(client, page, percent="25", reason="病", expected="1")

    assert [one.status_code for one in (both, none, far, asked)] == [422, 422, 422, 302]
    for refused in (both, none):
        assert said("Give either minutes or per cent of the exam's time.") in refused.text
    assert 'value="25"' in both.text
    shown = client.get(asked.location).text
    assert said("%(percent)d %% of %(minutes)d minutes") % {"percent": 25, "minutes": MINUTES} in shown


def test_extra_time_is_taken_back_before_use_and_not_after(house: House) -> None:
    day = make_day(house)
    code = ask(day, house.examiner)
    approve(code, house.examiner2, NOW)

    with unit_of_work():
        extra_time.revoke(extra_queries.grant(code, house.examiner.actor), by=house.examiner.actor, at=NOW)
    assert attempt_of(day.candidates[0]).extra_minutes == 0
    again = ask(day, house.examiner)
    approve(again, house.examiner2, NOW)
    start(day.candidates[0])
    with pytest.raises(ConflictError), unit_of_work():
        extra_time.revoke(extra_queries.grant(again, house.examiner.actor), by=house.examiner.actor, at=OPENS)
    states = list(session.scalars(select(ExtraTime.state).order_by(ExtraTime.id)))
    assert states == [AskState.REVOKED, AskState.APPROVED]


def test_the_board_tells_where_everyone_stands(house: House, browser_of: Browser, at_time: Clock) -> None:
    day = make_day(house, candidates=3, checked=False)
    check(day, 0)
    check(day, 1)
    start(day.candidates[0])
    ask(day, house.examiner, places=(1,))

    now = queries.board(day.held, Wanted(), 1, OPENS)
    later = queries.board(day.held, Wanted(), 1, OPENS + SILENT_AFTER + timedelta(seconds=1))

    assert queries.board(day.held, Wanted(), 1, OPENS + SILENT_AFTER).counts[Standing.SILENT] == 0
    assert (now.counts[Standing.WORKING], now.counts[Standing.SEATED], now.counts[Standing.ABSENT]) == (1, 1, 1)
    assert (later.counts[Standing.SILENT], later.total) == (1, 3)
    flagged = queries.board(day.held, Wanted(flagged=True), 1, OPENS).page
    assert [row.ticket for row in flagged.rows] == [day.registration(1).code]
    assert queries.board(day.held, Wanted(standing="absent"), 1, OPENS).page.total == 1
    at_time(OPENS)
    page = browser_of(day.invigilator).get(f"/exams/sessions/{day.held.code}/board?standing=seated")
    assert day.candidates[1].person.name in page.text
    assert day.candidates[0].person.name not in page.text
    assert 'data-poll-every="10000"' in page.text


def test_a_frozen_session_is_changed_by_two_people_only(house: House, browser_of: Browser, at_time: Clock) -> None:
    day = make_day(house)
    at = OPENS - minutes(20)
    at_time(at)
    with pytest.raises(ConflictError), unit_of_work():
        arranging.allocate_seats(day.held, by=house.examiner.actor, at=at)

    page = f"/exams/sessions/{day.held.code}/change"
    later = f"{(CLOSES + minutes(30)).astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
    opens = f"{OPENS.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"
    fields = {"opens_at": opens, "closes_at": later, "minutes": str(MINUTES), "reason": "交通管制"}
    asked = submit(browser_of(house.examiner), page, **fields)

    change = session.scalars(select(SessionChange)).one()
    assert asked.location == f"/exams/changes/{change.code}"
    mine = submit(browser_of(house.examiner), f"{asked.location}/approve", page="/me")
    assert mine.status_code == 403
    assert sessions_queries.exam_session(day.held.code, house.examiner.actor).closes_at == CLOSES
    submit(browser_of(house.examiner2), f"{asked.location}/approve", page=asked.location)
    assert sessions_queries.exam_session(day.held.code, house.examiner.actor).closes_at == CLOSES + minutes(30)


def test_times_are_changed_by_one_person_before_the_freeze(house: House) -> None:
    held = make_session(house)
    with unit_of_work():
        found = sessions_queries.exam_session(held.code, house.examiner.actor)
        window = Window(OPENS + minutes(60), CLOSES + minutes(60), MINUTES)
        assert freezing.change_window(found, window, reason="改期", by=house.examiner.actor, at=NOW) is None
        with pytest.raises(InvalidError):
            freezing.change_window(found, window, reason="改期", by=house.examiner.actor, at=NOW)

    assert sessions_queries.exam_session(held.code, house.examiner.actor).opens_at == OPENS + minutes(60)


def test_a_reissued_ticket_ends_the_one_before_and_the_door_knows_the_new_one(house: House) -> None:
    day = make_day(house)
    with unit_of_work():
        first = ticket_services.issue(day.registration(), by=house.examiner.actor, at=NOW)
        second = ticket_services.issue(day.registration(), by=house.examiner.actor, at=NOW)

    assert queries.candidate(day.held, f"http://x/sit/ticket?secret={second}").id == day.registration().id
    with pytest.raises(NotFoundError):
        queries.candidate(day.held, f"http://x/sit/ticket?secret={first}")


def test_to_dos_follow_from_asks_that_wait(house: House) -> None:
    day = make_day(house)
    ask(day, house.examiner)

    assert {one.kind for one in expected()} >= {"exams.extra_time"}
    with pytest.raises(ForbiddenError), unit_of_work():
        doors.check_identity(
            seat_of(day.registration()), day.registration(), matches=True, note="", by=day.candidates[0].actor, at=NOW
        )


def prepare_only(house: House, code: str) -> None:
    """Prepare the papers of a session whose candidates are registered."""
    with unit_of_work():
        found = sessions_queries.exam_session(code, house.examiner.actor)
        sessions.ask_to_prepare(found, by=house.examiner.actor, at=NOW)
    jobs.work()


def test_the_last_seat_is_given_once_and_withdrawing_frees_it(
    house: House, browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW)
    held = make_session(house)
    window = {"registers_from": NOW - minutes(60), "registers_until": NOW + minutes(10)}
    arrange(house, held, make_venue(house, rooms=(1,)), **window)
    cohort = make_cohort()
    first, second = (browser_of(make_trainee(cohort)) for _ in range(2))
    learner = browser_of(make_trainee(cohort, completed=False))
    act, page = f"/exams/open/{held.code}/register", f"/exams/open/{held.code}"

    ticket = submit(first, act, page="/me").location
    refused = submit(second, act, page="/me")
    submit(first, f"{ticket}/withdraw", page=ticket)

    assert refused.status_code == 409
    assert said("Not met") in refused.text
    assert submit(learner, act, page="/me").status_code == 409
    assert submit(second, act, page=page).status_code == 302
    assert first.get(ticket).status_code == 404
    assert submit(first, act, page="/me").status_code == 409
