"""A cut score by a modified Angoff panel: judges' cuts, their spread, how far judges agree, and the impact.

Angoff in Thorndike, Educational Measurement, 2nd edition (1971); intraclass correlation ICC(2, 1) and ICC(2, k) after
Shrout & Fleiss, Psychological Bulletin 86 (1979); Kendall's W as in the panels room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.panels.rules.scores import agreement

CENT = Decimal("0.01")
HUNDRED = Decimal(100)
FEWEST = 2
Estimates = Mapping[str, Sequence[Decimal]]
"""Judge to the estimates of a round, in per cent and in the order of the places."""


@dataclass(frozen=True, slots=True)
class Standard:
    """What a round comes to: the cut of each judge, their mean, its standard error, and how far judges agree."""

    cuts: dict[str, Decimal]
    cut: Decimal
    error: Decimal | None
    icc_one: Decimal | None
    icc_mean: Decimal | None
    kendall: Decimal | None


def judge_cut(estimates: Sequence[Decimal], points: Sequence[Decimal]) -> Decimal:
    """Return the points that a judge expects of a minimally competent candidate."""
    return sum((one * worth / HUNDRED for one, worth in zip(estimates, points, strict=True)), Decimal(0))


def standard(estimates: Estimates, points: Sequence[Decimal]) -> Standard | None:
    """Return what a round comes to; None before any judge has given estimates."""
    if not estimates:
        return None
    cuts = {judge: judge_cut(given, points) for judge, given in estimates.items()}
    mean = sum(cuts.values(), Decimal(0)) / len(cuts)
    table = list(estimates.values())
    one, many = intraclass(table)
    return Standard(
        cuts={judge: rounded(cut) for judge, cut in cuts.items()},
        cut=rounded(mean),
        error=_error(list(cuts.values()), mean),
        icc_one=one,
        icc_mean=many,
        kendall=agreement(table),
    )


def _error(cuts: Sequence[Decimal], mean: Decimal) -> Decimal | None:
    """Return the standard error of the mean of the judges' cuts: their deviation (n - 1) over the root of n."""
    if len(cuts) < FEWEST:
        return None
    variance = sum(((cut - mean) ** 2 for cut in cuts), Decimal(0)) / (len(cuts) - 1)
    return rounded((variance / len(cuts)).sqrt())


def intraclass(table: Sequence[Sequence[Decimal]]) -> tuple[Decimal | None, Decimal | None]:
    """Return ICC(2, 1) and ICC(2, k) of judges (rows) over items (columns); None where nothing spreads.

    With mean squares of items, judges and rest: (items - rest) / (items + (k - 1) rest + k (judges - rest) / n)
    for one judge, and (items - rest) / (items + (judges - rest) / n) for the mean of k judges over n items.
    """
    k, n = len(table), len(table[0]) if table else 0
    if k < FEWEST or n < FEWEST:
        return None, None
    grand = sum((sum(row, Decimal(0)) for row in table), Decimal(0)) / (k * n)
    judges = [sum(row, Decimal(0)) / n for row in table]
    items = [sum((row[at] for row in table), Decimal(0)) / k for at in range(n)]
    between_items = k * sum(((one - grand) ** 2 for one in items), Decimal(0))
    between_judges = n * sum(((one - grand) ** 2 for one in judges), Decimal(0))
    total = sum(((value - grand) ** 2 for row in table for value in row), Decimal(0))
    item, judge = between_items / (n - 1), between_judges / (k - 1)
    rest = (total - between_items - between_judges) / ((n - 1) * (k - 1))
    one = item + (k - 1) * rest + k * (judge - rest) / n
    many = item + (judge - rest) / n
    return (
        rounded((item - rest) / one) if one else None,
        rounded((item - rest) / many) if many else None,
    )


def impact(scores: Sequence[Decimal], cut: Decimal) -> Decimal | None:
    """Return the share of past candidates, in per cent, who reach a cut; None without any."""
    if not scores:
        return None
    return rounded(HUNDRED * sum(score >= cut for score in scores) / len(scores))


def rounded(value: Decimal) -> Decimal:
    """Round a half up to two places."""
    return value.quantize(CENT, ROUND_HALF_UP)
