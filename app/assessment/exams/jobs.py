"""Long work of the exams room, one transaction a chunk."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.assessment.exams.models import ExamSession, Paper
from app.assessment.exams.services import results, sessions, similarity, sitting, statistics
from app.core import clock
from app.core.db import session, unit_of_work
from app.core.errors import DomainError
from app.core.jobs import Job
from app.core.room import JobKind, Periodic
from app.core.text import _l

Step = Callable[[ExamSession, int, datetime], tuple[int, int]]
COLLECT_SECONDS = 60


def _prepare(job: Job) -> bool:
    return _chunk(job, _prepare_some, sessions.finish_preparing)


def _mark(job: Job) -> bool:
    return _chunk(job, _mark_some, results.finish_marking)


def _tell(job: Job) -> bool:
    return _chunk(job, _tell_some, None)


def _prepare_some(found: ExamSession, after: int, at: datetime) -> tuple[int, int]:
    return sessions.prepare_some(found, after=after, at=at)


def _mark_some(found: ExamSession, after: int, at: datetime) -> tuple[int, int]:
    return results.mark_some(found, after=after, at=at)


def _tell_some(found: ExamSession, after: int, at: datetime) -> tuple[int, int]:
    return results.tell_some(found, after=after, at=at)


def _chunk(job: Job, step: Step, finish: Callable[..., None] | None) -> bool:
    """Do the next chunk from the job's cursor; finish in the transaction of the empty one."""
    found = session.scalars(
        select(ExamSession)
        .options(joinedload(ExamSession.paper).joinedload(Paper.blueprint))
        .where(ExamSession.code == job.args["session"])
    ).one()
    at = clock.now()
    job.cursor, count = step(found, job.cursor, at)
    job.done += count
    if count == 0 and finish is not None:
        finish(found, at=at)
    return count > 0


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
        similarity.store(found, done, by_id=int(job.person_id or 0), at=clock.now())
    return False


def collect_overdue() -> None:
    """Collect every sitting whose time is up, chunk by chunk."""
    while True:
        with unit_of_work():
            collected = sitting.collect(at=clock.now())
        if collected < sitting.COLLECT_CHUNK:
            return


PREPARE = JobKind(sessions.PREPARE, _l("Prepare every candidate's paper"), _prepare)
MARK = JobKind(results.MARK, _l("Mark the sittings"), _mark)
TELL = JobKind(results.TELL, _l("Tell the candidates"), _tell)
STATISTICS = JobKind(statistics.COMPUTE, _l("Compute the statistics of a session"), _store, prepare=_computed)
COMPARE = JobKind(similarity.COMPARE, _l("Compare the answers of a session"), _list, prepare=_compared)
COLLECT = Periodic("exams.collect", COLLECT_SECONDS, collect_overdue)
