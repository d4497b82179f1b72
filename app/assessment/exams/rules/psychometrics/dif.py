"""Differential item functioning by Mantel-Haenszel over total scores, classed as the ETS does.

Sources: Holland & Thayer (1988); Robins, Breslow & Greenland (1986) for the variance; Zieky (1993) for the classes: A
where |delta| is below 1 or not significantly different from 0, C where it is at least 1.5 and significantly above 1,
B between. Delta = -2.35 ln(alpha): negative where the item is harder for the focal group at equal total score.
"""

from dataclasses import dataclass
from math import erfc, log, sqrt

from app.assessment.exams.rules.psychometrics.responses import Matrix, Responses
from app.assessment.exams.statistics_states import DifClass
from app.core.arrays import Flags, np

SCALE = -2.35
SMALL, LARGE = 1.0, 1.5
HALF = 0.5
"""Added to each cell of the tables of an item whose alpha has no bound (Haldane 1956)."""
LEVEL, ONE_SIDED = 0.05, 1.645
Groups = tuple[Flags, Flags]
"""Who is of the reference group, and who of the focal one."""


@dataclass(frozen=True, slots=True)
class Dif:
    """What Mantel-Haenszel says of one item for a focal group against the reference group."""

    item: int
    delta: float
    error: float
    chi_square: float
    p: float
    dif_class: DifClass


def mantel_haenszel(data: Responses, focal: Flags, reference: Flags) -> list[Dif]:
    """Compare two groups of rows item by item, the item itself counted in the total that persons are matched on.

    Items that cannot be compared (nobody of either group differs at any score) are left out. Where a whole group
    misses an item that the other does not, alpha would be nothing or endless: `HALF` a person in each cell bounds it.
    """
    total = np.nansum(data.right, axis=1)
    groups = (reference, focal)
    found = (_item(item, data.right[:, item], total, groups) for item in range(len(data.items)))
    return [one for one in found if one is not None]


def _item(item: int, right: Matrix, total: Matrix, groups: Groups) -> Dif | None:
    tables = _tables(right, total, groups)
    if tables is None:
        return None
    a, b, c, d = tables
    n = a + b + c + d
    variance = ((a + b) * (c + d) * (a + c) * (b + d) / (n**2 * np.maximum(n - 1, 1))).sum()
    if variance <= 0:
        return None
    up, down, error = _odds(*tables)
    if up <= 0 or down <= 0:
        up, down, error = _odds(*(one + HALF for one in tables))
    delta = SCALE * log(up / down)
    gap = max(abs(a.sum() - ((a + b) * (a + c) / n).sum()) - 0.5, 0)
    chi_square = float(gap**2 / variance)
    p = erfc(sqrt(chi_square / 2))
    return Dif(item, delta, error, chi_square, p, classed(delta, error, p))


def _tables(right: Matrix, total: Matrix, groups: Groups) -> tuple[Matrix, Matrix, Matrix, Matrix] | None:
    """Return by score: reference right and wrong, focal right and wrong; only scores where both groups are found."""
    seen = ~np.isnan(right)
    scores = np.unique(total[seen])
    place = np.searchsorted(scores, total)
    counts = [
        np.bincount(place[seen & group & (right == outcome)], minlength=len(scores)).astype(float)
        for group in groups
        for outcome in (1, 0)
    ]
    both = ((counts[0] + counts[1]) > 0) & ((counts[2] + counts[3]) > 0)
    if not both.any():
        return None
    a, b, c, d = (one[both] for one in counts)
    return a, b, c, d


def _odds(a: Matrix, b: Matrix, c: Matrix, d: Matrix) -> tuple[float, float, float]:
    """Return the two sums whose quotient is alpha, and the standard error of delta; no error where a sum is empty."""
    n = a + b + c + d
    up, down = float((a * d / n).sum()), float((b * c / n).sum())
    return up, down, abs(SCALE) * sqrt(_variance(a, b, c, d)) if up > 0 and down > 0 else 0.0


def _variance(a: Matrix, b: Matrix, c: Matrix, d: Matrix) -> float:
    """Return the variance of ln(alpha) of Robins, Breslow and Greenland."""
    n = a + b + c + d
    p, q, r, s = (a + d) / n, (b + c) / n, a * d / n, b * c / n
    up, down = r.sum(), s.sum()
    return float((p * r).sum() / (2 * up**2) + (p * s + q * r).sum() / (2 * up * down) + (q * s).sum() / (2 * down**2))


def classed(delta: float, error: float, p: float) -> DifClass:
    """Return the ETS class of a delta with its standard error and the p-value of its chi-square."""
    if abs(delta) < SMALL or p >= LEVEL:
        return DifClass.A
    if abs(delta) >= LARGE and (abs(delta) - SMALL) / error > ONE_SIDED:
        return DifClass.C
    return DifClass.B
