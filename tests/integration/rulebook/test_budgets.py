"""No page of the rulebook sends more than ten statements, and none sends more for more rows."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.states import Role
from app.core import jobs
from tests.factories.accounts import JINAN, LIXIA, NATION, QINGDAO, Member, make_member
from tests.factories.criteria import criteria, make_criteria, make_decision
from tests.factories.rulebook import make_draft, make_published
from tests.integration.rulebook.test_facts_given import counted
from tests.integration.rulebook.test_replays import ENOUGH

Browser = Callable[[Member], FlaskClient]
MOST = 10


def statements(browser: FlaskClient, address: str) -> int:
    with counted() as said:
        assert browser.get(address).status_code == 200, address
    return len([one for one in said if not one.startswith(("BEGIN", "ROLLBACK"))])


@pytest.fixture
def replay(app: Flask, browser_of: Browser) -> tuple[FlaskClient, str, str]:
    del app
    pack = make_criteria()
    for _number in range(3):
        make_decision(pack, ENOUGH)
    draft = make_draft(kind="criteria", code="criteria-next", params=criteria(20, cases=""))
    browser = browser_of(make_member(Role.REGULATOR))
    address = browser.post(f"/rules/{draft.code}/replay", data={"year": "2026"}).location
    jobs.work()
    return browser, draft.code, address


def test_every_page_stays_within_the_budget(replay: tuple[FlaskClient, str, str]) -> None:
    browser, draft, address = replay
    begun = browser.post("/rules/start/criteria", data={"code": "criteria-sd", "origin": "criteria-test.1"}).location
    for page in (
        "/rules/start",
        "/rules/start/criteria",
        begun,
        "/rules",
        f"/rules/{draft}",
        f"/rules/{draft}/edit",
        f"/rules/{draft}/compare",
        "/rules/facts",
        "/rules/calendar",
        "/rules/lineage?kind=criteria&region=370102",
        address,
    ):
        assert statements(browser, page) <= MOST, page


def test_the_lineage_costs_no_more_for_more_regions(client: FlaskClient) -> None:
    make_published(code="one", region=NATION)
    few = statements(client, "/rules/lineage")
    for region in (JINAN, QINGDAO, LIXIA):
        make_published(code=f"of-{region}", region=region)

    assert statements(client, "/rules/lineage") == few
