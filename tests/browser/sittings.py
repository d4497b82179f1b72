"""Who sits an exam in the tests: a server that can be cut off, machines whose candidate has a keyboard and no more."""

import os
import signal
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Error, Page, Playwright, expect

from app.assessment.exams.models import Attempt
from app.assessment.exams.queries.papers import sheet_of
from app.assessment.exams.rules.order import from_json
from app.items.states import CognitiveLevel, ItemType
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.browser.serving import served
from tests.factories import exams as factories
from tests.factories.accounts import Member
from tests.factories.exams import MODULES, House, make_house, make_prepared

SOON = 8000
TRIES = 60
CELLS = {(module, level.value): 1 for module in MODULES for level in CognitiveLevel}
CUT_SCORE = Decimal(24)
FOCUSED = "selector => document.activeElement.matches(selector)"
CURRENT = "() => Number(document.querySelector('#palette [aria-current]').dataset.goto)"
ANSWERED = "() => [...document.querySelectorAll('a[data-state=answered]')].map((link) => Number(link.dataset.goto))"
CONTENT = """() => [...document.querySelectorAll('#sitting [data-place]')].map((place) => [
  ...[...place.querySelectorAll('input:checked')].map((box) => box.labels[0].textContent),
  ...[...place.querySelectorAll('[data-typed], [data-prompt]')].map((field) => field.value),
  ...[...place.querySelectorAll('[data-entry] .order-text')].map((entry) => entry.textContent),
])"""
"""What stands in each question as one reads it: the words of what is ticked, what is typed, the order of entries."""
Content = list[list[str]]

TEXT = "依据《民法典》第八百四十三条。"
CHOICE = (("[data-choice]", "Space"),)
WRITTEN = (("textarea", TEXT),)
PRESSED = frozenset({"Space", "Enter", "ArrowDown"})
STROKES: dict[ItemType, tuple[tuple[str, ...], ...]] = {
    ItemType.SINGLE: CHOICE,
    ItemType.MULTIPLE: (("[value='A']", "Space"), ("[value='C']", "Space")),
    ItemType.TRUE_FALSE: CHOICE,
    ItemType.BLANK: (("[data-blank]:not([id$='-2'])", "技术开发"), ("[data-blank][id$='-2']", "技术转让")),
    ItemType.NUMERIC: (("[data-number]", "12.5"), ("[data-unit]", "万元")),
    ItemType.MATCHING: tuple((f"[data-prompt='{row}']", *["ArrowDown"] * row) for row in range(1, 5)),
    ItemType.ORDERING: (("[data-move='down']", "Enter"),),
    ItemType.SHORT_ANSWER: WRITTEN,
    ItemType.ESSAY: WRITTEN,
    ItemType.CASE: (*CHOICE, *WRITTEN),
}
"""Where the Tab key goes within a question of each type, and what is pressed or typed there."""


def make_every_type(patch: pytest.MonkeyPatch) -> tuple[House, Member]:
    """Make a candidate whose paper holds every type of item, sixteen places in all."""
    patch.setattr(factories, "CELLS", CELLS)
    patch.setattr(factories, "make_draft", partial(factories.make_draft, cut_score=CUT_SCORE))
    house = make_house(per_cell=1, of_types=list(ItemType))
    _planned, trainees = make_prepared(house)
    return house, trainees[0]


def kinds_of(attempt: Attempt) -> dict[int, ItemType]:
    """Return the type of the item at each place of a candidate's paper."""
    sheet = {one.position: one.version.type for one in sheet_of(attempt.session.paper_id)}
    return {number: sheet[place.position] for number, place in enumerate(from_json(attempt.order), start=1)}


@dataclass
class Site:
    """A server that can be cut off and come back at its address; down at the end of its block."""

    app: Flask
    port: int = 0
    running: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Serve."""
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Serve no more."""
        self.down()

    def up(self) -> None:
        """Answer at the same address as before."""
        self.port = self.running.enter_context(served(self.app, self.port))

    def down(self) -> None:
        """Refuse every connection."""
        self.running.close()


@dataclass
class Machine:
    """A browser with a profile of its own in front of the candidate, who has a keyboard and nothing else."""

    playwright: Playwright
    site: Site
    profile: Path
    kinds: dict[int, ItemType]
    context: BrowserContext = field(init=False)
    page: Page = field(init=False)

    def open(self) -> Self:
        """Start the browser as whoever sits down finds it: what the profile kept is there, and nobody is signed in.

        The browser of a desk forgets such cookies as it starts; one without a window brings them back.
        """
        self.context = self.playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=CHROMIUM, args=FLAGS, locale="zh-CN", bypass_csp=False
        )
        self.context.clear_cookies()
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        return self

    def kill(self) -> None:
        """End the browser as a power cut would."""
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                command = (folder / "cmdline").read_bytes().decode().split("\0")
                if f"--user-data-dir={self.profile}" in command:
                    os.kill(int(folder.name), signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """End the browser; nothing where it has ended."""
        with suppress(Error):
            self.context.close()

    def enter(self, secret: str) -> None:
        """Come in by the admission ticket, as a candidate does on any machine."""
        self.page.goto(f"{self.site.url}/sit/ticket")
        self.type_at("#ticket", secret, "Enter")
        expect(self.page).not_to_have_url(f"{self.site.url}/sit/ticket", timeout=SOON)

    def start(self) -> None:
        """Start the sitting and say so twice, as the page asks."""
        self.type_at("main button[data-confirm]", "Enter")
        self.type_at("#confirm button[value='yes']", "Enter")

    def type_at(self, selector: str, *keys: str) -> None:
        """Go somewhere by the Tab key; press or type there."""
        self.tab_to(selector)
        for key in keys:
            if key in PRESSED:
                self.page.keyboard.press(key)
            else:
                self.page.keyboard.type(key)

    def tab_to(self, selector: str) -> None:
        """Press the Tab key until something has the focus."""
        for _ in range(TRIES):
            if self.page.evaluate(FOCUSED, selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the Tab key does not lead to {selector}")

    def go(self, place: int) -> None:
        """Turn to a question."""
        while (here := self.page.evaluate(CURRENT)) != place:
            self.page.keyboard.press("Alt+PageDown" if here < place else "Alt+PageUp")

    def answer(self, *places: int) -> None:
        """Turn to questions and answer each."""
        for place in places:
            self.go(place)
            expect(self.page.locator(f"#q{place}")).to_be_visible()
            for where, *keys in STROKES[self.kinds[place]]:
                self.type_at(f"#q{place} {where}", *keys)

    def state(self, *wanted: str, within: int = SOON) -> None:
        """Wait for the page to say how its answers stand."""
        named = ", ".join(f"#saved[data-state='{one}']" for one in wanted)
        expect(self.page.locator(named)).to_be_visible(timeout=within)

    def ready(self, within: int = SOON) -> None:
        """Wait until the page lives and has put itself on the device."""
        expect(self.page.locator("#sitting[data-ready='kept']")).to_be_visible(timeout=within)

    def content(self) -> Content:
        """Return what stands in each question."""
        found: Content = self.page.evaluate(CONTENT)
        return found

    def shown(self) -> set[int]:
        """Return the questions that the palette shows as answered."""
        return set(self.page.evaluate(ANSWERED))
