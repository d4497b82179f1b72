"""Answers that cannot be saved as usual: another machine wrote, time was up, the room was paused. None is lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select, update

from app.assessment.exams.models import AnswerSave, Attempt, ExamSession, LateAnswer, Registration
from app.assessment.exams.queries import extra_time as extra_queries
from app.assessment.exams.queries.sittings import kept
from app.assessment.exams.services import extra_time
from app.assessment.exams.services import sitting as services
from app.assessment.exams.services.extra_time import More
from app.assessment.exams.states import SubmittedHow
from app.assessment.exams.views import sheet
from app.assessment.exams.views import sitting as views
from app.core.db import session, unit_of_work
from tests.browser.chromium import CHROMIUM, FLAGS, NEEDS
from tests.browser.sittings import SOON, Site
from tests.factories.accounts import Member
from tests.factories.exams import MINUTES, OPENS, House, attempt_of, make_house, make_prepared, said, sitting_of
from tests.factories.venues import make_venue

pytestmark = NEEDS
FAST = {"quiet": 200, "beat": 400, "paused": 300, "first": 100, "last": 400, "end": 200}
HEARTBEAT = 60_000
"""Milliseconds within which a page hears of extra time by itself."""
MERGED = "Taken into your sitting, marked as typed at this page: question {places}."
APART = "Kept apart, because a newer answer to the same question is saved: question {places}."


@dataclass
class Hall:
    """Machines in front of one candidate, each with a network that can be cut."""

    url: str
    house: House
    member: Member
    contexts: list[BrowserContext]

    def sit(self, machine: int, page: Page | None = None) -> Page:
        page = page or self.contexts[machine].new_page()
        page.goto(f"{self.url}/sit/{attempt_of(self.member).code}")
        expect(page.locator("#sitting[data-ready]")).to_be_visible(timeout=SOON)
        return page

    def cut(self, machine: int, *, off: bool = True) -> None:
        self.contexts[machine].set_offline(off)

    def grant(self, minutes: int) -> None:
        """Give extra time as two examiners do."""
        first, second = self.house.examiner.actor, self.house.examiner2.actor
        with unit_of_work():
            found = attempt_of(self.member)
            held = session.get_one(ExamSession, found.session_id)
            chosen = [session.get_one(Registration, found.registration_id)]
            code = extra_time.ask(held, chosen, more=More(minutes), reason="设备故障", by=first, at=OPENS).code
        with unit_of_work():
            assert extra_time.approve(extra_queries.grant(code, second), by=second, at=OPENS) == 1

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
    house = make_house()
    _planned, trainees = make_prepared(house)
    at_time(OPENS)
    with unit_of_work():
        services.start(sitting_of(trainees[0]), by=trainees[0].actor, at=OPENS)
    cookie = browser_of(trainees[0]).get_cookie("jijing")
    assert cookie
    with Site(app) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        contexts = [browser.new_context(locale="zh-CN") for _ in range(2)]
        for context in contexts:
            context.add_cookies([{"name": "jijing", "value": cookie.value, "url": site.url}])
        yield Hall(site.url, house, trainees[0], contexts)
        browser.close()


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
    expect(first.locator("#notice")).to_contain_text(about(MERGED, 1))
    expect(first.locator("#notice")).to_contain_text(about(APART, 2))
    assert hall.choices() == {1: ("A",), 2: ("B",)}
    session.rollback()
    rows = session.execute(select(AnswerSave.position, AnswerSave.merged).order_by(AnswerSave.position))
    assert [tuple(row) for row in rows] == [(1, True), (2, False)], "what merged is flagged in the history"
    first.locator("#notice button").click()
    expect(first.locator("#sitting[data-ready]")).to_be_visible(timeout=SOON)
    expect(first.locator("#a1-A")).to_be_checked()
    expect(first.locator("#a2-B")).to_be_checked()


def about(words: str, place: int) -> str:
    return said(words).replace("{places}", str(place))


def test_extra_time_is_said_at_the_next_heartbeat_which_comes_within_a_minute(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "TIMERS", sheet.TIMERS)
    page = hall.contexts[0].new_page()
    page.clock.install()
    hall.sit(0, page)
    expect(page.locator("#clock")).to_contain_text("59:")

    hall.grant(10)
    expect(page.locator("#extra")).to_be_empty()
    page.clock.fast_forward(HEARTBEAT)

    expect(page.locator("#extra")).to_have_text(longer_by(10), timeout=SOON)
    expect(page.locator("#spoken")).to_have_text(longer_by(10))
    expect(page.locator("#clock")).to_contain_text("1:09:")


def test_a_heartbeat_that_is_lost_is_sent_again_at_once_and_not_after_the_longest_wait(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "TIMERS", FAST | {"last": 600_000})
    page = hall.contexts[0].new_page()
    page.route("**/beat", lambda route: route.abort(), times=1)
    with page.expect_event("requestfailed"):
        hall.sit(0, page)

    hall.grant(10)

    expect(page.locator("#extra")).to_have_text(longer_by(10), timeout=SOON)


def test_extra_time_is_said_with_the_next_save(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "TIMERS", FAST | {"beat": 600_000})
    page = hall.sit(0)
    hall.grant(10)
    hall.grant(5)

    choose(page, 1, "A")

    expect(page.locator("#extra")).to_have_text(longer_by(15), timeout=SOON)
    expect(page.locator("#saved[data-state='saved']")).to_be_visible(timeout=SOON)


def longer_by(minutes: int) -> str:
    return said("Your time was extended by {n} minutes").replace("{n}", str(minutes))


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


def test_a_paused_room_covers_the_page_which_goes_on_by_itself_and_ends_when_it_is_collected(hall: Hall) -> None:
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
    with unit_of_work():
        session.execute(update(Attempt).values(submitted_at=OPENS, submitted_how=SubmittedHow.COLLECTED))
    expect(page.locator("h1")).to_have_text(said("Your time is up"), timeout=SOON)


WITHOUT_WORKER = "Object.defineProperty(navigator, 'serviceWorker', { value: undefined })"
"""What Safe Exam Browser comes to for the page: nothing there shows it again without the server."""


def test_where_nothing_shows_the_paper_again_the_page_says_not_to_reload_it_and_asks(hall: Hall) -> None:
    page = hall.contexts[0].new_page()
    page.add_init_script(WITHOUT_WORKER)
    hall.sit(0, page)
    expect(page.locator("#bare")).to_be_hidden()
    hall.cut(0)
    choose(page, 1, "A")
    kept_here(page)

    expect(page.locator("#bare")).to_be_visible()
    with page.expect_event("dialog") as asked:
        page.on("dialog", lambda one: one.dismiss())
        page.evaluate("void setTimeout(() => location.reload(), 0)")
    assert asked.value.type == "beforeunload"

    hall.cut(0, off=False)
    expect(page.locator("#saved[data-state='saved']")).to_be_visible(timeout=SOON)
    expect(page.locator("#bare")).to_be_hidden()
    assert hall.choices() == {1: ("A",)}


def test_a_page_that_keeps_itself_says_nothing_of_reloading(hall: Hall) -> None:
    page = hall.sit(0)
    expect(page.locator("#sitting[data-ready='kept']")).to_be_visible(timeout=SOON)
    hall.cut(0)
    choose(page, 1, "A")
    kept_here(page)

    expect(page.locator("#bare")).to_be_hidden()


def test_who_hands_in_too_early_at_a_venue_is_told_and_goes_on(hall: Hall) -> None:
    venue = make_venue(hall.house)
    with unit_of_work():
        session.execute(update(ExamSession).values(venue_id=venue.id))
    page = hall.sit(0)

    page.locator("#submit").click()
    page.locator("[data-hand-in]").click()

    told = said("Nobody hands in before %(time)s. Go on, or look your answers over.", time="10:30")
    expect(page.locator("#notice")).to_contain_text(told, timeout=SOON)
    page.check("#a1-A")
    expect(page.locator("#saved[data-state='saved']")).to_be_visible(timeout=SOON)
    assert hall.choices() == {1: ("A",)}
    assert attempt_of(hall.member).submitted_at is None
