"""Employers' checks: a list staged, answered block by block, signed, and its rows deleted when that was promised."""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from app.accounts.models import Person
from app.core import events, staging
from app.core.access import Actor
from app.core.access_log import Purpose, looked_up
from app.core.columns import JsonObject
from app.core.config import settings
from app.core.db import session
from app.core.errors import ForbiddenError, UnavailableError
from app.core.events import Subject
from app.core.jobs import start_job
from app.core.staging import SealedRows, StagedFile
from app.core.text import _l
from app.credentials.models import Certificate, CertificateCheck, CheckedRow, CheckPaper
from app.credentials.queries import lookups as queries
from app.credentials.rules.lists import ListRow, shortened
from app.credentials.rules.sheets import row_line, rows_digest
from app.credentials.services.lookups import Answered, answered, people_on
from app.credentials.services.sheets import signed_sheet
from app.credentials.states import CheckPurpose

MOST_ROWS = 10_000
JOB = "credentials.check_rows"
PAPER_JOB = "credentials.check_paper"
ROWS_A_PART = 500
"""So many rows are drawn as one PDF: some 9 seconds of processor and 300 MB, however long the result is."""
PIECE = 3 * 1024
"""Bytes of a drawn result in one staged row; five hundred of them are a block."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Why an employer checks a list: a purpose of the closed list with words, and the consent of the people on it."""

    purpose: CheckPurpose
    words: str
    consent: str
    file_name: str


def subject(check: CertificateCheck) -> Subject:
    """Name a check in events."""
    return Subject("certificate_check", check.code)


def look_subject(check: CertificateCheck) -> Subject:
    """Name a check in the access log by its purpose, so that whoever was looked up reads what for."""
    return Subject(f"check_{check.purpose.value}", check.code)


def start_check(asked: Asked, rows: Sequence[ListRow], *, number: str, by: Actor, at: datetime) -> CertificateCheck:
    """Stage a list and start answering it; `number` is the form's own, so that a repeated request starts nothing.

    Raises ForbiddenError for an employer without an organisation.
    """
    found = queries.check_asked_with(number, by)
    if found is not None:
        return found
    if by.organisation_id is None:
        raise ForbiddenError(_l("Lists are checked for an organisation. Switch to a role that you hold in yours."))
    check = CertificateCheck(
        organisation_id=by.organisation_id,
        by_id=by.person_id,
        role=by.role,
        region_code=by.region_code,
        purpose=asked.purpose,
        words=asked.words,
        consent=asked.consent,
        file_name=asked.file_name,
        asked_with=number,
        staged_file_id=staging.keep(sealed(rows)).id,
        total=len(rows),
        asked_at=at,
        forget_at=at + timedelta(days=settings().check_rows_days),
    )
    session.add(check)
    session.flush()
    data = {"purpose": check.purpose.value, "rows": check.total}
    events.record("credentials.check_started", subject(check), by=by, at=at, data=data)
    job = start_job(JOB, key=queries.check_key(check.code), by=by, args={"check": check.code})
    job.total = check.total
    return check


def sealed(rows: Sequence[ListRow]) -> SealedRows:
    """Seal the rows of a list, which name people."""
    return staging.sealed(asdict(row) for row in rows)


def next_answers(check: CertificateCheck, *, at: datetime) -> list[Answered]:
    """Answer the next block of a check; reads only."""
    if check.staged_file_id is None:
        return []
    staged = session.get_one(StagedFile, check.staged_file_id)
    number = check.done // staging.BLOCK_ROWS
    return answered([ListRow(**row) for row in staging.read(staged, number)], at=at) if number < staged.blocks else []


def keep_answers(check: CertificateCheck, answers: Sequence[Answered], *, by: Actor, at: datetime) -> bool:
    """Keep an answered block and note whom it looked up, each in one statement; return whether blocks are left."""
    if answers:
        whole = insert(CheckedRow).execution_options(render_nulls=True)
        session.execute(whole, [_columns(check, one) for one in answers])
        looked_up(people_on(answers), by=by, purpose=Purpose.VERIFICATION, record=look_subject(check))
        check.done += len(answers)
        session.flush()
    if answers and check.done < check.total:
        return True
    _finish(check, by=by, at=at)
    return False


def _columns(check: CertificateCheck, one: Answered) -> JsonObject:
    return {
        "check_id": check.id,
        "line": one.row.line,
        "given": shortened(one.row.given),
        "name": one.row.name or None,
        "outcome": one.outcome,
        "name_fits": one.name_fits,
        "near": one.near,
        "certificate_id": one.certificate.id if one.certificate else None,
        "told": one.told,
    }


def _finish(check: CertificateCheck, *, by: Actor, at: datetime) -> None:
    """Close an answered check: counts, digest, signature; what was staged is destroyed."""
    check.counts = queries.outcomes(check.id)
    check.digest = rows_digest(row_line(signed_values(row)) for row in queries.all_rows(check.id))
    check.finished_at = at
    staged, check.staged_file_id = check.staged_file_id, None
    session.flush()
    if staged is not None:
        staging.forget(staged)
    sign(check)
    data = {"digest": check.digest, "rows": check.total, **check.counts}
    events.record("credentials.check_finished", subject(check), by=by, at=at, data=data)


