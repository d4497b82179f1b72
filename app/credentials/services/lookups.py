"""Answering lists of certificates from the register: the engine behind employers' checks, /verify and the API."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.core.columns import JsonObject
from app.credentials import verification
from app.credentials.models import Certificate
from app.credentials.queries import lookups as queries
from app.credentials.rules.instants import write_instant
from app.credentials.rules.lists import ListRow
from app.credentials.rules.lookups import name_fits, outcome_of, plain_number
from app.credentials.rules.near import near_numbers
from app.credentials.rules.openbadge import Holder, ShapeError, read_certificate
from app.credentials.states import RowOutcome

FREE_SLIPS = 100
"""So many rows of a block are searched for a slip of the hand: the work on a block stays bounded."""


@dataclass(frozen=True, slots=True)
class Answered:
    """One row with the register's answer; `told` never holds a name, `near` only stands where a given name fits it."""

    row: ListRow
    outcome: RowOutcome
    name_fits: bool | None = None
    near: str | None = None
    certificate: Certificate | None = None
    told: JsonObject = field(default_factory=dict)

    @property
    def is_guess(self) -> bool:
        """Tell whether the row could be a guess: nothing under its number, or another name than the given one."""
        unknown = self.outcome is RowOutcome.NOT_FOUND and self.near is None
        return unknown or (self.certificate is not None and self.name_fits is False)


def answered(rows: Sequence[ListRow], *, at: datetime, slips: int = FREE_SLIPS) -> list[Answered]:
    """Answer every row, in order, from the register as it stands; a fixed number of statements some hundred rows.

    At most `slips` rows are searched for a slip of the hand.
    """
    wanted = {row: _reference(row) for row in rows if not row.fault}
    codes = {text for text, by_code in wanted.values() if by_code}
    numbers = {text for text, by_code in wanted.values() if not by_code}
    by_code = queries.by_codes(codes)
    by_number = {**queries.by_codes(text.lower() for text in numbers), **queries.by_numbers(numbers)}
    by_number |= {one.upper(): found for one, found in by_number.items() if one != one.upper()}
    found = {row: (by_code if exact else by_number).get(text) for row, (text, exact) in wanted.items()}
    near = _near({row: text for row, (text, exact) in wanted.items() if found[row] is None and not exact}, slips)
    return [_answer(row, found.get(row), near.get(row), at) for row in rows]


def _reference(row: ListRow) -> tuple[str, bool]:
    """Return the number or code of a row, and whether it is a code read from one of our own addresses."""
    if "/" in row.given:
        return verification.code_of(verification.as_published(row.given)) or "", True
    return plain_number(row.given), False


def _near(unknown: Mapping[ListRow, str], slips: int) -> dict[ListRow, str]:
    """Return, for rows whose number is a slip away from one of the given name, that number."""
    named = [(row, near_numbers(text)) for row, text in unknown.items() if row.name][: max(slips, 0)]
    known = queries.by_numbers(number for _row, numbers in named for number in numbers)
    found: dict[ListRow, str] = {}
    for row, numbers in named:
        fitting = [one for one in sorted(numbers & set(known)) if _fits(row, known[one])]
        if len(fitting) == 1:
            found[row] = fitting[0]
    return found


def _fits(row: ListRow, certificate: Certificate) -> bool | None:
    holder = _holder(certificate)
    return name_fits(row.name, holder.name, holder.name_latin) if holder else None


def _holder(certificate: Certificate) -> Holder | None:
    try:
        return read_certificate(certificate.document).holder
    except ShapeError:
        return None


def _answer(row: ListRow, certificate: Certificate | None, near: str | None, at: datetime) -> Answered:
    if row.fault:
        return Answered(row, RowOutcome.UNREADABLE, told={"fault": row.fault})
    if certificate is None:
        return Answered(row, RowOutcome.NOT_FOUND, near=near)
    fits = _fits(row, certificate)
    outcome = outcome_of(verification.standing(certificate, at), fits)
    return Answered(row, outcome, fits, certificate=certificate, told=_told(certificate, outcome))


def _told(certificate: Certificate, outcome: RowOutcome) -> JsonObject:
    """Return what an answer says of a certificate: of one whose name differs only that it is there."""
    if outcome is RowOutcome.NAME_DIFFERS:
        return {}
    told: JsonObject = {"kind": certificate.kind.value, "from": write_instant(certificate.valid_from)}
    if certificate.level:
        told["level"] = certificate.level
    if certificate.valid_until is not None:
        told["until"] = write_instant(certificate.valid_until)
    if certificate.revoked_at is not None and certificate.revoked_for is not None:
        told |= {"on": write_instant(certificate.revoked_at), "reason": certificate.revoked_for.value}
    if outcome is RowOutcome.SUSPENDED and certificate.suspended_at and certificate.suspended_for:
        told |= {"on": write_instant(certificate.suspended_at), "reason": certificate.suspended_for.value}
    return told


def people_on(answers: Iterable[Answered]) -> list[int]:
    """Return whose certificates were found; that of an organisation looks nobody up."""
    return [one.certificate.person_id for one in answers if one.certificate and one.certificate.person_id is not None]


def counted(answers: Iterable[Answered]) -> dict[str, int]:
    """Return how many rows have each answer, in the order in which answers are shown."""
    given = [one.outcome for one in answers]
    return {outcome.value: given.count(outcome) for outcome in RowOutcome if outcome in given}
