"""Pictures of every page of the demo: on a phone and at a desk, in Chinese, what is public in English too.

`make pictures` leaves them in build/pictures by the names of `tests.browser.test_page_states`, and with them the ones
of the README. `make pictures NAME=verif` takes those whose name has these letters only, and leaves the README alone.
"""

import argparse
import base64
import logging
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from pydantic import SecretStr

from app.settings import Settings
from scripts.places import BUILD, ROOT, say
from tests.browser.chromium import CHROMIUM, DESK, FLAGS, OVERFLOW, PHONE
from tests.browser.demo_site import DemoSite, demo_site, load_demo, settings_in
from tests.browser.test_page_states import PAGES, STRANGER

FOLDER = BUILD / "pictures"
README = ROOT / "docs" / "pictures"
CHINESE, ENGLISH = "zh-CN", "en"
COLOURS = 128
"""Of a picture in the repository: enough for a page, and a quarter of the bytes."""
SITTING = "sitting"
# The pictures of the README: whose page, which, and how large a window
SHOWN = {
    "landing": ("landing", DESK),
    "cohort": ("cohort with trainees", DESK),
    "verify": ("verified: valid", DESK),
    "session-results": ("results with their chart", DESK),
    "course-phone": ("course", PHONE),
    "home-phone": ("home of a trainee", PHONE),
    SITTING: (SITTING, DESK),
}


@dataclass
class Camera:
    """One tab a person and language, in front of one demo."""

    browser: Browser
    site: DemoSite
    tabs: dict[tuple[str, str], Page] = field(default_factory=dict)

    def open(self, name: str, language: str = CHINESE) -> Page:
        """Open a page by its name as the person who may."""
        role, path = PAGES[name]
        page = self.tab(role, language)
        page.goto(self.site.url + path.format(**self.site.codes))
        page.evaluate("document.querySelectorAll('img[loading=lazy]').forEach(one => { one.loading = 'eager' })")
        page.wait_for_load_state("networkidle")
        return page

    def tab(self, role: str, language: str) -> Page:
        """The tab of a person in a language."""
        if (role, language) not in self.tabs:
            context = self.browser.new_context(locale=language, bypass_csp=True, color_scheme="light")
            if role != STRANGER:
                context.add_cookies([{"name": "jijing", "value": self.site.cookie(role), "url": self.site.url}])
            self.tabs[role, language] = context.new_page()
        return self.tabs[role, language]


def main() -> None:
    """Take the pictures; say which page is wider than its window."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="letters that the names of the pages have")
    wanted = parser.parse_args().name
    names = [name for name in PAGES if wanted in name]
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    if not wanted:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with camera() as taking:
        for name in names:
            take(taking.open(name), name, CHINESE)
            if PAGES[name][0] == STRANGER:
                take(taking.open(name, ENGLISH), name, ENGLISH)
        if not wanted:
            take(sitting(taking), SITTING, CHINESE)
            show(taking)
    say(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}")


@contextmanager
def camera() -> Iterator[Camera]:
    """Load the demo into a folder of its own, serve it, and start a browser before it."""
    with tempfile.TemporaryDirectory(prefix="jijing-pictures-") as folder:
        given = Settings(
            _env_file=None,
            demo=True,
            secret_key=SecretStr(f"demo-{secrets.token_urlsafe(16)}"),
            field_keys=SecretStr(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()),
            mail_url=SecretStr("memory:"),
            sms_url=SecretStr("memory:"),
        )
        settings = settings_in(Path(folder), given)
        say("Loading the demo")
        facts = load_demo(settings)
        with demo_site(settings, facts) as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield Camera(browser, site)
            browser.close()


def take(page: Page, name: str, language: str) -> None:
    """Leave a page whole, on a phone and at a desk."""
    for width, height in (PHONE, DESK):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=FOLDER / f"{slug(name)}-{language[:2]}-{width}.png", full_page=True, animations="disabled")
        if page.evaluate(OVERFLOW) > 0:
            say(f"{name} is wider than {width} px")


def slug(name: str) -> str:
    """The name of a page as the name of a file."""
    return re.sub(r"\W+", "-", name).strip("-")


def sitting(taking: Camera) -> Page:
    """Begin the exam that waits for `trainee2` and answer its first questions."""
    taking.site.set_clock(taking.site.opens_at)
    page = taking.open("a sitting before its start")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.locator("main form button[type=submit]").first.click()
    page.locator("dialog[open] button[value=yes]").click()
    page.locator("#sitting").wait_for()
    page.locator("#sitting input[type=radio]").first.check()
    for state in ("saving", "saved"):
        page.locator(f"#saved[data-state={state}]").wait_for()
    return page


def show(taking: Camera) -> None:
    """Take the pictures of the README anew, each the first screen of its page in few colours."""
    for shown, (name, (width, height)) in SHOWN.items():
        page = taking.tab("trainee2", CHINESE) if name == SITTING else taking.open(name)
        page.set_viewport_size({"width": width, "height": height})
        target = README / f"{shown}.png"
        page.screenshot(path=target, animations="disabled")
        with Image.open(target) as picture:
            few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(target, optimize=True)


if __name__ == "__main__":
    main()