def sign(check: CertificateCheck) -> bool:
    """Sign the result sheet once; where the key cannot be used it waits and is signed when asked for again."""
    if check.sheet is None and check.finished_at is not None:
        try:
            check.sheet = signed_sheet(check)
        except UnavailableError:
            return False
        session.flush()
        start_paper(check)
    return check.sheet is not None


def start_paper(check: CertificateCheck) -> None:
    """Have a signed result drawn and sealed as PDF, once; a long one in parts, which take some minutes."""
    if check.sheet is not None and check.forgotten_at is None:
        start_job(PAPER_JOB, key=queries.paper_key(check.code), by=None, args={"check": check.code})


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a result on paper: its place among all, and the rows it prints, behind `after` and as far as `upto`."""

    number: int
    of: int
    after: int
    upto: int


def next_part(check: CertificateCheck) -> Part | None:
    """Return the next part of a result to draw; None where all are drawn or the rows are no longer what was signed."""
    drawn = queries.papers_of(check.id)
    after = drawn[-1].upto if drawn else 0
    gone = check.sheet is None or check.forgotten_at is not None or queries.is_anything_erased(check.id)
    if gone or after >= check.total:
        return None
    left = -(-(check.total - after) // ROWS_A_PART)
    return Part(len(drawn) + 1, len(drawn) + left, after, min(after + ROWS_A_PART, check.total))


def sealed_paper(pdf: bytes) -> SealedRows:
    """Seal a drawn result, which names people, as other staged content."""
    pieces = (pdf[start : start + PIECE] for start in range(0, len(pdf), PIECE))
    return staging.sealed(base64.b64encode(one).decode() for one in pieces)


def keep_paper(check: CertificateCheck, part: Part, paper: SealedRows) -> None:
    """Keep a drawn part of a result until the rows are deleted; one that is not the next any more is let go."""
    if next_part(check) != part:
        return
    kept = staging.keep(paper).id
    session.add(CheckPaper(check_id=check.id, part=part.number, after=part.after, upto=part.upto, staged_file_id=kept))
    session.flush()


def paper_of(check: CertificateCheck, number: int = 1) -> bytes | None:
    """Return a drawn part of the result of a check, None where there is none."""
    query = (
        select(StagedFile)
        .join(CheckPaper, CheckPaper.staged_file_id == StagedFile.id)
        .where(CheckPaper.check_id == check.id, CheckPaper.part == number)
    )
    staged = session.scalar(query)
    if staged is None:
        return None
    pieces = (piece for block in range(staged.blocks) for piece in staging.read(staged, block))
    return b"".join(base64.b64decode(one) for one in pieces)


def _forget_papers(check_id: int) -> None:
    kept = [one.staged_file_id for one in queries.papers_of(check_id)]
    session.execute(delete(CheckPaper).where(CheckPaper.check_id == check_id))
    for staged_id in kept:
        staging.forget(staged_id)


def signed_values(row: CheckedRow) -> list[str]:
    """Return what a row says in codes, the same in every language: what the digest of the sheet is made of."""
    fits = "" if row.name_fits is None else "yes" if row.name_fits else "no"
    first = [str(row.line), row.given, row.name or "", row.outcome.value, fits, row.near or ""]
    told = [str(row.told.get(name, "")) for name in ("kind", "level", "from", "until", "on", "reason", "fault")]
    return first + told


def actor_of_check(check: CertificateCheck) -> Actor:
    """Return who looks while a check is answered: whoever asked, under the role and for the organisation of then."""
    person = session.get_one(Person, check.by_id)
    return Actor(
        person_id=person.id,
        person_code=person.code,
        name=person.name,
        role=check.role,
        role_label="",
        permissions=frozenset(),
        region_code=check.region_code,
        organisation_id=check.organisation_id,
    )


def forget_rows(*, at: datetime, most: int = 20) -> int:
    """Delete the rows of checks whose time has come; counts, digest and signature stay. Return how many checks."""
    due = queries.rows_to_forget(at, most)
    for check in due:
        session.execute(delete(CheckedRow).where(CheckedRow.check_id == check.id))
        _forget_papers(check.id)
        check.forgotten_at = at
        session.flush()
        events.record("credentials.check_forgotten", subject(check), by=None, at=at, data={"rows": check.total})
    return len(due)


def forget_names_of(person_id: int) -> None:
    """Clear what kept rows say of a person whose data was erased, drawn ones too; the answer itself stays."""
    held = CheckedRow.certificate_id.in_(select(Certificate.id).where(Certificate.person_id == person_id))
    drawn = select(CheckPaper.check_id).where(CheckPaper.check_id.in_(select(CheckedRow.check_id).where(held)))
    for check_id in session.scalars(drawn.distinct()).all():
        _forget_papers(check_id)
    session.execute(update(CheckedRow).where(held).values(name=None, given="", told={}))
