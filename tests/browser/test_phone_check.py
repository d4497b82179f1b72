"""The check of a QR code on a phone: once with network, then without; nothing of the code reaches the server."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import BaseWSGIServer, make_server

from app.core.clock import real_now
from app.core.db import unit_of_work
from app.credentials import paper, queries, services
from app.credentials.states import RevocationReason
from tests.browser.chromium import CHROMIUM, DESK, FLAGS, NEEDS, PHONE, faults
from tests.factories.accounts import make_person
from tests.factories.credentials import ISSUED_AT, issue, make_office

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = NEEDS
PICTURES = os.environ.get("PICTURES")


@dataclass
class Site:
    """A running server and everything that it was sent."""

    server: BaseWSGIServer
    thread: Thread
    sent: list[str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def cut(self) -> None:
        """Take the network away: nobody answers any more."""
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(name="site")
def _site(app: Flask) -> Iterator[Site]:
    sent: list[str] = []

    def noting(environ: "WSGIEnvironment", start: "StartResponse") -> "Iterable[bytes]":
        sent.append(str(environ))
        return app(environ, start)

    server = make_server("127.0.0.1", 0, noting, threaded=True)
    site = Site(server, Thread(target=server.serve_forever), sent)
    site.thread.start()
    yield site
    if site.thread.is_alive():
        site.cut()


@pytest.fixture(name="phone")
def _phone(tmp_path: Path) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path),
            executable_path=CHROMIUM,
            args=FLAGS,
            locale="zh-CN",
            bypass_csp=True,
            viewport={"width": PHONE[0], "height": PHONE[1]},
        )
        yield context
        context.close()


@pytest.fixture(name="codes")
def _codes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    del app
    monkeypatch.setattr(paper, "available", lambda: False)
    office = make_office()
    good, revoked = issue(office, make_person(name="欧阳䶮")), issue(office, make_person(name="司马昇"))
    with unit_of_work():
        services.revoke(
            queries.certificate(revoked.code),
            reason=RevocationReason.EXAM_BREACH,
            note="",
            by=office.first.actor,
            at=ISSUED_AT,
        )
    digits = {"good": (good.qr or "").partition("#")[2], "revoked": (revoked.qr or "").partition("#")[2]}
    last = str((int(digits["good"][-1]) + 1) % 10)
    return {**digits, "changed": digits["good"][:-1] + last}


def opened(phone: BrowserContext, site: Site, digits: str, prepare: Callable[[Page], None] | None = None) -> Page:
    """Open the address of a code as the camera does: in a page of its own."""
    page = phone.new_page()
    if prepare:
        prepare(page)
    page.goto(f"{site.url}/v#{digits}")
    return page


def outcome(page: Page, tone: str) -> None:
    expect(page.locator(f"#outcome .alert-{tone}")).to_be_visible()


def looked_at(page: Page, name: str) -> None:
    """Ask axe in both widths; with PICTURES set, keep what it looks like."""
    for width, height in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": height})
        assert faults(page) == [], (name, width)
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def test_a_code_is_checked_without_network_after_the_first_visit(
    site: Site, phone: BrowserContext, codes: dict[str, str]
) -> None:
    first = opened(phone, site, codes["good"])
    outcome(first, "good")
    expect(first.locator(".v-holder")).to_contain_text("欧阳䶮")
    expect(first.locator("#kept")).to_be_visible()
    looked_at(first, "good")
    site.cut()

    good = opened(phone, site, codes["good"])
    outcome(good, "good")
    expect(good.locator(".v-holder")).to_contain_text("欧阳䶮")
    good.locator("#language").click()
    expect(good.locator("h1")).to_have_text("Check a QR code")
    expect(good.locator("#asked")).to_contain_text("cannot be reached")
    looked_at(good, "offline")
    outcome(opened(phone, site, codes["changed"]), "bad")
    revoked = opened(phone, site, codes["revoked"])
    outcome(revoked, "bad")
    expect(revoked.locator("#outcome")).to_contain_text("Revoked by the status list")
    looked_at(revoked, "revoked")

    later = real_now() + timedelta(days=40)
    old = opened(phone, site, codes["good"], lambda page: page.clock.set_fixed_time(later))
    outcome(old, "waiting")
    expect(old.locator("#asked")).to_contain_text("40 days ago")
    expect(old.locator("#outcome")).to_contain_text("too old")
    looked_at(old, "old")

    sent = "\n".join(site.sent)
    assert "/v/trust.json" in sent
    assert not any(digits[:40] in sent for digits in codes.values())


def test_a_pasted_code_is_checked_and_a_broken_one_is_explained(
    site: Site, phone: BrowserContext, codes: dict[str, str]
) -> None:
    page = opened(phone, site, "")
    outcome(page, "info")
    looked_at(page, "empty")

    page.locator("#text").fill(f"http://localhost:8000/v#{codes['good']}")
    page.locator("#given button[type=submit]").click()
    outcome(page, "good")
    page.locator("#text").fill("https://example.org/")
    page.locator("#given button[type=submit]").click()
    outcome(page, "bad")
    expect(page.locator("#outcome")).to_contain_text("二维码")
    assert not any(codes["good"][:40] in one for one in site.sent)


def test_without_webcrypto_the_plain_script_checks(site: Site, phone: BrowserContext, codes: dict[str, str]) -> None:
    """Over plain http, and in old browsers, there is no WebCrypto: the answer is the same, nothing is kept."""

    def without(page: Page) -> None:
        page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")

    outcome(opened(phone, site, codes["good"], without), "good")
    outcome(opened(phone, site, codes["changed"], without), "bad")


def test_without_script_the_page_says_what_to_do(site: Site) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(java_script_enabled=False, locale="zh-CN")
        page.goto(f"{site.url}/v")
        link = page.locator("noscript a[href='/verify'], main a[href='/verify']").first
        expect(link).to_be_visible()
        expect(page.locator("#more")).to_be_hidden()
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/no-script.png", full_page=True)
        browser.close()
