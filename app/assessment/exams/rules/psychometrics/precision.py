"""Standard errors of fitted items from the observed information (Louis 1982), b by the delta method.

Beyond 5,000 distinct rows of answers the information is the cross-product of the persons' scores, which then differs
by little and costs a hundredth.
"""

from app.assessment.exams.rules.psychometrics.logistic import FLAT, Items, probability, slopes
from app.assessment.exams.rules.psychometrics.marginal import (
    PRIOR,
    Patterns,
    gathered,
    grid,
    posterior,
    prior,
    score,
    unpack,
)
from app.assessment.exams.rules.psychometrics.responses import Matrix
from app.assessment.exams.statistics_states import Model
from app.core.arrays import Integers, np

MANY = 5000
WIDTH = 1e-5
KINDS = {Model.RASCH: [1], Model.ONE: [0, 1], Model.TWO: [0, 1], Model.THREE: [0, 1, 2]}


def standard_errors(found: Patterns, vector: Matrix, model: Model) -> tuple[Matrix, Matrix, Matrix]:
    """Return the standard errors of a, b and c at the maximum; those of what the model fixes are 0."""
    items = unpack(model, vector)
    covariance: Matrix = np.linalg.pinv(_information(found, model, vector), hermitian=True).astype(float)
    count = len(items.d)
    at = _places(model, count)
    va, vd, cov = (covariance[at[i], at[j]] for i, j in ((0, 0), (1, 1), (0, 1)))
    if model is Model.RASCH:
        va, cov = np.zeros(count), np.zeros(count)
    a = np.where(np.abs(items.a) > FLAT, items.a, np.nan)
    vb = vd / a**2 + va * items.d**2 / a**4 - 2 * cov * items.d / a**3
    vc = covariance[at[2], at[2]] * (items.c * (1 - items.c)) ** 2 if model is Model.THREE else np.zeros(count)
    return _root(va), _root(vb), _root(vc)


def _root(variance: Matrix) -> Matrix:
    return np.sqrt(np.where(variance >= 0, variance, np.nan))


def _places(model: Model, count: int) -> list[Integers]:
    """Return where each item's a, d and logit c stand in the vector."""
    each = np.arange(count)
    places = {
        Model.RASCH: [each, each],
        Model.ONE: [np.zeros(count, dtype=int), each + 1],
        Model.TWO: [each, each + count],
        Model.THREE: [each, each + count, each + 2 * count],
    }
    return places[model]


def _information(found: Patterns, model: Model, vector: Matrix) -> Matrix:
    """Return the observed information: that of the complete data less what the unknown abilities take away."""
    items = unpack(model, vector)
    weights, _ = posterior(found, items)
    p = probability(items, grid())
    pull = (slopes(items, grid()) / (p * (1 - p)))[KINDS[model]]
    mean = np.hstack([found.right * (weights @ one.T) - found.seen * (weights @ (p * one).T) for one in pull])
    crossed = _folded(model, mean.T @ (mean * found.counts[:, None]))
    if len(found.counts) > MANY:
        return crossed + np.diag(_drawn(model, items))
    counted = weights * found.counts[:, None]
    whole = _complete(model, vector, found.seen.T @ counted, found.right.T @ counted)
    return whole - _folded(model, _squared(found, p, pull, counted)) + crossed


def _drawn(model: Model, items: Items) -> Matrix:
    """Return what the prior on c adds to the information of the vector."""
    if model is not Model.THREE:
        return np.zeros(len(items.d) + (model is Model.ONE) if model is not Model.TWO else 2 * len(items.d))
    added = (sum(PRIOR) - 2) * items.c * (1 - items.c)
    return np.concatenate([np.zeros(2 * len(items.d)), added])


def _complete(model: Model, vector: Matrix, answered: Matrix, right: Matrix) -> Matrix:
    """Return minus the second derivatives of the expected complete log-posterior, by central differences."""
    rows = np.empty((len(vector), len(vector)))
    for place in range(len(vector)):
        step = np.zeros(len(vector))
        step[place] = WIDTH
        up, down = (_pull(model, vector + step * sign, answered, right) for sign in (1, -1))
        rows[place] = (down - up) / (2 * WIDTH)
    return (rows + rows.T) / 2


def _pull(model: Model, vector: Matrix, answered: Matrix, right: Matrix) -> Matrix:
    items = unpack(model, vector)
    pull = score(items, answered, right)
    pull[2] += prior(model, items)[1]
    return gathered(model, pull)


def _squared(found: Patterns, p: Matrix, pull: Matrix, counted: Matrix) -> Matrix:
    """Return the expected squares of the complete scores: one product of residuals a grid point serves all blocks."""
    kinds, count, _grid = pull.shape
    total = np.zeros((kinds * count, kinds * count))
    for node in range(len(grid())):
        residual = found.right - found.seen * p[:, node]
        product = residual.T @ (residual * counted[:, node, None])
        flat = pull[:, :, node].ravel()
        total += np.tile(product, (kinds, kinds)) * np.outer(flat, flat)
    return total


def _folded(model: Model, full: Matrix) -> Matrix:
    """Sum the rows and columns of slopes where the model has one common slope."""
    if model is not Model.ONE:
        return full
    count = len(full) // 2
    fold = np.zeros((count + 1, 2 * count))
    fold[0, :count] = 1
    fold[1:, count:] = np.eye(count)
    folded: Matrix = fold @ full @ fold.T
    return folded
