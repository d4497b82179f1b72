"""Names of bodies as they are compared: written otherwise they are the same, and a department is part of its whole."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from app.settings import ROOT

# zh: how names of companies end, the longer first; they are left out where two names are compared
LEGAL_FORMS = (
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "companylimited",
    "limited",
    "coltd",
    "ltd",
    "inc",
)
# zh: words that only begin as a university does: 大学生, 大学城, 大学路; not 大学 before 生命科学 or 城市规划
NO_UNIVERSITY = r"(?!生(?![命物态殖理化医产])|城(?![市乡镇建])|路(?!桥)|街)"
# zh: what ends the name of a body that has departments; an academy of sciences is none, its institutes stand alone
ENDINGS = r"(?<!科)学院(?!路(?!桥)|街)|医院|集团"
UNIVERSITY = "大学"  # zh: how the name of a university ends, before the place of those that bear one name
SHORTEST = 4
FILE = ROOT / "content" / "units" / "apart.toml"


@dataclass(frozen=True, slots=True)
class Apart:
    """Universities that bear one name and are bodies of their own, by the places in their names; others are parts."""

    tag: str
    source_zh: str
    source_en: str
    places: dict[str, list[str]]


@cache
def apart() -> Apart:
    """Return which universities of one name are kept apart."""
    return Apart(**tomllib.loads(FILE.read_text("utf-8")))


@cache
def _whole() -> re.Pattern[str]:
    ends = (rf"(?<={body_key(name)})(?:{'|'.join(map(body_key, places))})" for name, places in apart().places.items())
    return re.compile(rf"{UNIVERSITY}{NO_UNIVERSITY}(?:{'|'.join(ends)})?|{ENDINGS}")


class Alike(StrEnum):
    """How two names say the same body."""

    SAME = "same"
    WRITTEN = "written"
    PART = "part"


def body_key(name: str) -> str:
    """Return a name without width, spaces, brackets, marks and the legal form of a company."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    bare = "".join(char for char in folded if char.isalnum())
    form = next((one for one in LEGAL_FORMS if bare.endswith(one)), "")
    return bare.removesuffix(form) or bare


def body_root(name: str) -> str:
    """Return the key of the whole that a name says it is a part of, its own key where it names none."""
    key = body_key(name)
    ends = (found.end() for found in _whole().finditer(key))
    return key[: next((end for end in ends if end >= SHORTEST), len(key))]


def alike(one: str, other: str) -> Alike | None:
    """Tell how two names say the same body; None where they do not."""
    if one == other:
        return Alike.SAME
    if body_key(one) == body_key(other):
        return Alike.WRITTEN
    return Alike.PART if body_root(one) == body_root(other) else None
