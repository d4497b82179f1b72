"""When a sitting may start, how long it lasts, and where it stands at an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Phase(StrEnum):
    """Where a sitting stands; derived from times, never stored."""

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    TIME_UP = "time_up"
    SUBMITTED = "submitted"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Times:
    """The instants that decide the phase; `extra` is the extra time (补时) granted to this candidate.

    A paused sitting runs on: its deadline moves when the room goes on.
    """

    opens_at: datetime
    closes_at: datetime
    minutes: int
    extra: int = 0
    started_at: datetime | None = None
    deadline_at: datetime | None = None
    submitted_at: datetime | None = None
    paused: bool = False


def deadline(times: Times, started_at: datetime) -> datetime:
    """Return when a sitting started now would end: after its minutes, at the latest when the window closes.

    Extra time moves both ends, so that it is not lost at the close of the window.
    """
    extra = timedelta(minutes=times.extra)
    return min(started_at + timedelta(minutes=times.minutes), times.closes_at) + extra


def phase(times: Times, at: datetime) -> Phase:
    """Tell where a sitting stands at an instant."""
    if times.submitted_at is not None:
        return Phase.SUBMITTED
    if times.deadline_at is not None:
        return Phase.RUNNING if times.paused or at <= times.deadline_at else Phase.TIME_UP
    if at < times.opens_at:
        return Phase.WAITING
    return Phase.READY if at < times.closes_at else Phase.MISSED
