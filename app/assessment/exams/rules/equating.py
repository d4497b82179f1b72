"""Equating of scores across papers: identity, mean, linear, equipercentile; Tucker and Levine with common items.

Kolen & Brennan, Test Equating, Scaling, and Linking, 3rd edition (2014), chapters 2 (random groups), 3 (log-linear
pre-smoothing) and 4 (common items, nonequivalent groups). X is the new paper, Y the base paper. Scores are points;
moments are those of the group, divided by n. docs/psychometrics.md works every formula out by hand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import sqrt

from app.assessment.exams.states import Method
from app.core.arrays import np

COMMON_ITEMS = frozenset({Method.TUCKER, Method.LEVINE})
Convert = Callable[[float], float]
NEWTON = 50
CONVERGED = 1e-10


class NotEnoughError(ValueError):
    """The scores do not spread, or are too few, for the method."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and variance of a group's scores."""

    mean: float
    variance: float

    @property
    def deviation(self) -> float:
        """Return the standard deviation."""
        return sqrt(self.variance)


def moments(scores: Sequence[float]) -> Moments:
    """Return the moments of a group; raises NotEnoughError without scores."""
    if not scores:
        raise NotEnoughError
    mean = sum(scores) / len(scores)
    return Moments(mean, sum((one - mean) ** 2 for one in scores) / len(scores))


def covariance(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the covariance of two scores of the same candidates."""
    first, second = moments(one).mean, moments(other).mean
    return sum((x - first) * (y - second) for x, y in zip(one, other, strict=True)) / len(one)


def mean_equating(x: Moments, y: Moments) -> Convert:
    """Move by the difference of the means: m_Y(x) = x - mu(X) + mu(Y)."""
    return lambda score: score - x.mean + y.mean


def linear_equating(x: Moments, y: Moments) -> Convert:
    """Match means and deviations: l_Y(x) = sigma(Y) / sigma(X) [x - mu(X)] + mu(Y); raises NotEnoughError."""
    if x.variance <= 0 or y.variance < 0:
        raise NotEnoughError
    slope = y.deviation / x.deviation
    return lambda score: slope * (score - x.mean) + y.mean


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of candidates at each possible score: 0, step, 2 step and so on."""

    step: float
    values: tuple[float, ...]

    def rank(self, score: float) -> float:
        """Return the percentile rank as a share: those below the score's interval and a part of those in it."""
        if score <= -self.step / 2:
            return 0.0
        place = int(score / self.step + 0.5)
        if place >= len(self.values):
            return 1.0
        below = sum(self.values[:place])
        return below + (score / self.step - (place - 0.5)) * self.values[place]

    def score_at(self, rank: float) -> float:
        """Return the score at a percentile rank: by the least score whose cumulated share is above it."""
        ends = [0.0, *accumulate(self.values)]
        for place, (low, high) in enumerate(pairwise(ends)):
            if high > rank + 1e-12:
                return ((rank - low) / (high - low) + place - 0.5) * self.step
        last = max(place for place, value in enumerate(self.values) if value > 0)
        return (last + 0.5) * self.step


def shares(scores: Sequence[float], *, step: float, best: float) -> Shares:
    """Return the shares of a group over the possible scores of a paper; raises NotEnoughError without scores."""
    if not scores or step <= 0:
        raise NotEnoughError
    counts = [0] * (round(best / step) + 1)
    for one in scores:
        counts[min(max(round(one / step), 0), len(counts) - 1)] += 1
    return Shares(step, tuple(count / len(scores) for count in counts))


def smoothed(found: Shares, degree: int) -> Shares:
    """Smooth shares by a log-linear model that keeps the first `degree` moments (Holland & Thayer 1987).

    The likelihood is climbed by Newton's method; raises NotEnoughError where it has no summit.
    """
    size = len(found.values)
    points = (np.arange(size) - (size - 1) / 2) / max((size - 1) / 2, 1.0)
    powers = np.vander(points, degree + 1, increasing=True)[:, 1:]
    observed = np.array(found.values)
    weights = np.zeros(degree)
    for _step in range(NEWTON):
        fitted = np.exp(powers @ weights)
        fitted /= fitted.sum()
        away = powers.T @ (observed - fitted)
        if np.abs(away).max() < CONVERGED:
            return Shares(found.step, tuple(float(one) for one in fitted))
        centred = powers - fitted @ powers
        try:
            weights += np.linalg.solve(centred.T @ (centred * fitted[:, None]), away)
        except np.linalg.LinAlgError as error:
            raise NotEnoughError from error
    raise NotEnoughError


def equipercentile(x: Shares, y: Shares) -> Convert:
    """Match percentile ranks: e_Y(x) = Q^-1[P(x)]."""
    return lambda score: y.score_at(x.rank(score))


@dataclass(frozen=True, slots=True)
class Group:
    """The scores of a group that took a paper: the whole paper, and the common items within it."""

    total: Sequence[float]
    common: Sequence[float]

    def gamma(self, method: Method) -> float:
        """Return the slope of the total on the common items; for Levine they are part of the total (internal anchor).

        Tucker: sigma(T, V) / sigma^2(V). Levine: sigma^2(T) / sigma(T, V). Raises NotEnoughError without spread.
        """
        together = covariance(self.total, self.common)
        if together <= 0:
            raise NotEnoughError
        spread = moments(self.common if method is Method.TUCKER else self.total).variance
        return together / spread if method is Method.TUCKER else spread / together


def synthetic(new: Group, base: Group, method: Method, *, weight: float) -> tuple[Moments, Moments]:
    """Return the moments of both papers in the synthetic population; `weight` is that of the new group.

    Kolen & Brennan (2014), equations 4.17 to 4.20, with gamma by method.
    """
    v1, v2 = moments(new.common), moments(base.common)
    g1, g2 = new.gamma(method), base.gamma(method)
    w1, w2 = weight, 1 - weight
    apart = v1.mean - v2.mean
    spread = v1.variance - v2.variance
    x, y = moments(new.total), moments(base.total)
    return (
        Moments(x.mean - w2 * g1 * apart, x.variance - w2 * g1**2 * spread + w1 * w2 * g1**2 * apart**2),
        Moments(y.mean + w1 * g2 * apart, y.variance + w1 * g2**2 * spread + w1 * w2 * g2**2 * apart**2),
    )


def anchored_equating(new: Group, base: Group, method: Method, *, weight: float) -> Convert:
    """Equate linearly in the synthetic population; raises NotEnoughError without spread."""
    return linear_equating(*synthetic(new, base, method, weight=weight))


def equated(
    new: Group, base: Group, method: Method, *, step: float, best: tuple[float, float], weight: float, degree: int
) -> Convert:
    """Return the conversion of a method; `best` are the full scores of both papers, `degree` 0 does not smooth."""
    if method is Method.IDENTITY:
        return lambda score: score
    if method in COMMON_ITEMS:
        return anchored_equating(new, base, method, weight=weight)
    if method is Method.EQUIPERCENTILE:
        x, y = shares(new.total, step=step, best=best[0]), shares(base.total, step=step, best=best[1])
        return equipercentile(smoothed(x, degree), smoothed(y, degree)) if degree else equipercentile(x, y)
    simple = mean_equating if method is Method.MEAN else linear_equating
    return simple(moments(new.total), moments(base.total))
