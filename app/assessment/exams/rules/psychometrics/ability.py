"""Abilities of persons: expected a posteriori (Bock & Mislevy 1982) and maximum likelihood, with standard errors."""

from dataclasses import dataclass
from functools import cache

from app.assessment.exams.rules.psychometrics.logistic import Items, information, probability
from app.assessment.exams.rules.psychometrics.marginal import grid, normal
from app.assessment.exams.rules.psychometrics.responses import Matrix
from app.core.arrays import np

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Abilities:
    """EAP and ML estimates, one entry a person; ML is NaN for who answered everything right or everything wrong."""

    eap: Matrix
    eap_se: Matrix
    ml: Matrix
    ml_se: Matrix


@cache
def search() -> Matrix:
    """Return the abilities among which the most likely one is looked for."""
    told: Matrix = np.linspace(-6.0, 6.0, 601)
    return told


def abilities(right: Matrix, items: Items) -> Abilities:
    """Estimate the ability of each row of a matrix of 0, 1 and NaN; items without parameters do not count."""
    fitted = ~np.isnan(items.a)
    kept, rows = items.only(fitted), right[:, fitted]
    parts = [_some(rows[start : start + CHUNK], kept) for start in range(0, len(rows), CHUNK)]
    return Abilities(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _some(rows: Matrix, items: Items) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    joint = likelihood(rows, items, grid()) + np.log(normal())
    weights = np.exp(joint - joint.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    eap = weights @ grid()
    spread = np.sqrt(np.maximum(weights @ grid() ** 2 - eap**2, 0))
    ml = _highest(likelihood(rows, items, search()))
    ml[_extreme(rows)] = np.nan
    told = np.where(np.isnan(rows), 0.0, 1.0) * information(items, np.nan_to_num(ml)).T
    with np.errstate(divide="ignore"):
        error = np.where(np.isnan(ml), np.nan, 1 / np.sqrt(told.sum(axis=1)))
    return eap, spread, ml, error


def likelihood(rows: Matrix, items: Items, theta: Matrix) -> Matrix:
    """Return the log-likelihood of each row at each ability."""
    p = probability(items, theta)
    right, wrong = np.log(p), np.log1p(-p)
    seen = (~np.isnan(rows)).astype(float)
    told: Matrix = np.nan_to_num(rows) @ (right - wrong) + seen @ wrong
    return told


def _highest(table: Matrix) -> Matrix:
    """Return where each row of a table over `search()` is highest, by a parabola through the three highest points."""
    place = np.clip(table.argmax(axis=1), 1, len(search()) - 2)
    each = np.arange(len(table))
    left, top, right = (table[each, place + step] for step in (-1, 0, 1))
    bend = left - 2 * top + right
    shift = np.divide(0.5 * (left - right), bend, out=np.zeros(len(table)), where=bend < 0)
    highest: Matrix = search()[place] + np.clip(shift, -1, 1) * (search()[1] - search()[0])
    return highest


def _extreme(rows: Matrix) -> Matrix:
    """Tell whose answers are all right or all wrong: their likelihood has no maximum."""
    share = np.nansum(rows, axis=1) / np.maximum((~np.isnan(rows)).sum(axis=1), 1)
    at_edge: Matrix = (share <= 0) | (share >= 1)
    return at_edge
