"""Multi-criteria mathematics: weights by entropy or AHP, scores by weighted sum or TOPSIS; pure functions.

A matrix has one row an alternative and one column a criterion. Sums are `math.fsum`, which rounds once, so that the
order of the criteria never changes a figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, hypot, log, sqrt
from typing import TypeAlias

from app.core.arrays import np

Matrix: TypeAlias = Sequence[Sequence[float]]

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
"""Mean consistency index of random reciprocal matrices of order 1 to 15 (Saaty 1980, Analytic Hierarchy Process)."""
TIE = 1e-12
"""Scores that differ by less share a rank."""


@dataclass(frozen=True, slots=True)
class Priorities:
    """The principal eigenvector of a pairwise matrix, summing to 1, and its consistency ratio (good up to 0.1)."""

    weights: tuple[float, ...]
    consistency_ratio: float


def columns(matrix: Matrix) -> list[tuple[float, ...]]:
    """Return the criteria of a matrix, each with its values in the order of the alternatives."""
    return list(zip(*matrix, strict=True))


def entropy_weights(matrix: Matrix) -> tuple[float, ...]:
    """Weigh criteria by how much their values differ (Shannon entropy, Zeleny 1982; Hwang and Yoon 1981).

    Values are not negative and every column has a positive sum. Columns that say nothing weigh nothing; where no
    column says anything, all weigh the same.
    """
    spread = [_divergence(column) for column in columns(matrix)]
    total = fsum(spread)
    if total <= TIE:
        return tuple(1 / len(spread) for _ in spread)
    return tuple(one / total for one in spread)


def _divergence(column: Sequence[float]) -> float:
    """Return one minus the entropy of a column's shares, in units of the greatest possible entropy."""
    if len(column) == 1:
        return 0.0
    total = fsum(column)
    shares = [value / total for value in column]
    entropy = -fsum(share * log(share) for share in shares if share > 0) / log(len(column))
    return max(1 - entropy, 0.0)


def ahp(pairwise: Matrix) -> Priorities:
    """Return the priorities of a positive reciprocal matrix of at most 15 rows (Saaty 1980).

    The consistency ratio is (largest eigenvalue - n) / (n - 1), divided by the random index of the order.
    """
    size = len(pairwise)
    values, vectors = np.linalg.eig(np.array(pairwise, dtype=float))
    place = int(np.argmax(values.real))
    vector = [abs(float(one)) for one in vectors[:, place].real]
    total = fsum(vector)
    index = RANDOM_INDEX[size - 1]
    ratio = max((float(values[place].real) - size) / (size - 1) / index, 0.0) if index else 0.0
    return Priorities(tuple(one / total for one in vector), ratio)


def weighted_sum(matrix: Matrix, weights: Sequence[float], benefits: Sequence[bool]) -> tuple[float, ...]:
    """Return the weighted sum of linearly scaled values, 0 to 1 (Hwang and Yoon 1981, simple additive weighting).

    A criterion of which more is better is divided by its greatest value; of one of which less is better the least
    value is divided by each. Values are not negative, and positive where less is better.
    """
    scaled = [_linear(column, more=more) for column, more in zip(columns(matrix), benefits, strict=True)]
    return tuple(_dot(weights, row) for row in zip(*scaled, strict=True))


def _linear(column: Sequence[float], *, more: bool) -> list[float]:
    if more:
        greatest = max(column)
        return [value / greatest if greatest else 0.0 for value in column]
    return [min(column) / value for value in column]


def _dot(weights: Sequence[float], row: Sequence[float]) -> float:
    return fsum(weight * value for weight, value in zip(weights, row, strict=True))


def topsis(matrix: Matrix, weights: Sequence[float], benefits: Sequence[bool]) -> tuple[float, ...]:
    """Return the relative closeness to the ideal, 0 to 1 (Hwang and Yoon 1981), after vector normalisation.

    Where all alternatives are alike none is nearer to the ideal: each gets one half.
    """
    scaled = [_vector(column, weight) for column, weight in zip(columns(matrix), weights, strict=True)]
    best = [max(column) if more else min(column) for column, more in zip(scaled, benefits, strict=True)]
    worst = [min(column) if more else max(column) for column, more in zip(scaled, benefits, strict=True)]
    return tuple(_closeness(_distance(row, best), _distance(row, worst)) for row in zip(*scaled, strict=True))


def _vector(column: Sequence[float], weight: float) -> list[float]:
    length = hypot(*column)
    return [weight * value / length if length else 0.0 for value in column]


def _distance(row: Sequence[float], point: Sequence[float]) -> float:
    return sqrt(fsum((value - other) ** 2 for value, other in zip(row, point, strict=True)))


def _closeness(to_best: float, to_worst: float) -> float:
    whole = to_best + to_worst
    return to_worst / whole if whole > TIE else 0.5


def ranks(scores: Sequence[float]) -> tuple[int, ...]:
    """Return the place of each score, 1 for the highest; equal scores share the better place."""
    return tuple(1 + sum(other > score + TIE for other in scores) for score in scores)
