"""The check of a QR code on a phone: once with network, then without; nothing of the code reaches the server."""

import io
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from PIL import Image, ImageChops, ImageFilter
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright
from werkzeug.serving import BaseWSGIServer, make_server

from app.core import files
from app.core.clock import real_now
from app.core.db import unit_of_work
from app.credentials import paper, queries, services
from app.credentials.rules import cose
from app.credentials.states import RevocationReason
from tests.browser.chromium import CHROMIUM, DESK, FLAGS, NEEDS, PHONE, faults
from tests.factories.accounts import make_person
from tests.factories.credentials import ISSUED_AT, issue, make_office
from tests.factories.rulebook import AWARD_LEVELS, make_published

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


def test_a_level_of_a_pack_has_its_english_name_without_network_too(
    app: Flask, site: Site, phone: BrowserContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    monkeypatch.setattr(paper, "available", lambda: False)
    name = {"zh": "初级技术经理人", "en": "Junior technology manager"}
    levels = AWARD_LEVELS.replace("初级技术经纪人", name["zh"]).replace("Junior technology broker", name["en"])
    made = issue(make_office(), make_person(), level_name=name)
    make_published(params=levels)
    digits = (made.qr or "").partition("#")[2]
    first = opened(phone, site, digits)
    outcome(first, "good")
    expect(first.locator(".facts")).to_contain_text(name["zh"])
    expect(first.locator("#kept")).to_be_visible()
    site.cut()

    page = opened(phone, site, digits)
    outcome(page, "good")
    page.locator("#language").click()
    expect(page.locator(".facts")).to_contain_text(name["en"])
    looked_at(page, "level")


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


LATER = """
for (const name of ['createImageBitmap', 'BarcodeDetector']) delete window[name]
for (const one of [Element, DocumentFragment, Document]) delete one.prototype.replaceChildren
for (const name of ['at', 'flat', 'flatMap']) delete Array.prototype[name]
for (const name of ['hasOwn', 'fromEntries']) delete Object[name]
delete Intl.RelativeTimeFormat
delete AbortSignal.timeout
delete Blob.prototype.arrayBuffer
delete Element.prototype.toggleAttribute
delete String.prototype.replaceAll
"""
"""Take away what Safari 12 and the Chromium of older phones do not have."""
NO_LARGE_NUMBERS = "delete window.BigInt"
OLD_BROWSERS = {
    "an old Chromium": f"{LATER}; Object.defineProperty(crypto, 'subtle', {{ value: undefined }})",
    "no WebCrypto": "Object.defineProperty(crypto, 'subtle', { value: undefined })",
    "no curve": "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))",
}


@pytest.mark.parametrize("name", OLD_BROWSERS)
def test_without_webcrypto_the_plain_script_checks_also_without_network(
    site: Site, phone: BrowserContext, codes: dict[str, str], name: str
) -> None:
    """Over plain http, and in old browsers, WebCrypto is missing or knows no P-256: the answers are the same.

    The script is kept at the first visit, though no code was checked then.
    """

    def old(page: Page) -> None:
        page.add_init_script(OLD_BROWSERS[name])

    first = opened(phone, site, "", old)
    expect(first.locator("#kept")).to_be_visible()
    site.cut()

    outcome(opened(phone, site, codes["good"], old), "good")
    outcome(opened(phone, site, codes["changed"], old), "bad")


def prepared(*scripts: str) -> Callable[[Page], None]:
    """Make a page as in another browser."""

    def prepare(page: Page) -> None:
        page.add_init_script(";".join(scripts))

    return prepare


def test_a_safari_without_large_numbers_checks_a_code_by_webcrypto(
    site: Site, phone: BrowserContext, codes: dict[str, str]
) -> None:
    old = prepared(LATER, NO_LARGE_NUMBERS)
    good = opened(phone, site, codes["good"], old)
    outcome(good, "good")
    expect(good.locator(".v-holder")).to_contain_text("欧阳䶮")
    expect(good.locator("#kept")).to_be_visible()
    outcome(opened(phone, site, codes["changed"], old), "bad")
    outcome(opened(phone, site, codes["revoked"], old), "bad")
    site.cut()
    later = real_now() + timedelta(days=40)

    def old_and_later(page: Page) -> None:
        old(page)
        page.clock.set_fixed_time(later)

    expect(opened(phone, site, codes["good"], old_and_later).locator("#asked")).to_contain_text("40天前")


def test_a_safari_without_bitmaps_reads_a_photo(site: Site, photo: Path, phone: BrowserContext) -> None:
    page = opened(phone, site, "", prepared(LATER, NO_LARGE_NUMBERS))

    page.locator("#photo").set_input_files(photo)

    outcome(page, "good")
    expect(page.locator("#photo-error")).to_be_hidden()


def test_a_browser_that_can_check_no_signature_says_so(
    site: Site, phone: BrowserContext, codes: dict[str, str]
) -> None:
    """Without WebCrypto and without large numbers nothing can be checked: that is no answer about the certificate."""
    page = opened(phone, site, codes["good"], prepared(NO_LARGE_NUMBERS, OLD_BROWSERS["no WebCrypto"]))

    outcome(page, "waiting")
    expect(page.locator("#outcome")).to_contain_text("此浏览器版本过旧")
    expect(page.locator("#answer")).to_be_empty()
    looked_at(page, "too-old")


NO_DETECTOR = "delete globalThis.BarcodeDetector"


def without_detector(page: Page) -> None:
    """Make a page as in browsers that read no codes themselves."""
    page.add_init_script(NO_DETECTOR)


def photographed(sheet: Path, out: Path) -> None:
    """Make a photo of a sheet: on a dark desk, a little turned and smaller, in uneven light, as JPEG."""
    with Image.open(sheet) as page:
        turned = page.convert("RGB").rotate(-7, expand=True, fillcolor=(96, 84, 70), resample=Image.Resampling.BICUBIC)
    desk = Image.new("RGB", (turned.width + 300, turned.height + 200), (96, 84, 70))
    desk.paste(turned, (170, 90))
    light = Image.linear_gradient("L").resize(desk.size).point(lambda value: 130 + value // 3)
    lit = ImageChops.multiply(desk, Image.merge("RGB", [light] * 3))
    smaller = lit.resize((int(lit.width * 0.7), int(lit.height * 0.7)), Image.Resampling.BILINEAR)
    smaller.filter(ImageFilter.GaussianBlur(0.6)).save(out, "JPEG", quality=72)


@pytest.fixture(name="photo")
def _photo(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a photo of a certificate as it is printed."""
    del app
    if not paper.available():
        pytest.skip("needs Pango")
    certificate = issue(make_office(), make_person(name="欧阳䶮"))
    stored = queries.pdf_of(certificate)
    assert stored is not None
    folder = tmp_path_factory.mktemp("photo")
    (folder / "sheet.pdf").write_bytes(files.load(stored))
    subprocess.run(["pdftoppm", "-r", "220", "-png", "-singlefile", "sheet.pdf", "sheet"], cwd=folder, check=True)
    photographed(folder / "sheet.png", folder / "photo.jpg")
    return folder / "photo.jpg"


def odd_pictures(folder: Path) -> dict[str, Path]:
    """Give pictures without a code, by the words that the page must find for each."""
    Image.linear_gradient("L").resize((1600, 1200)).save(folder / "plain.jpg")
    (folder / "text.png").write_text("no picture at all")
    Image.new("L", (20, 20)).save(folder / "small.png")
    claimed = bytearray((folder / "small.png").read_bytes())
    claimed[16:24] = (100_000).to_bytes(4, "big") * 2
    (folder / "huge.png").write_bytes(claimed)
    return {
        "没有找到二维码": folder / "plain.jpg",
        "打不开此文件": folder / "text.png",
        "图片过大": folder / "huge.png",
    }


def test_a_photo_of_the_sheet_is_read_on_the_device_without_network(
    site: Site, photo: Path, phone: BrowserContext, tmp_path: Path
) -> None:
    """In browsers that read no codes themselves, such as those of iOS; a picture without a code loses nothing."""
    opened(phone, site, "").locator("#kept").wait_for()
    site.cut()
    page = opened(phone, site, "", without_detector)
    page.locator("#text").fill("half typed")

    page.locator("#photo").set_input_files(photo)
    outcome(page, "good")
    expect(page.locator(".v-holder")).to_contain_text("欧阳䶮")
    looked_at(page, "photo")

    for said, picture in odd_pictures(tmp_path).items():
        page.locator("#photo").set_input_files(picture)
        expect(page.locator("#photo-error")).to_contain_text(said)
        outcome(page, "good")
        expect(page.locator("#text")).to_have_value("half typed")
    looked_at(page, "photo-refused")
    page.locator("#language").click()
    expect(page.locator("#photo-error")).to_contain_text("too large to be read here")
    page.locator("#photo").set_input_files(photo)
    expect(page.locator("#photo-error")).to_be_hidden()


def filmed(text: str, out: Path) -> None:
    """Write a film of one picture that shows a code, as a camera would see it (YUV4MPEG2)."""
    drawn = io.BytesIO()
    cose.draw(text).save(drawn, kind="png", scale=6, border=4)
    with Image.open(drawn) as code:
        frame = Image.new("L", (640, 480), 170)
        side = code.convert("L").resize((430, 430)).rotate(4, expand=True, fillcolor=255)
        frame.paste(side, (90, 10))
    luma = frame.tobytes()
    colour = bytes([128]) * (640 * 480 // 2)
    out.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n" + b"FRAME\n" + luma + colour)


def test_a_camera_that_is_refused_is_explained(site: Site, phone: BrowserContext) -> None:
    page = opened(phone, site, "", without_detector)

    page.locator("#camera").click()

    expect(page.locator("#camera-error")).to_be_visible()
    expect(page.locator("#view")).to_be_hidden()
    expect(page.locator("#camera")).to_contain_text("用摄像头扫描")
    looked_at(page, "camera-refused")


def test_the_camera_reads_a_code(site: Site, codes: dict[str, str], tmp_path: Path) -> None:
    filmed(f"http://localhost:8000/v#{codes['good']}", tmp_path / "code.y4m")
    fake = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]

    with sync_playwright() as playwright:
        flags = [*FLAGS, *fake, f"--use-file-for-fake-video-capture={tmp_path / 'code.y4m'}"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(locale="zh-CN")
        page.add_init_script(NO_DETECTOR)
        page.goto(f"{site.url}/v")
        page.locator("#camera").click()
        outcome(page, "good")
        expect(page.locator("#view")).to_be_hidden()
        expect(page.locator("#camera")).to_contain_text("用摄像头扫描")
        browser.close()


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
