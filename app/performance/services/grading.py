"""The computation of a cycle: a job over the checked bases, each verdict recorded as a decision."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select

from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError
from app.core.jobs import Job, start_job
from app.core.text import _l
from app.desk import services as desk
from app.performance import queries
from app.performance.models import AppraisalCycle, BaseAppraisal
from app.performance.rules import indicators
from app.performance.services.doors import refuse_running
from app.performance.services.subjects import of_appraisal, of_cycle
from app.performance.states import APPRAISAL, AppraisalState
from app.rulebook.services.records import Decided, record_decisions

CHUNK = 50


def start_computation(cycle: AppraisalCycle, *, by: Actor, at: datetime) -> Job:
    """Start computing the checked bases of a cycle; a repeated request gets the running job back.

    Raises ForbiddenError for other authorities, ConflictError where no base is checked.
    """
    refuse_running(cycle.region_code, by, at)
    waiting = _checked(cycle, 0)
    total = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    if not total:
        raise ConflictError(_l("No self-report has passed the local check yet, so there is nothing to compute."))
    job = start_job(queries.JOB, key=queries.job_key(cycle.code, cycle.rounds), by=by, args={"cycle": cycle.code})
    if job.total:
        return job
    job.total = total
    events.record("performance.computing", of_cycle(cycle), by=by, at=at, rule=cycle.pack.code, data={"bases": total})
    return job


def _checked(cycle: AppraisalCycle, after: int) -> Select[BaseAppraisal]:
    return (
        select(BaseAppraisal)
        .where(
            BaseAppraisal.cycle_id == cycle.id, BaseAppraisal.state == AppraisalState.CHECKED, BaseAppraisal.id > after
        )
        .order_by(BaseAppraisal.id)
    )


def compute(cycle: AppraisalCycle, *, after: int, by: Actor | None, at: datetime) -> list[BaseAppraisal]:
    """Compute the next checked bases of a cycle after a key, at most fifty; an empty answer ends the round."""
    rows = list(session.scalars(_checked(cycle, after).limit(CHUNK)))
    if rows:
        grade(cycle, rows, by=by, at=at)
        return rows
    cycle.rounds += 1
    session.flush()
    return rows


def grade(cycle: AppraisalCycle, rows: Sequence[BaseAppraisal], *, by: Actor | None, at: datetime) -> None:
    """Judge checked bases under the pinned pack, record each decision, and set score and grade."""
    on = cycle.judged_on(day_of(at))
    known = queries.facts(cycle, rows, at)
    verdicts = {row.id: queries.verdict(cycle, known[row.id], at) for row in rows}
    decided = [Decided(of_appraisal(row), known[row.id], verdicts[row.id], on, row.region_code) for row in rows]
    records = record_decisions(indicators.KIND, decided, by=by, at=at)
    for row, record in zip(rows, records, strict=True):
        score, grade_ = indicators.result(verdicts[row.id])
        APPRAISAL.move(row, "grade", score=score, grade=grade_, decision_id=record.id, graded_at=at)
    session.flush()
    facts = [(of_appraisal(row), {"score": str(row.score), "grade": str(row.grade)}) for row in rows]
    events.record_many("performance.graded", facts, by=by, at=at)
    if session.scalar(_checked(cycle, 0).limit(1)) is None:
        desk.close_todos(of_cycle(cycle), at=at, kind="performance.compute")
