"""A whole exam by keyboard alone, two minutes without a network, a reload, a killed browser: nothing shown is lost."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect, sync_playwright
from sqlalchemy import select

from app.assessment.exams.models import Attempt, Registration
from app.assessment.exams.queries.sittings import kept
from app.assessment.exams.services import tickets
from app.assessment.exams.states import SubmittedHow
from app.core.db import session, unit_of_work
from app.items.states import ItemType
from tests.browser.chromium import NEEDS
from tests.browser.sittings import SOON, Content, Machine, Site, kinds_of, make_every_type
from tests.factories.accounts import Member
from tests.factories.exams import NOW, OPENS, attempt_of, said, sitting_of

pytestmark = NEEDS
OUTAGE = 120
"""Seconds without a server: real ones, under the page's own clockwork."""
LAST_TRY = 16_000
"""Milliseconds after which a page that has waited long tries again at the latest."""
ONLINE = (ItemType.SINGLE, ItemType.BLANK, ItemType.MATCHING, ItemType.ESSAY)
OFFLINE = (ItemType.MULTIPLE, ItemType.NUMERIC, ItemType.ORDERING, ItemType.SHORT_ANSWER)
AFTER_RELOAD = (ItemType.TRUE_FALSE, ItemType.CASE)
HEARTBEAT = {"beat": 2000}
"""Nobody waits twenty seconds here to hear that another machine writes now."""


@dataclass
class Candidate:
    """Who sits: the secret of the admission ticket, and what the paper holds."""

    member: Member
    ticket: str
    kinds: dict[int, ItemType]

    @property
    def attempt(self) -> Attempt:
        session.rollback()
        return attempt_of(self.member)

    def places(self, *kinds: ItemType) -> list[int]:
        """Return the first place of each type."""
        return [next(place for place, kind in self.kinds.items() if kind is wanted) for wanted in kinds]

    @property
    def second(self) -> int:
        """Return the place that is answered after the browser died: one of a type that comes twice."""
        return min(set(self.kinds) - set(self.places(*ItemType)))

    @property
    def answered(self) -> set[int]:
        """Return the places that are answered in the end; the others stay open."""
        return {*self.places(*ItemType), self.second}

    @property
    def address(self) -> str:
        return f"/sit/{self.attempt.code}"

    def on_the_server(self) -> set[int]:
        return {place for place, one in kept(self.attempt.id).items() if any(one.response.values())}


@pytest.fixture(name="site")
def _site(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", value=True)
    with Site(app) as site:
        yield site


@pytest.fixture(name="candidate")
def _candidate(app: Flask, at_time: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch) -> Candidate:
    del app
    house, member = make_every_type(monkeypatch)
    with unit_of_work():
        registration = session.scalars(select(Registration).where(Registration.person_id == member.person.id)).one()
        secret = tickets.issue(registration, by=house.examiner.actor, at=NOW)
    kinds = kinds_of(sitting_of(member))
    at_time(OPENS)
    return Candidate(member, secret, kinds)


@pytest.fixture(name="machine")
def _machine(
    candidate: Candidate, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], Machine]]:
    """Give machines by name: the same name is the same profile."""
    monkeypatch.setattr("app.assessment.exams.views.sitting.TIMERS", HEARTBEAT)
    opened: list[Machine] = []
    with sync_playwright() as playwright:

        def open_machine(name: str) -> Machine:
            opened.append(Machine(playwright, site, tmp_path / name, candidate.kinds).open())
            return opened[-1]

        yield open_machine
        for machine in opened:
            machine.close()


@dataclass
class Outage:
    """Two minutes without a server, from now."""

    site: Site

    def __post_init__(self) -> None:
        self.site.down()
        self.began = time.monotonic()

    def wait(self, before: Machine, until: int) -> None:
        """Let the candidate look at the page until so many seconds have passed."""
        before.page.wait_for_timeout(max(0.0, self.began + until - time.monotonic()) * 1000)

    def end(self, before: Machine) -> None:
        """Answer again after the two minutes."""
        self.wait(before, OUTAGE)
        self.site.up()


