"""The marginal likelihood of the logistic models: patterns, the grid over ability, expectations and derivatives."""

from dataclasses import dataclass
from functools import cache

from app.assessment.exams.rules.psychometrics.logistic import Items, logistic, probability, slopes
from app.assessment.exams.rules.psychometrics.responses import Matrix
from app.assessment.exams.statistics_states import Model
from app.core.arrays import np

PRIOR = (5.0, 17.0)
"""The Beta prior on each c of the 3PL: mode 0.2, the weight of about twenty answers (Mislevy & Bock 1990)."""

ABSENT = 2
EDGE = 1e-12


LEAST_ITEMS = {Model.RASCH: 1, Model.ONE: 2, Model.TWO: 3, Model.THREE: 3}


@dataclass(frozen=True, slots=True)
class Patterns:
    """Distinct rows of answers and how many persons gave each; `right` is 0 where an item was not answered."""

    right: Matrix
    seen: Matrix
    counts: Matrix


@cache
def grid() -> Matrix:
    """Return the abilities over which the marginal likelihood is summed."""
    told: Matrix = np.linspace(-6.0, 6.0, 61)
    return told


@cache
def normal() -> Matrix:
    """Return the share of persons at each ability of the grid: the normal distribution, summing to 1."""
    told: Matrix = np.exp(-0.5 * grid() ** 2) / np.exp(-0.5 * grid() ** 2).sum()
    return told


def patterns(right: Matrix) -> Patterns:
    """Fold equal rows; NaN cells are those not answered."""
    coded = np.where(np.isnan(right), ABSENT, right).astype(np.int8)
    rows, counts = np.unique(coded, axis=0, return_counts=True)
    return Patterns((rows == 1).astype(float), (rows != ABSENT).astype(float), counts.astype(float))


def unpack(model: Model, vector: Matrix) -> Items:
    """Read slopes, intercepts and lower asymptotes out of the vector that is maximised over."""
    if model is Model.RASCH:
        return Items(np.ones(len(vector)), vector, np.zeros(len(vector)))
    if model is Model.ONE:
        d = vector[1:]
        return Items(np.full(len(d), vector[0]), d, np.zeros(len(d)))
    parts = np.split(vector, 3 if model is Model.THREE else 2)
    c = logistic(parts[2]) if model is Model.THREE else np.zeros(len(parts[0]))
    return Items(parts[0], parts[1], c)


def gathered(model: Model, by_item: Matrix) -> Matrix:
    """Turn derivatives by a, d and logit c (three by items) into those by the vector."""
    told: Matrix = by_item[: 3 if model is Model.THREE else 2].ravel()
    if model is Model.RASCH:
        told = by_item[1]
    if model is Model.ONE:
        told = np.concatenate([[by_item[0].sum()], by_item[1]])
    return told


def posterior(found: Patterns, items: Items) -> tuple[Matrix, Matrix]:
    """Return for each pattern the weights over the grid (summing to 1) and its marginal log-likelihood."""
    p = probability(items, grid())
    right, wrong = np.log(p), np.log1p(-p)
    joint = found.right @ (right - wrong) + found.seen @ wrong + np.log(normal())
    top = joint.max(axis=1, keepdims=True)
    weights = np.exp(joint - top)
    sums = weights.sum(axis=1, keepdims=True)
    return weights / sums, (top + np.log(sums))[:, 0]


def log_likelihood(found: Patterns, items: Items) -> float:
    """Return the marginal log-likelihood of all persons."""
    return float(found.counts @ posterior(found, items)[1])


def expected(found: Patterns, items: Items) -> tuple[Matrix, Matrix, float]:
    """Return expected answers and expected right answers, items by grid, and the log-likelihood."""
    weights, likelihood = posterior(found, items)
    counted = weights * found.counts[:, None]
    return found.seen.T @ counted, found.right.T @ counted, float(found.counts @ likelihood)


def score(items: Items, answered: Matrix, right: Matrix) -> Matrix:
    """Return the derivatives of the expected complete log-likelihood by a, d and logit c: three by items."""
    p = probability(items, grid())
    pull = (right - answered * p) / (p * (1 - p))
    told: Matrix = (slopes(items, grid()) * pull).sum(axis=2)
    return told


def prior(model: Model, items: Items) -> tuple[float, Matrix]:
    """Return the logarithm of the prior on c and its derivative by logit c; nothing but for the 3PL."""
    if model is not Model.THREE:
        return 0.0, np.zeros(len(items.c))
    up, down = PRIOR[0] - 1, PRIOR[1] - 1
    c = np.clip(items.c, EDGE, 1 - EDGE)
    return float((up * np.log(c) + down * np.log1p(-c)).sum()), up * (1 - c) - down * c
