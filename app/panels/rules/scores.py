"""Scores joined: totals by weight, trimmed mean, outliers and agreement; exact decimals up to the last division."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

from app.core.errors import InvalidError, Text
from app.core.text import _l, pick
from app.panels.rules.parameters import Dimension, Rubric

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
MODIFIED = Decimal("0.6745")
MEAN_DEVIATION = Decimal("1.253314")
LEAST_FOR_AGREEMENT = 2


def rounded(value: Decimal) -> Decimal:
    """Round a half up to two places, as a total is shown."""
    return value.quantize(CENT, ROUND_HALF_UP)


def check(dimension: Dimension, rubric: Rubric, points: Decimal, reason: str) -> None:
    """Refuse points outside of the scale, or a score without enough of the reason that is due; raises InvalidError."""
    name = pick(dimension.name_zh, dimension.name_en)
    if not 0 <= points <= dimension.most or points % rubric.step:
        raise InvalidError(
            _l(
                "%(name)s: give 0 to %(most)s points in steps of %(step)s.",
                name=name,
                most=f"{dimension.most:f}",
                step=f"{rubric.step:f}",
            ),
            field=f"points_{dimension.code}",
        )
    if len(reason.strip()) < rubric.reason_length and (rubric.reason_each or extreme(dimension, rubric, points)):
        raise InvalidError(_too_short(rubric, name), field=f"reason_{dimension.code}")


def _too_short(rubric: Rubric, name: str) -> Text:
    if rubric.reason_each:
        return _l(
            "%(name)s: give the reason of the score in %(length)s characters or more.",
            name=name,
            length=rubric.reason_length,
        )
    return _l(
        "%(name)s: so low or so high a score needs a reason of %(length)s characters or more.",
        name=name,
        length=rubric.reason_length,
    )


def extreme(dimension: Dimension, rubric: Rubric, points: Decimal) -> bool:
    """Tell whether a score lies in the part of the scale that needs a reason."""
    return points <= rubric.low * dimension.most or points >= rubric.high * dimension.most


def total(rubric: Rubric, points: Mapping[str, Decimal]) -> Decimal:
    """Return the weighted total of one expert out of 100."""
    parts = (points[one.code] / one.most * one.weight * HUNDRED for one in rubric.dimensions)
    return rounded(sum(parts, Decimal(0)))


def joined(totals: Sequence[Decimal], trim: int) -> Decimal:
    """Return the mean without the `trim` highest and lowest; the plain mean where too few would stay."""
    ordered = sorted(totals)
    kept = ordered[trim : len(ordered) - trim] if trim and len(ordered) > 2 * trim else ordered
    return rounded(sum(kept, Decimal(0)) / len(kept))


def modified_z(totals: Sequence[Decimal]) -> list[Decimal]:
    """Return the modified z-score of each total: 0.6745 times its distance from the median over the MAD.

    Iglewicz and Hoaglin, How to Detect and Handle Outliers (1993); where the MAD is 0 the mean absolute
    deviation takes its place, times 1.253314.
    """
    middle = median(totals)
    away = [abs(one - middle) for one in totals]
    mad = median(away)
    if mad:
        return [MODIFIED * (one - middle) / mad for one in totals]
    mean = sum(away, Decimal(0)) / len(away)
    return [(one - middle) / (MEAN_DEVIATION * mean) if mean else Decimal(0) for one in totals]


def outliers(totals: Mapping[str, Decimal], limit: Decimal) -> dict[str, Decimal]:
    """Return the totals whose modified z-score is over the limit, by expert: evidence to look at, no verdict."""
    scores = dict(zip(totals, modified_z(list(totals.values())), strict=True)) if totals else {}
    return {expert: rounded(score) for expert, score in scores.items() if abs(score) > limit}


def agreement(table: Sequence[Sequence[Decimal]]) -> Decimal | None:
    """Return Kendall's W of experts (rows) over what they all scored (columns), with the correction for ties.

    1 is full agreement, 0 none. None with fewer than two experts or two columns, or where nobody told any
    two columns apart. Kendall and Babington Smith, The Problem of m Rankings (1939).
    """
    raters = len(table)
    things = len(table[0]) if table else 0
    if raters < LEAST_FOR_AGREEMENT or things < LEAST_FOR_AGREEMENT:
        return None
    ranked = [_ranks(row) for row in table]
    sums = [sum((row[at] for row in ranked), Decimal(0)) for at in range(things)]
    mean = sum(sums, Decimal(0)) / things
    spread = sum(((one - mean) ** 2 for one in sums), Decimal(0))
    ties = sum(row.count(value) ** 3 - row.count(value) for row in ranked for value in set(row))
    most = raters**2 * (things**3 - things) - raters * ties
    return rounded(12 * spread / most) if most else None


def _ranks(values: Sequence[Decimal]) -> list[Decimal]:
    """Return the rank of each value, 1 for the smallest; equal values share the mean of their ranks."""
    ordered = sorted(values)
    return [
        Decimal(2 * ordered.index(value) + ordered.count(value) + 1) / 2  # the middle of the places they share
        for value in values
    ]
