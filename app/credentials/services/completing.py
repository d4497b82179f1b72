"""Seals without proofs, completed when the proofs are there: the PDF gets longer, its first bytes stay.

So are seals without a time, once there is an authority that vouches for it. The earlier file stays too, so that whoever
has it can have it compared. No credential and no key is touched, and for proofs no authority is asked.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import select

from app.core import clock, events, files
from app.core.columns import new_code
from app.core.db import session
from app.core.files import StoredFile
from app.core.jobs import Job, JobState, start_job
from app.credentials.models import Certificate, EarlierPaper
from app.credentials.queries import seals
from app.credentials.queries.seals import fingerprint_of
from app.credentials.services import rows
from app.credentials.services.rows import Changed
from app.credentials.services.subjects import of_certificate
from app.credentials.states import SealLevel

JOB = "credentials.complete_seals"
TIME_JOB = "credentials.time_seals"
AT_ONCE = 8
"""How many files are made before they are kept: what a kill can cost is a second of work."""


class Proving(NamedTuple):
    """What proves now that no certificate of a seal is revoked: its chain, its own certificate first, and answers."""

    certificate: bytes
    chain: tuple[bytes, ...]
    crls: tuple[bytes, ...]
    ocsps: tuple[bytes, ...]


class Completed(NamedTuple):
    """What was made of a certificate's PDF: the file read, its seal's certificate, the longer file and its level."""

    id: int
    version: int
    file_id: int
    under: str | None = None
    pdf: bytes | None = None
    level: SealLevel = SealLevel.LASTING


def proving(now: datetime) -> dict[str, Proving]:
    """Return what completes PDF files now, by the SHA-256 of the certificate under which they were sealed."""
    found = {}
    for key in seals.completable_keys():
        held = seals.held(key, now)
        if held.proven:
            certificate, *above = seals.chain_of(key)
            found[fingerprint_of(certificate)] = Proving(certificate, tuple(above), held.crls, held.ocsps)
    return found


def start_where_due() -> Job | None:
    """Start the job that completes seals, unless one is under way or nothing can be completed now."""
    return None if _under_way(JOB) else _start(JOB, seals.count_incomplete(proving(clock.real_now())))


def start_timing_where_due() -> Job | None:
    """Start the job that has the time of seals vouched for, unless one is under way or every seal has a time."""
    return None if _under_way(TIME_JOB) else _start(TIME_JOB, seals.count_untimed())


def _under_way(kind: str) -> bool:
    waiting = select(Job.id).where(Job.kind == kind, Job.state == JobState.QUEUED)
    return session.scalar(waiting.limit(1)) is not None


def _start(kind: str, total: int) -> Job | None:
    if not total:
        return None
    job = start_job(kind, key=f"{kind}.{new_code()}", by=None, args={})
    job.total = total
    return job


def keep(made: Sequence[Completed], *, at: datetime) -> int:
    """Put longer files in the place of those they begin with, and return how many were.

    A certificate that got another file since, or lost it with its holder's data, is left as it is.
    """
    held = _held(made)
    standing = [one for one in made if one.id in held and _is_as_read(held[one.id], one)]
    longer = [(f"{held[one.id].code}.pdf", one.pdf) for one in standing if one.pdf is not None]
    kept = iter(files.store_all(longer, media_type="application/pdf"))
    changes = []
    for one in standing:
        columns: dict[str, object] = {"sealed_under": one.under}
        if one.pdf is not None:
            columns |= {"pdf_file_id": next(kept), "seal_level": one.level}
            _note(held[one.id], one, at=at)
        changes.append(Changed(one.id, one.version, columns))
    rows.write(changes)
    return len(longer)


def _held(made: Sequence[Completed]) -> dict[int, Certificate]:
    query = select(Certificate).where(Certificate.id.in_([one.id for one in made])).with_for_update(of=Certificate)
    return {one.id: one for one in session.scalars(query.execution_options(populate_existing=True))}


def _is_as_read(certificate: Certificate, one: Completed) -> bool:
    return (certificate.version, certificate.pdf_file_id) == (one.version, one.file_id)


def _note(certificate: Certificate, one: Completed, *, at: datetime) -> None:
    earlier = session.get_one(StoredFile, one.file_id)
    session.add(
        EarlierPaper(
            certificate_id=certificate.id,
            pdf_file_id=earlier.id,
            seal_level=certificate.seal_level or SealLevel.TIMED,
            replaced_at=at,
        )
    )
    data = {"earlier": earlier.sha256, "sha256": sha256(one.pdf or b"").hexdigest(), "level": one.level.value}
    kind = "credentials.seal_completed" if one.level is SealLevel.LASTING else "credentials.seal_timed"
    events.record(kind, of_certificate(certificate), by=None, at=at, data=data)
