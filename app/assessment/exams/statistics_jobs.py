"""Long work of statistics: computed under no lock, stored in one transaction."""

from sqlalchemy import select

from app.assessment.exams.models import ExamSession
from app.assessment.exams.services import similarity, statistics
from app.core import clock
from app.core.db import session
from app.core.errors import DomainError
from app.core.jobs import Job
from app.core.room import JobKind
from app.core.text import _l


def _computed(job: Job) -> statistics.Computed | DomainError:
    """Compute statistics outside of the write; a refusal is handed on as what it says."""
    try:
        return statistics.compute(str(job.args["session"]), str(job.args["model"]))
    except DomainError as refused:
        return refused


def _store(job: Job, done: statistics.Computed | DomainError) -> bool:
    found = session.scalars(select(ExamSession).where(ExamSession.code == job.args["session"])).one()
    if isinstance(done, DomainError):
        statistics.refuse(found, str(done), at=clock.now())
    else:
        statistics.store(found, done, by_id=job.person_id, at=clock.now())
    return False


def _compared(job: Job) -> similarity.Compared | DomainError:
    try:
        return similarity.compute(str(job.args["session"]))
    except DomainError as refused:
        return refused


def _list(job: Job, done: similarity.Compared | DomainError) -> bool:
    found = session.scalars(select(ExamSession).where(ExamSession.code == job.args["session"])).one()
    if isinstance(done, DomainError):
        similarity.refuse(found, str(done), at=clock.now())
    else:
        similarity.store(found, done, by_id=job.person_id, at=clock.now())
    return False


STATISTICS = JobKind(statistics.COMPUTE, _l("Compute the statistics of a session"), _store, prepare=_computed)
COMPARE = JobKind(similarity.COMPARE, _l("Compare the answers of a session"), _list, prepare=_compared)
