"""The heartbeat of a pause tells the page when to ask again: later the more candidates stand still."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.assessment.exams.models import Attempt
from app.assessment.exams.rules import timing
from app.assessment.exams.services import standing
from app.core.db import session, unit_of_work
from tests.factories.accounts import Member
from tests.factories.exams import OPENS, attempt_of, make_house, make_prepared, start
from tests.submit import TOKEN
from tests.worlds import built_once

AT = OPENS + timedelta(minutes=5)
Page = Callable[[str], Any]


@pytest.fixture(name="candidates")
@built_once
def _candidates(app: Flask) -> list[Member]:
    """Make three candidates, of whom the first has begun."""
    del app
    _planned, candidates = make_prepared(make_house(per_cell=2), candidates=3)
    start(candidates[0])
    return candidates


@pytest.fixture(name="steady")
def _steady(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Give the steady clock of the process, on which nothing was counted yet."""
    clock = {"now": 1000.0}
    monkeypatch.setattr(standing, "_last", standing.Counted())
    monkeypatch.setattr(standing, "monotonic", lambda: clock["now"])
    return clock


@pytest.fixture(name="page")
def _page(
    candidates: list[Member], browser_of: Callable[[Member], FlaskClient], at_time: Callable[[datetime], None]
) -> Page:
    browser, code = browser_of(candidates[0]), attempt_of(candidates[0]).code
    at_time(AT)
    token = TOKEN.search(browser.get("/exams/mine").text) or TOKEN.search(browser.get("/me").text)
    assert token
    headers = {"X-CSRFToken": token[1], "Accept": "application/json"}

    def post(act: str) -> Any:  # noqa: ANN401 - the answer of a request
        session.rollback()
        return browser.post(f"/sit/{code}/{act}", json={"page": "0123456789abcdef"}, headers=headers).json

    post("hold")
    return post


def pause(*who: Member) -> None:
    people = [one.person.id for one in who]
    with unit_of_work():
        session.execute(update(Attempt).where(Attempt.person_id.in_(people)).values(paused_at=AT))


def test_a_page_is_told_when_to_ask_again_while_its_sitting_stands_still(
    candidates: list[Member], page: Page, steady: dict[str, float]
) -> None:
    del steady
    assert "again" not in page("beat")

    pause(candidates[0])

    assert (page("beat")["again"], page("hold")["again"]) == (5000, 5000)


def test_the_wait_grows_with_those_who_stand_still_and_is_counted_anew_after_a_while(
    candidates: list[Member], page: Page, steady: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timing, "PAUSED_RATE", 0.1)
    pause(candidates[0])
    assert page("beat")["again"] == 10_000

    pause(*candidates)
    assert page("beat")["again"] == 10_000, "a process counts once in five seconds"
    steady["now"] += standing.COUNTED_FOR
    assert page("beat")["again"] == 30_000


def test_who_has_handed_in_stands_still_no_more(candidates: list[Member], steady: dict[str, float]) -> None:
    start(candidates[1])
    pause(candidates[0], candidates[1])
    with unit_of_work():
        ended = update(Attempt).where(Attempt.person_id == candidates[1].person.id)
        session.execute(ended.values(submitted_at=AT, submitted_how="collected"))

    standing.asks_again()

    assert standing._last.standing == 1
    assert standing._last.until == steady["now"] + standing.COUNTED_FOR
