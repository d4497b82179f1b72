"""Looking certificates up by what people write: one spelling, and what a name says; pure functions."""

import re
import unicodedata

from app.credentials.rules.near import same_name
from app.credentials.states import RowOutcome

SPACES = re.compile(r"\s+")
STANDINGS = {
    "valid": RowOutcome.VALID,
    "expired": RowOutcome.EXPIRED,
    "revoked": RowOutcome.REVOKED,
    "suspended": RowOutcome.SUSPENDED,
    "not_yet": RowOutcome.NOT_YET,
}


def name_fits(given: str, *known: str | None) -> bool | None:
    """Tell whether a given name is one that the certificate carries; None where none was given."""
    if not given.strip():
        return None
    return same_name(given, *known)


def outcome_of(standing: str, fits: bool | None) -> RowOutcome:  # noqa: FBT001 - three answers: yes, no, not asked
    """Return the answer to a row whose certificate was found.

    That it does not stand goes before a name that differs: whoever relies on it needs that most.
    """
    outcome = STANDINGS[standing]
    return RowOutcome.NAME_DIFFERS if outcome is RowOutcome.VALID and fits is False else outcome


def plain_number(text: str) -> str:
    """Return a number as it is looked up: half width, no spaces, capitals."""
    return SPACES.sub("", unicodedata.normalize("NFKC", text)).upper()
