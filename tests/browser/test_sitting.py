"""A sitting in Chromium: saved within two seconds, kept through a lost network and a reload, one page writes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page, Route, expect, sync_playwright

from app.assessment.exams.models import Attempt
from app.assessment.exams.queries.sittings import kept
from app.assessment.exams.services import sitting as services
from app.core.access import public
from app.core.db import session, unit_of_work
from tests.browser.chromium import AXE, CHROMIUM, FLAGS, NEEDS
from tests.browser.sittings import SOON, Site
from tests.factories.accounts import Member
from tests.factories.exams import OPENS, attempt_of, make_house, make_prepared, said, sitting_of

WITHIN = 2000
WIDTHS = (390, 1440)

pytestmark = NEEDS


@dataclass
class Candidate:
    """A candidate in front of a browser that keeps its profile."""

    member: Member
    context: BrowserContext
    site: str

    @property
    def attempt(self) -> Attempt:
        session.rollback()
        return attempt_of(self.member)

    def open(self) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.site}/sit/{self.attempt.code}")
        return page

    def chosen(self) -> dict[int, tuple[str, ...]]:
        return {place: one.choice for place, one in kept(self.attempt.id).items() if one.choice}


@pytest.fixture(name="site")
def _site(app: Flask) -> Iterator[str]:
    with Site(app) as site:
        yield site.url


@pytest.fixture(name="candidate")
def _candidate(
    site: str,
    browser_of: Callable[[Member], FlaskClient],
    at_time: Callable[[datetime], None],
    tmp_path: Path,
) -> Iterator[Candidate]:
    _planned, trainees = make_prepared(make_house())
    at_time(OPENS)
    cookie = browser_of(trainees[0]).get_cookie("jijing")
    assert cookie
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path), executable_path=CHROMIUM, args=FLAGS, locale="zh-CN", bypass_csp=True
        )
        context.add_cookies([{"name": "jijing", "value": cookie.value, "url": site}])
        yield Candidate(trainees[0], context, site)
        context.close()


@pytest.fixture(name="started")
def _started(candidate: Candidate) -> Candidate:
    with unit_of_work():
        services.start(sitting_of(candidate.member), by=candidate.member.actor, at=OPENS)
    return candidate


@public
def _resting(code: str) -> tuple[str, int]:
    return code, 503


def state(page: Page, wanted: str) -> None:
    expect(page.locator("#saved")).to_have_attribute("data-state", wanted, timeout=WITHIN)


@pytest.mark.parametrize("before", [timedelta(minutes=10), timedelta(0)])
def test_who_opens_the_page_before_the_start_is_seen_to_have_come(
    app: Flask,
    candidate: Candidate,
    at_time: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    before: timedelta,
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", value=True)
    at_time(OPENS - before)
    assert candidate.attempt.seen_at is None

    page = candidate.context.new_page()
    with page.expect_response("**/arrive", timeout=SOON) as told:
        page.goto(f"{candidate.site}/sit/{candidate.attempt.code}")

    assert told.value.status == 200
    assert candidate.attempt.seen_at is not None


def test_the_rules_come_first_and_the_start_is_asked_twice(candidate: Candidate) -> None:
    page = candidate.open()

    page.get_by_role("button", name=said("Start the exam")).click()
    page.get_by_role("button", name=said("Confirm"), exact=True).click()

    expect(page.locator("#sitting")).to_be_visible()
    expect(page.locator("#clock")).to_contain_text("59:")


def test_a_change_is_saved_within_two_seconds_by_keyboard_alone(started: Candidate) -> None:
    page = started.open()
    state(page, "saved")

    page.locator("#q1 input").first.focus()
    page.keyboard.press("Space")

    state(page, "saved")
    page.wait_for_timeout(WITHIN)
    assert started.chosen() == {1: ("A",)}
    expect(page.locator("[data-goto='1']")).to_have_attribute("data-state", "answered")


def test_answers_are_kept_without_a_server_through_a_reload_and_sent_again(
    started: Candidate, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = started.open()
    state(page, "saved")

    monkeypatch.setitem(app.view_functions, "sitting.save", _resting)
    page.check("#a1-B")
    page.get_by_role("button", name=said("Next question")).click()
    page.check("#a2-A")
    expect(page.locator("#saved")).to_have_attribute("data-state", re.compile("kept|resending"), timeout=2 * WITHIN)
    assert started.chosen() == {}
    page.reload()
    expect(page.locator("#a2-A")).to_be_checked()
    expect(page.locator("#a1-B")).to_be_checked()
    assert started.chosen() == {}

    monkeypatch.undo()
    expect(page.locator("#saved")).to_have_attribute("data-state", "saved", timeout=20000)
    assert started.chosen() == {1: ("B",), 2: ("A",)}


def test_what_is_kept_on_the_device_cannot_be_read_there(started: Candidate) -> None:
    page = started.open()
    state(page, "saved")
    page.route("**/save", lambda route: route.abort())
    page.check("#a1-B")
    expect(page.locator("#saved")).to_have_attribute("data-state", re.compile("kept|resending"), timeout=2 * WITHIN)

    stored = page.evaluate(
        """async () => {
          const open = indexedDB.open('jijing-sitting')
          const database = await new Promise((ok) => { open.onsuccess = () => ok(open.result) })
          const all = (name) => new Promise((ok) => {
            const request = database.transaction(name).objectStore(name).getAll()
            request.onsuccess = () => ok(request.result)
          })
          const [key] = await all('keys')
          const exported = await crypto.subtle.exportKey('raw', key).then(() => 'read', () => 'refused')
          const [row] = await all('answers')
          return { exported, extractable: key.extractable, fields: Object.keys(row).sort() }
        }"""
    )

    assert stored == {
        "exported": "refused",
        "extractable": False,
        "fields": ["code", "iv", "position", "sealed", "sequence", "settled"],
    }


def test_the_page_opened_last_writes_and_the_other_says_so(started: Candidate) -> None:
    first = started.open()
    state(first, "saved")

    second = started.open()

    state(second, "saved")
    expect(first.locator("#notice")).to_contain_text(said("Write here again"))
    expect(first.locator("#a1-A")).to_be_disabled()
    second.check("#a1-A")
    second.wait_for_timeout(WITHIN)
    assert started.chosen() == {1: ("A",)}
    first.get_by_role("button", name=said("Write here again")).click()
    expect(first.locator("#a1-A")).to_be_checked()
    expect(second.locator("#a1-A")).to_be_disabled()


def test_a_page_whose_question_was_long_under_way_takes_nothing_from_one_opened_after_it(started: Candidate) -> None:
    """As when its sign-in had ended and another page signs in: both ask the server in the same moment."""
    under_way: list[Route] = []

    def keep(route: Route) -> None:
        under_way.append(route)

    first = started.context.new_page()
    first.route("**/hold", keep)
    with first.expect_request("**/hold"):
        first.goto(f"{started.site}/sit/{started.attempt.code}")

    second = started.open()
    expect(first.locator("#notice")).to_contain_text(said("Write here again"))
    under_way[0].continue_()

    state(second, "saved")
    second.check("#a1-A")
    second.wait_for_timeout(WITHIN)
    assert started.chosen() == {1: ("A",)}
    expect(second.locator("#notice")).not_to_contain_text(said("Write here again"))


def test_handing_in_says_what_is_open_and_ends_the_sitting(started: Candidate) -> None:
    page = started.open()
    state(page, "saved")
    page.check("#a1-A")

    page.locator("#submit").click()
    expect(page.locator("#review tbody tr")).to_have_count(11)
    page.get_by_role("button", name=said("Hand in now")).click()

    expect(page.locator("h1")).to_have_text(said("Handed in"))
    assert started.attempt.submitted_at is not None
    assert started.chosen() == {1: ("A",)}


@pytest.mark.parametrize("width", WIDTHS)
def test_the_sitting_can_be_perceived_by_everyone_and_fits(started: Candidate, width: int) -> None:
    page = started.open()
    page.set_viewport_size({"width": width, "height": 900})
    state(page, "saved")
    page.add_script_tag(path=AXE)

    violations = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")

    assert violations == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0


SIZE = "parseFloat(getComputedStyle(document.querySelector('#q1 .choice label')).fontSize)"


def test_large_type_is_kept_for_the_device_and_fits_a_phone(started: Candidate) -> None:
    page = started.open()
    page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    state(page, "saved")
    usual = page.evaluate(SIZE)

    page.get_by_role("button", name=said("Large type")).click()

    assert page.evaluate(SIZE) > usual
    page.reload()
    state(page, "saved")
    assert page.evaluate(SIZE) > usual
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
