"""Writes of a sitting within a unit of work: arrive, start, take over, save, beat, submit, collect."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, select, update

from app.assessment.exams.models import Attempt
from app.assessment.exams.queries import late as late_queries
from app.assessment.exams.queries.candidates import SIT
from app.assessment.exams.queries.sittings import kept, times_of
from app.assessment.exams.rules.answered import says_something
from app.assessment.exams.rules.timing import Phase, deadline, phase
from app.assessment.exams.services import doors, statements
from app.assessment.exams.services.answers import Answer, Beat, Saved, Writer
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import SubmittedHow
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, NotFoundError, Text
from app.core.text import _l
from app.desk import services as desk

__all__ = ["Answer", "Beat", "Saved", "Writer"]

COLLECT_CHUNK = 500
FORM = "form"
Given = tuple[dict[str, Any], bool]
NOTHING: Given = ({}, False)

NOT_STARTED: Text = _l("This sitting has not started yet.")
LATE: Text = _l(
    "Time is up. This answer came after the deadline: it is kept apart, and two examiners decide whether it counts."
)
SUBMITTED: Text = _l("This sitting has been handed in. Nothing can be changed any more.")
PAUSED: Text = _l("The exam is paused. Your answers stay here and are sent when it goes on; the time is added.")
HELD: Text = _l("The exam is paused. You can start as soon as it goes on; your window closes later by the pause.")
TAKEN_OVER: Text = _l(
    "The sitting was opened on another page, and only the page opened last writes. Take it back here."
)


def start(found: Attempt, *, by: Actor, at: datetime) -> None:
    """Start a prepared sitting: one conditional update; starting again changes nothing.

    Raises ConflictError outside of the window, in a pause and where either or extra time came in this moment,
    ForbiddenError for a restricted candidate.
    """
    times = times_of(found)
    now = phase(times, at)
    if now in {Phase.RUNNING, Phase.TIME_UP, Phase.SUBMITTED}:
        return
    if now is Phase.WAITING:
        raise ConflictError(_l("The window is not open yet. This page counts down to it."))
    if now is Phase.HELD:
        raise ConflictError(HELD, code="paused")
    if now is Phase.MISSED:
        raise ConflictError(_l("The window has closed. Ask the organisation that holds the exam."))
    restrictions.refuse_if_restricted(SIT, person_id=found.person_id, on=day_of(at))
    doors.refuse_start(found, at=at)
    started = session.execute(
        update(Attempt)
        .where(
            Attempt.id == found.id,
            Attempt.started_at.is_(None),
            Attempt.paused_at.is_(None),
            Attempt.extra_minutes == found.extra_minutes,
            Attempt.held_seconds == found.held_seconds,
        )
        .values(started_at=at, seen_at=at, deadline_at=deadline(times, at))
        .returning(Attempt.code)
    ).first()
    if started is not None:
        events.record("exams.sitting_started", of_attempt(found.code), by=by, at=at)
    elif session.scalar(select(Attempt.started_at).where(Attempt.id == found.id)) is None:
        raise ConflictError(_l("Your time has just been changed. Start again; nothing of it is lost."))


def arrive(writer: Writer, *, at: datetime) -> None:
    """Note that the page which waits for the start is open before the candidate; of a sitting that began nothing.

    Raises NotFoundError for another's sitting.
    """
    noted = session.execute(
        update(Attempt).where(*_mine(writer), Attempt.started_at.is_(None)).values(seen_at=at).returning(Attempt.id)
    ).first()
    if noted is None:
        own(writer)


def take_over(writer: Writer, *, at: datetime) -> Beat:
    """Let one page write and every other page of the sitting stop: the page opened last wins."""
    row = session.execute(
        update(Attempt)
        .where(*_mine(writer), Attempt.submitted_at.is_(None), _in_time_or_paused(at))
        .values(holder=writer.page, seen_at=at)
        .returning(Attempt.deadline_at, Attempt.paused_at)
    ).first()
    if row is None or row.deadline_at is None:
        raise refusal(writer, at)
    events.record("exams.sitting_opened", of_attempt(writer.code), by=writer.by, at=at, data={"page": writer.page})
    return Beat(row.deadline_at, holds=True, paused=row.paused_at is not None)


def save(writer: Writer, *, answers: Sequence[Answer], at: datetime) -> Saved:
    """Write answers into the history in one statement; a sequence sent twice is kept once.

    Raises ConflictError with code not_started, late, submitted, paused, taken_over or no_such_place, and then writes
    none of them; NotFoundError for another's sitting.
    """
    statement = statements.save(session.get_bind().dialect.name, len(answers), at_door=False)
    values = statements.save_values(writer.code, writer.page, answers, at)
    rows = session.execute(statement, statements.person(values, writer.by.person_id)).all()
    if len(rows) == len(answers):
        return Saved(tuple(one.key for one in answers), (), rows[0][2])
    added = {(row[0], row[1]) for row in rows}
    return _explain(writer, answers, [one for one in answers if one.key not in added], at)


def _explain(writer: Writer, answers: Sequence[Answer], missing: Sequence[Answer], at: datetime) -> Saved:
    """Tell known repetitions from refusals after a save that wrote less than it was given."""
    found = own(writer)
    stored = late_queries.acknowledged(found.id, [one.position for one in missing])
    if found.deadline_at is None or any(one.key not in stored for one in missing):
        raise refusal(writer, at)
    superseded = tuple(one.key for one in missing if stored[one.key] != one.value)
    saved = tuple(one.key for one in answers if one.key not in superseded)
    return Saved(saved, superseded, found.deadline_at, paused=found.paused_at is not None)


def beat(writer: Writer, *, at: datetime) -> Beat:
    """Show that the page lives and learn the deadline; raises as `save` does, but not for a pause."""
    values = {"sitting": writer.code, "person": writer.by.person_id, "at": at}
    row = session.execute(statements.beat(at_door=False), values).first()
    if row is None or row.deadline_at is None:
        raise refusal(writer, at)
    return Beat(row.deadline_at, holds=row.holder == writer.page, paused=row.paused_at is not None)


def submit(writer: Writer, *, at: datetime) -> SubmittedHow:
    """Hand in: one conditional update with its event; handing in again changes nothing and says the same.

    After the deadline the sitting counts as collected. Raises ConflictError where another page took over or the
    sitting is paused.
    """
    how = case((Attempt.deadline_at >= at, SubmittedHow.CANDIDATE), else_=SubmittedHow.COLLECTED)
    row = session.execute(
        update(Attempt)
        .where(
            *_mine(writer),
            Attempt.holder == writer.page,
            Attempt.started_at.is_not(None),
            Attempt.submitted_at.is_(None),
            Attempt.paused_at.is_(None),
        )
        .values(submitted_at=at, submitted_how=how)
        .returning(Attempt.submitted_how)
    ).first()
    if row is None or row.submitted_how is None:
        return _submitted_before(writer, at)
    _ended(writer.code, "exams.sitting_submitted", by=writer.by, at=at)
    return SubmittedHow(row.submitted_how)


def _submitted_before(writer: Writer, at: datetime) -> SubmittedHow:
    how = own(writer).submitted_how
    if how is None:
        raise refusal(writer, at)
    return how


def save_form(found: Attempt, *, answers: Mapping[int, Given], by: Actor, at: datetime) -> int:
    """Save a whole plain form: the form takes the sitting over and sends what differs; return how many."""
    writer = Writer(found.code, FORM, by)
    take_over(writer, at=at)
    changed = differences(found, answers)
    if changed:
        save(writer, answers=changed, at=at)
    return len(changed)


def differences(found: Attempt, answers: Mapping[int, Given]) -> list[Answer]:
    """Return what a whole plain form changes, an answer taken back included; it does not say when each was given."""
    last = kept(found.id)
    before = {place: (one.response, one.review) for place, one in last.items()}
    return [
        Answer(place, last[place].sequence + 1 if place in last else 1, response, review)
        for place, (response, review) in sorted(answers.items())
        if _said((response, review)) != _said(before.get(place, NOTHING))
    ]


def _said(given: Given) -> Given:
    """Return an answer so that all which say nothing are alike."""
    return (given[0] if says_something(given[0]) else {}, given[1])


def collect(*, at: datetime, session_id: int | None = None) -> int:
    """Collect sittings whose deadline has passed (统一收卷), at most one chunk; return how many.

    A paused sitting is never collected: its deadline moves when it goes on.
    """
    overdue = (
        select(Attempt.id)
        .where(Attempt.submitted_at.is_(None), Attempt.deadline_at < at, Attempt.paused_at.is_(None))
        .order_by(Attempt.id)
        .limit(COLLECT_CHUNK)
    )
    if session_id is not None:
        overdue = overdue.where(Attempt.session_id == session_id)
    codes = session.scalars(
        update(Attempt)
        .where(Attempt.id.in_(overdue), Attempt.submitted_at.is_(None))
        .values(submitted_at=at, submitted_how=SubmittedHow.COLLECTED)
        .returning(Attempt.code)
    ).all()
    for code in codes:
        _ended(code, "exams.sitting_collected", by=None, at=at)
    return len(codes)


def _ended(code: str, kind: str, *, by: Actor | None, at: datetime) -> None:
    events.record(kind, of_attempt(code), by=by, at=at)
    desk.close_todos(of_attempt(code), kind="exams.sit", at=at)


def _mine(writer: Writer) -> tuple[ColumnElement[bool], ...]:
    return (Attempt.code == writer.code, Attempt.person_id == writer.by.person_id)


def _in_time_or_paused(at: datetime) -> ColumnElement[bool]:
    return (Attempt.deadline_at >= at) | Attempt.paused_at.is_not(None)


def own(writer: Writer, *, lock: bool = False) -> Attempt:
    """Return the writer's sitting as it is now; raises NotFoundError for another's."""
    query = select(Attempt).where(*_mine(writer)).execution_options(populate_existing=True)
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFoundError(_l("There is no such sitting of yours."))
    return found


def refusal(writer: Writer, at: datetime) -> ConflictError:
    """Say why a sitting does not take what was sent."""
    found = own(writer)
    for code, message, holds in (
        ("submitted", SUBMITTED, found.submitted_at is not None),
        ("not_started", NOT_STARTED, found.deadline_at is None),
        ("paused", PAUSED, found.paused_at is not None),
        ("late", LATE, found.deadline_at is not None and found.deadline_at < at),
        ("taken_over", TAKEN_OVER, found.holder != writer.page),
    ):
        if holds:
            return ConflictError(message, code=code)
    return ConflictError(_l("This paper has no such place."), code="no_such_place")
