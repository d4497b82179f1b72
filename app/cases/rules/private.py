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
CARD_NUMBER = re.compile(r"4(?:[0-9]{15}|[0-9]{18})|5[0-9]{15}|35[0-9]{14}|6[0289][0-9]{14,17}|95[56][0-9]{13,16}")
"""How numbers of cards begin and how long they are then: Visa, Mastercard, JCB, UnionPay, older Chinese cards."""
JOINED_BEFORE, JOINED_AFTER = re.compile(r"[0-9A-Za-z]-?$"), re.compile(r"-?[0-9A-Za-z]")
"""What makes digits a part of a longer number, as in HT-15020240001."""
MONEY = re.compile(r" ?(?:[万亿]|余?[元圆]|[美欧港日]元|人民币)")  # zh: how an amount ends
CALLED = re.compile(
    r"(?:电话|手机|联系|致电|拨打|微信|tel|phone|mobile|wechat|wx)[号码方式]*[\s:：.是为\-]*$",  # zh: before a number
    re.IGNORECASE,
)
YEAR = re.compile(r"(?:19|20)[0-9]{2}")
NEAR = 16
"""So many characters before a number are looked at for what it is."""


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
            if holds(hit) and not any(one.start < end and start < one.end for one in taken):
                taken.append(Found(kind, start, end, _masked(text[start:end])))
    return sorted(taken, key=lambda one: one.start)


def without_private(text: str) -> str:
    """Return a text in which only the first characters of what is private stay.

    What stood beside something private, as a part of it, may be private itself: it is looked at again.
    """
    while found := found_in(text):
        parts, done = list[str](), 0
        for one in found:
            parts += [text[done : one.start], one.masked]
            done = one.end
        text = "".join([*parts, text[done:]])
    return text


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


def _is_identity(hit: re.Match[str]) -> bool:
    try:
        clean_number(IdentityKind.RESIDENT_ID, hit[0])
    except InvalidError:
        return False
    return True


def _is_card(hit: re.Match[str]) -> bool:
    """Tell whether a number can be that of a bank card: by length, beginning and check digit (ISO/IEC 7812)."""
    digits = _digits(hit[0])
    return CARD_NUMBER.fullmatch(digits) is not None and _checked(digits) and _stands_alone(hit)


def _is_mobile(hit: re.Match[str]) -> bool:
    """Tell whether a number can be that of a phone: said to be one, or neither part of another number nor an amount.

    In groups, a number with a year in its middle is that of a paper, as 156-2024-0012.
    """
    if CALLED.search(_before(hit)):
        return True
    of_paper = hit["gap"] != "" and YEAR.fullmatch(hit["middle"]) is not None
    return _stands_alone(hit) and not of_paper


def _stands_alone(hit: re.Match[str]) -> bool:
    """Tell whether digits are neither part of a longer number nor an amount of money."""
    text, end = hit.string, hit.end()
    joined = JOINED_BEFORE.search(_before(hit)) or JOINED_AFTER.match(text, end)
    return joined is None and MONEY.match(text, end) is None


def _before(hit: re.Match[str]) -> str:
    return hit.string[max(hit.start() - NEAR, 0) : hit.start()]


def _checked(digits: str) -> bool:
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(value, 10)) for value in doubled) % 10 == 0


def _any(hit: re.Match[str]) -> bool:
    del hit
    return True


def _patterns() -> Iterator[tuple[Private, re.Pattern[str], Callable[[re.Match[str]], bool]]]:
    alone, after, digit = "(?<![0-9A-Za-z])", "(?![0-9A-Za-z])", "[0-9]"
    yield Private.IDENTITY, re.compile(rf"{alone}{digit}(?:{GAP}{digit}){{16}}{GAP}[0-9Xx]{after}"), _is_identity
    fours = rf"{digit}{{4}}(?P<gap>[ \-]){digit}{{4}}(?:(?P=gap){digit}{{4}}){{2}}(?:(?P=gap){digit}{{1,3}})?"
    card = rf"{digit}{{16,19}}|{fours}|{digit}{{6}}[ \-]{digit}{{10,13}}"
    yield Private.CARD, re.compile(rf"{alone}(?:{card}){after}"), _is_card
    phone = rf"1[3-9]{digit}(?P<gap>{GAP})(?P<middle>{digit}{{4}})(?P=gap){digit}{{4}}"
    yield Private.MOBILE, re.compile(rf"(?<!{digit})(?:(?:\+|00)?86{GAP})?{phone}(?!{digit})"), _is_mobile
    yield Private.MAIL, re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"), _any


PATTERNS = tuple(_patterns())
