"""What of a person must not stand in a text that everybody reads (PIPL, articles 25 and 28); pure functions."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.accounts.rules.identity import clean_number
from app.accounts.states import IdentityKind
from app.core.errors import InvalidError

STAR = "*"
SHOWN = 3
"""So many characters stay, so that whoever wrote the text finds the place."""
GAP = r"[ \-]?"
CARD_LENGTHS = range(16, 20)
CARD_STARTS = ("4", "5", "6")
"""Cards of UnionPay begin with 62, those of other schemes with 4 and 5; registered numbers of contracts with a year."""


class Private(StrEnum):
    """What was found in a text."""

    IDENTITY = "identity"
    MAIL = "mail"
    MOBILE = "mobile"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a text that must not become public, by its place."""

    kind: Private
    start: int
    end: int
    masked: str


def found_in(text: str) -> list[Found]:
    """Return what of a person stands in a text, in order: each place once, whatever the width of its digits."""
    plain = _narrow(text)
    taken: list[Found] = []
    for kind, pattern, holds in PATTERNS:
        for hit in pattern.finditer(plain):
            start, end = hit.span()
            if holds(hit[0]) and not any(one.start < end and start < one.end for one in taken):
                taken.append(Found(kind, start, end, _masked(text[start:end])))
    return sorted(taken, key=lambda one: one.start)


def without_private(text: str) -> str:
    """Return a text in which only the first characters of what is private stay."""
    parts, done = list[str](), 0
    for one in found_in(text):
        parts += [text[done : one.start], one.masked]
        done = one.end
    return "".join([*parts, text[done:]])


def _narrow(text: str) -> str:
    """Return a text of the same length with its full-width letters and digits in the usual width."""
    return "".join(_one(char) for char in text)


def _one(char: str) -> str:
    narrow = unicodedata.normalize("NFKC", char)
    return narrow if len(narrow) == 1 else char


def _masked(part: str) -> str:
    return part[:SHOWN] + STAR * (len(part) - SHOWN)


def _digits(part: str) -> str:
    return "".join(char for char in part if char.isalnum())


def _is_identity(part: str) -> bool:
    try:
        clean_number(IdentityKind.RESIDENT_ID, part)
    except InvalidError:
        return False
    return True


def _is_card(part: str) -> bool:
    """Tell whether a number can be that of a bank card: by length, beginning and check digit (ISO/IEC 7812)."""
    digits = _digits(part)
    return len(digits) in CARD_LENGTHS and digits.startswith(CARD_STARTS) and _checked(digits)


def _checked(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(value, 10)) for value in doubled) % 10 == 0


def _any(part: str) -> bool:
    del part
    return True


def _patterns() -> Iterator[tuple[Private, re.Pattern[str], Callable[[str], bool]]]:
    alone, after = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])"
    yield Private.IDENTITY, re.compile(rf"{alone}[0-9](?:{GAP}[0-9]){{16}}{GAP}[0-9Xx]{after}"), _is_identity
    yield Private.CARD, re.compile(rf"{alone}[0-9](?:{GAP}[0-9]){{15,18}}{after}"), _is_card
    yield Private.MOBILE, re.compile(rf"(?<![0-9])(?:\+?86{GAP})?1[3-9][0-9](?:{GAP}[0-9]{{4}}){{2}}(?![0-9])"), _any
    yield Private.MAIL, re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), _any


PATTERNS = tuple(_patterns())
