"""Identity documents: how each kind is written, checked and masked."""

import re
from collections.abc import Iterable
from datetime import date

from app.accounts.states import IdentityKind
from app.core.errors import InvalidError, Text
from app.core.text import _l

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
PROVINCE_DIGITS = (
    "11121314152122233132333435363741424344454650515253546162636465"  # the mainland
    "71818283"  # Taiwan, Hong Kong, Macao, and residence permits of Taiwan residents
)
PROVINCES = frozenset(PROVINCE_DIGITS[place : place + 2] for place in range(0, len(PROVINCE_DIGITS), 2))
FIRST_YEAR = 1900
LONG_NUMBER = 15
TAIL = 4
RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
PATTERNS = {
    IdentityKind.PASSPORT: re.compile(r"(?=[A-Z0-9]*[0-9])[A-Z0-9]{5,17}"),
    IdentityKind.HK_MACAO_PERMIT: re.compile(r"[HM][0-9]{8}(?:[0-9]{2})?"),
    IdentityKind.TAIWAN_PERMIT: re.compile(r"[0-9]{8}|[0-9]{10}"),
}
REISSUE_FREE = 9


FOR_LIFE = frozenset({IdentityKind.RESIDENT_ID, IdentityKind.HK_MACAO_PERMIT})
"""Documents whose number a person keeps for life, as it is kept here; passports get a new one each time."""


def two_people(one: Iterable[tuple[IdentityKind, str]], other: Iterable[tuple[IdentityKind, str]]) -> bool:
    """Tell whether the documents of two records cannot be those of one human being: two numbers kept for life."""
    numbers = {kind: number for kind, number in one if kind in FOR_LIFE}
    return any(numbers.get(kind, number) != number for kind, number in other if kind in FOR_LIFE)


def check_digit(first_seventeen: str) -> str:
    """Return the eighteenth character of a resident identity number (GB 11643, MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11]


def is_male(number: str) -> bool:
    """Tell the sex that a resident identity number states: its seventeenth digit is odd for men (GB 11643)."""
    return int(number[16]) % 2 == 1


def clean_number(kind: IdentityKind, number: str) -> str:
    """Return a document number as it is kept: capitals, no spaces, checked by its kind.

    A Hong Kong or Macao permit is kept without its two digits of reissue, which change.
    Raises InvalidError for the field `identity_number`.
    """
    written = re.sub(r"[\s\-()（）]", "", number).upper()
    if kind is IdentityKind.RESIDENT_ID:
        _check_resident(written)
        return written
    if not PATTERNS[kind].fullmatch(written):
        raise _wrong(_l("This is not how such a document number is written. Compare it with the document."))
    return written[:REISSUE_FREE] if kind is IdentityKind.HK_MACAO_PERMIT else written


def check_born(kind: IdentityKind, number: str, on: date) -> None:
    """Refuse a resident identity number whose day of birth lies after a day; `number` is one that `clean_number` gave.

    Raises InvalidError for the field `identity_number`.
    """
    if kind is IdentityKind.RESIDENT_ID and number[6:14] > f"{on:%Y%m%d}":
        raise _wrong(_l("The identity number holds a date of birth that lies ahead. Compare it with the document."))


def _check_resident(written: str) -> None:
    if not RESIDENT.fullmatch(written):
        raise _wrong(_l("A resident identity number has 18 characters: 17 digits, then a digit or X."))
    if written[:2] not in PROVINCES:
        raise _wrong(_l("The first six digits of the identity number name no region."))
    if not _is_day(written[6:14]):
        raise _wrong(_l("The identity number holds no valid date of birth."))
    if check_digit(written[:17]) != written[17]:
        raise _wrong(_l("The last character of the identity number does not fit the others. Compare it."))


def _is_day(digits: str) -> bool:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return day.year >= FIRST_YEAR


def _wrong(message: Text) -> InvalidError:
    return InvalidError(message, field="identity_number")


def mask_identity(number: str) -> str:
    """Return a document number for screens: its beginning, stars, its last four characters."""
    head, tail = (4, TAIL) if len(number) >= LONG_NUMBER else (1, TAIL - 1)
    return number[:head] + "*" * (len(number) - head - tail) + number[-tail:]


def mask_name(name: str) -> str:
    """Return a name for a page that does not know yet who reads it: its first letter, then stars."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def last_four(number: str) -> str:
    """Return the last four characters, which an invited person types to show who they are."""
    return number[-TAIL:]
