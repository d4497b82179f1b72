"""Double marking (双评): when two marks agree, what their mean is, when a marker may mark live answers; pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256

from app.assessment.exams.rules.marking_rule import MarkingRule
from app.core.errors import InvalidError
from app.core.text import _l

HUNDREDTH = Decimal("0.01")


def agree(one: Decimal, other: Decimal, tolerance: Decimal) -> bool:
    """Tell whether two marks lie no further apart than the tolerance; exactly at it they agree."""
    return abs(one - other) <= tolerance


def mean(one: Decimal, other: Decimal) -> Decimal:
    """Return the exact mean of two marks; marks have two decimals, so it has three at most and nothing is rounded."""
    return (one + other) / 2


def calibrated(marks: Sequence[tuple[Decimal, Decimal]], points: Decimal, rule: MarkingRule) -> bool:
    """Tell whether the latest marks of seeds, each with its reference, let a marker mark live answers.

    Of the last N seeds at least K agree; with fewer than N nobody is calibrated.
    """
    if len(marks) < rule.seeds:
        return False
    latest = marks[len(marks) - rule.seeds :]
    tolerance = rule.tolerance(points)
    return sum(agree(given, reference, tolerance) for given, reference in latest) >= rule.seeds_agreed


def seed_is_due(task: str, marker: int, done: int, every: int) -> bool:
    """Tell whether the next paper of a marker is a seed: one in `every` on average, at places nobody can foresee.

    Drawn by digest, so that a claim repeated after a lost answer gives the same.
    """
    return int.from_bytes(sha256(f"{task}:{marker}:{done}".encode()).digest()[:4]) % every == 0


def checked(given: Mapping[str, Decimal | None], criteria: Mapping[str, Decimal]) -> dict[str, str]:
    """Return the points of each criterion as a mark stores them.

    Raises InvalidError naming the criterion that holds nothing, fewer than none, or more than it is worth.
    """
    points = {}
    for name, best in criteria.items():
        value = given.get(name)
        if value is None or not Decimal(0) <= value <= best or value != value.quantize(HUNDREDTH):
            raise InvalidError(
                _l("Between 0 and %(best)s points, with two decimals at most.", best=f"{best.normalize():f}"),
                field=name,
            )
        points[name] = f"{value:.2f}"
    return points


def total(points: Mapping[str, str]) -> Decimal:
    """Return the sum of the criteria."""
    return sum((Decimal(one) for one in points.values()), Decimal(0))
