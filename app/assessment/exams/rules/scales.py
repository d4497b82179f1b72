"""The scale that scores are reported on: what a decided conversion makes of the points of a paper; pure functions.

Kolen & Brennan, Test Equating, Scaling, and Linking, 3rd edition (2014), chapter 2: equated scores are tabled for the
possible raw scores. A score between two rows lies on the line between them. Rounding is done once, half up to the
hundredth, after a conversion that would leave the reference paper's scale was held at its end. Where the scores of the
base paper are converted themselves, a row is led on by their table (chained equating, ibid., chapters 4 and 8).
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of a reference paper with the rows (points of the paper sat, points on the scale) that lead to it.

    `best` is the full score of the reference paper and `cut_score` the cut on its scale.
    """

    rows: tuple[tuple[Decimal, Decimal], ...]
    best: Decimal
    cut_score: Decimal

    @classmethod
    def of(cls, table: Sequence[Sequence[str]], best: Decimal, cut_score: Decimal) -> "Scale":
        """Read a stored table; raises ValueError where it has no two rows or turns scores around."""
        rows = tuple((Decimal(raw), Decimal(equal)) for raw, equal in table)
        if len(rows) < 2 or any(low[0] >= high[0] or low[1] > high[1] for low, high in pairwise(rows)):  # noqa: PLR2004 - a table with one row names no interval
            msg = "a conversion has two rows at least and never turns scores around"
            raise ValueError(msg)
        return cls(rows, best, cut_score)

    def equal(self, score: Decimal | Fraction, full: Decimal) -> Decimal:
        """Return the points on the scale for points on the paper sat, of `full` that could be reached.

        Where a void item has left the total of the paper, the score counts by its share of what is left. Equal shares
        give equal points, a higher one never fewer.
        """
        if not full:
            return held(Fraction(0), self.best)
        first, last = self.rows[0][0], self.rows[-1][0]
        place = min(max(Fraction(score) * Fraction(last) / Fraction(full), Fraction(first)), Fraction(last))
        at = min(bisect_right([raw for raw, _equal in self.rows], place), len(self.rows) - 1)
        (low, under), (high, over) = self.rows[at - 1], self.rows[at]
        part = (place - Fraction(low)) / (Fraction(high) - Fraction(low))
        return held(Fraction(under) + part * (Fraction(over) - Fraction(under)), self.best)


def tabled(value: Fraction, best: Decimal, onward: Scale | None) -> Decimal:
    """Return what a row says of a score that was converted to points of a base paper with `best` points.

    `onward` is the scale that the scores of the base paper stand on, None where they stand as they are. Nothing is
    rounded in between.
    """
    return held(value, best) if onward is None else onward.equal(value, best)


def held(value: Fraction, best: Decimal) -> Decimal:
    """Round half up to the hundredth what lies on a scale from nothing to `best`; what lies beyond is its end."""
    exact = min(max(value, Fraction(0)), Fraction(best))
    return Decimal((2 * exact.numerator * HUNDRED + exact.denominator) // (2 * exact.denominator)).scaleb(-2)
