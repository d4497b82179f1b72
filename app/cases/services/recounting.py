"""Running clocks counted anew once the holidays of a year are published: cases and publicity periods, in chunks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from app.cases.models import Case, Publicity
from app.cases.queries import cases as queries
from app.cases.queries import kinds
from app.cases.queries import notices as publicity
from app.cases.rules.clocks import ACCEPT, Recounted, counted, period_of, recounted
from app.cases.services.subjects import of_case, of_publicity
from app.cases.states import CaseState
from app.core import clock, events
from app.core.calendar import Deadline, Published, add_working_days, published
from app.core.clock import day_of
from app.core.db import session
from app.core.events import Event, Subject
from app.core.jobs import Job, start_job
from app.desk import services as desk
from app.rulebook import queries as rulebook

CASES, PERIODS = "cases.recount", "cases.recount_publicity"
CHUNK = 100
STAYS = "cases.recount_stays"


@dataclass(frozen=True, slots=True)
class Anew:
    """With what clocks are counted anew, by which notice and when."""

    known: Published
    notice: str
    at: datetime


def recount_after(happened: Event) -> None:
    """Start counting the running clocks anew after the holidays of a year were entered."""
    args = {"since": date(int(happened.subject_code), 1, 1).isoformat(), "notice": happened.rule}
    for kind in (CASES, PERIODS):
        start_job(kind, key=f"{kind}:{happened.code}", by=None, args=args)


def recount_cases(job: Job) -> bool:
    """Count the clocks of the next cases anew; return whether any were left."""
    runs = or_(
        and_(Case.state == CaseState.RAISED, Case.accept_by >= _since(job)),
        and_(Case.state.in_((CaseState.ACCEPTED, CaseState.WAITING)), Case.decide_by >= _since(job)),
    )
    return _chunk(job, Case, runs, _recount_case)


def recount_periods(job: Job) -> bool:
    """Count the next publicity periods anew that still run; return whether any were left."""
    runs = publicity.running(clock.today()) & Publicity.told_at.is_(None) & (Publicity.ends_on >= _since(job))
    return _chunk(job, Publicity, runs, _recount_period)


def _since(job: Job) -> date:
    """A clock that runs through a year ends in it or later."""
    return date.fromisoformat(job.args["since"])


def _chunk(
    job: Job,
    model: type[Any],
    runs: ColumnElement[bool],
    recount: Callable[[Any, Anew], None],
) -> bool:
    rows = session.scalars(select(model).where(model.id > job.cursor, runs).order_by(model.id).limit(CHUNK)).all()
    anew = Anew(published(), job.args["notice"], clock.now())
    for row in rows:
        recount(row, anew)
        job.cursor = row.id
    job.done += len(rows)
    session.flush()
    return len(rows) == CHUNK


def _recount_case(case: Case, anew: Anew) -> None:
    running = queries.running(case, day_of(anew.at))
    if running is None:
        return
    due = _due_of(case, anew.known)
    found = recounted(Deadline(running.due, case.provisional), due, day_of(anew.at))
    column = "accept_by" if running.step == ACCEPT else "decide_by"
    setattr(case, column, found.day)
    case.provisional = found.provisional
    _tell("cases.recounted", of_case(case), found, anew)
    if found.day != running.due:
        desk.move_todos(of_case(case), f"cases.{running.step}", due_on=found.day)
        desk.close_todos(of_case(case), kind="cases.overdue", at=anew.at)


def _due_of(case: Case, known: Published) -> Deadline:
    """Return the last day of a case's clock by its pinned rules, from its first day and over its stops."""
    rules = kinds.step(case)
    if case.accepted_at is None:
        return add_working_days(day_of(case.raised_at or case.drafted_at), rules.accept_in, known)
    stops = [(one.from_day, one.until_day) for one in reversed(queries.pauses_of(case)) if one.until_day is not None]
    return counted(day_of(case.accepted_at), rules.decide_in, stops, known)


def _recount_period(row: Publicity, anew: Anew) -> None:
    period = period_of(kinds.clock_of(rulebook.by_code(row.rule_pack)), row.kind)
    if period is None:
        return
    due = add_working_days(row.starts_on, period.days, anew.known)
    found = recounted(Deadline(row.ends_on, row.provisional), due, day_of(anew.at))
    row.ends_on, row.provisional = found.day, found.provisional
    session.flush()
    _tell("cases.period_recounted", of_publicity(row), found, anew)


def _tell(kind: str, subject: Subject, found: Recounted, anew: Anew) -> None:
    """Record what a new count changed, with the notice as its rule; a day that had to stay is said so."""
    if not found.changed:
        return
    days = {"was": found.was, "due": found.day, "counted": found.counted}
    data = {name: day.isoformat() for name, day in days.items()}
    events.record(
        kind if found.counted == found.day else STAYS, subject, by=None, at=anew.at, rule=anew.notice, data=data
    )
