"""How sittings stand still and go on; and the pauses of those without a room, all of them or chosen ones.

The candidates of a room are paused with their room (`invigilating`). What a pause leaves are columns that the hot paths
read anyway; who paused whom, when and why is in the events.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update

from app.assessment.exams.models import Attempt, ExamSession, Registration
from app.assessment.exams.queries.pausing import goes_on, may_pause, may_resume
from app.assessment.exams.rules.timing import held, resumed
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.states import SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l

CHUNK = 1_000


def pause(found: ExamSession, chosen: Sequence[Registration], *, reason: str, by: Actor, at: datetime) -> int:
    """Let the sittings of candidates without a room stand still; return how many.

    Nothing is started or taken of them, and no time passes. Who has handed in, whose time is up, who stands still
    already or has a room is left alone. Raises InvalidError without a reason or anybody chosen, ForbiddenError for
    one's own sitting, ConflictError outside of the exam or where nobody is left to pause.
    """
    subjects = _subjects(chosen, by)
    if not reason.strip():
        raise InvalidError(_l("Give the reason."), field="reason")
    refuse_outside(found, at=at)
    about, paused = of_session(found), set[int]()
    for ids in _chunks(subjects):
        paused |= _stopped(Attempt.registration_id.in_(ids), *may_pause(found, at), at=at)
    if not paused:
        raise ConflictError(_l("None of these sittings can be paused any more. Look again."))
    told: list[tuple[Subject, dict[str, Any]]] = [(subject, {}) for one, subject in subjects.items() if one in paused]
    events.record_many("exams.candidate_paused", told, by=by, at=at, reason=reason.strip())
    data = {"sittings": len(paused)}
    events.record("exams.sittings_paused", about, by=by, at=at, reason=reason.strip(), data=data)
    return len(paused)


def refuse_outside(found: ExamSession, *, at: datetime) -> None:
    """Raise ConflictError where no exam goes on that could be paused."""
    if found.state is not SessionState.PREPARED or found.marked_at is not None or at < found.opens_at:
        raise ConflictError(_l("Sittings are paused while the exam goes on, from the opening of its window."))


def stand_still(found: ExamSession, *which: ColumnElement[bool], at: datetime) -> int:
    """Let the sittings of a condition stand still, those that have not started included; return how many."""
    return len(_stopped(*which, *goes_on(found, at), at=at))


def _stopped(*which: ColumnElement[bool], at: datetime) -> set[int]:
    """Note since when the sittings stand still, and return their registrations."""
    stopped = update(Attempt).where(*which).values(paused_at=at).returning(Attempt.registration_id)
    found = set(session.scalars(stopped.execution_options(synchronize_session=False)))
    session.expire_all()
    return found


def resume(found: ExamSession, chosen: Sequence[Registration], *, by: Actor, at: datetime) -> int:
    """Let paused sittings go on, with the time they stood still; return how many.

    Who is in a room that is paused goes on with the room. Raises InvalidError without anybody chosen, ForbiddenError
    for one's own sitting, ConflictError where none of them stands still.
    """
    subjects, about = _subjects(chosen, by), of_session(found)
    which, given = may_resume(found), dict[int, str]()
    for ids in _chunks(subjects):
        given |= go_on(Attempt.registration_id.in_(ids), *which, at=at)
    if not given:
        raise ConflictError(_l("None of these sittings is paused any more. Look again."))
    told = [(subject, {"time": given[one]}) for one, subject in subjects.items() if one in given]
    events.record_many("exams.candidate_resumed", told, by=by, at=at)
    events.record("exams.sittings_resumed", about, by=by, at=at, data={"sittings": len(given)})
    return len(given)


def go_on(*which: ColumnElement[bool], at: datetime) -> dict[int, str]:
    """Let the paused sittings of a condition go on; return by registration how long each stood still, as H:MM:SS.

    A sitting that runs ends later by it; who had not started has a window that closes later by it. The rows are locked
    against a start, a save and a second resume.
    """
    query = (
        select(
            Attempt.id,
            Attempt.registration_id,
            Attempt.deadline_at,
            Attempt.paused_at,
            Attempt.held_seconds,
            ExamSession.opens_at,
        )
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .where(Attempt.paused_at.is_not(None), Attempt.submitted_at.is_(None), *which)
        .order_by(Attempt.id)
        .with_for_update(of=Attempt)
    )
    found = session.execute(query).all()
    if found:
        statement = update(Attempt).where(Attempt.id == bindparam("row_id"))
        moved = statement.values(deadline_at=bindparam("deadline"), held_seconds=bindparam("held"), paused_at=None)
        session.connection().execute(moved, [_moved(row, at) for row in found])
        session.expire_all()
    return {row.registration_id: _clock(at - row.paused_at) for row in found}


def _moved(row: Any, at: datetime) -> dict[str, Any]:  # noqa: ANN401 - a row
    waits = row.deadline_at is None
    return {
        "row_id": row.id,
        "deadline": None if waits else resumed(row.deadline_at, row.paused_at, at),
        "held": held(row.held_seconds, row.opens_at, row.paused_at, at) if waits else row.held_seconds,
    }


def _clock(stood_still: timedelta) -> str:
    return str(timedelta(seconds=round(stood_still.total_seconds())))


def _subjects(chosen: Sequence[Registration], by: Actor) -> dict[int, Subject]:
    """Name whom a pause concerns, by registration; raises as `pause` does."""
    if not chosen:
        raise InvalidError(_l("Choose at least one candidate."), field="tickets")
    if any(one.person_id == by.person_id for one in chosen):
        raise ForbiddenError(_l("Nobody pauses their own sitting or lets it go on. Another invigilator does."))
    return {one.id: of_registration(one) for one in chosen}


def _chunks(subjects: Mapping[int, Subject]) -> Iterator[list[int]]:
    ids = sorted(subjects)
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
