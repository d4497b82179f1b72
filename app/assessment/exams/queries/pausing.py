"""Which sittings may be paused without their room, and which stand still and may go on."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from app.assessment.exams.models import Admission, Attempt, ExamSession, Registration, SessionRoom
from app.assessment.exams.queries import board
from app.assessment.exams.queries.board import Wanted
from app.core.db import session


def may_pause(found: ExamSession, at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions on a sitting that can be paused: without a room, not ended, not out of time, not paused.

    Who has not started counts as long as they still may.
    """
    seated = select(Admission.id).where(Admission.registration_id == Attempt.registration_id).correlate(Attempt)
    waits: ColumnElement[bool] = Attempt.deadline_at.is_(None)
    if at >= found.closes_at:
        waits = and_(waits, Attempt.held_seconds > 0)
    return (
        Attempt.session_id == found.id,
        Attempt.submitted_at.is_(None),
        Attempt.paused_at.is_(None),
        or_(waits, Attempt.deadline_at >= at),
        ~seated.exists(),
    )


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


def offered(registration: Registration, found: ExamSession, at: datetime) -> bool:
    """Tell whether the sitting of a candidate can be paused, or stands still and can go on, now."""
    if at < found.opens_at:
        return False
    either = or_(and_(*may_pause(found, at)), and_(*may_resume(found)))
    query = select(Attempt.id).where(Attempt.registration_id == registration.id, either)
    return session.scalar(query) is not None
