"""Marginal maximum likelihood of the Rasch, 1PL, 2PL and 3PL models: EM (Bock & Aitkin 1981), then quasi-Newton.

Ability is standard normal and integrated over a fine rectangular grid; missing cells simply do not count. The 3PL has a
Beta(5, 17) prior on each c (mode 0.2, the weight of about twenty answers; Mislevy & Bock 1990): its estimates are those
of the posterior mode, the log-likelihood told is the marginal one without the prior.
"""

from dataclasses import dataclass

from app.assessment.exams.rules.psychometrics.logistic import Items, probability, slopes
from app.assessment.exams.rules.psychometrics.marginal import (
    LEAST_ITEMS,
    Patterns,
    expected,
    gathered,
    grid,
    log_likelihood,
    patterns,
    prior,
    score,
    unpack,
)
from app.assessment.exams.rules.psychometrics.precision import standard_errors
from app.assessment.exams.rules.psychometrics.responses import Matrix, Responses, quotient
from app.assessment.exams.statistics_states import Model
from app.core.arrays import Flags, np, scipy
from app.core.errors import InvalidError
from app.core.text import _l

ROUNDS = 60
STILL = 1e-7
CLOSE = 1e-4
STEEPEST, FARTHEST, GUESS = 10.0, 40.0, 8.0
EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Fit:
    """Items as fitted (NaN for those in `left_out`, which all answered right or all wrong), with standard errors."""

    model: Model
    items: Items
    se_a: Matrix
    se_b: Matrix
    se_c: Matrix
    log_likelihood: float
    left_out: Flags
    converged: bool


def fit(data: Responses, model: Model) -> Fit:
    """Fit a model; raises InvalidError where too few items are answered both right and wrong."""
    facility = quotient(np.nansum(data.right, axis=0), data.seen.sum(axis=0))
    varied = (facility > 0) & (facility < 1)
    if varied.sum() < LEAST_ITEMS[model]:
        raise InvalidError(
            _l(
                "The model %(model)s needs at least %(least)d items that some answered right and others wrong.",
                model=model.value,
                least=LEAST_ITEMS[model],
            )
        )
    found = patterns(data.right[:, varied])
    start = _expected_maximum(found, model, _start(facility[varied], model))
    vector, converged = _polish(found, model, start)
    items = unpack(model, vector)
    errors = standard_errors(found, vector, model)
    se_a, se_b, se_c = (_spread(varied, part) for part in errors)
    spread = Items(*(_spread(varied, part) for part in (items.a, items.d, items.c)))
    return Fit(model, spread, se_a, se_b, se_c, log_likelihood(found, items), ~varied, converged)


def _spread(which: Flags, values: Matrix) -> Matrix:
    full = np.full(len(which), np.nan)
    full[which] = values
    return full


def _start(facility: Matrix, model: Model) -> Matrix:
    items = len(facility)
    d = np.log(facility / (1 - facility)) * 1.2
    vectors = {
        Model.RASCH: [d],
        Model.ONE: [np.ones(1), d],
        Model.TWO: [np.ones(items), d],
        Model.THREE: [np.ones(items), d, np.full(items, -2.0)],
    }
    return np.concatenate(vectors[model])


def _expected_maximum(found: Patterns, model: Model, vector: Matrix) -> Matrix:
    """Climb by EM until the log-likelihood barely moves; each M-step is one Fisher-scoring step of every item."""
    before = -np.inf
    for _ in range(ROUNDS):
        items = unpack(model, vector)
        answered, right, reached = expected(found, items)
        if reached - before < STILL * abs(reached):
            break
        before = reached
        vector = _within(model, vector + _step(model, items, answered, right))
    return vector


def _step(model: Model, items: Items, answered: Matrix, right: Matrix) -> Matrix:
    pull = score(items, answered, right)
    pull[2] += prior(model, items)[1]
    p = probability(items, grid())
    change = slopes(items, grid())
    weight = answered / (p * (1 - p))
    info = np.einsum("kjq,jq,ljq->jkl", change, weight, change)
    if model is Model.RASCH:
        moved: Matrix = pull[1] / info[:, 1, 1]
        return moved
    if model is Model.ONE:
        return _arrow(info, pull)
    kept = 3 if model is Model.THREE else 2
    block = info[:, :kept, :kept] + np.eye(kept) * 1e-3  # mutant: bends the way to the summit, never the summit
    step: Matrix = np.linalg.solve(block, pull[:kept].T[:, :, None])[:, :, 0]
    return np.clip(step, -1, 1).T.ravel()


def _arrow(info: Matrix, pull: Matrix) -> Matrix:
    """Solve for one common slope and many intercepts: the information is an arrow."""
    cross, own = info[:, 0, 1], info[:, 1, 1]
    slope = (pull[0].sum() - (cross / own) @ pull[1]) / (info[:, 0, 0].sum() - (cross**2 / own).sum())
    return np.concatenate([[slope], (pull[1] - cross * slope) / own])


def bounds(model: Model, length: int) -> tuple[Matrix, Matrix]:
    """Return how low and how high each entry of the vector may go: only what diverges is stopped there."""
    limits = {
        Model.RASCH: np.full(length, FARTHEST),
        Model.ONE: np.concatenate([[STEEPEST], np.full(length - 1, FARTHEST)]),
        Model.TWO: np.repeat([STEEPEST, FARTHEST], length // 2),
        Model.THREE: np.repeat([STEEPEST, FARTHEST, GUESS], length // 3),
    }
    return -limits[model], limits[model]


def _within(model: Model, vector: Matrix) -> Matrix:
    return np.clip(vector, *bounds(model, len(vector)))


def objective(vector: Matrix, found: Patterns, model: Model) -> tuple[float, Matrix]:
    """Return the negative log-posterior a person and its gradient (Fisher's identity)."""
    items = unpack(model, vector)
    answered, right, reached = expected(found, items)
    weight, drawn = prior(model, items)
    pull = score(items, answered, right)
    pull[2] += drawn
    persons = found.counts.sum()
    return -(reached + weight) / persons, -gathered(model, pull) / persons


def _polish(found: Patterns, model: Model, start: Matrix) -> tuple[Matrix, bool]:
    low, high = bounds(model, len(start))

    def negative(vector: Matrix) -> tuple[float, Matrix]:
        return objective(vector, found, model)

    answer = scipy.optimize.minimize(
        negative,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=scipy.optimize.Bounds(low, high),
        options={"ftol": 1e-15, "gtol": 1e-7, "maxiter": 500, "maxfun": 1000, "maxcor": 40},
    )
    inside = bool((np.abs(answer.x) < high - EDGE).all())
    return np.asarray(answer.x, dtype=float), bool(np.abs(answer.jac).max() < CLOSE) and inside
