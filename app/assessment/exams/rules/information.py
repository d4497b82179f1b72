"""What items tell of a candidate: chances and information of the logistic models with up to three parameters.

P(theta) = c + (1 - c) / (1 + exp(-a (theta - b))), metric D = 1, ability standard normal; information after
Birnbaum in Lord & Novick, Statistical Theories of Mental Test Scores (1968): a^2 (P - c)^2 Q / ((1 - c)^2 P).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log, sqrt

from app.core.arrays import Floats, np

THETAS = tuple(step / 2 for step in range(-6, 7))
"""The abilities at which a curve is told: from -3 to 3 by halves."""
SPREAD = 0.3460
"""(16 sqrt(3) / (15 pi))^2: how much a normal ability flattens a logistic curve (Zeger, Liang & Albert 1988)."""
LEAST, MOST = Decimal("0.02"), Decimal("0.98")
WIDEST = 4.0
HALVINGS = 60
ESTIMATED = "estimated"
CALIBRATED = "calibrated"


@dataclass(frozen=True, slots=True)
class Parameters:
    """Discrimination, difficulty and guessing of an item, and where they come from."""

    a: float
    b: float
    c: float
    source: str


@dataclass(frozen=True, slots=True)
class Point:
    """The information of a test at an ability, and the standard error of the ability there."""

    theta: float
    information: float

    @property
    def error(self) -> float | None:
        """Return the standard error, None where the test tells nothing."""
        return 1 / sqrt(self.information) if self.information > 0 else None


def estimated(difficulty: Decimal) -> Parameters:
    """Estimate parameters from the difficulty coefficient, the share expected to answer right.

    With a = 1 and c = 0 the share of a standard normal population is nearly 1 / (1 + exp(b / sqrt(1 + SPREAD))).
    """
    share = float(min(max(difficulty, LEAST), MOST))
    return Parameters(1.0, -log(share / (1 - share)) * sqrt(1 + SPREAD), 0.0, ESTIMATED)


def chances(theta: float, items: Sequence[Parameters]) -> Floats:
    """Return the chance of a right answer to each item at an ability."""
    a, b, c = _columns(items)
    right: Floats = c + (1 - c) / (1 + np.exp(-a * (theta - b)))
    return right


def informations(theta: float, items: Sequence[Parameters]) -> Floats:
    """Return the information of each item at an ability."""
    a, _b, c = _columns(items)
    right = chances(theta, items)
    told: Floats = a**2 * (right - c) ** 2 * (1 - right) / ((1 - c) ** 2 * right)
    return told


def curve(items: Sequence[Parameters], thetas: Iterable[float] = THETAS) -> list[Point]:
    """Return the information of a test at each ability: the sum over its items."""
    return [Point(theta, float(informations(theta, items).sum())) for theta in thetas]


def ability_at(share: float, items: Sequence[Parameters], weights: Sequence[float]) -> float:
    """Return the ability whose expected weighted share of the points is `share`, between -4 and 4.

    The expected share grows with the ability, so halving an interval finds it.
    """
    given = np.array(weights, dtype=np.float64)
    low, high = -WIDEST, WIDEST
    for _step in range(HALVINGS):
        middle = (low + high) / 2
        expected = float(chances(middle, items) @ given / given.sum())
        low, high = (middle, high) if expected < share else (low, middle)
    return (low + high) / 2


def _columns(items: Sequence[Parameters]) -> tuple[Floats, Floats, Floats]:
    table = np.array([(one.a, one.b, one.c) for one in items], dtype=np.float64).reshape(len(items), 3)
    return table[:, 0], table[:, 1], table[:, 2]
