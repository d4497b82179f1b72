"""The candidate's page through the stack: before, during and after; by script and as a plain form."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.states import Role
from app.assessment.exams.jobs import collect_overdue
from app.assessment.exams.models import AnswerSave, Attempt, LateAnswer
from app.assessment.exams.queries.sittings import kept
from app.assessment.exams.states import SubmittedHow
from app.core import clock
from app.core.db import session
from app.desk.queries import todos_of
from app.items.states import ItemType
from tests.factories.accounts import Member, make_member
from tests.factories.exams import (
    CLOSES,
    ITEMS,
    MINUTES,
    NOW,
    OPENS,
    House,
    attempt_of,
    make_house,
    make_prepared,
    said,
)
from tests.submit import TOKEN, submit

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
Clock = Callable[[datetime], None]
PAGE = "0123456789abcdef"
OTHER_PAGE = "fedcba9876543210"
LATE = "Time is up. This answer came after the deadline: it is kept apart, and two examiners decide whether it counts."
TAKEN_OVER = "The sitting was opened on another page, and only the page opened last writes. Take it back here."
DEADLINE = OPENS + timedelta(minutes=MINUTES)


class Desk:
    """A candidate at a browser."""

    def __init__(self, browser: FlaskClient, code: str) -> None:
        self.browser = browser
        self.address = f"/sit/{code}"
        self.token = ""

    def show(self) -> TestResponse:
        page = self.browser.get(self.address)
        found = TOKEN.search(page.text)
        self.token = found[1] if found else self.token
        return page

    def start(self) -> TestResponse:
        submit(self.browser, f"{self.address}/start", page=self.address)
        return self.show()

    def post(self, act: str, page: str = PAGE, **body: Any) -> TestResponse:  # noqa: ANN401 - the body of a request
        return self.browser.post(
            f"{self.address}/{act}",
            json={"page": page, **body},
            headers={"X-CSRFToken": self.token, "Accept": "application/json"},
        )

    def save(self, position: int, sequence: int, *choice: str, page: str = PAGE) -> TestResponse:
        answer = {"position": position, "sequence": sequence, "response": {"choice": choice}, "review": False}
        return self.post("save", page, answers=[{**answer, "client_at": OPENS.isoformat()}])

    def send_form(self, **fields: Any) -> TestResponse:  # noqa: ANN401 - form fields
        return submit(self.browser, f"{self.address}/form", page=self.address, **fields)


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def trainee(house: House) -> Member:
    _planned, trainees = make_prepared(house)
    return trainees[0]


@pytest.fixture
def desk(trainee: Member, browser_of: Browser) -> Desk:
    return Desk(browser_of(trainee), attempt_of(trainee).code)


@pytest.fixture
def sitting(desk: Desk, at_time: Clock) -> Desk:
    """A started sitting whose page holds it."""
    at_time(OPENS)
    desk.start()
    assert desk.post("hold").status_code == 200
    return desk


def chosen(trainee: Member) -> dict[int, tuple[str, ...]]:
    return {place: one.choice for place, one in kept(attempt_of(trainee).id).items()}


def test_before_the_window_the_page_shows_rules_and_clock_but_no_question(
    desk: Desk, at_time: Clock, trainee: Member
) -> None:
    at_time(NOW)

    page = desk.show()

    assert trainee.person.name in page.text
    assert said("Before you start") in page.text
    assert 'data-opens="2026-03-02T02:00:00+00:00"' in page.text
    assert "技术合同" not in page.text
    assert "/start" not in page.text


def test_nobody_starts_before_the_window(desk: Desk, at_time: Clock, trainee: Member) -> None:
    at_time(NOW)

    answer = submit(desk.browser, f"{desk.address}/start", page="/exams/mine")

    assert answer.status_code == 409
    assert attempt_of(trainee).started_at is None


def test_starting_shows_every_item_in_the_candidates_own_order(sitting: Desk, trainee: Member) -> None:
    page = sitting.show()

    assert page.text.count("data-place=") == ITEMS
    assert page.text.count("data-goto=") == ITEMS
    attempt = attempt_of(trainee)
    assert abs(attempt.deadline_at - DEADLINE) < timedelta(seconds=30)  # type: ignore[operator]
    assert f'data-deadline="{attempt.deadline_at.isoformat()}"' in page.text  # type: ignore[union-attr]
    assert said("Right answer") not in page.text


def test_a_save_is_answered_once_it_is_durable_and_survives_a_reload(sitting: Desk, trainee: Member) -> None:
    answer = sitting.save(3, 1, "B")

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["saved"] == [[3, 1]]
    assert datetime.fromisoformat(answer.json["now"]) <= clock.now()
    assert chosen(trainee) == {3: ("B",)}
    assert re.search(r'name="a3" id="a3-B" value="B" checked', sitting.show().text)


def test_another_machine_sees_the_last_acknowledged_state(sitting: Desk, trainee: Member, browser_of: Browser) -> None:
    sitting.save(1, 1, "A")
    sitting.save(1, 2, "B")
    elsewhere = Desk(browser_of(trainee), attempt_of(trainee).code)

    assert re.search(r'id="a1-B" value="B" checked', elsewhere.show().text)
    answer = elsewhere.post("hold", OTHER_PAGE)

    assert answer.json is not None
    assert answer.json["answers"] == [{"position": 1, "sequence": 2, "response": {"choice": ["B"]}, "review": False}]


def test_the_page_that_was_taken_over_is_told_in_clear_words(sitting: Desk) -> None:
    sitting.post("hold", OTHER_PAGE)

    answer = sitting.save(1, 1, "A")

    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "taken_over"
    assert answer.json["message"] == said(TAKEN_OVER)
    assert sitting.post("beat").json["holds"] is False  # type: ignore[index]


def test_a_save_after_the_deadline_is_refused_in_clear_words(sitting: Desk, at_time: Clock) -> None:
    at_time(DEADLINE + timedelta(minutes=1))

    answer = sitting.save(1, 1, "A")

    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "late"
    assert answer.json["message"] == said(LATE)
    assert session.scalars(select(AnswerSave)).all() == []


def test_a_heartbeat_carries_the_deadline(sitting: Desk, trainee: Member) -> None:
    answer = sitting.post("beat")

    assert answer.json is not None
    assert answer.json["deadline_at"] == attempt_of(trainee).deadline_at.isoformat()  # type: ignore[union-attr]
    assert answer.json["holds"] is True


@pytest.mark.parametrize(
    "body",
    [
        {"answers": []},
        {"answers": [{"position": 0, "sequence": 1, "response": {"choice": []}}]},
        {"answers": [{"position": 1, "sequence": 0, "response": {"choice": []}}]},
        {"answers": [{"position": 1, "sequence": 1, "response": {"choice": ["AB"]}}]},
        {"answers": [{"position": 1, "sequence": 1, "response": {"choice": []}, "score": 100}]},
        {"answers": [{"position": 1, "sequence": 1, "response": {"choice": []}, "client_at": "yesterday"}]},
        {"answers": "all"},
        {},
    ],
)
def test_what_a_page_would_not_send_is_refused(sitting: Desk, body: dict[str, Any]) -> None:
    assert sitting.post("save", **body).status_code == 422


def test_a_page_that_sends_too_much_is_refused(sitting: Desk) -> None:
    answers = [{"position": 1, "sequence": 1, "response": {"choice": ["A"] * 100_000}}]

    assert sitting.post("save", answers=answers).status_code == 413


@pytest.mark.options(wtf_csrf_enabled=True)
def test_a_page_needs_a_name_and_the_token(sitting: Desk) -> None:
    sitting.show()

    assert sitting.post("beat").status_code == 200
    assert sitting.post("beat", page="x").status_code == 422
    sitting.token = "wrong"
    assert sitting.post("beat").status_code == 400


def test_handing_in_twice_says_the_same(sitting: Desk, trainee: Member) -> None:
    sitting.save(1, 1, "A")

    first, second = sitting.post("submit"), sitting.post("submit")

    assert first.json is not None
    assert second.json is not None
    assert first.json["submitted"] == second.json["submitted"] == "candidate"
    assert said("Handed in") in sitting.show().text
    assert todos_of(trainee.actor) == []


def test_a_save_after_handing_in_is_refused(sitting: Desk) -> None:
    sitting.post("submit")

    answer = sitting.save(1, 1, "A")

    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "submitted"


def test_another_persons_sitting_does_not_exist(sitting: Desk, browser_of: Browser) -> None:
    stranger = Desk(browser_of(make_member(Role.TRAINEE)), sitting.address.removeprefix("/sit/"))
    stranger.browser.get("/home")
    stranger.token = TOKEN.search(stranger.browser.get("/home").text)[1]  # type: ignore[index]

    assert stranger.show().status_code == 404
    for act in ("hold", "beat", "submit"):
        assert stranger.post(act).status_code == 404
    assert stranger.save(1, 1, "A").status_code == 404
    assert session.scalars(select(AnswerSave)).all() == []


def test_examiners_do_not_open_sittings(sitting: Desk, house: House, browser_of: Browser) -> None:
    assert browser_of(house.examiner).get(sitting.address).status_code == 403


def test_without_scripts_the_form_saves_everything(app: Flask, browser_of: Browser, at_time: Clock) -> None:
    del app
    _planned, (trainee, *_others) = make_prepared(make_house(of_types=(ItemType.MULTIPLE,)))
    desk = Desk(browser_of(trainee), attempt_of(trainee).code)
    at_time(OPENS)
    found = re.search(r'type="checkbox" name="a(\d+)"', desk.start().text)
    assert found
    many = int(found[1])

    desk.send_form(
        **{f"a{many}": ["A", "C"], f"r{many}": "1", "a99": "A", f"a{many % ITEMS + 1}": "too long"}, save="1"
    )

    assert chosen(trainee) == {many: ("A", "C")}
    assert kept(attempt_of(trainee).id)[many].review
    page = desk.show()
    assert said("Saved: %(count)d changed answers.", count=1) in page.text
    assert re.search(rf'id="a{many}-C" value="C" checked', page.text)
    assert attempt_of(trainee).submitted_at is None


def test_without_scripts_handing_in_saves_first(desk: Desk, at_time: Clock, trainee: Member) -> None:
    at_time(OPENS)
    desk.start()

    desk.send_form(a1="A", submit="1")

    assert chosen(trainee) == {1: ("A",)}
    assert attempt_of(trainee).submitted_how is SubmittedHow.CANDIDATE
    assert "1 / 12" in desk.show().text


def test_a_plain_form_after_the_deadline_is_told_so_and_kept_apart(desk: Desk, at_time: Clock, trainee: Member) -> None:
    at_time(OPENS)
    desk.start()
    token = TOKEN.search(desk.show().text)
    assert token
    at_time(DEADLINE + timedelta(minutes=1))

    answer = desk.browser.post(f"{desk.address}/form", data={"csrf_token": token[1], "a1": "A"}, follow_redirects=True)

    assert said(LATE) in answer.text
    assert chosen(trainee) == {}
    kept_apart = session.scalars(select(LateAnswer)).one()
    assert (kept_apart.position, kept_apart.value["choice"], kept_apart.client_at) == (1, ["A"], None)


def test_time_that_ran_out_is_said_and_the_sitting_is_collected(sitting: Desk, at_time: Clock, trainee: Member) -> None:
    sitting.save(1, 1, "A")
    at_time(DEADLINE + timedelta(minutes=1))

    assert said("Your time is up") in sitting.show().text
    collect_overdue()

    assert attempt_of(trainee).submitted_how is SubmittedHow.COLLECTED
    assert said("Your time is up") in sitting.show().text
    assert todos_of(trainee.actor) == []


def test_who_never_started_is_told_that_the_window_has_closed(desk: Desk, at_time: Clock) -> None:
    at_time(CLOSES)

    assert said("The window has closed") in desk.show().text


def test_the_candidates_list_leads_to_the_sitting(
    desk: Desk, at_time: Clock, trainee: Member, browser_of: Browser
) -> None:
    browser = browser_of(trainee)

    at_time(NOW)
    assert said("Read the rules") in browser.get("/exams/mine").text
    at_time(OPENS)
    assert said("Go to the exam") in browser.get("/exams/mine").text
    desk.start()
    assert said("Go on") in browser.get("/exams/mine").text
    at_time(CLOSES)
    assert said("Waiting for the result") in browser.get("/exams/mine").text


def test_who_is_registered_for_nothing_is_told_how_it_works(app: Flask, browser_of: Browser) -> None:
    del app

    assert said("You are not registered for an exam") in browser_of(make_member(Role.TRAINEE)).get("/exams/mine").text


def test_the_admission_ticket_is_the_candidates_own(desk: Desk, trainee: Member, browser_of: Browser) -> None:
    code = session.scalars(select(Attempt)).one().registration_id
    ticket = re.search(r"/exams/mine/tickets/(\d+)", desk.browser.get("/exams/mine").text)
    assert ticket
    assert code

    page = desk.browser.get(ticket[0])

    assert trainee.person.name in page.text
    assert ticket[1] in page.text
    assert browser_of(make_member(Role.TRAINEE)).get(ticket[0]).status_code == 404
