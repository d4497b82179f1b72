"""Who registers once the seats are given gets a free one, nobody is moved; who withdrew can be taken up again."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.assessment.exams.administration_states import RevocationReason
from app.assessment.exams.models import Admission, Attempt, ExamSession, Registration
from app.assessment.exams.queries import board, registering, sittings
from app.assessment.exams.queries import late_seats as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import waiting as waiting_queries
from app.assessment.exams.services import arranging, late_seats, revoking, sessions, taking_up, tickets, waiting
from app.assessment.exams.services import registering as registrations
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.registering import RefusedError
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import timeline
from app.courses.models import Cohort, Enrolment
from app.courses.states import EnrolmentState
from app.desk.models import Notice
from tests.factories.accounts import Member
from tests.factories.exams import NOW, OPENS, House, make_cohort, make_house, make_session, make_trainee, said
from tests.factories.venues import arrange, make_venue
from tests.integration.exams.conftest import Cost
from tests.submit import submit
from tests.worlds import built_once

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
FAR = timedelta(days=20)
WHY = "本人来电说明误操作退考，报名材料齐全。"


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def cohort() -> Cohort:
    return make_cohort()


@pytest.fixture
@built_once
def held(house: House, cohort: Cohort) -> ExamSession:
    """A session in twenty days with two rooms of two seats, the first three candidates seated."""
    planned = make_session(house, opens_at=OPENS + FAR, closes_at=OPENS + FAR + timedelta(hours=2))
    arrange(house, planned, make_venue(house, rooms=(2, 3)), registers_from=NOW, registers_until=OPENS + FAR)
    for _ in range(3):
        register(planned, make_trainee(cohort))
    with unit_of_work():
        arranging.allocate_seats(again(house, planned), by=house.examiner.actor, at=NOW)
    return planned


def again(house: House, held: ExamSession) -> ExamSession:
    return sessions_queries.exam_session(held.code, house.examiner.actor)


def register(held: ExamSession, member: Member) -> Registration:
    with unit_of_work():
        found, enrolment = registering.session_for(held.code, member.actor)
        return registrations.register_oneself(found, enrolment, by=member.actor, at=NOW)


def withdraw(registration: Registration, member: Member) -> None:
    with unit_of_work():
        mine = sittings.own_registration(registration.code, member.actor)
        registrations.withdraw(mine, by=member.actor, at=NOW)


def seats(held: ExamSession) -> dict[int, tuple[int, int]]:
    query = (
        select(Admission)
        .join(Registration, Registration.id == Admission.registration_id)
        .where(Registration.session_id == held.id)
        .execution_options(populate_existing=True)
    )
    return {one.registration_id: (one.session_room_id, one.seat) for one in session.scalars(query)}


def take_up(house: House, registration: Registration, *, at: datetime = NOW) -> None:
    with unit_of_work():
        mine, found = board.registration_of(registration.code, house.examiner.actor)
        taking_up.take_up(mine, found, reason=WHY, by=house.examiner.actor, at=at)


def test_a_late_candidate_has_a_seat_at_once_is_told_and_moves_nobody(held: ExamSession, browser_of: Browser) -> None:
    before = seats(held)
    late = make_trainee(make_cohort())

    mine = register(held, late)

    after = seats(held)
    assert {one: after[one] for one in before} == before
    assert after.keys() == {*before, mine.id}
    assert next(one.kind for one in timeline(of_registration(mine))) == "exams.seat_given"
    jobs.work()
    notices = session.scalars(select(Notice.kind).where(Notice.person_id == late.person.id)).all()
    assert "exams.seat_given" in notices
    page = browser_of(late).get(f"/exams/mine/tickets/{mine.code}").text
    assert said("Seat follows") not in page
    withdraw(mine, late)
    assert seats(held) == before
    assert register(held, late).id == mine.id
    assert seats(held)[mine.id] == after[mine.id], "the same seats and candidates give the same place"
    assert queries.count_unseated(held.id) == 0


def test_tickets_that_were_printed_before_are_printed_for_the_late_ones_too(
    house: House, held: ExamSession, cohort: Cohort
) -> None:
    with unit_of_work():
        tickets.ask_for_tickets(again(house, held), by=house.examiner.actor, at=NOW)
    jobs.work()

    mine = register(held, make_trainee(cohort))
    jobs.work()

    session.expire_all()
    assert session.get_one(Registration, mine.id).ticket_hash is not None


def test_whom_an_examiner_registers_is_seated_as_far_as_seats_are_left_and_none_is_taken_from_the_waiting_list(
    house: House, held: ExamSession, cohort: Cohort, browser_of: Browser, at_time: Clock, cost: Cost
) -> None:
    at_time(NOW)
    last, waits = make_trainee(cohort), make_trainee(cohort)
    fourth, fifth = register(held, make_trainee(cohort)), register(held, last)
    with unit_of_work():
        waiting.join(*registering.session_for(held.code, waits.actor), by=waits.actor, at=NOW)
    withdraw(fifth, last)
    more = [make_trainee(cohort) for _ in range(2)]
    with unit_of_work():
        people = [one.person.id for one in more]
        sessions.register_people(again(house, held), people, by=house.examiner.actor, at=NOW)

    assert len(seats(held)) == 4, "the fifth seat is offered to who waits"
    assert queries.count_unseated(held.id) == 2
    browser, address = browser_of(house.examiner), f"/exams/sessions/{held.code}/arrange"
    refused = submit(browser, f"/exams/sessions/{held.code}/seats/late", page=address)
    assert refused.status_code == 409
    assert cost(browser, address) <= 10

    place = registering.mine(held.code, waits.actor).place
    assert place
    with unit_of_work():
        taken = waiting.accept(waiting_queries.own_by_code(place.code, waits.actor), by=waits.actor, at=NOW)
    assert len(seats(held)) == 5
    assert {fourth.id, taken.id} <= seats(held).keys()


def test_seats_that_come_free_are_given_on_request_and_only_where_seats_are_given_at_all(
    house: House, held: ExamSession, cohort: Cohort, browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW)
    leaves = make_trainee(cohort)
    register(held, make_trainee(cohort))
    gone, before = register(held, leaves), seats(held)
    over = [make_trainee(cohort) for _ in range(2)]
    with unit_of_work():
        people = [one.person.id for one in over]
        sessions.register_people(again(house, held), people, by=house.examiner.actor, at=NOW)
    assert queries.count_unseated(held.id) == 2
    withdraw(gone, leaves)
    assert queries.count_unseated(held.id) == 1, "a seat that comes free goes to who has none"
    assert {one: place for one, place in seats(held).items() if one in before} == {
        one: place for one, place in before.items() if one != gone.id
    }
    with unit_of_work():
        first = session.get_one(Registration, min(seats(held)))
        session.delete(session.scalars(select(Admission).where(Admission.registration_id == first.id)).one())
        first.withdrawn_at = NOW
    address = f"/exams/sessions/{held.code}/arrange"
    assert said("Give free seats to those without one") in browser_of(house.examiner).get(address).text

    submit(browser_of(house.examiner), f"/exams/sessions/{held.code}/seats/late", page=address)

    assert queries.count_unseated(held.id) == 0
    online = make_session(house)
    with pytest.raises(ConflictError), unit_of_work():
        late_seats.seat_late(again(house, online), by=house.examiner.actor, at=NOW)
    with pytest.raises(ConflictError), unit_of_work():
        late_seats.seat_late(again(house, held), by=house.examiner.actor, at=held.closes_at)
    register_all(house, online)
    assert seats(online) == {}


def register_all(house: House, planned: ExamSession) -> None:
    with unit_of_work():
        sessions.register_eligible(again(house, planned), by=house.examiner.actor, at=NOW)


def test_an_examiner_takes_a_withdrawn_registration_up_again_with_a_reason(
    house: House, held: ExamSession, cohort: Cohort, browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW)
    member = make_trainee(cohort)
    mine = register(held, member)
    withdraw(mine, member)
    browser = browser_of(house.examiner)
    address = f"/exams/registrations/{mine.code}/take-up"
    assert address in browser.get(f"/exams/sessions/{held.code}/registered").text

    without = submit(browser, address, page=address, reason="")
    answer = submit(browser, address, page=address, reason=WHY)
    again_ = submit(browser, address, page="/home", reason=WHY)

    assert without.status_code == 422
    assert answer.location == f"/exams/sessions/{held.code}/registered"
    assert again_.status_code == 302
    session.expire_all()
    assert session.get_one(Registration, mine.id).withdrawn_at is None
    assert mine.id in seats(held)
    told = [one.kind for one in timeline(of_registration(mine))]
    assert told.count("exams.registration_taken_up") == 1
    jobs.work()
    notices = session.scalars(select(Notice.kind).where(Notice.person_id == member.person.id)).all()
    assert "exams.registration_taken_up" in notices
    assert browser.get(address).status_code == 200


def test_once_papers_are_prepared_the_candidate_taken_up_gets_theirs_and_near_the_exam_nobody_does(
    house: House, held: ExamSession, cohort: Cohort
) -> None:
    member, other = make_trainee(cohort), make_trainee(cohort)
    mine, theirs = register(held, member), register(held, other)
    withdraw(mine, member)
    withdraw(theirs, other)
    with unit_of_work():
        sessions.ask_to_prepare(again(house, held), by=house.examiner.actor, at=NOW)
    with pytest.raises(ConflictError):
        take_up(house, mine)
    jobs.work()

    take_up(house, mine)

    assert session.scalars(select(Attempt).where(Attempt.registration_id == mine.id)).one().places
    for at in (held.opens_at - timedelta(minutes=5), held.opens_at, held.closes_at):
        with pytest.raises(ConflictError):
            take_up(house, theirs, at=at)


def test_what_was_revoked_or_no_longer_meets_the_conditions_or_has_no_seat_is_not_taken_up(
    house: House, held: ExamSession, cohort: Cohort, browser_of: Browser, at_time: Clock
) -> None:
    at_time(NOW)
    revoked, failing, full = (make_trainee(cohort) for _ in range(3))
    mine = register(held, revoked)
    with unit_of_work():
        found = board.registration_of(mine.code, house.examiner.actor)
        words, reason = "证件照片不符。", RevocationReason.IDENTITY
        revoking.revoke(*found, reason=reason, words=words, by=house.examiner.actor, at=NOW)
    with pytest.raises(ConflictError):
        take_up(house, mine)
    theirs = register(held, failing)
    withdraw(theirs, failing)
    with unit_of_work():
        enrolment = session.scalars(select(Enrolment).where(Enrolment.person_id == failing.person.id)).one()
        enrolment.state, enrolment.completed_at = EnrolmentState.ENROLLED, None
    address = f"/exams/registrations/{theirs.code}/take-up"
    browser = browser_of(house.examiner)
    refused = submit(browser, address, page=address, reason=WHY)
    with pytest.raises(RefusedError):
        take_up(house, theirs)
    assert refused.status_code == 409
    assert said("May not register yet") in browser.get(address).text
    last = register(held, full)
    withdraw(last, full)
    for _ in range(2):
        register(held, make_trainee(cohort))
    with pytest.raises(ConflictError):
        take_up(house, last)
