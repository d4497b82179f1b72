"""What people do in Chromium: sign in with a second factor, sit without a network, verify a file they hold."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from app.accounts.rules.totp import code_of, current_step
from app.cli.demo.people import PASSWORD, TOTP_SEED
from app.core.clock import real_now
from tests.browser.chromium import CHROMIUM, FLAGS, NEEDS, faults
from tests.browser.demo_site import DemoSite
from tests.factories.exams import said

pytestmark = NEEDS
SAVED = 2000
AGAIN = 30000


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(name="page")
def _page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN", bypass_csp=True)
    yield context.new_page()
    context.close()


def _signed_in(page: Page, demo: DemoSite, role: str) -> Page:
    page.context.add_cookies([{"name": "jijing", "value": demo.cookie(role), "url": demo.url}])
    return page


def _focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.textContent.trim()"))


def _tab_to(page: Page, wanted: str) -> None:
    for _ in range(40):
        if _focused(page) == wanted:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {wanted}")


def test_a_base_signs_in_with_its_second_factor_by_keyboard_alone(page: Page, demo: DemoSite) -> None:
    page.goto(f"{demo.url}/sign-in")

    _tab_to(page, "name")
    page.keyboard.type("base@demo.example")
    _tab_to(page, "password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/second-factor")
    _tab_to(page, "code")
    page.keyboard.type(code_of(TOTP_SEED, current_step(real_now())))
    page.keyboard.press("Enter")

    page.wait_for_url("**/home")
    expect(page.locator(".account-name")).to_contain_text("孟庆源")


def test_a_candidate_waits_sits_without_a_network_and_hands_in(page: Page, demo: DemoSite) -> None:
    demo.set_clock(demo.opens_at - timedelta(hours=1))
    _signed_in(page, demo, "trainee2").goto(f"{demo.url}/sit/{demo.codes['attempt']}")
    expect(page.locator("#countdown")).to_be_visible()
    assert faults(page) == []

    demo.set_clock(demo.opens_at + timedelta(minutes=1))
    page.reload()
    page.get_by_role("button", name=said("Start the exam")).click()
    page.get_by_role("button", name=said("Confirm"), exact=True).click()
    saved = page.locator("#saved")
    expect(saved).to_have_attribute("data-state", "saved")
    assert faults(page) == []

    page.locator("#q1 input").first.focus()
    page.keyboard.press("Space")
    expect(saved).to_have_attribute("data-state", "saving")
    expect(saved).to_have_attribute("data-state", "saved", timeout=SAVED)

    page.context.set_offline(offline=True)
    page.get_by_role("button", name=said("Next question")).click()
    page.check("#a2-B")
    expect(saved).to_have_attribute("data-state", "kept")
    page.context.set_offline(offline=False)
    expect(saved).to_have_attribute("data-state", "saved", timeout=AGAIN)

    page.reload()
    expect(page.locator("#q1 input").first).to_be_checked()
    expect(page.locator("#a2-B")).to_be_checked()

    page.locator("#submit").click()
    page.locator("#review [data-hand-in]").click()
    expect(page.locator("h1")).to_have_text(said("Handed in"))
    assert faults(page) == []


def test_anyone_verifies_the_file_of_a_certificate(page: Page, demo: DemoSite) -> None:
    path = f"{demo.url}/credentials/{demo.codes['valid']}.json"
    credential = page.request.get(path).body()
    page.goto(f"{demo.url}/verify")

    file: FilePayload = {"name": "certificate.json", "mimeType": "application/json", "buffer": credential}
    page.set_input_files("input[type=file]", files=[file])
    page.get_by_role("button", name=said("Check")).click()

    expect(page.locator(".alert-good")).to_be_visible()
