"""How many candidates stand still, and how often their pages ask whether it goes on.

Each heartbeat of a pause carries the answer, so a process counts anew only after a while.
"""

from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from sqlalchemy import func, select

from app.assessment.exams.models import Attempt, ExamSession
from app.assessment.exams.rules.timing import paused_heartbeat
from app.core.db import session

COUNTED_FOR = 5.0
"""Seconds for which a count stands."""


@dataclass
class Counted:
    """What this process counted last, and until when on its steady clock that stands."""

    standing: int = 0
    until: float = 0.0


_last = Counted()


def asks_again() -> timedelta:
    """Return after how long the page of a paused sitting asks again."""
    now = monotonic()
    if now >= _last.until:
        _last.until = now + COUNTED_FOR  # before the count, so that of several threads one counts
        _last.standing = _standing()
    return paused_heartbeat(_last.standing)


def _standing() -> int:
    """Count session by session, so that the index of open sittings is used and none that has ended is read."""
    there = (Attempt.session_id == ExamSession.id) & Attempt.submitted_at.is_(None) & Attempt.paused_at.is_not(None)
    each = select(func.count()).select_from(Attempt).where(there).correlate(ExamSession).scalar_subquery()
    query = select(func.sum(each)).select_from(ExamSession).where(ExamSession.marked_at.is_(None))
    return int(session.scalar(query) or 0)
