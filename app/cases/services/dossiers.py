"""The court-ready file of a case: asked for, made as a job, kept by its content, every download an event."""

from datetime import datetime

from sqlalchemy import func, select

from app.cases.models import Case
from app.cases.services.subjects import of_case
from app.cases.states import CaseState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError
from app.core.events import Event
from app.core.files import StoredFile
from app.core.jobs import Job, start_job
from app.core.text import _l

JOB = "cases.file"
NOTED = ("cases.file_asked", "cases.file_downloaded", "cases.exhibit_read")
"""Events about reading a case, which do not make its file out of date."""


def ask_for_file(case: Case, *, by: Actor | None, at: datetime) -> Job:
    """Start making the file of a case as it stands; asked again with nothing new, it is the same job.

    `by` is whom event and job name, None for a protected author. Raises ConflictError for a draft or a declaration
    on file.
    """
    if case.state in {CaseState.DRAFT, CaseState.FILED}:
        raise ConflictError(_l("There is no file of this case: it was never raised."))
    key = f"{JOB}:{case.code}:{last_event(case)}"
    known = session.scalar(select(Job).where(Job.key == key))
    if known is not None:
        return known
    events.record("cases.file_asked", of_case(case), by=by, at=at)
    return start_job(JOB, key=key, by=by, args={"case": case.code})


def last_event(case: Case) -> int:
    """Return the key of the last event that changed a case."""
    subject = of_case(case)
    query = select(func.max(Event.id)).where(
        Event.subject_type == subject.type, Event.subject_code == subject.code, Event.kind.not_in(NOTED)
    )
    return session.scalar(query) or 0


def latest_job(case: Case) -> Job | None:
    """Return the job that made, or makes, the latest file of a case; of an erased one only what was made since."""
    query = select(Job).where(Job.kind == JOB, Job.key.startswith(f"{JOB}:{case.code}:", autoescape=True))
    if case.texts_erased:
        query = query.where(Job.key == f"{JOB}:{case.code}:{last_event(case)}")
    return session.scalars(query.order_by(Job.id.desc()).limit(1)).first()


def made_file(job: Job | None) -> StoredFile | None:
    """Return what a job has made, None while it works."""
    if job is None or "sha256" not in job.result:
        return None
    return session.scalar(select(StoredFile).where(StoredFile.sha256 == job.result["sha256"]))


def note_download(case: Case, stored: StoredFile, *, by: Actor | None, at: datetime) -> None:
    """Note who took the file of a case out of the house."""
    events.record("cases.file_downloaded", of_case(case), by=by, at=at, data={"sha256": stored.sha256})
