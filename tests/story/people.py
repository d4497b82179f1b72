"""The demo's people, each in a browser of their own, and the demo's command line."""

import json
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

from app import create_app
from app.accounts.rules.totp import code_of, current_step
from tests.story.browser import Browser, Page, StoryError

PASSWORD = "demo-Passw0rd-2026"
TOTP_SEED = "JBSWY3DPEHPK3PXP"
ROOT = Path(__file__).resolve().parents[2]


class People:
    """Whoever takes part: `as_role("base")` is the browser of base@demo.example, signed in once."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._browsers: dict[str, Browser] = {}

    def as_role(self, role: str) -> Browser:
        """Return the signed-in browser of a demo role."""
        return self.as_account(f"{role}@demo.example")

    def as_account(self, name: str) -> Browser:
        """Return the browser of a demo account, signed in once: a code of the second factor counts once."""
        if name not in self._browsers:
            self._browsers[name] = self.sign_in(name, PASSWORD)
        return self._browsers[name]

    def stranger(self) -> Browser:
        """Return the browser of anybody."""
        return Browser(self.url)

    def sign_in(self, name: str, password: str) -> Browser:
        """Sign in by the page, with the second factor where it asks for one."""
        browser = Browser(self.url)
        page = browser.submit(browser.get("/sign-in"), "/sign-in", {"name": name, "password": password})
        if page.url.endswith("/second-factor"):
            page = _second_factor(browser, page)
        if "/sign-in" in page.url:
            raise StoryError(f"{name} cannot sign in: {page.words[:300]}")
        return browser


def _second_factor(browser: Browser, page: Page) -> Page:
    code = code_of(TOTP_SEED, current_step(datetime.now(UTC)))
    return browser.submit(page, "/second-factor", {"code": code})


def flask(*words: str, expect: int = 0) -> Any:  # noqa: ANN401 - whatever the command prints as JSON
    """Run a command of the product, in this process beside the server, and return its JSON document."""
    done = product().test_cli_runner().invoke(args=[*words, "--json"])
    if done.exit_code != expect:
        said = done.stderr[-500:] or repr(done.exception)
        raise StoryError(f"flask {' '.join(words)}: {done.exit_code}, not {expect}: {said}")
    return json.loads(done.stdout) if done.stdout.strip() else None


@cache
def product() -> Flask:
    """Make the application of this installation once, as each command would."""
    return create_app()


def wait_for(what: str, seen: Any, seconds: float = 60) -> Any:  # noqa: ANN401 - any condition
    """Wait until a condition gives something; the job runner works beside us."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = seen()
        if found:
            return found
        time.sleep(0.2)
    raise StoryError(f"{what} did not happen within {seconds:.0f} seconds")
