"""Safe Exam Browser asked for in a session: its file, its check with every request, its page for other browsers."""

import plistlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.states import OrganisationKind, Role
from app.assessment.exams.models import ExamSession
from app.assessment.exams.queries import seb as queries
from app.assessment.exams.rules import seb as rules
from app.core.db import session
from tests.factories.accounts import Member, make_member, make_organisation
from tests.factories.exams import (
    NOW,
    OPENS,
    House,
    attempt_of,
    make_cohort,
    make_house,
    make_session,
    make_trainee,
    prepare,
    said,
)
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
PAGE = "0123456789abcdef"


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def planned(house: House, at_time: Clock) -> ExamSession:
    at_time(NOW)
    return make_session(house)


def ask(browser: FlaskClient, planned: ExamSession, password: str = "") -> TestResponse:
    address = f"/exams/sessions/{planned.code}/seb"
    return submit(browser, address, page=address, quit_password=password)


@pytest.fixture
def trainee(house: House, planned: ExamSession, browser_of: Browser) -> Member:
    """A candidate of a session that asks for the browser."""
    ask(browser_of(house.examiner), planned)
    member = make_trainee(make_cohort())
    prepare(house, planned)
    return member


def carrying(browser: FlaskClient, path: str, key: str, **how: Any) -> TestResponse:  # noqa: ANN401 - what werkzeug takes
    """Send a request as Safe Exam Browser does."""
    header = {rules.HEADER: rules.request_hash(f"http://localhost:8000{path}", key)}
    return browser.open(path, headers={**header, "Accept": "application/json"}, **how)


@pytest.mark.one_database
def test_an_examiner_asks_for_the_browser_and_takes_its_file(
    house: House, planned: ExamSession, browser_of: Browser
) -> None:
    browser = browser_of(house.examiner)

    ask(browser, planned, "leave now")

    page = browser.get(f"/exams/sessions/{planned.code}/seb")
    made = queries.of_session(planned.id)
    assert made
    assert made.config_key in page.text
    file = browser.get(f"/exams/sessions/{planned.code}/seb/file")
    assert file.mimetype == "application/seb"
    settings = plistlib.loads(file.data)
    assert rules.config_key(settings) == made.config_key
    assert settings["startURL"] == f"http://localhost:8000/sit/seb/{planned.code}"


def test_it_is_asked_for_once_and_dropped_again_while_no_paper_is_prepared(
    house: House, planned: ExamSession, browser_of: Browser
) -> None:
    browser = browser_of(house.examiner)
    ask(browser, planned)

    address = f"/exams/sessions/{planned.code}/seb"
    assert submit(browser, address, page=address, quit_password="").status_code == 409
    submit(browser, f"{address}/waive", page=address)

    session.rollback()
    assert queries.of_session(planned.id) is None
    assert browser.get(f"{address}/file").status_code == 404


def test_after_the_preparation_nothing_about_the_browser_changes(
    trainee: Member, house: House, planned: ExamSession, browser_of: Browser
) -> None:
    browser, address = browser_of(house.examiner), f"/exams/sessions/{planned.code}/seb"

    assert said("Let any browser do") not in browser.get(address).text
    assert submit(browser, f"{address}/waive", page="/exams/sessions").status_code == 409
    session.rollback()
    assert queries.of_session(planned.id) is not None
    assert queries.requirement(attempt_of(trainee).code)


@pytest.mark.one_database
def test_another_browser_is_told_clearly_what_to_do(trainee: Member, browser_of: Browser, at_time: Clock) -> None:
    at_time(OPENS)
    browser, code = browser_of(trainee), attempt_of(trainee).code

    page = browser.get(f"/sit/{code}")

    assert page.status_code == 403
    assert said("This exam opens in Safe Exam Browser") in page.text
    assert f"/sit/{code}/seb" in page.text
    assert plistlib.loads(browser.get(f"/sit/{code}/seb").data)["sendBrowserExamKey"] is True


@pytest.mark.one_database
def test_every_request_of_the_sitting_is_checked(
    trainee: Member, planned: ExamSession, browser_of: Browser, at_time: Clock
) -> None:
    at_time(OPENS)
    browser, code = browser_of(trainee), attempt_of(trainee).code
    made = queries.of_session(planned.id)
    assert made
    key, body = made.config_key, {"page": PAGE}

    refused = [browser.post(f"/sit/{code}/{act}", json=body) for act in ("hold", "beat", "submit", "signals", "save")]

    assert [(answer.status_code, answer.json["code"]) for answer in refused if answer.json] == [(403, "seb")] * 5
    assert submit(browser, f"/sit/{code}/start", page="/exams/mine").status_code == 403
    assert carrying(browser, f"/sit/{code}", key).status_code == 200
    assert carrying(browser, f"/sit/{code}/start", key, method="POST").status_code == 302
    assert carrying(browser, f"/sit/{code}/hold", key, method="POST", json=body).status_code == 200
    assert carrying(browser, f"/sit/{code}/hold", "0" * 64, method="POST", json=body).status_code == 403
    paper = carrying(browser, f"/sit/{code}", key).text
    assert "data-place=" in paper
    assert "data-worker" not in paper


def test_the_start_address_leads_each_candidate_to_their_own_sitting(
    trainee: Member, planned: ExamSession, browser_of: Browser
) -> None:
    assert browser_of(trainee).get(f"/sit/seb/{planned.code}").location == f"/sit/{attempt_of(trainee).code}"
    assert browser_of(make_member(Role.TRAINEE)).get(f"/sit/seb/{planned.code}").status_code == 404


@pytest.mark.one_database
def test_examiners_of_another_body_do_not_reach_it(planned: ExamSession, browser_of: Browser) -> None:
    other = make_member(Role.EXAMINER, organisation=make_organisation(kind=OrganisationKind.EXAM_BODY))

    for address in ("seb", "seb/file"):
        assert browser_of(other).get(f"/exams/sessions/{planned.code}/{address}").status_code == 404


@pytest.mark.one_database
def test_where_the_browser_ends_anybody_may_read_so(app: Flask) -> None:
    assert said("Leave Safe Exam Browser") in app.test_client().get("/sit/seb/quit").text
