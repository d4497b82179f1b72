"""Long work of the exams room, one transaction a chunk."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.assessment.exams.models import ExamSession, Paper
from app.assessment.exams.queries import marking as marking_queries
from app.assessment.exams.queries import waiting as waiting_queries
from app.assessment.exams.queries.certificates import ASK
from app.assessment.exams.services import (
    certificates,
    corrections,
    regrading,
    results,
    scripts,
    sessions,
    sitting,
    waiting,
)
from app.core import clock
from app.core.db import session, unit_of_work
from app.core.jobs import Job
from app.core.room import JobKind, Periodic
from app.core.text import _l

Step = Callable[[ExamSession, int, datetime], tuple[int, int]]
RunStep = Callable[..., tuple[int, int]]
COLLECT_SECONDS = 60
HOURLY_SECONDS = 3600


def _prepare(job: Job) -> bool:
    return _chunk(job, _prepare_some, sessions.finish_preparing)


def _mark(job: Job) -> bool:
    return _chunk(job, _mark_some, results.finish_marking)


def _cut(job: Job) -> bool:
    return _chunk(job, _cut_some, scripts.finish_cutting)


def _cut_some(found: ExamSession, after: int, at: datetime) -> tuple[int, int]:
    return scripts.cut_some(found, after=after, at=at)


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


def _run_chunk(job: Job, step: RunStep, finish: Callable[..., None]) -> bool:
    """Do the next chunk of a marking run; finish in the transaction of the empty one."""
    run = marking_queries.run_by_code(str(job.args["run"]))
    at = clock.now()
    job.cursor, count = step(run, after=job.cursor, at=at)
    job.done += count
    if count == 0:
        finish(run, at=at)
    return count > 0


def _count(job: Job) -> bool:
    return _run_chunk(job, regrading.count_some, regrading.finish_counting)


def _apply(job: Job) -> bool:
    return _run_chunk(job, regrading.apply_some, regrading.finish_applying)


def collect_overdue() -> None:
    """Collect every sitting whose time is up, chunk by chunk."""
    while True:
        with unit_of_work():
            collected = sitting.collect(at=clock.now())
        if collected < sitting.COLLECT_CHUNK:
            return


def _ask_for_certificates(job: Job) -> bool:
    found = session.scalars(select(ExamSession).where(ExamSession.code == job.args["session"])).one()
    job.cursor, looked_at, asked = certificates.ask_some(found, job.cursor, at=clock.now())
    job.done += asked
    return looked_at > 0


def lapse_offers() -> None:
    """Let offers of seats whose time is up lapse to the next, session by session."""
    for session_id in waiting_queries.unanswered(clock.now()):
        with unit_of_work():
            waiting.lapse(session_id, at=clock.now())


def hand_on_corrections() -> None:
    """Let proposed corrections wait for whoever may confirm them now."""
    with unit_of_work():
        corrections.hand_on(at=clock.now())


CERTIFICATES = JobKind(ASK, _l("Ask for the certificates of those who passed"), _ask_for_certificates)
PREPARE = JobKind(sessions.PREPARE, _l("Prepare every candidate's paper"), _prepare)
MARK = JobKind(results.MARK, _l("Mark the sittings"), _mark)
TELL = JobKind(results.TELL, _l("Tell the candidates"), _tell)
COLLECT = Periodic("exams.collect", COLLECT_SECONDS, collect_overdue)
CORRECTIONS = Periodic("exams.corrections", HOURLY_SECONDS, hand_on_corrections)
OFFERS = Periodic("exams.seat_offers", COLLECT_SECONDS, lapse_offers)
REGRADE = JobKind(regrading.COUNT, _l("Work out whose score changes"), _count)
REGRADE_APPLY = JobKind(regrading.APPLY, _l("Write the new marking into the results"), _apply)
SCRIPTS = JobKind(scripts.CUT, _l("Hand the answers that people mark to the markers"), _cut)
