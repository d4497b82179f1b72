"""Who has signed in, by the board: who came to this very sitting, not who is signed in for something else."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import SignInSession
from app.accounts.states import Role
from app.assessment.exams.administration_states import Standing
from app.assessment.exams.models import Attempt, ExamSession, Registration
from app.assessment.exams.queries import board
from app.assessment.exams.queries.board import Wanted
from app.assessment.exams.services import ticket_door, tickets
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from tests.factories.accounts import Member, make_member, open_session
from tests.factories.exams import OPENS, House, attempt_of, make_house, make_prepared, start

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
BEFORE = OPENS - timedelta(minutes=10)
PAGE = "0123456789abcdef"


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def held(house: House) -> tuple[ExamSession, Member]:
    planned, trainees = make_prepared(house)
    return planned, trainees[0]


def standing(held: tuple[ExamSession, Member], at: datetime = BEFORE) -> Standing:
    session.rollback()
    counts = board.board(held[0], Wanted(), 1, at).counts
    session.rollback()
    return next(one for one, count in counts.items() if count)


def issued(house: House, member: Member) -> str:
    with unit_of_work():
        found = session.scalars(select(Registration).where(Registration.person_id == member.person.id)).one()
        return tickets.issue(found, by=house.examiner.actor, at=BEFORE)


def enter(secret: str, at: datetime = BEFORE) -> None:
    ticket_door.enter(secret, agent=None, at=at)


def change_session(**values: object) -> None:
    with unit_of_work():
        session.execute(update(SignInSession).values(**values))


def test_who_is_signed_in_for_something_else_is_not_here_yet(held: tuple[ExamSession, Member]) -> None:
    open_session(held[1])

    assert standing(held) is Standing.ABSENT


def test_who_came_in_by_the_ticket_of_this_sitting_has_signed_in(
    house: House, held: tuple[ExamSession, Member]
) -> None:
    enter(issued(house, held[1]))

    assert standing(held) is Standing.SIGNED_IN


def test_the_ticket_of_another_sitting_brings_nobody_here(house: House, held: tuple[ExamSession, Member]) -> None:
    enter(issued(house, held[1]))
    change_session(only_code="another-sitting")

    assert standing(held) is Standing.ABSENT


@pytest.mark.parametrize("over", ["ended_at", "expires_at"])
def test_a_sign_in_that_is_over_does_not_count(house: House, held: tuple[ExamSession, Member], over: str) -> None:
    enter(issued(house, held[1]))
    change_session(**{over: real_now() - timedelta(seconds=1)})

    assert standing(held) is Standing.ABSENT


def test_who_opens_the_page_of_the_sitting_by_account_has_signed_in_until_the_sign_in_ends(
    held: tuple[ExamSession, Member], browser_of: Browser, at_time: Clock
) -> None:
    at_time(BEFORE)
    browser, address = browser_of(held[1]), f"/sit/{attempt_of(held[1]).code}"
    assert f'data-base="{address}"' in browser.get(address).text
    assert standing(held) is Standing.ABSENT, "looking at a page changes nothing"

    assert browser.post(f"{address}/arrive", json={"page": PAGE}).status_code == 200

    assert standing(held) is Standing.SIGNED_IN
    assert attempt_of(held[1]).deadline_at is None
    change_session(ended_at=real_now())
    assert standing(held) is Standing.ABSENT


def test_a_sitting_that_began_is_not_told_of_by_a_page_that_waited(
    held: tuple[ExamSession, Member], browser_of: Browser, at_time: Clock
) -> None:
    at_time(OPENS + timedelta(minutes=5))
    start(held[1])

    answered = browser_of(held[1]).post(f"/sit/{attempt_of(held[1]).code}/arrive", json={"page": PAGE})

    assert answered.status_code == 200
    assert session.scalar(select(Attempt.seen_at)) == OPENS


def test_nobody_arrives_at_the_sitting_of_another(
    held: tuple[ExamSession, Member], browser_of: Browser, at_time: Clock
) -> None:
    at_time(BEFORE)
    code = attempt_of(held[1]).code

    answered = browser_of(make_member(Role.TRAINEE)).post(f"/sit/{code}/arrive", json={"page": PAGE})

    assert answered.status_code == 404
    assert attempt_of(held[1]).seen_at is None
