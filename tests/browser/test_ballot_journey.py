"""A secret ballot in Chromium: three trustees make the key, voters vote, two trustees open the tally, all verify."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from app.ballots.models import BallotVote
from app.ballots.states import BallotState
from app.core.db import session
from tests.browser.chromium import CHROMIUM, FLAGS, NEEDS, PHONE, faults
from tests.browser.serving import served
from tests.factories import ballots as make
from tests.factories.accounts import Member
from tests.factories.exams import said

pytestmark = NEEDS
BrowserOf = Callable[[Member], FlaskClient]
PASSPHRASE = "a long passphrase of the test"
SLOW = 30000


@pytest.fixture(name="site")
def _site(app: Flask) -> Iterator[str]:
    with served(app) as port:
        yield f"http://localhost:{port}"


@pytest.fixture(name="chromium")
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


Tab = Callable[[Member], Page]


@pytest.fixture(name="tab")
def _tab(site: str, chromium: Browser, browser_of: BrowserOf) -> Tab:
    """Give a browser of a member's own, the size of a phone, with what it keeps."""
    known: dict[int, Page] = {}

    def of(member: Member) -> Page:
        if member.person.id not in known:
            width, height = PHONE
            context = chromium.new_context(
                bypass_csp=True, locale="zh-CN", viewport={"width": width, "height": height}, accept_downloads=True
            )
            cookie = browser_of(member).get_cookie("jijing")
            assert cookie
            context.add_cookies([{"name": "jijing", "value": cookie.value, "url": site}])
            context.set_default_timeout(SLOW)
            known[member.person.id] = context.new_page()
        return known[member.person.id]

    return of


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=said(label), exact=True).click()


def join(page: Page, address: str, folder: Path) -> Path:
    page.goto(address)
    page.fill("#passphrase", "short")
    press(page, "Make my key and download the file")
    expect(page.locator("#key-error")).to_be_visible()
    page.fill("#passphrase", PASSPHRASE)
    page.fill("#again", PASSPHRASE)
    with page.expect_download() as downloaded:
        press(page, "Make my key and download the file")
    file = folder / downloaded.value.suggested_filename
    downloaded.value.save_as(file)
    past(page, "join")
    return file


def past(page: Page, step: str) -> None:
    """Wait until the page no longer asks for a step."""
    expect(page.locator(f"""#key[data-key*='"step": "{step}"']""")).to_have_count(0, timeout=SLOW)


STEPS = {
    "deal": "Send the sealed shares",
    "confirm": "Check the shares and confirm",
    "open": "Verify all votes and open my part",
}


def unlock(page: Page, address: str, step: str, file: Path | None = None) -> None:
    label = STEPS[step]
    page.goto(address)
    page.fill("#passphrase", "not the passphrase at all")
    press(page, label)
    expect(page.locator("#key-error")).to_be_visible()
    if file is not None:
        page.set_input_files("#key-file", file)
    page.fill("#passphrase", PASSPHRASE)
    press(page, label)
    past(page, step)


def vote(page: Page, address: str, choice: int) -> str:
    page.goto(address)
    press(page, "Encrypt and cast")
    expect(page.locator("#ballot-errors")).to_be_visible()
    page.locator("#c1-1").focus()
    page.keyboard.press("Space")
    for _ in range(choice - 1):
        page.keyboard.press("ArrowDown")
    page.check(f"#c2-{choice}")
    assert faults(page) == []
    press(page, "Encrypt and cast")
    press(page, "Confirm")
    shown = page.locator("[data-hash]")
    expect(shown).to_be_visible()
    assert page.locator("input[type=radio]").count() == 0
    assert "approve" not in page.content()
    assert faults(page) == []
    return shown.inner_text()


@pytest.mark.timeout(400)
def test_a_ballot_is_keyed_cast_opened_and_verified_in_browsers(
    site: str, tab: Tab, at_time: Callable[[datetime], None], tmp_path: Path
) -> None:
    house = make.make_called(experts=3)
    at_time(make.OPENS)
    record = f"{site}/ballots/{house.ballot.code}"
    key = f"{record}/key"
    trustees = house.trustees

    files = [join(tab(one), key, tmp_path) for one in trustees]
    for one in trustees:
        unlock(tab(one), key, "deal")
    for one in trustees:
        unlock(tab(one), key, "confirm")
    assert house.fresh().state is BallotState.READY

    chair = tab(house.chair)
    chair.goto(record)
    press(chair, "Open the vote")
    expect(chair.locator("main .status").first).to_contain_text(said("Vote open"))
    hashes = [vote(tab(one), f"{record}/vote", choice) for one, choice in zip(house.voters, (1, 1, 1, 2), strict=True)]
    session.rollback()
    assert sorted(hashes) == sorted(session.scalars(select(BallotVote.hash)))

    chair.goto(record)
    press(chair, "Close the vote")
    press(chair, "Confirm")
    expect(chair.locator("main .status").first).to_contain_text(said("Vote closed, tally not open yet"))
    unlock(chair, key, "open")
    elsewhere = tab(trustees[2])
    elsewhere.goto(key)
    elsewhere.evaluate("indexedDB.deleteDatabase('jijing-ballots')")
    unlock(elsewhere, key, "open", files[2])

    found = house.fresh()
    assert found.state is BallotState.DECIDED
    assert [(one.approve, one.object, one.abstain, one.passed) for one in found.questions] == [(3, 1, 0, True)] * 2
    voter = tab(house.experts[2])
    voter.goto(f"{record}/bulletin?hash={hashes[3]}")
    expect(voter.locator(".alert-good")).to_be_visible()
    press(voter, "Recompute")
    expect(voter.locator("#verify")).to_have_attribute("data-result", "valid")
    assert faults(voter) == []
