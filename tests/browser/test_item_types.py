"""Every type of item answered by keyboard: what the page sends, and what it shows again after a crash."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route, expect, sync_playwright

from app.assessment.exams.queries.sittings import kept
from app.assessment.exams.services import sitting as services
from app.core.db import session, unit_of_work
from app.items.rules.responses import read_response
from app.items.states import ItemType
from tests.browser.chromium import CHROMIUM, FLAGS, NEEDS, PHONE, faults
from tests.browser.sittings import SOON, TEXT, Site, kinds_of, make_every_type
from tests.factories.accounts import Member
from tests.factories.exams import OPENS, attempt_of, sitting_of

pytestmark = NEEDS
LONG = TEXT * 4
WITHIN = 2000
"""Milliseconds after the last change."""


@dataclass
class Desk:
    """A candidate before a paper with every type; what the page sends is acknowledged and kept here."""

    page: Page
    places: dict[ItemType, int]
    sent: dict[int, dict[str, Any]] = field(default_factory=dict)
    reachable: bool = True

    def save(self, route: Route) -> None:
        if not self.reachable:
            route.abort()
            return
        answers = json.loads(route.request.post_data or "{}")["answers"]
        self.sent |= {one["position"]: one["response"] for one in answers}
        saved = [[one["position"], one["sequence"]] for one in answers]
        route.fulfill(json={"saved": saved, "superseded": [], "paused": False, "now": OPENS.isoformat()})

    def open(self, kind: ItemType) -> str:
        """Open the question of a type; return where its fields are."""
        place = self.places[kind]
        self.page.locator(f"[data-goto='{place}']").focus()
        self.page.keyboard.press("Enter")
        expect(self.page.locator(f"#q{place}")).to_be_visible()
        return f"#q{place}"

    def type_into(self, selector: str, *texts: str) -> None:
        for field_, text in zip(self.page.locator(selector).all(), texts, strict=True):
            field_.focus()
            self.page.keyboard.insert_text(text)

    def answer_all(self) -> None:
        for kind in (ItemType.SINGLE, ItemType.MULTIPLE, ItemType.TRUE_FALSE):
            self.page.locator(f"{self.open(kind)} [data-choice]").first.focus()
            self.page.keyboard.press("Space")
        self.type_into(f"{self.open(ItemType.BLANK)} [data-blank]", "技术开发", "技术转让")
        self.type_into(f"{self.open(ItemType.NUMERIC)} [data-typed]", "12.5", "万元")
        for select in self.page.locator(f"{self.open(ItemType.MATCHING)} select").all():
            select.focus()
            self.page.keyboard.press("ArrowDown")
        self.page.locator(f"{self.open(ItemType.ORDERING)} [data-move='down']").first.focus()
        self.page.keyboard.press("Enter")
        for kind in (ItemType.SHORT_ANSWER, ItemType.ESSAY):
            self.type_into(f"{self.open(kind)} textarea", TEXT)
        case = self.open(ItemType.CASE)
        self.page.locator(f"{case} [data-choice]").first.focus()
        self.page.keyboard.press("Space")
        self.type_into(f"{case} textarea", TEXT)

    def states(self) -> dict[ItemType, str | None]:
        return {
            kind: self.page.locator(f"[data-goto='{place}']").get_attribute("data-state")
            for kind, place in self.places.items()
        }


@pytest.fixture(name="candidate")
def _candidate(app: Flask, at_time: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch) -> Member:
    del app
    _house, member = make_every_type(monkeypatch)
    at_time(OPENS)
    with unit_of_work():
        services.start(sitting_of(member), by=member.actor, at=OPENS)
    return member


@pytest.fixture(name="desk")
def _desk(app: Flask, candidate: Member, browser_of: Callable[[Member], FlaskClient]) -> Iterator[Desk]:
    cookie = browser_of(candidate).get_cookie("jijing")
    assert cookie
    places = {kind: number for number, kind in kinds_of(sitting_of(candidate)).items()}
    session.rollback()
    with Site(app) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(locale="zh-CN", bypass_csp=True, viewport={"width": PHONE[0], "height": PHONE[1]})
        context.add_cookies([{"name": "jijing", "value": cookie.value, "url": site.url}])
        desk = Desk(context.new_page(), places)
        desk.page.route("**/save", desk.save)
        desk.page.goto(f"{site.url}/sit/{attempt_of(candidate).code}")
        expect(desk.page.locator("#sitting[data-ready]")).to_be_visible(timeout=SOON)
        yield desk
        browser.close()


def test_every_type_is_answered_by_keyboard_in_the_shape_the_server_reads(desk: Desk) -> None:
    assert set(desk.places) == set(ItemType)

    desk.answer_all()
    expect(desk.page.locator("#saved[data-state='saved']")).to_be_visible(timeout=SOON)

    assert set(desk.states().values()) == {"answered"}
    given = {kind: desk.sent[place] for kind, place in desk.places.items()}
    assert {kind for kind, raw in given.items() if read_response(kind, raw).answered} == set(ItemType)
    assert given[ItemType.BLANK] == {"blanks": ["技术开发", "技术转让"]}
    assert given[ItemType.NUMERIC] == {"number": "12.5", "unit": "万元"}
    assert given[ItemType.MATCHING] == {"pairs": {"1": "A", "2": "A", "3": "A", "4": "A"}}
    assert given[ItemType.ORDERING] == {"order": ["B", "A", "C", "D"]}
    assert given[ItemType.ESSAY] == {"text": TEXT}
    assert given[ItemType.CASE] == {"parts": [{"choice": ["A"]}, {"text": TEXT}]}


def _resting(code: str) -> tuple[str, int]:
    return code, 503


def test_every_type_is_perceived_by_everyone_and_comes_back_from_the_device(
    desk: Desk, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.reachable = False
    # What the page asks through its worker passes by the route that makes the server unreachable
    monkeypatch.setitem(app.view_functions, "sitting.save", _resting)
    desk.answer_all()
    expect(desk.page.locator("#saved[data-state='kept'], #saved[data-state='resending']")).to_be_visible(timeout=SOON)
    for kind in desk.places:
        desk.open(kind)
        assert faults(desk.page) == [], kind

    desk.page.reload()

    expect(desk.page.locator("#saved[data-state='kept'], #saved[data-state='resending']")).to_be_visible(timeout=SOON)
    assert set(desk.states().values()) == {"answered"}
    assert desk.page.locator(f"#q{desk.places[ItemType.ESSAY]} textarea").input_value() == TEXT
    entries = desk.page.locator(f"#q{desk.places[ItemType.ORDERING]} [data-entry]")
    assert [one.get_attribute("data-entry") for one in entries.all()] == ["B", "A", "C", "D"]


def test_typed_text_is_saved_within_two_seconds_of_its_last_letter_in_few_requests(
    desk: Desk, candidate: Member
) -> None:
    """The page's own clockwork and the server itself: a sentence typed letter by letter, then two seconds of rest."""
    desk.page.unroute("**/save")
    sent: list[str] = []
    desk.page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/save") else None)
    place = desk.places[ItemType.ESSAY]
    desk.page.locator(f"{desk.open(ItemType.ESSAY)} textarea").focus()

    desk.page.keyboard.type(LONG, delay=50)
    expect(desk.page.locator("#saved")).to_have_attribute("data-state", "saving")
    desk.page.wait_for_timeout(WITHIN)

    expect(desk.page.locator("#saved")).to_have_attribute("data-state", "saved")
    session.rollback()
    assert kept(attempt_of(candidate).id)[place].response == {"text": LONG}
    assert 1 <= len(sent) <= 3, f"{len(LONG)} letters in {len(sent)} requests"
