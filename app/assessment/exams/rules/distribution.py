"""How scores spread over a session: bins for the histogram and its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Scores from `low` up to `high`; the last bin includes its upper end."""

    low: Decimal
    high: Decimal
    count: int

    @property
    def label(self) -> str:
        """Name the bin by its ends."""
        return f"{self.low.normalize():f}–{self.high.normalize():f}"


def histogram(scores: Sequence[Decimal], best: Decimal, bins: int = BINS) -> tuple[Bin, ...]:
    """Spread scores over bins of equal width from nothing to the best possible score."""
    width = best / bins
    places = [min(int(score / width), bins - 1) for score in scores] if best else []
    return tuple(Bin(width * n, width * (n + 1), places.count(n)) for n in range(bins))
