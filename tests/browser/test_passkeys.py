"""A passkey in Chromium, with the browser's own virtual device: made on the account page, then the only key needed."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect, sync_playwright

from app.accounts.services.people import open_field
from app.accounts.states import Role
from app.settings import Settings
from tests.browser.chromium import CHROMIUM, FLAGS, NEEDS, faults
from tests.browser.serving import served
from tests.factories.accounts import PASSWORD, Member, make_account, make_member

pytestmark = NEEDS
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(name="site")
def _site(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with served(app) as port:
        url = f"http://localhost:{port}"
        monkeypatch.setattr(settings, "public_url", url)
        yield url


@pytest.fixture(name="author")
def _author(app: Flask) -> Member:
    del app
    member = make_member(Role.AUTHOR)
    make_account(member.person)
    return member


@pytest.fixture(name="page")
def _page(site: str, author: Member, browser_of: Callable[[Member], FlaskClient]) -> Iterator[Page]:
    cookie = browser_of(author).get_cookie("jijing")
    assert cookie
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(bypass_csp=True, locale="zh-CN")
        context.add_cookies([{"name": "jijing", "value": cookie.value, "url": site}])
        yield context.new_page()
        browser.close()


def plug_in(page: Page, **bent: object) -> None:
    control = page.context.new_cdp_session(page)
    control.send("WebAuthn.enable")
    control.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, **bent}})


def add(page: Page, site: str) -> None:
    page.goto(f"{site}/me/security/passkeys")
    page.fill("[name=name]", "办公室电脑")
    page.locator("[data-passkey] button").click()


def test_a_passkey_made_here_signs_in_alone_and_as_second_factor(page: Page, site: str, author: Member) -> None:
    plug_in(page)
    add(page, site)
    expect(page.locator("table")).to_contain_text("办公室电脑")
    assert faults(page) == []

    page.context.clear_cookies()
    page.goto(f"{site}/sign-in")
    page.locator("[data-passkey=get] button").click()
    page.wait_for_url(f"{site}/home")

    page.context.clear_cookies()
    page.goto(f"{site}/sign-in")
    page.fill("[name=name]", open_field(author.person, "person.email") or "")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form:has([name=password]) button").click()
    page.wait_for_url("**/second-factor")
    assert faults(page) == []
    page.locator("[data-passkey=get] button").click()
    page.wait_for_url(f"{site}/home")


def test_a_passkey_is_the_first_second_factor_of_staff_and_recovery_codes_follow(
    page: Page, site: str, author: Member
) -> None:
    page.context.clear_cookies()
    plug_in(page)
    page.goto(f"{site}/sign-in")
    page.fill("[name=name]", open_field(author.person, "person.email") or "")
    page.fill("[name=password]", PASSWORD)
    page.locator("main form:has([name=password]) button").click()
    page.wait_for_url("**/second-factor")
    expect(page.locator("#app .qr svg")).to_be_visible()
    assert faults(page) == []

    page.fill("#passkey [name=name]", "办公室电脑")
    page.locator("#passkey [data-passkey=create] button").click()

    page.wait_for_url("**/me/security/recovery?next=/home")
    assert faults(page) == []
    page.locator("main form button").click()
    expect(page.locator("main ol.steps-text li")).to_have_count(10)
    page.locator("main a.button").click()
    page.wait_for_url(f"{site}/home")


def test_a_device_that_does_not_know_its_user_makes_no_passkey_and_the_page_says_so(page: Page, site: str) -> None:
    plug_in(page, isUserVerified=False)
    add(page, site)
    expect(page.locator("[data-passkey-error]")).to_be_visible()
    expect(page.locator("[name=name]")).to_have_value("办公室电脑")
    assert faults(page) == []
