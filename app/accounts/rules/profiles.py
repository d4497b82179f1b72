"""What passwords must be: two profiles, because ASVS and the baseline of classified protection disagree."""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from app.settings import ROOT

FILE = ROOT / "content" / "security" / "password-profiles.toml"


@dataclass(frozen=True, slots=True)
class Profile:
    """Lengths in characters, kinds of characters, days until a change is due (0 never), past passwords refused."""

    name_zh: str
    name_en: str
    shortest: int
    shortest_alone: int
    classes: int
    days: int
    history: int
    tag: str
    source_zh: str
    source_en: str

    def is_due(self, since: datetime, at: datetime) -> bool:
        """Tell whether a password set at `since` has to be changed at an instant of security time."""
        return self.days > 0 and at - since >= timedelta(days=self.days)


@cache
def profile(code: str) -> Profile:
    """Return a profile by its code, `asvs` or `mlps`."""
    return Profile(**tomllib.loads(FILE.read_text("utf-8"))[code])
