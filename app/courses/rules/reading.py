"""How reading time is counted and when a lesson counts (domain clock)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from app.courses.models import LessonProgress
from app.items.models import ItemVersion
from app.items.rules.bodies import asked
from app.items.rules.marking import mark
from app.items.rules.responses import Choice

LONGEST_GAP = 60
"""Seconds that one sign of reading may stand for: the page sends one every half minute."""
MOST_TIMES = 2
"""Without signs, a lesson left open counts at most this many times its minimum."""
MINUTE = 60


def seconds_since(seen_at: datetime, at: datetime) -> int:
    """Return the seconds that a sign of reading adds: the gap since the last one, capped."""
    gap = int((at - seen_at).total_seconds())
    return max(0, min(gap, LONGEST_GAP))


def seconds_read(progress: LessonProgress, minimum_minutes: int, at: datetime) -> int:
    """Return the seconds read up to an instant.

    Where the page sent signs of reading, they count, and the time since the last one up to the cap;
    a browser without scripts sends none, so time runs from the opening, capped.
    """
    if progress.beats:
        return progress.seconds + seconds_since(progress.seen_at, at)
    open_for = int((at - progress.opened_at).total_seconds())
    return max(0, min(open_for, minimum_minutes * MINUTE * MOST_TIMES))


def minutes_left(progress: LessonProgress, minimum_minutes: int, at: datetime) -> int:
    """Return the full minutes still to read, 0 when the minimum is met."""
    left = minimum_minutes * MINUTE - seconds_read(progress, minimum_minutes, at)
    return max(0, -(-left // MINUTE))


def least_right(total: int, share: Decimal) -> int:
    """Return how many of the items of a quiz must be right, rounded half up and at least one."""
    return max(1, int((total * share).to_integral_value(ROUND_HALF_UP)))


def count_right(items: Iterable[ItemVersion], answers: Mapping[int, Sequence[str]]) -> int:
    """Return how many items of a quiz were answered rightly, by the marking that exams use."""
    return sum(mark(asked(item), Choice(frozenset(answers.get(item.id, ())))).value == 1 for item in items)
