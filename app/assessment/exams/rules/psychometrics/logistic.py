"""The logistic models (D = 1): probability, its slopes, information; ability is standard normal.

P(theta) = c + (1 - c) / (1 + exp(-(a theta + d))), difficulty b = -d / a (Birnbaum in Lord & Novick 1968).
"""

from dataclasses import dataclass

from app.assessment.exams.rules.psychometrics.responses import Matrix
from app.core.arrays import np

EDGE = 1e-12
FLAT = 1e-3


@dataclass(frozen=True, slots=True)
class Items:
    """Slopes, intercepts and lower asymptotes of items, one entry an item; NaN where an item could not be fitted."""

    a: Matrix
    d: Matrix
    c: Matrix

    @property
    def b(self) -> Matrix:
        """Return the difficulties, NaN where the slope is so flat that there is none."""
        steep = np.abs(self.a) > FLAT
        told: Matrix = np.divide(-self.d, self.a, out=np.full(len(self.a), np.nan), where=steep)
        return told

    def only(self, which: Matrix) -> "Items":
        """Return some of the items."""
        return Items(self.a[which], self.d[which], self.c[which])


def from_difficulty(a: Matrix, b: Matrix, c: Matrix) -> Items:
    """Build items from slope, difficulty and lower asymptote."""
    return Items(a, -a * b, c)


def probability(items: Items, theta: Matrix) -> Matrix:
    """Return P, items by abilities, kept off 0 and 1 so that its logarithm exists."""
    core = logistic(np.outer(items.a, theta) + items.d[:, None])
    return np.clip(items.c[:, None] + (1 - items.c[:, None]) * core, EDGE, 1 - EDGE)


def logistic(logit: Matrix) -> Matrix:
    """Return 1 / (1 + exp(-x)) without overflow."""
    half: Matrix = 0.5 * (1 + np.tanh(0.5 * logit))
    return half


def slopes(items: Items, theta: Matrix) -> Matrix:
    """Return how P changes with a, d and the logit of c: three by items by abilities."""
    core = logistic(np.outer(items.a, theta) + items.d[:, None])
    inner = (1 - items.c[:, None]) * core * (1 - core)
    guess = items.c[:, None] * (1 - items.c[:, None]) * (1 - core)
    return np.stack([inner * theta, inner, guess])


def information(items: Items, theta: Matrix) -> Matrix:
    """Return Fisher's information of each item at each ability: P'^2 / (P (1 - P))."""
    p = probability(items, theta)
    core = logistic(np.outer(items.a, theta) + items.d[:, None])
    change = (1 - items.c[:, None]) * items.a[:, None] * core * (1 - core)
    told: Matrix = change**2 / (p * (1 - p))
    return told
