"""Which sittings a pause stops, which may be paused without their room, and which stand still and may go on."""

from datetime import datetime
from math import floor

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.assessment.exams.models import Admission, Attempt, ExamSession, Registration, SessionRoom
from app.assessment.exams.queries import board
from app.assessment.exams.queries.board import Wanted
from app.core.db import session


def goes_on(found: ExamSession, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a sitting that a pause stops: not ended, not out of time, not paused.

    Who has not started counts as long as they still may.
    """
    return (
        Attempt.session_id == found.id,
        Attempt.submitted_at.is_(None),
        Attempt.paused_at.is_(None),
        or_(may_start(found, at), Attempt.deadline_at >= at),
    )


def may_start(found: ExamSession, at: datetime) -> ColumnElement[bool]:
    """Return the condition that a sitting has not started while the candidate's own window is open."""
    closed_since = floor((at - found.closes_at).total_seconds())
    return and_(Attempt.deadline_at.is_(None), Attempt.held_seconds > closed_since)


def may_pause(found: ExamSession, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a sitting that can be paused by itself: a pause stops it, and it has no room."""
    seated = select(Admission.id).where(Admission.registration_id == Attempt.registration_id).correlate(Attempt)
    return (*goes_on(found, at), ~seated.exists())


def may_resume(found: ExamSession) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a sitting that can go on: it stands still, and not because its room does."""
    room_paused = (
        select(Admission.id)
        .join(SessionRoom, SessionRoom.id == Admission.session_room_id)
        .where(Admission.registration_id == Attempt.registration_id, SessionRoom.paused_at.is_not(None))
        .correlate(Attempt)
    )
    return (
        Attempt.session_id == found.id,
        Attempt.submitted_at.is_(None),
        Attempt.paused_at.is_not(None),
        ~room_paused.exists(),
    )


def to_pause(found: ExamSession, wanted: Wanted, at: datetime) -> list[Registration]:
    """List the candidates of the board's filter whose sittings can be paused."""
    return board.everyone(found, wanted, at, *may_pause(found, at))


def to_resume(found: ExamSession, wanted: Wanted, at: datetime) -> list[Registration]:
    """List the candidates of the board's filter whose sittings stand still and can go on."""
    return board.everyone(found, wanted, at, *may_resume(found))


def held_back(found: ExamSession, at: datetime) -> int:
    """Count who has not started and still may: held by a pause now, or until their own window closes."""
    waits = and_(Attempt.deadline_at.is_(None), or_(Attempt.paused_at.is_not(None), may_start(found, at)))
    return session.scalar(select(func.count()).where(Attempt.session_id == found.id, waits)) or 0


def offered(registration: Registration, found: ExamSession, at: datetime) -> bool:
    """Tell whether the sitting of a candidate can be paused, or stands still and can go on, now."""
    if at < found.opens_at:
        return False
    either = or_(and_(*may_pause(found, at)), and_(*may_resume(found)))
    query = select(Attempt.id).where(Attempt.registration_id == registration.id, either)
    return session.scalar(query) is not None
