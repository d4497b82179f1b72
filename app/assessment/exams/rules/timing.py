"""When a sitting may start, how long it lasts, and where it stands at an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

HEARTBEAT = timedelta(seconds=45)
"""How often the page of a sitting shows that it lives; a tenth sooner or later each time, so that those who started
together do not beat together.

Extra time and pauses are to show within 60 seconds, with a save or a heartbeat: the longest wait is 49.5. A shorter one
costs the saves their place: ten thousand candidates beat 222 times a second at 45 seconds, 500 times at 20.
"""
SILENT_AFTER = 2 * HEARTBEAT
"""A page that has not been heard of for so long has missed a heartbeat and is overdue with the next."""

PAUSED_HEARTBEAT = timedelta(seconds=5)
PAUSED_RATE = 500
"""In a pause a page asks sooner, since what it learns late of its end is working time; of all candidates who stand
still together so many ask in a second at most, until they wait as long as any heartbeat.
"""


class Phase(StrEnum):
    """Where a sitting stands; derived from times, never stored."""

    WAITING = "waiting"
    HELD = "held"
    READY = "ready"
    RUNNING = "running"
    TIME_UP = "time_up"
    SUBMITTED = "submitted"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Times:
    """The instants that decide the phase; `extra` is the extra time (补时) granted to this candidate.

    `extends` tells whether extra time may run past the close of the window; `held` is how long pauses kept this
    candidate from starting, by which their own window closes later.
    """

    opens_at: datetime
    closes_at: datetime
    minutes: int
    extra: int = 0
    started_at: datetime | None = None
    deadline_at: datetime | None = None
    submitted_at: datetime | None = None
    paused_at: datetime | None = None
    extends: bool = True
    held: timedelta = timedelta()

    @property
    def closes(self) -> datetime:
        """Return when the window closes for this candidate."""
        return self.closes_at + self.held


def deadline(times: Times, started_at: datetime) -> datetime:
    """Return when a sitting started now would end: after its minutes, at the latest when the window closes.

    Extra time moves both ends, so that it is not lost at the close of the window, unless the session forbids that.
    """
    extra = timedelta(minutes=times.extra)
    ends = min(started_at + timedelta(minutes=times.minutes), times.closes) + extra
    return ends if times.extends else min(ends, times.closes)


def extended(deadline_at: datetime, minutes: int, closes_at: datetime, *, extends: bool) -> datetime:
    """Return the deadline of a running sitting after so many more minutes, or fewer where they are negative.

    Where the session lets nothing run past its close, the deadline never moves beyond it, nor back because of it.
    """
    moved = deadline_at + timedelta(minutes=minutes)
    return moved if extends else min(moved, max(deadline_at, closes_at))


def paused_heartbeat(standing: int) -> timedelta:
    """Return how often the page of a paused sitting shows that it lives while so many candidates stand still."""
    return min(max(PAUSED_HEARTBEAT, timedelta(seconds=standing / PAUSED_RATE)), HEARTBEAT)


def share_of(minutes: int, percent: int) -> int:
    """Return so many per cent of a session's minutes as whole minutes; a part of one counts for the candidate."""
    return ceil(minutes * percent / 100)


def resumed(deadline_at: datetime, paused_at: datetime, at: datetime) -> datetime:
    """Return the deadline of a sitting that stood still from `paused_at` to `at`; a clock set back takes no time."""
    return deadline_at + max(at - paused_at, timedelta())


def last_start(times: Times, late_minutes: int) -> datetime:
    """Return until when a candidate may start: when their window closes, or where late entry ends before that.

    `late_minutes` is how long after the opening somebody may come late, 0 where no rule sets it. Pauses that kept the
    candidate from starting move both.
    """
    if not late_minutes:
        return times.closes
    return min(times.closes, times.opens_at + timedelta(minutes=late_minutes) + times.held)


def held(seconds: int, opens_at: datetime, paused_at: datetime, at: datetime) -> int:
    """Return how many seconds of the window pauses have kept a candidate from starting, once one ends at `at`.

    A part of a second counts for the candidate.
    """
    return seconds + ceil(max(at - max(paused_at, opens_at), timedelta()).total_seconds())


def is_frozen(opens_at: datetime, closes_at: datetime, minutes: int, at: datetime) -> bool:
    """Tell whether a session cannot be edited: from so many minutes before its opening until it has closed."""
    return opens_at - timedelta(minutes=minutes) <= at < closes_at


def phase(times: Times, at: datetime) -> Phase:
    """Tell where a sitting stands at an instant."""
    if times.submitted_at is not None:
        return Phase.SUBMITTED
    if times.paused_at is not None:
        return Phase.HELD if times.deadline_at is None else Phase.RUNNING
    if times.deadline_at is not None:
        return Phase.RUNNING if at <= times.deadline_at else Phase.TIME_UP
    if at < times.opens_at:
        return Phase.WAITING
    return Phase.READY if at < times.closes else Phase.MISSED
