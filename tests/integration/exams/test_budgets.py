"""No page of exams sends twelve statements beside the line of the access log, and none sends more for more rows."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as queries
from app.assessment.exams.services import comments
from app.core.db import db, unit_of_work
from tests.factories.accounts import Member
from tests.factories.exams import (
    CLOSES,
    NOW,
    House,
    attempt_of,
    make_cohort,
    make_house,
    make_paper,
    make_prepared,
    make_session,
    make_trainee,
    release,
    start,
)

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
MOST = 11


@contextmanager
def counted() -> Iterator[list[str]]:
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield said
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def statements(browser: FlaskClient, address: str) -> int:
    with counted() as said:
        assert browser.get(address).status_code == 200, address
    return len([one for one in said if not one.startswith(("BEGIN", "ROLLBACK", "INSERT INTO access_look"))])


def test_pages_of_the_examiner_stay_within_the_budget(house: House, browser_of: Browser) -> None:
    planned, trainees = make_prepared(house, candidates=2)
    start(trainees[0])
    release(house, planned, at=CLOSES + timedelta(minutes=1))
    open_session = make_session(house)
    draft = make_paper(house)
    with unit_of_work():
        found = papers_queries.paper(draft.code, house.examiner2.actor)
        commented = comments.comment(found, position=2, words="请核对。", by=house.examiner2.actor, at=NOW).code
    paper = queries.exam_session(planned.code, house.examiner.actor).paper
    for _ in range(3):
        make_trainee(make_cohort(), completed=False)
    browser = browser_of(house.examiner)

    counts = {
        address: statements(browser, address)
        for address in (
            "/exams/blueprints",
            f"/exams/blueprints/new?bank={house.bank.code}",
            f"/exams/blueprints/{paper.blueprint.code}",
            f"/exams/papers/{paper.code}",
            "/exams/sessions",
            "/exams/sessions/new",
            f"/exams/sessions/{planned.code}",
            f"/exams/sessions/{open_session.code}/candidates",
            f"/exams/sessions/{planned.code}/registered",
            f"/exams/sessions/{planned.code}/board",
            f"/exams/papers/{draft.code}",
            f"/exams/papers/{draft.code}/comments",
            f"/exams/comments/{commented}",
            f"/exams/sessions/{planned.code}/results",
        )
    }

    assert {address: count for address, count in counts.items() if count > MOST} == {}


def test_pages_of_the_candidate_stay_within_the_budget(
    house: House, browser_of: Browser, at_time: Callable[..., None]
) -> None:
    planned, trainees = make_prepared(house)
    code = attempt_of(trainees[0]).code
    browser = browser_of(trainees[0])
    at_time(planned.opens_at)

    before = statements(browser, f"/sit/{code}")
    start(trainees[0])
    during = statements(browser, f"/sit/{code}")
    release(house, planned, at=CLOSES + timedelta(minutes=1))
    after = [statements(browser, address) for address in (f"/sit/{code}", "/exams/mine", f"/exams/mine/{code}")]

    assert max(before, during, *after) <= MOST


def test_the_list_of_candidates_sends_no_more_for_more_people(house: House, browser_of: Browser) -> None:
    planned = make_session(house)
    address = f"/exams/sessions/{planned.code}/candidates"
    make_trainee(make_cohort())
    browser = browser_of(house.examiner)
    few = statements(browser, address)

    for _ in range(5):
        make_trainee(make_cohort())

    assert statements(browser, address) == few
