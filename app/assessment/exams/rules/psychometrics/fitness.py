"""How well answers fit a model: outfit and infit mean squares, and the standardised log-likelihood of a person.

Sources: Wright & Masters (1982) for the mean squares; Drasgow, Levine & Williams (1985) for lz, which is about standard
normal for a person who answers as the model expects and strongly negative for one who does not.
"""

from dataclasses import dataclass

from app.assessment.exams.rules.psychometrics.ability import Abilities
from app.assessment.exams.rules.psychometrics.logistic import Items, probability
from app.assessment.exams.rules.psychometrics.responses import Matrix, quotient
from app.core.arrays import np


@dataclass(frozen=True, slots=True)
class Fitness:
    """Fit by person and by item; NaN where it is undefined."""

    lz: Matrix
    person_outfit: Matrix
    person_infit: Matrix
    item_outfit: Matrix
    item_infit: Matrix


def fitness(right: Matrix, items: Items, found: Abilities) -> Fitness:
    """Compute the fit of answers at each person's ability: ML where it is finite, EAP otherwise."""
    theta = np.where(np.isnan(found.ml), found.eap, found.ml)
    fitted = ~np.isnan(items.a)
    rows = np.where(fitted, right, np.nan)
    p = np.full(right.shape, np.nan)
    p[:, fitted] = probability(items.only(fitted), theta).T
    seen = ~np.isnan(rows)
    spread = np.where(seen, p * (1 - p), 0.0)
    residual = np.where(seen, np.nan_to_num(rows) - np.nan_to_num(p), 0.0)
    squared = np.divide(residual**2, spread, out=np.zeros_like(spread), where=spread > 0)
    return Fitness(
        lz=_lz(rows, p, seen),
        person_outfit=quotient(squared.sum(axis=1), seen.sum(axis=1)),
        person_infit=quotient((residual**2).sum(axis=1), spread.sum(axis=1)),
        item_outfit=quotient(squared.sum(axis=0), seen.sum(axis=0)),
        item_infit=quotient((residual**2).sum(axis=0), spread.sum(axis=0)),
    )


def _lz(rows: Matrix, p: Matrix, seen: Matrix) -> Matrix:
    right, wrong = np.log(np.where(seen, p, 0.5)), np.log1p(-np.where(seen, p, 0.5))
    likelihood = np.where(seen, np.where(rows == 1, right, wrong), 0.0).sum(axis=1)
    mean = np.where(seen, p * right + (1 - p) * wrong, 0.0).sum(axis=1)
    variance = np.where(seen, p * (1 - p) * (right - wrong) ** 2, 0.0).sum(axis=1)
    return quotient(likelihood - mean, np.sqrt(variance))
