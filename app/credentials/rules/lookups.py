"""Looking certificates up by what people write: one spelling, and what a name says; pure functions."""

from app.credentials.rules.near import same_name
from app.credentials.states import RowOutcome

SLIPS = ("near-name", "look-alike", "near", "not-compared")
"""What may be said of a number that was never issued, beside that: how near it came, or that nobody looked."""
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


def is_guess(fault: str) -> bool:
    """Tell whether a row of which nothing was found could be a guess: where a number was looked up."""
    return fault in {"", *SLIPS}
