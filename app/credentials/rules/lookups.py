"""Looking certificates up by what people write: numbers with typos, names with spaces; pure functions."""

import re
import unicodedata
from collections.abc import Iterator

from app.credentials.states import RowOutcome

BETWEEN = re.compile(r"[\s\u00b7\u2022\u2027\u30fb\uff65.\-']")
"""What stands between the parts of a name and differs from one keyboard to the next."""
SPACES = re.compile(r"\s+")
DIGITS = "0123456789"
CONFUSED = {
    "O": "0",
    "0": "O",
    "I": "1",
    "1": "I",
    "L": "1",
    "Z": "2",
    "2": "Z",
    "S": "5",
    "5": "S",
    "B": "8",
    "8": "B",
}
LONGEST_NUMBER = 40
SHORTEST_NUMBER = 6
STANDINGS = {
    "valid": RowOutcome.VALID,
    "expired": RowOutcome.EXPIRED,
    "revoked": RowOutcome.REVOKED,
    "suspended": RowOutcome.SUSPENDED,
    "not_yet": RowOutcome.NOT_YET,
}


def plain_name(name: str) -> str:
    """Return a name as it is compared: one width, no spaces or points between its parts, no case."""
    return BETWEEN.sub("", unicodedata.normalize("NFKC", name)).casefold()


def name_fits(given: str, *known: str | None) -> bool | None:
    """Tell whether a given name is one that the certificate carries; None where none was given."""
    if not given.strip():
        return None
    return plain_name(given) in {plain_name(one) for one in known if one}


def outcome_of(standing: str, fits: bool | None) -> RowOutcome:  # noqa: FBT001 - three answers: yes, no, not asked
    """Return the answer to a row whose certificate was found.

    That it does not stand goes before a name that differs: whoever relies on it needs that most.
    """
    outcome = STANDINGS[standing]
    return RowOutcome.NAME_DIFFERS if outcome is RowOutcome.VALID and fits is False else outcome


def plain_number(text: str) -> str:
    """Return a number as it is looked up: half width, no spaces, capitals."""
    return SPACES.sub("", unicodedata.normalize("NFKC", text)).upper()


def near_numbers(number: str) -> set[str]:
    """Return the numbers one slip of the hand away: two characters swapped, one wrong, one missing, one too many.

    A digit is mistaken for another digit, a letter for the digit it looks like. The set is bounded by the length.
    """
    if not SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER:
        return set()
    return set(_slips(number)) - {number}


def _slips(number: str) -> Iterator[str]:
    for place, character in enumerate(number):
        before, after = number[:place], number[place + 1 :]
        yield before + after
        if after:
            yield before + after[0] + character + after[1:]
        for other in DIGITS if character in DIGITS else "":
            yield before + other + after
        if character in CONFUSED:
            yield before + CONFUSED[character] + after
        for digit in DIGITS:
            yield before + digit + character + after
    for digit in DIGITS:
        yield number + digit
