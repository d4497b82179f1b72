"""Classical test theory: facility, discrimination, point-biserial, alpha, standard error of measurement.

Sources: Kelley (1939) for the upper and lower 27 %; Henrysson (1963) for the corrected correlation; Cronbach (1951).
Where cells are missing, a person's total is the share of the points they could earn; alpha stands on complete rows.
"""

from dataclasses import dataclass

from app.assessment.exams.rules.psychometrics.responses import Matrix, Responses, quotient
from app.core.arrays import np

SHARE = 0.27
LEAST = 2


@dataclass(frozen=True, slots=True)
class Classical:
    """Statistics by item (arrays, NaN where undefined) and of the whole paper; `mean`, `sd` and `sem` are in points."""

    facility: Matrix
    discrimination: Matrix
    point_biserial: Matrix
    point_biserial_rest: Matrix
    alpha_if_deleted: Matrix
    alpha: float
    mean: float
    sd: float
    sem: float
    complete: int


@dataclass(frozen=True, slots=True)
class Option:
    """What became of one option: who chose it and how strong they were; `rest` correlates choosing it with the rest."""

    key: str
    right: bool
    count: int
    share: float
    mean: float
    rest: float


def classical(data: Responses) -> Classical:
    """Compute the classical statistics of a matrix."""
    seen, earned = data.seen, np.nan_to_num(data.scores)
    totals = _totals(earned, seen, data.points)
    columns = range(len(data.items))
    rests = [_totals(earned, seen, _without(data.points, item)) for item in columns]
    whole = data.scores[~np.isnan(data.scores).any(axis=1)] * data.points
    alpha = cronbach(whole)
    sums = whole.sum(axis=1)
    sd = float(sums.std(ddof=1)) if len(whole) >= LEAST else np.nan
    return Classical(
        facility=quotient(earned.sum(axis=0), seen.sum(axis=0)),
        discrimination=np.array([upper_lower(data.scores[:, item], totals) for item in columns]),
        point_biserial=np.array([correlation(data.scores[:, item], totals) for item in columns]),
        point_biserial_rest=np.array([correlation(data.scores[:, item], rests[item]) for item in columns]),
        alpha_if_deleted=np.array([cronbach(np.delete(whole, item, axis=1)) for item in columns]),
        alpha=alpha,
        mean=float(sums.mean()) if len(whole) else np.nan,
        sd=sd,
        sem=sd * float(np.sqrt(1 - alpha)) if alpha <= 1 else np.nan,
        complete=len(whole),
    )


def _without(points: Matrix, item: int) -> Matrix:
    left = points.copy()
    left[item] = 0
    return left


def _totals(earned: Matrix, seen: Matrix, points: Matrix) -> Matrix:
    """Return each person's share of the points they could earn, NaN where they could earn none."""
    return quotient(earned @ points, seen @ points)


def correlation(one: Matrix, other: Matrix) -> float:
    """Return Pearson's correlation over the persons who have both, NaN where either does not vary."""
    both = ~np.isnan(one) & ~np.isnan(other)
    left, right = one[both], other[both]
    if len(left) < LEAST or np.ptp(left) == 0 or np.ptp(right) == 0:
        return float("nan")
    return float(np.corrcoef(left, right)[0, 1])


def upper_lower(scores: Matrix, totals: Matrix) -> float:
    """Return the facility among the upper 27 % less that among the lower; ties at the edge count in part."""
    both = ~np.isnan(scores) & ~np.isnan(totals)
    item, total = scores[both], totals[both]
    size = max(1, int(len(item) * SHARE + 0.5))
    if len(item) < LEAST:
        return float("nan")
    high, low = _edge(total, size), _edge(-total, size)
    return float((item @ high - item @ low) / size)


def _edge(total: Matrix, size: int) -> Matrix:
    """Return how much of each person belongs to the `size` highest: who ties at the edge share what is left."""
    edge = np.sort(total)[-size]
    above, at = total > edge, total == edge
    share: Matrix = above + at * ((size - above.sum()) / at.sum())
    return share


def cronbach(whole: Matrix) -> float:
    """Return alpha of a complete matrix of points, NaN where the total does not vary or one item is left."""
    items = whole.shape[1]
    if items < LEAST or len(whole) < LEAST:
        return float("nan")
    spread = whole.sum(axis=1).var(ddof=1)
    if spread <= 0:
        return float("nan")
    return float(items / (items - 1) * (1 - whole.var(axis=0, ddof=1).sum() / spread))


def distractors(chosen: Matrix, keys: dict[str, bool], rest: Matrix) -> list[Option]:
    """Return the table of an item's options.

    `chosen` is persons by options, 1 where chosen; `keys` names them in order and says which are right; `rest` is
    each person's total without this item.
    """
    return [
        Option(
            key=key,
            right=right,
            count=int(chosen[:, place].sum()),
            share=float(chosen[:, place].mean()),
            mean=float(rest[chosen[:, place] > 0].mean()) if chosen[:, place].any() else float("nan"),
            rest=correlation(chosen[:, place], rest),
        )
        for place, (key, right) in enumerate(keys.items())
    ]


def rest_totals(data: Responses, item: int) -> Matrix:
    """Return each person's share of the points outside of one item."""
    return _totals(np.nan_to_num(data.scores), data.seen, _without(data.points, item))
