"""A whole exam by keyboard alone, through a lost network, a reload and a killed browser: nothing shown is lost."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect, sync_playwright
from werkzeug.serving import BaseWSGIServer, make_server

from app.assessment.exams.models import Attempt
from app.assessment.exams.queries.sittings import kept
from app.assessment.exams.states import SubmittedHow
from app.assessment.exams.views import sheet
from app.core.db import session
from tests.browser.chromium import CHROMIUM, FLAGS, NEEDS
from tests.factories.accounts import Member
from tests.factories.exams import ITEMS, OPENS, attempt_of, make_house, make_prepared, said

pytestmark = NEEDS
FAST = {"quiet": 200, "beat": 500, "first": 100, "last": 400, "signals": 300}
"""The page's own clockwork in fast motion: an outage of some seconds is one of minutes."""
SOON = 8000
FOCUSED = "selector => document.activeElement.matches(selector)"
ANSWERED = "() => [...document.querySelectorAll('a[data-state=answered]')].map((link) => link.dataset.goto)"
TRIES = 40


@dataclass
class Site:
    """A server that can be cut off and come back at its address."""

    app: Flask
    port: int = 0
    server: BaseWSGIServer | None = None
    thread: Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.port = self.server.server_port
        self.thread = Thread(target=self.server.serve_forever)
        self.thread.start()

    def down(self) -> None:
        if self.server is None or self.thread is None:
            return
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.server = self.thread = None


@dataclass
class Machine:
    """A browser with a profile of its own in front of the candidate, who has a keyboard and nothing else."""

    playwright: Playwright
    site: Site
    profile: Path
    cookie: str
    address: str
    context: BrowserContext = field(init=False)
    page: Page = field(init=False)

    def open(self) -> "Machine":
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=CHROMIUM, args=FLAGS, locale="zh-CN", bypass_csp=False
        )
        self.context.add_cookies([{"name": "jijing", "value": self.cookie, "url": self.site.url}])
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        self.page.goto(f"{self.site.url}{self.address}")
        return self

    def kill(self) -> None:
        """End the browser as a power cut would."""
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (folder / "cmdline").read_bytes().decode().split("\0")
                if f"--user-data-dir={self.profile}" in command:
                    os.kill(int(folder.name), signal.SIGKILL)
        self.close()

    def close(self) -> None:
        with suppress(Error):
            self.context.close()

    def tab_to(self, selector: str) -> None:
        for _ in range(TRIES):
            if self.page.evaluate(FOCUSED, selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not lead to {selector}")

    def choose(self, place: int) -> None:
        """Answer the question that is open: the first option."""
        expect(self.page.locator(f"#q{place}")).to_be_visible()
        self.tab_to(f"#q{place} [data-choice]")
        self.page.keyboard.press("Space")

    def answer(self, *places: int) -> None:
        """Answer questions one after the other, and go on to the next."""
        for place in places:
            self.choose(place)
            self.page.keyboard.press("Alt+PageDown")

    def state(self, *wanted: str) -> None:
        named = ", ".join(f"#saved[data-state='{one}']" for one in wanted)
        expect(self.page.locator(named)).to_be_visible(timeout=SOON)

    def ready(self) -> None:
        expect(self.page.locator("#sitting[data-ready]")).to_be_visible(timeout=SOON)

    def shown(self) -> set[int]:
        """Return the questions that the palette shows as answered."""
        return {int(place) for place in self.page.evaluate(ANSWERED)}


@pytest.fixture(name="site")
def _site(app: Flask) -> Iterator[Site]:
    site = Site(app)
    site.up()
    yield site
    site.down()


@pytest.fixture(name="candidate")
def _candidate(app: Flask, at_time: Callable[[datetime], None]) -> Member:
    del app
    _planned, trainees = make_prepared(make_house())
    at_time(OPENS)
    return trainees[0]


@pytest.fixture(name="machine")
def _machine(
    candidate: Member,
    site: Site,
    browser_of: Callable[[Member], FlaskClient],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[str], Machine]]:
    """Give machines by name: the same name is the same profile."""
    monkeypatch.setattr(sheet, "TIMERS", FAST)
    monkeypatch.setattr("app.assessment.exams.views.sitting.TIMERS", FAST)
    cookie = browser_of(candidate).get_cookie("jijing")
    assert cookie
    opened: list[Machine] = []
    with sync_playwright() as playwright:

        def open_machine(name: str) -> Machine:
            machine = Machine(playwright, site, tmp_path / name, cookie.value, f"/sit/{attempt_of(candidate).code}")
            opened.append(machine.open())
            return machine

        yield open_machine
        for machine in opened:
            machine.close()


def attempt(candidate: Member) -> Attempt:
    session.rollback()
    return attempt_of(candidate)


def on_the_server(candidate: Member) -> set[int]:
    return {place for place, one in kept(attempt(candidate).id).items() if one.choice}


def test_nothing_that_was_shown_as_saved_or_kept_is_ever_lost(
    candidate: Member, site: Site, machine: Callable[[str], Machine]
) -> None:
    hall = machine("hall")
    _start_and_answer(hall, 1, 2, 3)
    hall.state("saved")
    assert on_the_server(candidate) == {1, 2, 3}

    # The network goes. The page says where the answers are, and retries in vain.
    site.down()
    hall.answer(4, 5)
    hall.state("kept")
    expect(hall.page.locator("#saved")).to_contain_text("2")
    hall.page.wait_for_timeout(1500)

    # A reload without a connection shows the paper again, with everything.
    hall.page.reload()
    hall.state("kept", "resending")
    assert hall.shown() == {1, 2, 3, 4, 5}
    hall.answer(6)
    hall.state("kept", "resending")
    expect(hall.page.locator("#saved")).to_contain_text("3")

    # The browser dies. In the same profile nothing is missing, still without a connection.
    hall.kill()
    again = machine("hall")
    again.state("kept", "resending")
    assert again.shown() == {1, 2, 3, 4, 5, 6}
    assert on_the_server(candidate) == {1, 2, 3}

    # The network is back: what was kept is sent by itself.
    site.up()
    again.state("saved")
    assert on_the_server(candidate) == {1, 2, 3, 4, 5, 6}

    # Another machine shows every acknowledged answer at once; the first one says that it stopped.
    other = machine("other")
    other.state("saved")
    assert other.shown() == {1, 2, 3, 4, 5, 6}
    expect(again.page.locator("#notice")).to_contain_text(said("Write here again"), timeout=SOON)

    _review_and_hand_in(other)
    assert attempt(candidate).submitted_how is SubmittedHow.CANDIDATE
    assert on_the_server(candidate) == {1, 2, 3, 4, 5, 6}


def _start_and_answer(hall: Machine, *places: int) -> None:
    hall.tab_to("main button[data-confirm]")
    hall.page.keyboard.press("Enter")
    hall.tab_to("#confirm button[value='yes']")
    hall.page.keyboard.press("Enter")
    hall.ready()
    hall.answer(*places)


def _review_and_hand_in(other: Machine) -> None:
    """Hand in by keyboard; the table names what is open and the one marked question."""
    other.page.keyboard.press("Alt+KeyM")
    other.tab_to("#submit")
    other.page.keyboard.press("Enter")
    expect(other.page.locator("#review tbody tr")).to_have_count(ITEMS - 5)
    other.tab_to("#review [data-hand-in]")
    other.page.keyboard.press("Enter")
    expect(other.page.locator("h1")).to_have_text(said("Handed in"), timeout=SOON)
