"""Answers that cannot be saved as usual: another machine wrote, time was up, the room was paused. None is lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select, update
from werkzeug.serving import make_server

from app.assessment.exams.models import Attempt, LateAnswer
from app.assessment.exams.queries.sittings import kept
from app.assessment.exams.services import sitting as services
from app.assessment.exams.views import sitting as views
from app.core.db import session, unit_of_work
from tests.browser.chromium import CHROMIUM, FLAGS, NEEDS
from tests.factories.accounts import Member
from tests.factories.exams import MINUTES, OPENS, attempt_of, make_house, make_prepared, said, sitting_of

pytestmark = NEEDS
FAST = {"quiet": 200, "beat": 400, "paused": 300, "first": 100, "last": 400, "end": 200}
SOON = 8000


@dataclass
class Hall:
    """Machines in front of one candidate, each with a network that can be cut."""

    url: str
    member: Member
    contexts: list[BrowserContext]

    def sit(self, machine: int) -> Page:
        page = self.contexts[machine].new_page()
        page.goto(f"{self.url}/sit/{attempt_of(self.member).code}")
        expect(page.locator("#sitting[data-ready]")).to_be_visible(timeout=SOON)
        return page

    def cut(self, machine: int, *, off: bool = True) -> None:
        self.contexts[machine].set_offline(off)

    def choices(self) -> dict[int, tuple[str, ...]]:
        session.rollback()
        return {place: one.choice for place, one in kept(attempt_of(self.member).id).items() if one.choice}


@pytest.fixture(name="hall")
def _hall(
    app: Flask,
    browser_of: Callable[[Member], FlaskClient],
    at_time: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Hall]:
    monkeypatch.setattr(views, "TIMERS", FAST)
    _planned, trainees = make_prepared(make_house())
    at_time(OPENS)
    with unit_of_work():
        services.start(sitting_of(trainees[0]), by=trainees[0].actor, at=OPENS)
    cookie = browser_of(trainees[0]).get_cookie("jijing")
    assert cookie
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        contexts = [browser.new_context(locale="zh-CN") for _ in range(2)]
        for context in contexts:
            context.add_cookies([{"name": "jijing", "value": cookie.value, "url": url}])
        yield Hall(url, trainees[0], contexts)
        browser.close()
    server.shutdown()
    thread.join()
    server.server_close()


def choose(page: Page, place: int, letter: str) -> None:
    page.locator(f"[data-goto='{place}']").click()
    page.check(f"#a{place}-{letter}")


def kept_here(page: Page) -> None:
    expect(page.locator("#saved[data-state='kept'], #saved[data-state='resending']")).to_be_visible(timeout=SOON)


def test_a_machine_that_comes_back_merges_what_it_kept_and_says_so(hall: Hall) -> None:
    first = hall.sit(0)
    hall.cut(0)
    choose(first, 1, "A")
    choose(first, 2, "A")
    kept_here(first)
    second = hall.sit(1)
    choose(second, 2, "B")
    expect(second.locator("#saved[data-state='saved']")).to_be_visible(timeout=SOON)
    second.wait_for_timeout(500)

    hall.cut(0, off=False)

    expect(first.locator("#notice")).to_contain_text(said("Write here again"), timeout=SOON)
    assert hall.choices()[1] == ("A",)


def test_answers_of_a_dead_line_arrive_late_and_are_kept_apart(hall: Hall, at_time: Callable[[datetime], None]) -> None:
    page = hall.sit(0)
    hall.cut(0)
    choose(page, 1, "A")
    kept_here(page)

    at_time(OPENS + timedelta(minutes=MINUTES + 1))
    hall.cut(0, off=False)

    expect(page.locator("#notice button")).to_be_visible(timeout=SOON)
    session.rollback()
    assert [one.position for one in session.scalars(select(LateAnswer))] == [1]
    page.locator("#notice button").click()
    expect(page.locator("h1")).to_have_text(said("Your time is up"))


def test_a_paused_room_covers_the_page_and_goes_on_by_itself(hall: Hall) -> None:
    page = hall.sit(0)
    with unit_of_work():
        session.execute(update(Attempt).values(paused_at=OPENS))
    expect(page.locator("#paused")).to_be_visible(timeout=SOON)
    with unit_of_work():
        session.execute(update(Attempt).values(paused_at=None, deadline_at=Attempt.deadline_at))
    expect(page.locator("#paused")).to_be_hidden(timeout=SOON)
    choose(page, 1, "A")
    expect(page.locator("#saved[data-state='saved']")).to_be_visible(timeout=SOON)
    page.wait_for_timeout(400)
    assert hall.choices() == {1: ("A",)}
