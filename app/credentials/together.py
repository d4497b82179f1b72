"""All certificates of one person verified at once, for rooms above that decide about that person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.credentials import queries, verification, wording, wording_verify
from app.credentials.models import Certificate
from app.credentials.queries.records import Holder
from app.credentials.rules.verdict import Result, Verdict
from app.credentials.verification import Answer
from app.credentials.wording import CheckLine
from app.credentials.wording_holders import title_of

MOST = 20
"""So many of the latest certificates of a person are verified in one request."""
TOLD = frozenset({Result.FAIL, Result.UNKNOWN})


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """One certificate with its result: a word with its tone, and what those checks found that did not pass."""

    title: str
    number: str | None
    url: str
    outcome: tuple[str, str]
    lines: Sequence[CheckLine]


def certificates_of(person_id: int, *, at: datetime) -> list[CheckedCertificate]:
    """Verify what a person holds from the published bytes and the register, the latest first.

    The caller records the look with its own subject (`looked_up`).
    """
    held = queries.held_by(Holder(person_id))[:MOST]
    return [_checked(one, verification.verify_certificate(one, at=at)) for one in held]


def _checked(certificate: Certificate, verdict: Verdict) -> CheckedCertificate:
    outcome = wording_verify.outcome_with_name(Answer(verdict, certificate))
    pairs = zip(verdict.checks, wording.lines_of(verdict), strict=True)
    return CheckedCertificate(
        title=title_of(certificate),
        number=certificate.number,
        url=f"/credentials/{certificate.code}",
        outcome=(str(outcome.word), outcome.tone),
        lines=[line for check, line in pairs if check.result in TOLD],
    )
