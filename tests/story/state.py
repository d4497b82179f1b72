"""What is known on the way."""

from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from app.items.rules.content import ItemContent
from tests.story.browser import Browser, StoryError
from tests.story.people import ROOT, People

CONTENT = ROOT / "content"
FIRST_DAY = datetime(2026, 9, 7, 9, 0)  # noqa: DTZ001 - the command takes Shanghai time
EXAM_DAY = date(2026, 9, 12)
PASSWORD = "story-Passw0rd-2026"
TAKING_PART = 3
PLACES = 40
BANK = "JJ-JUNIOR"
NEW_BANK = "JJ-STORY"
NEW_ITEMS = 60
PER_CELL = 3
MODULES = ("general", "policy", "practice", "capability")
CELLS = [(module, level) for module in MODULES for level in ("recall", "understand", "apply", "analyse")]


@dataclass
class Trainee:
    """One trainee of the roster who takes part to the end."""

    name: str
    number: str
    invitation: str
    browser: Browser | None = None
    enrolment: str = ""
    attempt: str = ""

    @property
    def own(self) -> Browser:
        """Return the signed-in browser."""
        if self.browser is None:
            raise StoryError(f"{self.name} has not signed in")
        return self.browser


@dataclass
class Journey:
    """What the steps hand to each other."""

    people: People
    folder: Path
    began: dict[str, int] = field(default_factory=dict)
    trainees: list[Trainee] = field(default_factory=list)
    pack: str = ""
    cohort: str = ""
    session: str = ""
    blueprint: str = ""
    study: str = ""
    judges: list[str] = field(default_factory=list)
    paper: str = ""
    batch: str = ""
    evidence: str = ""
    case: str = ""
    committee: str = ""
    round: str = ""
    contracts: list[str] = field(default_factory=list)
    applications: list[str] = field(default_factory=list)
    panel: str = ""
    meeting: str = ""
    ballot: str = ""
    seeds: dict[str, bytes] = field(default_factory=dict)
    number: str = ""
    record: str = ""
    objection: str = ""
    cycle: str = ""
    appraisal: str = ""
    credentials: list[str] = field(default_factory=list)
    keys: dict[str, ItemContent] = field(default_factory=dict)
