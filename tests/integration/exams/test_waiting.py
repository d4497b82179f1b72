"""The waiting list of a full session: a fair order, a seat offered once, accepted in time or passed to the next."""

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.assessment.exams.administration_data import one_place
from app.assessment.exams.administration_states import WaitState
from app.assessment.exams.jobs import lapse_offers
from app.assessment.exams.models import ExamSession, Registration, WaitingPlace
from app.assessment.exams.queries import registering, sittings
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import waiting as queries
from app.assessment.exams.rules.waiting_rule import WaitingOrder, WaitingRule, sentences
from app.assessment.exams.services import registering as registrations
from app.assessment.exams.services import sessions, waiting
from app.assessment.exams.services.administration import of_place
from app.assessment.exams.services.registering import RefusedError
from app.core.clock import SHANGHAI
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, NotFoundError
from app.core.events import timeline
from app.desk.models import Notice
from app.desk.queries import todos_of
from app.rulebook.models import RulePack
from tests.factories.accounts import Member
from tests.factories.exams import (
    NOW,
    OPENS,
    House,
    make_cohort,
    make_house,
    make_session,
    make_trainee,
    said,
)
from tests.factories.holidays import HEAD, make_year
from tests.factories.venues import arrange, make_venue
from tests.integration.exams.conftest import Cost
from tests.submit import submit
from tests.worlds import built_once

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
FAR = timedelta(days=20)
UNTIL = datetime(2026, 3, 4, 23, 59, tzinfo=SHANGHAI)
"""The last minute of the second working day after Monday the 2nd of March."""


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
@built_once
def held(house: House) -> ExamSession:
    """A session in twenty days, at a venue of one seat, that takes registrations."""
    planned = make_session(house, opens_at=OPENS + FAR, closes_at=OPENS + FAR + timedelta(hours=2))
    arrange(house, planned, make_venue(house, rooms=(1,)), registers_from=NOW, registers_until=OPENS + FAR)
    return planned


@pytest.fixture
@built_once
def people(held: ExamSession) -> list[Member]:
    """Four trainees who may sit; the first has the seat."""
    cohort = make_cohort()
    made = [make_trainee(cohort) for _ in range(4)]
    register(held, made[0])
    return made


def register(held: ExamSession, member: Member, *, at: datetime = NOW) -> Registration:
    with unit_of_work():
        found, enrolment = registering.session_for(held.code, member.actor)
        return registrations.register_oneself(found, enrolment, by=member.actor, at=at)


def join(held: ExamSession, member: Member, *, at: datetime = NOW) -> WaitingPlace:
    with unit_of_work():
        found, enrolment = registering.session_for(held.code, member.actor)
        return waiting.join(found, enrolment, by=member.actor, at=at)


def withdraw(held: ExamSession, member: Member, *, at: datetime = NOW) -> None:
    with unit_of_work():
        mine = registering.own_registration(held, member.actor)
        assert mine
        registrations.withdraw(sittings.own_registration(mine.code, member.actor), by=member.actor, at=at)


def accept(place: WaitingPlace, member: Member, *, at: datetime = NOW) -> Registration:
    with unit_of_work():
        return waiting.accept(queries.own_by_code(place.code, member.actor), by=member.actor, at=at)


def leave(place: WaitingPlace, member: Member) -> None:
    with unit_of_work():
        waiting.leave(queries.own_by_code(place.code, member.actor), by=member.actor, at=NOW)


def states() -> list[WaitState]:
    query = select(WaitingPlace).order_by(WaitingPlace.id).execution_options(populate_existing=True)
    return [one.state for one in session.scalars(query)]


def position(held: ExamSession, member: Member) -> int:
    return registering.mine(held.code, member.actor).position


def seated(held: ExamSession) -> int:
    query = select(func.count()).select_from(Registration)
    return session.scalar(query.where(Registration.session_id == held.id, Registration.withdrawn_at.is_(None))) or 0


def kinds(member: Member) -> list[str]:
    return [one.kind for one in todos_of(member.actor)]


def set_rule(held: ExamSession, **changes: object) -> None:
    """Let the pack of a session say something else of waiting lists."""
    pack = session.scalars(select(RulePack).where(RulePack.code == held.rule_pack)).one()
    (level,) = pack.params["levels"]
    params = {**pack.params, "levels": [{**level, "waiting": {**level["waiting"], **changes}}]}
    with unit_of_work():
        session.execute(update(RulePack).where(RulePack.id == pack.id).values(params=params))
    session.expire_all()


