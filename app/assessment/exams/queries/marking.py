"""Reads of marking runs: what was ruled, whose result changes, the versions of a result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.assessment.exams.access import held_by
from app.assessment.exams.models import (
    Attempt,
    ExamSession,
    MarkingChange,
    MarkingRun,
    Paper,
    Registration,
    ResultVersion,
    ScoreEquating,
)
from app.assessment.exams.queries.pages import PER_PAGE, Page
from app.assessment.exams.rules.regrading import from_json
from app.assessment.exams.rules.rulings import Ruling
from app.assessment.exams.states import RunState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.jobs import Job, JobState
from app.core.text import _l

OPEN_RUNS = (RunState.COUNTING, RunState.PROPOSED, RunState.APPLYING)


@dataclass(frozen=True, slots=True)
class Counts:
    """What a new marking does: results it changes, up and down, verdicts it turns, and those that stay."""

    changed: int
    higher: int
    lower: int
    to_pass: int
    to_fail: int
    kept: int


class ChangeRow(NamedTuple):
    """One line of the preview: the candidate by ticket number alone."""

    ticket: str
    change: MarkingChange


def first_run(session_id: int) -> MarkingRun:
    """Return the first marking of a session."""
    return session.scalars(select(MarkingRun).where(MarkingRun.session_id == session_id, MarkingRun.number == 1)).one()


def runs_of(session_id: int) -> list[MarkingRun]:
    """Return the markings of a session, latest first."""
    query = select(MarkingRun).where(MarkingRun.session_id == session_id)
    return list(session.scalars(query.order_by(MarkingRun.number.desc())))


def rulings_in_force(runs: Sequence[MarkingRun]) -> dict[int, Ruling]:
    """Return the rulings of the latest marking that was applied; `runs` are latest first."""
    applied = next((run for run in runs if run.state is RunState.APPLIED), None)
    return from_json(applied.rulings) if applied else {}


def equating_in_force(runs: Sequence[MarkingRun]) -> int | None:
    """Return the conversion that scores are reported by; `runs` are latest first."""
    return next((run.equating_id for run in runs if run.state is RunState.APPLIED), None)


def last_applied(session_id: int) -> MarkingRun | None:
    """Return the marking of a session that is in force, None before the first is done."""
    return session.scalars(_applied(session_id).limit(1)).first()


def last_read(session_id: int) -> MarkingRun | None:
    """Return the marking in force that read answers: a decision on a conversion changes none of their marks."""
    return session.scalars(_applied(session_id).where(MarkingRun.equates.is_(False)).limit(1)).first()


def _applied(session_id: int) -> Select[MarkingRun]:
    query = select(MarkingRun).where(MarkingRun.session_id == session_id, MarkingRun.state == RunState.APPLIED)
    return query.order_by(MarkingRun.number.desc())


def open_run(session_id: int) -> bool:
    """Tell whether a new marking of a session is neither written nor sent back."""
    query = select(MarkingRun.id).where(
        MarkingRun.session_id == session_id, MarkingRun.number > 1, MarkingRun.state.in_(OPEN_RUNS)
    )
    return session.scalars(query.limit(1)).first() is not None


def at_work(found: ExamSession) -> bool:
    """Tell whether answers of a session are being handed to the markers or its results added up."""
    keys = [f"{kind}:{found.code}" for kind in ("exams.scripts", "exams.mark")]
    query = select(Job.id).where(Job.key.in_(keys), Job.state != JobState.DONE)
    return session.scalars(query.limit(1)).first() is not None


def run(code: str, actor: Actor) -> MarkingRun:
    """Return one marking with its session, paper and blueprint; raises NotFoundError."""
    found = session.scalar(
        _runs().where(MarkingRun.code == code, held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
    )
    if found is None:
        raise NotFoundError(_l("There is no such marking of a session of your organisation."))
    return found


def run_by_code(code: str) -> MarkingRun:
    """Return one marking for its job."""
    return session.scalars(_runs().where(MarkingRun.code == code)).one()


def _runs() -> Select[MarkingRun]:
    loaded = contains_eager(MarkingRun.session).joinedload(ExamSession.paper).joinedload(Paper.blueprint)
    base = joinedload(MarkingRun.equating).options(
        joinedload(ScoreEquating.base), joinedload(ScoreEquating.through).joinedload(ScoreEquating.base)
    )
    return select(MarkingRun).join(MarkingRun.session).options(loaded, base)


def counts(run_id: int) -> Counts:
    """Sum up what a marking changes, in one statement."""
    kept = MarkingChange.kept
    row = session.execute(
        select(
            func.count(),
            func.count().filter(~kept, MarkingChange.now > MarkingChange.was),
            func.count().filter(~kept, MarkingChange.now < MarkingChange.was),
            func.count().filter(~kept, MarkingChange.now_passed, ~MarkingChange.was_passed),
            func.count().filter(~kept, ~MarkingChange.now_passed, MarkingChange.was_passed),
            func.count().filter(kept),
        ).where(MarkingChange.run_id == run_id)
    ).one()
    return Counts(*row)


def changes(run_id: int, page: int) -> Page[ChangeRow]:
    """List whose results a marking changes, by ticket number."""
    query = (
        select(Registration.code, MarkingChange)
        .join(Attempt, Attempt.id == MarkingChange.attempt_id)
        .join(Registration, Registration.id == Attempt.registration_id)
        .where(MarkingChange.run_id == run_id)
        .order_by(Registration.number)
    )
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = -(-total // PER_PAGE)
    wanted = min(max(page, 1), max(pages, 1))
    rows = session.execute(query.limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page([ChangeRow(*row) for row in rows], wanted, pages, total)


def versions_of(result_id: int) -> list[ResultVersion]:
    """Return what a result has said, first to last."""
    query = select(ResultVersion).where(ResultVersion.result_id == result_id)
    return list(session.scalars(query.order_by(ResultVersion.number)))
