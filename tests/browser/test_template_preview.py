"""The editor of a template draws what is typed, before it is saved; with the script and without."""

import base64
import io
import os
from collections.abc import Callable, Iterator
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import make_server

from app.core.db import session, unit_of_work
from app.credentials import layouts, services
from app.credentials.layouts import Drawing
from app.credentials.models import CertificateTemplate
from app.credentials.queries import templates
from app.credentials.rules.layout import Fault, Layout
from app.credentials.states import CertificateKind
from tests.browser.chromium import CHROMIUM, DESK, FLAGS, NEEDS, PHONE, faults
from tests.factories.accounts import Member
from tests.factories.credentials import ISSUED_AT, make_office

pytestmark = [*NEEDS, pytest.mark.one_database]
PICTURES = os.environ.get("PICTURES")
FAULT = Fault("sheet", 1, "hidden", {"part": "statement"})


def picture(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (64, 45), shade).save(out, "PNG")
    return out.getvalue()


def drawn(layout: Layout, *_more: object) -> Drawing:
    """Spare the drawing, whose own tests draw: its shade tells which text was drawn."""
    if "hide" in layout.css:
        return Drawing((FAULT,), picture(0))
    return Drawing((), picture(200 if "shade" in layout.css else 100))


@pytest.fixture(name="draft")
def _draft(
    app: Flask, browser_of: Callable[[Member], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, str, CertificateTemplate]]:
    """Give the address of a served site, the session of an author, and a draft of theirs."""
    monkeypatch.setattr(layouts, "drawn", drawn)
    office = make_office()
    with unit_of_work():
        current = templates.template(templates.current(CertificateKind.CAPABILITY, None).code)
        made = services.start_draft(current, level="", by=office.first.actor, at=ISSUED_AT)
    cookie = browser_of(office.first).get_cookie("jijing")
    assert cookie is not None
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", cookie.value, made
    server.shutdown()
    thread.join()
    server.server_close()


def opened(draft: tuple[str, str, CertificateTemplate], *, script: bool) -> Iterator[Page]:
    url, cookie, made = draft
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context: BrowserContext = browser.new_context(
            java_script_enabled=script, locale="zh-CN", bypass_csp=True, viewport={"width": DESK[0], "height": DESK[1]}
        )
        context.add_cookies([{"name": "jijing", "value": cookie, "url": url}])
        page = context.new_page()
        page.goto(f"{url}/issuing/templates/{made.code}/edit")
        yield page
        browser.close()


def shows(page: Page, shade: int) -> None:
    source = f"data:image/png;base64,{base64.b64encode(picture(shade)).decode()}"
    expect(page.locator("#preview img").first).to_have_attribute("src", source)


def test_the_preview_follows_what_is_typed_and_nothing_is_saved(draft: tuple[str, str, CertificateTemplate]) -> None:
    before = draft[2].version
    for page in opened(draft, script=True):
        page.locator("#css").press_sequentially("/* shade */")
        shows(page, 200)
        expect(page.locator("#preview")).to_contain_text("尚未保存")
        page.locator("#css").press_sequentially("/* hide */")
        expect(page.locator("#preview")).to_contain_text("遮挡")
        page.locator("#valid_months").fill("0")
        expect(page.locator("#preview")).to_contain_text("请更正以下各项")
        page.locator("#valid_months").fill("24")
        expect(page.locator("#preview")).to_contain_text("遮挡")
        for width, height in (PHONE, DESK):
            page.set_viewport_size({"width": width, "height": height})
            assert faults(page) == [], width
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/template-preview-{width}.png")
        page.route("**/preview", lambda route: route.abort())
        page.get_by_role("button", name="预览", exact=True).click()
        expect(page.locator("[data-preview-state]")).to_contain_text("仍在")
        assert "hide" in page.locator("#css").input_value()
    session.rollback()
    assert templates.template(draft[2].code).version == before


def test_without_script_a_button_previews_and_keeps_what_was_typed(
    draft: tuple[str, str, CertificateTemplate],
) -> None:
    for page in opened(draft, script=False):
        page.locator("#css").fill("/* shade */")
        page.get_by_role("button", name="预览", exact=True).click()
        shows(page, 200)
        expect(page.locator("#css")).to_have_value("/* shade */")
        page.get_by_role("button", name="保存").click()
        expect(page.locator("body")).to_contain_text("已保存。")
        expect(page.locator("#css")).to_have_value("/* shade */")
    session.rollback()
    assert templates.template(draft[2].code).css == "/* shade */"