def test_the_seat_that_is_withdrawn_is_offered_to_who_applied_first_with_days_to_answer(
    held: ExamSession, people: list[Member]
) -> None:
    first, _second = join(held, people[1]), join(held, people[2], at=NOW + timedelta(minutes=1))
    assert [position(held, one) for one in people[1:3]] == [1, 2]

    withdraw(held, people[0])

    offered = queries.own(held, people[1].person.id)
    assert offered is not None
    assert (offered.state, offered.answer_until) == (WaitState.OFFERED, UNTIL)
    assert [position(held, one) for one in people[1:3]] == [1, 2]
    assert states() == [WaitState.OFFERED, WaitState.WAITING]
    assert "exams.seat_offer" in kinds(people[1])
    assert "exams.seat_offer" not in kinds(people[2])
    with pytest.raises(RefusedError):
        register(held, people[3])
    mine = accept(first, people[1])
    assert (mine.person_id, seated(held)) == (people[1].person.id, 1)
    assert states() == [WaitState.ACCEPTED, WaitState.WAITING]
    assert "exams.seat_offer" not in kinds(people[1])
    assert [one.kind for one in timeline(of_place(first))] == [
        "exams.seat_accepted",
        "exams.seat_offered",
        "exams.waiting_joined",
    ]


def at_once(app: Flask, *acts: Callable[[], object]) -> None:
    """Run each act in its own thread and session, all at the same moment."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                act()
            finally:
                session.remove()

    session.remove()
    with ThreadPoolExecutor(len(acts)) as pool:
        for future in [pool.submit(contextvars.Context().run, run, act) for act in acts]:
            future.result()


def test_at_the_same_moment_each_seat_is_offered_once_and_taken_once(
    app: Flask, house: House, held: ExamSession, people: list[Member]
) -> None:
    arrange(house, held, make_venue(house, rooms=(2,)), registers_from=NOW, registers_until=OPENS + FAR)
    register(held, people[1])
    waiters = [*people[2:], make_trainee(make_cohort())]
    codes = [join(held, one).code for one in waiters]
    exam = held.code

    def give_back(member: Member) -> None:
        withdraw(registering.session_for(exam, member.actor)[0], member)

    def take(place: int) -> None:
        with unit_of_work():
            found = queries.own_by_code(codes[place], waiters[place].actor)
            waiting.accept(found, by=waiters[place].actor, at=NOW)

    at_once(app, partial(give_back, people[0]), partial(give_back, people[1]))
    assert states() == [WaitState.OFFERED, WaitState.OFFERED, WaitState.WAITING]

    at_once(app, partial(take, 0), partial(take, 0), partial(take, 1))
    assert states() == [WaitState.ACCEPTED, WaitState.ACCEPTED, WaitState.WAITING]
    assert seated(registering.session_for(exam, people[0].actor)[0]) == 2


def test_each_act_done_twice_is_done_once(held: ExamSession, people: list[Member]) -> None:
    first = join(held, people[1])
    assert join(held, people[1]).id == first.id
    second = join(held, people[2])
    mine = registering.own_registration(held, people[0].actor)
    assert mine
    stale = sittings.own_registration(mine.code, people[0].actor)
    withdraw(held, people[0])
    with unit_of_work():
        registrations.withdraw(stale, by=people[0].actor, at=NOW)

    assert states() == [WaitState.OFFERED, WaitState.WAITING]
    assert accept(first, people[1]).id == accept(first, people[1]).id
    leave(first, people[1])
    assert states() == [WaitState.ACCEPTED, WaitState.WAITING]
    leave(second, people[2])
    leave(second, people[2])
    assert (states(), seated(held)) == ([WaitState.ACCEPTED, WaitState.LEFT], 1)


def test_an_offer_that_nobody_answers_lapses_to_the_next(
    held: ExamSession, people: list[Member], at_time: Clock
) -> None:
    first, second = join(held, people[1]), join(held, people[2])
    withdraw(held, people[0])
    at_time(UNTIL - timedelta(minutes=1))
    lapse_offers()
    assert states() == [WaitState.OFFERED, WaitState.WAITING]

    late = UNTIL + timedelta(seconds=1)
    at_time(late)
    with pytest.raises(ConflictError):
        accept(first, people[1], at=late)
    lapse_offers()
    lapse_offers()

    assert states() == [WaitState.LAPSED, WaitState.OFFERED]
    assert "exams.seat_offer" not in kinds(people[1])
    with pytest.raises(ConflictError):
        accept(first, people[1], at=late)
    assert accept(second, people[2], at=late).person_id == people[2].person.id


def test_who_declines_passes_the_seat_on_and_with_nobody_left_it_is_free_for_all(
    held: ExamSession, people: list[Member]
) -> None:
    first, second = join(held, people[1]), join(held, people[2])
    withdraw(held, people[0])
    leave(first, people[1])
    assert states() == [WaitState.DECLINED, WaitState.OFFERED]
    leave(second, people[2])

    assert register(held, people[3]).person_id == people[3].person.id


def test_who_is_offered_a_seat_may_simply_register_too(held: ExamSession, people: list[Member]) -> None:
    join(held, people[1])
    withdraw(held, people[0])

    register(held, people[1])

    assert (states(), seated(held)) == ([WaitState.ACCEPTED], 1)


def test_nobody_waits_where_a_seat_is_free_or_a_condition_is_not_met(held: ExamSession, people: list[Member]) -> None:
    stranger = make_trainee(make_cohort(), completed=False)
    with pytest.raises(RefusedError):
        join(held, stranger)
    withdraw(held, people[0])
    with pytest.raises(ConflictError, match=said("A seat is free. Register for the exam.")):
        join(held, people[1])
    register(held, people[0])
    set_rule(held, kept=False)
    with pytest.raises(ConflictError):
        join(held, people[1])


def test_by_pack_who_never_sat_comes_before_who_did_and_then_the_time_of_application(
    held: ExamSession, people: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_rule(held, order="first_sitting")
    monkeypatch.setattr(WaitingRule, "rank", lambda _rule, *, sat_before: 1 - int(sat_before))
    again = join(held, people[1])
    monkeypatch.undo()
    fresh = join(held, people[2], at=NOW + timedelta(hours=1))

    assert (again.rank, fresh.rank) == (1, 0)
    assert [position(held, one) for one in people[1:3]] == [2, 1]
    withdraw(held, people[0])
    assert states() == [WaitState.WAITING, WaitState.OFFERED]


@pytest.mark.parametrize(
    ("order", "sat", "rank"),
    [
        (WaitingOrder.TIME, True, 0),
        (WaitingOrder.TIME, False, 0),
        (WaitingOrder.FIRST_SITTING, True, 1),
        (WaitingOrder.FIRST_SITTING, False, 0),
    ],
)
def test_the_rank_follows_the_order_of_the_pack(order: WaitingOrder, rank: int, *, sat: bool) -> None:
    rule = WaitingRule(order=order)

    assert rule.rank(sat_before=sat) == rank
    assert len(sentences(rule, "junior")) == 2
    assert len(sentences(WaitingRule(kept=False), "junior")) == 1


def test_more_rooms_are_offered_to_as_many_as_wait(house: House, held: ExamSession, people: list[Member]) -> None:
    for one in people[1:]:
        join(held, one)

    arrange(house, held, make_venue(house, rooms=(2, 1)), registers_from=NOW, registers_until=OPENS + FAR)

    assert states() == [WaitState.OFFERED, WaitState.OFFERED, WaitState.WAITING]


def test_whom_an_examiner_registers_waits_no_more_and_the_preparation_closes_the_list(
    house: House, held: ExamSession, people: list[Member]
) -> None:
    for one in people[1:3]:
        join(held, one)
    with unit_of_work():
        found = sessions_queries.exam_session(held.code, house.examiner.actor)
        sessions.register_people(found, [people[1].person.id], by=house.examiner.actor, at=NOW)
    assert states() == [WaitState.ACCEPTED, WaitState.WAITING]

    with unit_of_work():
        found = sessions_queries.exam_session(held.code, house.examiner.actor)
        sessions.ask_to_prepare(found, by=house.examiner.actor, at=NOW)

    assert states() == [WaitState.ACCEPTED, WaitState.CLOSED]
    with pytest.raises(RefusedError):
        join(held, people[3])


def test_who_is_restricted_meanwhile_does_not_get_the_seat(
    held: ExamSession, people: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = join(held, people[1])
    withdraw(held, people[0])
    monkeypatch.setattr("app.assessment.exams.queries.candidates._decision", lambda _found: "鲁人社罚〔2026〕1号")

    with pytest.raises(RefusedError):
        accept(place, people[1])

    assert (states(), seated(held)) == ([WaitState.OFFERED], 0)


def test_nobody_answers_for_another_and_one_person_has_one_place(held: ExamSession, people: list[Member]) -> None:
    place = join(held, people[1])
    join(held, people[2])

    with pytest.raises(NotFoundError):
        queries.own_by_code(place.code, people[2].actor)
    with pytest.raises(ConflictError):
        one_place(people[1].person.id, people[2].person.id)
    one_place(people[1].person.id, people[3].person.id)
    row = {name: getattr(place, name) for name in ("session_id", "person_id", "enrolment_id", "rule_pack")}
    with pytest.raises(ConflictError), unit_of_work():
        session.add(WaitingPlace(**row, rank=0, applied_at=NOW))


def test_the_page_of_a_full_exam_sends_eleven_statements_at_most_wherever_its_candidate_stands(
    held: ExamSession, people: list[Member], browser_of: Browser, at_time: Clock, cost: Cost
) -> None:
    at_time(NOW + timedelta(minutes=5))
    join(held, people[1])
    join(held, people[2])
    browsers = [browser_of(one) for one in people]
    address = f"/exams/open/{held.code}"

    full = [cost(browser, address) for browser in browsers]
    withdraw(held, people[0])
    offered = [cost(browser, address) for browser in browsers]

    assert max(*full, *offered) <= 11, (full, offered)


def test_the_pages_lead_from_the_full_session_to_the_seat(
    house: House, held: ExamSession, people: list[Member], browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW + timedelta(minutes=5))
    address = f"/exams/open/{held.code}"
    examiner, mine, other = browser_of(house.examiner), browser_of(people[1]), browser_of(people[2])
    assert said("Join the waiting list") in mine.get(address).text

    assert submit(mine, f"{address}/wait", page=address).location == address
    assert submit(other, f"{address}/wait", page=address).location == address
    told = said(
        "You have place %(place)d on the waiting list. A seat that becomes free is offered in its order", place=2
    )
    assert told in other.get(address).text
    assert held.code in mine.get("/exams/mine").text
    listed = examiner.get(f"/exams/sessions/{held.code}/waiting").text
    assert listed.index(people[1].person.name) < listed.index(people[2].person.name)
    assert mine.get(f"/exams/sessions/{held.code}/waiting").status_code == 403

    registration = registering.own_registration(held, people[0].actor)
    assert registration
    ticket = f"/exams/mine/tickets/{registration.code}"
    submit(browser_of(people[0]), f"{ticket}/withdraw", page=ticket)
    place = queries.own(held, people[1].person.id)
    assert place
    assert said("Accept the seat") in mine.get(address).text
    assert said("Seat offered") in examiner.get(f"/exams/sessions/{held.code}/waiting").text
    assert submit(other, f"/exams/mine/waiting/{place.code}/accept", page=address).status_code == 404
    done = submit(mine, f"/exams/mine/waiting/{place.code}/accept", page=address)
    assert done.location.startswith("/exams/mine/tickets/")
    gone = queries.own(held, people[2].person.id)
    assert gone
    assert submit(other, f"/exams/mine/waiting/{gone.code}/leave", page=address).location == "/exams/mine"
    ended = examiner.get(f"/exams/sessions/{held.code}/waiting?shown=ended").text
    assert said("Seat taken") in ended
    assert said("Left the list") in ended


def test_holidays_entered_later_leave_more_time_to_accept_a_seat_until_the_exam(
    held: ExamSession, people: list[Member], run_jobs: Callable[[], int], at_time: Clock
) -> None:
    place = join(held, people[1])
    withdraw(held, people[0])
    at_time(NOW)

    make_year(2026, HEAD + "2026-03-03,放假\n", number="示例1")
    run_jobs()

    assert until(held, people[1]) == UNTIL + timedelta(days=1)
    assert [one.due_on for one in todos_of(people[1].actor)] == [(UNTIL + timedelta(days=1)).date()]
    told = timeline(of_place(place))[0]
    assert (told.kind, told.rule, told.data["was"]) == ("exams.offer_recounted", "示例1", "2026-03-04")
    (notice,) = session.scalars(select(Notice).where(Notice.kind == "exams.offer_recounted"))
    assert (notice.person_id, notice.label["due"]) == (people[1].person.id, "2026-03-05")

    free = "".join(f"2026-03-{day:02},放假\n" for day in range(3, 32))
    make_year(2026, HEAD + free, number="示例2")
    run_jobs()

    assert until(held, people[1]) == held.opens_at


def until(held: ExamSession, member: Member) -> datetime | None:
    found = queries.own(held, member.person.id)
    assert found is not None
    return found.answer_until
