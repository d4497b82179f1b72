"""Writes of a sitting. Each hot path is one Core statement, so that nothing slips between a check and a write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Executable, Integer, case, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.assessment.exams.models import AnswerSave, Attempt
from app.assessment.exams.queries.candidates import SIT
from app.assessment.exams.queries.sittings import kept, times_of
from app.assessment.exams.rules.timing import Phase, deadline, phase
from app.assessment.exams.services import doors
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import SubmittedHow
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import UtcDateTime
from app.core.db import session
from app.core.errors import ConflictError, NotFoundError, Text
from app.core.text import _l
from app.desk import services as desk

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
COLUMNS = ["attempt_id", "position", "sequence", "value", "client_at", "saved_at"]
KEY = ["attempt_id", "position", "sequence"]
COLLECT_CHUNK = 500
FORM = "form"
Given = tuple[tuple[str, ...], bool]
BLANK: Given = ((), False)

NOT_STARTED: Text = _l("This sitting has not started yet.")
LATE: Text = _l("Time is up. This answer came after the deadline and is not counted; what was saved before is.")
SUBMITTED: Text = _l("This sitting has been handed in. Nothing can be changed any more.")
TAKEN_OVER: Text = _l(
    "The sitting was opened on another page, and only the page opened last writes. Take it back here."
)


@dataclass(frozen=True, slots=True)
class Writer:
    """A page of a sitting: the code of the sitting, the page's own random name, and who is in front of it."""

    code: str
    page: str
    by: Actor


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as a page sends it: the place and letters as shown, a sequence that only grows."""

    position: int
    sequence: int
    choice: tuple[str, ...]
    review: bool
    client_at: datetime | None = None

    @property
    def key(self) -> tuple[int, int]:
        """Return what tells one save of a sitting from another."""
        return (self.position, self.sequence)

    @property
    def value(self) -> dict[str, object]:
        """Return what the history keeps."""
        return {"choice": list(self.choice), "review": self.review}


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of sent answers: durable ones, and those whose sequence another answer has taken."""

    saved: tuple[tuple[int, int], ...]
    superseded: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Beat:
    """What a heartbeat carries back: the deadline in force, and whether this page still writes."""

    deadline_at: datetime
    holds: bool


def start(found: Attempt, *, by: Actor, at: datetime) -> None:
    """Start a prepared sitting: one conditional update; starting again changes nothing.

    Raises ConflictError outside of the window, ForbiddenError for a restricted candidate.
    """
    times = times_of(found)
    now = phase(times, at)
    if now in {Phase.RUNNING, Phase.TIME_UP, Phase.SUBMITTED}:
        return
    if now is Phase.WAITING:
        raise ConflictError(_l("The window is not open yet. This page counts down to it."))
    if now is Phase.MISSED:
        raise ConflictError(_l("The window has closed. Ask the organisation that holds the exam."))
    restrictions.refuse_if_restricted(SIT, person_id=found.person_id, on=day_of(at))
    doors.refuse_start(found, at=at)
    started = session.execute(
        update(Attempt)
        .where(Attempt.id == found.id, Attempt.started_at.is_(None))
        .values(started_at=at, seen_at=at, deadline_at=deadline(times, at))
        .returning(Attempt.code)
    ).first()
    if started is not None:
        events.record("exams.sitting_started", of_attempt(found.code), by=by, at=at)


def take_over(writer: Writer, *, at: datetime) -> Beat:
    """Let one page write and every other page of the sitting stop: the page opened last wins."""
    row = session.execute(
        update(Attempt).where(*_open(writer, at)).values(holder=writer.page, seen_at=at).returning(Attempt.deadline_at)
    ).first()
    if row is None or row.deadline_at is None:
        raise _refusal(writer, at)
    events.record("exams.sitting_opened", of_attempt(writer.code), by=writer.by, at=at, data={"page": writer.page})
    return Beat(row.deadline_at, holds=True)


def save(writer: Writer, *, answers: Sequence[Answer], at: datetime) -> Saved:
    """Write answers into the history, one statement each; a sequence sent twice is kept once.

    Raises ConflictError with code not_started, late, submitted or taken_over; NotFoundError for another's sitting.
    """
    added = {_insert(writer, one, at) for one in answers}
    missing = [one for one in answers if one.key not in added]
    if not missing:
        return Saved(tuple(one.key for one in answers), ())
    return _explain(writer, answers, missing, at)


def _insert(writer: Writer, one: Answer, at: datetime) -> tuple[int, int] | None:
    statement = save_statement(session.get_bind().dialect.name, writer, one, at)
    row = session.execute(statement).first()
    return None if row is None else (row.position, row.sequence)