@pytest.mark.timeout(400)
def test_nothing_that_was_shown_as_saved_or_kept_is_ever_lost(
    candidate: Candidate, site: Site, machine: Callable[[str], Machine]
) -> None:
    assert set(candidate.kinds.values()) == set(ItemType), "a paper with every type of question"
    hall = machine("hall")
    hall.enter(candidate.ticket)
    hall.start()
    hall.ready()
    hall.answer(*candidate.places(*ONLINE))
    hall.state("saved")
    acknowledged = hall.content()
    assert candidate.on_the_server() == set(candidate.places(*ONLINE))

    outage = Outage(site)
    promised = _answer_reload_and_die(hall, candidate, outage)

    # In the same profile nothing is missing, still without a connection, and the candidate goes on.
    again = machine("hall")
    again.page.goto(f"{site.url}{candidate.address}")
    again.ready()
    again.state("kept", "resending")
    assert again.content() == promised
    assert candidate.on_the_server() == set(candidate.places(*ONLINE))
    again.answer(candidate.second)
    again.state("kept", "resending")
    promised = again.content()
    outage.end(again)

    # A fresh profile shows what was acknowledged, word for word, before the first machine has sent the rest.
    fresh = machine("fresh")
    fresh.enter(candidate.ticket)
    fresh.ready()
    fresh.state("saved")
    assert fresh.content() == acknowledged

    _sign_in_again(again, candidate)
    assert again.content() == promised
    assert candidate.on_the_server() == candidate.answered

    # The other machine says that it stopped; asked to write again it shows all of it.
    expect(fresh.page.locator("#notice")).to_contain_text(said("Write here again"), timeout=SOON)
    fresh.type_at("#notice button", "Enter")
    fresh.ready()
    fresh.state("saved")
    assert fresh.content() == promised
    assert fresh.shown() == candidate.answered
    _review_and_hand_in(fresh, candidate)
    assert candidate.attempt.submitted_how is SubmittedHow.CANDIDATE


def _answer_reload_and_die(hall: Machine, candidate: Candidate, outage: Outage) -> Content:
    """Answer on without a network, reload, answer on, and lose the browser; return what stood there as kept."""
    hall.answer(*candidate.places(*OFFLINE))
    # What the server has is written on: from now on the device knows better.
    [essay] = candidate.places(ItemType.ESSAY)
    hall.go(essay)
    hall.type_at(f"#q{essay} textarea", "又据第八百四十五条。")
    hall.state("kept", "resending")
    expect(hall.page.locator("#saved")).to_contain_text("5")
    before = hall.content()
    outage.wait(hall, 50)
    hall.state("kept", "resending")

    hall.page.reload()
    hall.ready()
    hall.state("kept", "resending")
    assert hall.content() == before
    hall.answer(*candidate.places(*AFTER_RELOAD))
    hall.state("kept", "resending")
    expect(hall.page.locator("#saved")).to_contain_text("7")
    outage.wait(hall, 90)
    promised = hall.content()
    hall.kill()
    return promised


def _sign_in_again(again: Machine, candidate: Candidate) -> None:
    """The cookie died with the browser: the page says so, and the ticket in another tab brings everything in."""
    expect(again.page.locator("#notice")).to_have_text(
        said("Your sign-in has ended. Sign in again in another tab; what you answered is kept here."), timeout=LAST_TRY
    )
    again.page = again.context.new_page()
    again.enter(candidate.ticket)
    again.ready()
    again.state("saved")


def _review_and_hand_in(fresh: Machine, candidate: Candidate) -> None:
    """Hand in by keyboard; the table names what is open and the one marked question."""
    fresh.go(candidate.second)
    fresh.page.keyboard.press("Alt+KeyM")
    fresh.tab_to("#submit")
    fresh.page.keyboard.press("Enter")
    open_ones = len(candidate.kinds) - len(candidate.answered)
    expect(fresh.page.locator("#review tbody tr")).to_have_count(open_ones + 1)
    fresh.type_at("#review [data-hand-in]", "Enter")
    expect(fresh.page.locator("h1")).to_have_text(said("Handed in"), timeout=SOON)
