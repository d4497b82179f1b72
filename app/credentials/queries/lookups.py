"""Set-based look-ups of certificates by number or code, and reads of employers' checks."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.orm import defer, undefer

from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.jobs import Job
from app.core.text import _l
from app.credentials.models import ERASED, Certificate, CertificateCheck, CheckedRow, CheckPaper
from app.credentials.queries.records import PUBLIC_STATES
from app.credentials.states import CertificateState, RowOutcome

Key = TypeVar("Key", str, int)
AT_ONCE = 5000
"""So many numbers a statement; both databases take more."""
BATCH = 400
PER_PAGE = 50


class Rows(NamedTuple):
    """One page of answered rows."""

    rows: list[CheckedRow]
    page: int
    pages: int
    total: int


class Checks(NamedTuple):
    """One page of an organisation's checks."""

    rows: list[CertificateCheck]
    page: int
    pages: int
    total: int


def by_numbers(numbers: Iterable[str]) -> dict[str, Certificate]:
    """Return certificates by unified number, a standing one before a revoked one, some thousand a statement."""
    found: dict[str, Certificate] = {}
    for some in _blocks(numbers):
        order = (Certificate.state != CertificateState.REVOKED, Certificate.id)
        for one in session.scalars(_shown().where(Certificate.number.in_(some)).order_by(*order)):
            found[str(one.number)] = one
    return found


def by_codes(codes: Iterable[str]) -> dict[str, Certificate]:
    """Return certificates by code, some thousand a statement."""
    found: dict[str, Certificate] = {}
    for some in _blocks(codes):
        found |= {one.code: one for one in session.scalars(_shown().where(Certificate.code.in_(some)))}
    return found


def with_credentials(certificates: Iterable[Certificate]) -> list[Certificate]:
    """Return certificates with their credentials, which look-ups leave unread; some thousand a statement."""
    found: list[Certificate] = []
    for some in _blocks(one.id for one in certificates):
        query = select(Certificate).options(undefer(Certificate.credential)).where(Certificate.id.in_(some))
        found += session.scalars(query)
    return found


def _blocks(given: Iterable[Key]) -> Iterator[list[Key]]:
    listed = sorted(set(given))
    return (listed[start : start + AT_ONCE] for start in range(0, len(listed), AT_ONCE))


def _shown() -> Select[Certificate]:
    shown = Certificate.state.in_(PUBLIC_STATES) & (Certificate.credential != ERASED)
    return select(Certificate).options(defer(Certificate.credential)).where(shown)


def checks(actor: Actor, *, page: int = 1) -> Checks:
    """Return the checks of the actor's organisation, the latest first."""
    own = CertificateCheck.organisation_id == (actor.organisation_id or 0)
    total = session.scalar(select(func.count()).select_from(CertificateCheck).where(own)) or 0
    pages = max(-(-total // PER_PAGE), 1)
    at = min(max(page, 1), pages)
    query = select(CertificateCheck).where(own).order_by(CertificateCheck.id.desc())
    return Checks(list(session.scalars(query.limit(PER_PAGE).offset((at - 1) * PER_PAGE))), at, pages, total)


def check(code: str, actor: Actor) -> CertificateCheck:
    """Return a check of the actor's organisation; raises NotFoundError for any other."""
    own = CertificateCheck.organisation_id == (actor.organisation_id or 0)
    found = session.scalar(select(CertificateCheck).where(CertificateCheck.code == code, own))
    if found is None:
        raise NotFoundError(_l("Your organisation made no such check. Open the list of its checks."))
    return found


def check_by_code(code: str) -> CertificateCheck:
    """Return a check, for its job and its sheet; raises NotFoundError."""
    found = session.scalar(select(CertificateCheck).where(CertificateCheck.code == code))
    if found is None:
        raise NotFoundError(_l("Your organisation made no such check. Open the list of its checks."))
    return found


def check_asked_with(number: str, actor: Actor) -> CertificateCheck | None:
    """Return the check that a form has started already."""
    own = CertificateCheck.organisation_id == (actor.organisation_id or 0)
    return session.scalar(select(CertificateCheck).where(CertificateCheck.asked_with == number, own))


def job_of_check(found: CertificateCheck) -> Job | None:
    """Return the job that answers the rows of a check."""
    return session.scalar(select(Job).where(Job.key == check_key(found.code)))


def job_of_paper(found: CertificateCheck) -> Job | None:
    """Return the job that draws the result of a check, None where nobody asked for it yet."""
    return session.scalar(select(Job).where(Job.key == paper_key(found.code)))


def papers_of(check_id: int) -> list[CheckPaper]:
    """Return the drawn parts of the result of a check in their order."""
    return list(session.scalars(select(CheckPaper).where(CheckPaper.check_id == check_id).order_by(CheckPaper.part)))


def paper_key(code: str) -> str:
    """Return the key under which the result of a check is drawn once."""
    return f"{check_key(code)}.paper"


def check_key(code: str) -> str:
    """Return the key under which a check is answered once."""
    return f"credentials.check.{code}"


def rows(check_id: int, *, outcome: str = "", page: int = 1) -> Rows:
    """Return answered rows of a check in the order of the file, all or those with one answer."""
    wanted = CheckedRow.check_id == check_id
    if outcome in set(RowOutcome):
        wanted &= CheckedRow.outcome == RowOutcome(outcome)
    total = session.scalar(select(func.count()).select_from(CheckedRow).where(wanted)) or 0
    pages = max(-(-total // PER_PAGE), 1)
    at = min(max(page, 1), pages)
    query = select(CheckedRow).where(wanted).order_by(CheckedRow.line)
    return Rows(list(session.scalars(query.limit(PER_PAGE).offset((at - 1) * PER_PAGE))), at, pages, total)


def is_anything_erased(check_id: int) -> bool:
    """Tell whether rows of a check lost what they said of a person whose data was erased."""
    query = select(CheckedRow.id).where(
        CheckedRow.check_id == check_id, CheckedRow.certificate_id.is_not(None), CheckedRow.given == ""
    )
    return session.scalar(query.limit(1)) is not None


def some_rows(check_id: int, after: int, most: int) -> list[CheckedRow]:
    """Return answered rows of a check behind so many, in the order of the file."""
    query = select(CheckedRow).where(CheckedRow.check_id == check_id).order_by(CheckedRow.line)
    return list(session.scalars(query.offset(after).limit(most)))


def all_rows(check_id: int) -> Iterator[CheckedRow]:
    """Yield every answered row of a check in the order of the file, read in batches."""
    query = select(CheckedRow).where(CheckedRow.check_id == check_id).order_by(CheckedRow.line)
    yield from session.scalars(query.execution_options(yield_per=BATCH))


def outcomes(check_id: int) -> dict[str, int]:
    """Return how many rows of a check have each answer."""
    query = select(CheckedRow.outcome, func.count()).where(CheckedRow.check_id == check_id)
    return {one.value: number for one, number in session.execute(query.group_by(CheckedRow.outcome))}


def rows_to_forget(at: datetime, most: int) -> list[CertificateCheck]:
    """Return finished checks whose rows were promised to be deleted by now."""
    due = CertificateCheck.forgotten_at.is_(None) & CertificateCheck.finished_at.is_not(None)
    query = select(CertificateCheck).where(due, CertificateCheck.forget_at <= at)
    return list(session.scalars(query.order_by(CertificateCheck.id).limit(most)))
