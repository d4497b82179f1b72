"""Reads of scripts: the points that stand, by sitting."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import select

from app.assessment.exams.models import MarkingTask, Script
from app.core.db import session


def decided(attempt_ids: Iterable[int]) -> dict[int, dict[int, Decimal]]:
    """Return for each sitting the points that markers gave, by position on the frozen paper; parts are summed."""
    query = (
        select(Script.attempt_id, MarkingTask.position, Script.points)
        .join(MarkingTask, MarkingTask.id == Script.task_id)
        .where(Script.attempt_id.in_(list(attempt_ids)), Script.points.is_not(None))
    )
    found: dict[int, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for attempt_id, position, points in session.execute(query):
        found[attempt_id][position] += points
    return found