def save_statement(dialect: str, writer: Writer, one: Answer, at: datetime) -> Executable:
    """Build the save: insert where the sitting is open, its deadline not passed and the page holds it.

    The row of the sitting is locked for sharing (PostgreSQL), so that no save is acknowledged after a submit.
    """
    source = (
        select(
            Attempt.id,
            literal(one.position, Integer),
            literal(one.sequence, Integer),
            literal(one.value, JSON),
            literal(one.client_at, UtcDateTime),
            literal(at, UtcDateTime),
        )
        .where(*_open(writer, at), Attempt.holder == writer.page, Attempt.places >= one.position)
        .with_for_update(read=True)
    )
    statement: Executable = (
        INSERT[dialect](AnswerSave)
        .from_select(COLUMNS, source)
        .on_conflict_do_nothing(index_elements=KEY)
        .returning(AnswerSave.position, AnswerSave.sequence)
    )
    return statement


def _explain(writer: Writer, answers: Sequence[Answer], missing: Sequence[Answer], at: datetime) -> Saved:
    """Tell known repetitions from refusals after a save that wrote less than it was given."""
    stored = _stored(_row(writer).id, [one.position for one in missing])
    if any(one.key not in stored for one in missing):
        raise _refusal(writer, at)
    superseded = tuple(one.key for one in missing if stored[one.key] != one.value)
    return Saved(tuple(one.key for one in answers if one.key not in superseded), superseded)


def _stored(attempt_id: int, places: Sequence[int]) -> dict[tuple[int, int], dict[str, Any]]:
    rows = session.execute(
        select(AnswerSave.position, AnswerSave.sequence, AnswerSave.value).where(
            AnswerSave.attempt_id == attempt_id, AnswerSave.position.in_(places)
        )
    )
    return {(position, sequence): value for position, sequence, value in rows}


def beat(writer: Writer, *, at: datetime) -> Beat:
    """Show that the page lives and learn the deadline; raises as `save` does."""
    row = session.execute(
        update(Attempt).where(*_open(writer, at)).values(seen_at=at).returning(Attempt.deadline_at, Attempt.holder)
    ).first()
    if row is None or row.deadline_at is None:
        raise _refusal(writer, at)
    return Beat(row.deadline_at, holds=row.holder == writer.page)


def submit(writer: Writer, *, at: datetime) -> SubmittedHow:
    """Hand in: one conditional update with its event; handing in again changes nothing and says the same.

    After the deadline the sitting counts as collected. Raises ConflictError where another page took over.
    """
    how = case((Attempt.deadline_at >= at, SubmittedHow.CANDIDATE), else_=SubmittedHow.COLLECTED)
    row = session.execute(
        update(Attempt)
        .where(
            Attempt.code == writer.code,
            Attempt.person_id == writer.by.person_id,
            Attempt.holder == writer.page,
            Attempt.started_at.is_not(None),
            Attempt.submitted_at.is_(None),
        )
        .values(submitted_at=at, submitted_how=how)
        .returning(Attempt.submitted_how)
    ).first()
    if row is None or row.submitted_how is None:
        return _submitted_before(writer, at)
    _ended(writer.code, "exams.sitting_submitted", by=writer.by, at=at)
    return SubmittedHow(row.submitted_how)


def _submitted_before(writer: Writer, at: datetime) -> SubmittedHow:
    how = _row(writer).submitted_how
    if how is None:
        raise _refusal(writer, at)
    return how


def save_form(found: Attempt, *, answers: Mapping[int, Given], by: Actor, at: datetime) -> int:
    """Save a whole plain form: the form takes the sitting over and sends what differs; return how many."""
    writer = Writer(found.code, FORM, by)
    take_over(writer, at=at)
    last = kept(found.id)
    changed = [
        Answer(place, last[place].sequence + 1 if place in last else 1, *given)
        for place, given in sorted(answers.items())
        if given != ((last[place].choice, last[place].review) if place in last else BLANK)
    ]
    save(writer, answers=changed, at=at)
    return len(changed)


def collect(*, at: datetime, session_id: int | None = None) -> int:
    """Collect sittings whose deadline has passed (统一收卷), at most one chunk; return how many."""
    overdue = (
        select(Attempt.id)
        .where(Attempt.submitted_at.is_(None), Attempt.paused_at.is_(None), Attempt.deadline_at < at)
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


def _open(writer: Writer, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Attempt.code == writer.code,
        Attempt.person_id == writer.by.person_id,
        Attempt.submitted_at.is_(None),
        Attempt.deadline_at >= at,
    )


def _row(writer: Writer) -> Attempt:
    found = session.scalar(
        select(Attempt)
        .where(Attempt.code == writer.code, Attempt.person_id == writer.by.person_id)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFoundError(_l("There is no such sitting of yours."))
    return found


def _refusal(writer: Writer, at: datetime) -> ConflictError:
    """Say why a sitting does not take what was sent."""
    found = _row(writer)
    if found.submitted_at is not None:
        return ConflictError(SUBMITTED, code="submitted")
    if found.deadline_at is None:
        return ConflictError(NOT_STARTED, code="not_started")
    if found.deadline_at < at:
        return ConflictError(LATE, code="late")
    if found.holder != writer.page:
        return ConflictError(TAKEN_OVER, code="taken_over")
    return ConflictError(_l("This paper has no such place."), code="no_such_place")
