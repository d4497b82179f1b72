"""The components in Chromium: readable by everyone, useful with scripts, usable without."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask, render_template_string, request
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app.core.access import public
from app.web import bundles
from tests.browser.serving import served
from tests.unit.web.conftest import ACTOR, build

AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PAGES = ["design", "design/public", "design/exam", "design/document", "design/404"]
LOOKS = [
    (1440, "light", "zh-CN"),
    (1440, "dark", "zh-CN"),
    (390, "dark", "zh-CN"),
    (390, "light", "en-GB"),
    (320, "light", "zh-CN"),
]
PROBE = """{% extends 'web/public.html' %}{% import 'web/ui.html' as ui %}
{% block title %}t{% endblock %}{% block content %}<h1>t</h1>
{{ ui.post('发布', '/send', confirm='确认发布？') }}{{ ui.post('发送', '/send') }}
<p id="job" data-poll="/progress" data-poll-every="50">0</p>{% endblock %}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists() or not AXE.exists(), reason="needs Chromium and axe-core"),
    pytest.mark.skipif(not (bundles.DIST / bundles.MANIFEST).exists(), reason="the front end is not built"),
]


class Visits:
    """What the probe page's server has seen."""

    sent: int = 0
    asked: int = 0


def _probe(app: Flask) -> Visits:
    visits = Visits()

    def send() -> tuple[str, int]:
        visits.sent += 1
        return "", 204

    def progress() -> str:
        visits.asked += 1
        return (
            '<p id="job">完成</p>'
            if visits.asked > 1
            else '<p id="job" data-poll="/progress" data-poll-every="50">1</p>'
        )

    app.add_url_rule("/probe", "probe", public(lambda: render_template_string(PROBE)))
    app.add_url_rule("/send", "send", public(send), methods=["POST"])
    app.add_url_rule("/progress", "progress", public(progress))
    return visits


@pytest.fixture(scope="module", name="site")
def _site() -> Iterator[tuple[str, Visits]]:
    app = build()
    visits = _probe(app)
    app.extensions["actor_loader"] = lambda: ACTOR if request.path == "/design" else None
    with served(app) as port:
        yield f"http://127.0.0.1:{port}", visits


@pytest.fixture(scope="module", name="browser")
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(name="page")
def _page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="zh-CN")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("width", "scheme", "locale"), LOOKS)
def test_every_component_can_be_perceived_and_fits(
    browser: Browser, site: tuple[str, Visits], width: int, scheme: Literal["light", "dark"], locale: str
) -> None:
    context = browser.new_context(
        bypass_csp=True, viewport={"width": width, "height": 800}, color_scheme=scheme, locale=locale
    )
    page = context.new_page()
    for path in PAGES:
        page.goto(f"{site[0]}/{path}")
        page.add_script_tag(path=AXE)
        violations = page.evaluate("axe.run().then(r => r.violations.map(v => [v.id, v.nodes[0].html]))")
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, violations, overflow) == (path, [], 0)
    context.close()


def test_the_policy_of_the_page_blocks_nothing_of_ours(page: Page, site: tuple[str, Visits]) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))

    page.goto(f"{site[0]}/design")
    page.wait_for_selector(".chart-canvas canvas")

    assert complaints == []


def test_an_act_is_confirmed_before_it_is_sent(page: Page, site: tuple[str, Visits]) -> None:
    page.goto(f"{site[0]}/probe")
    before = site[1].sent

    page.click("[data-confirm]")
    assert page.inner_text("#confirm-text") == "确认发布？"
    page.click("#confirm button[value='']")
    assert site[1].sent == before
    page.click("[data-confirm]")
    with page.expect_response("**/send"):
        page.click("#confirm button[value='yes']")

    assert site[1].sent == before + 1


def test_a_form_is_sent_once_however_often_it_is_pressed(page: Page, site: tuple[str, Visits]) -> None:
    page.goto(f"{site[0]}/probe")
    before = site[1].sent

    with page.expect_response("**/send"):
        page.evaluate("() => { const b = document.querySelectorAll('.post button')[1]; b.click(); b.click() }")
    page.wait_for_timeout(100)

    assert site[1].sent == before + 1


def test_progress_is_followed_until_it_is_done(page: Page, site: tuple[str, Visits]) -> None:
    page.goto(f"{site[0]}/probe")

    expect(page.locator("#job")).to_have_text("完成")

    assert page.query_selector("[data-poll]") is None


def test_the_appearance_changes_at_once_and_stays(page: Page, site: tuple[str, Visits]) -> None:
    page.goto(f"{site[0]}/probe")
    page.click("[data-theme-choice='dark']")
    page.wait_for_selector("html[data-theme='dark']")

    page.reload()

    assert page.get_attribute("html", "data-theme") == "dark"
    assert page.get_attribute("[aria-current='true']", "data-theme-choice") == "dark"


def test_the_skip_link_is_the_first_stop_of_the_keyboard(page: Page, site: tuple[str, Visits]) -> None:
    page.goto(f"{site[0]}/design/public")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"

    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "main"


def test_the_arrow_keys_walk_through_the_records_of_a_table(page: Page, site: tuple[str, Visits]) -> None:
    page.goto(f"{site[0]}/design")
    links = page.locator("tr[data-href] a")
    links.first.focus()

    page.keyboard.press("ArrowDown")

    assert page.evaluate("document.activeElement.textContent") == links.nth(1).inner_text()


def test_without_scripts_charts_are_tables_and_switches_are_links(browser: Browser, site: tuple[str, Visits]) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"{site[0]}/design")

    assert not page.is_visible(".chart-canvas")
    assert not page.is_visible("[data-copy]")
    page.click(".chart summary")
    assert page.is_visible("#by-year table")
    page.click(".account summary")
    page.click("[data-theme-choice='dark']")
    assert page.get_attribute("html", "data-theme") == "dark"
    context.close()
