"""How shares of one contract add up; pure functions."""

from collections.abc import Iterable
from decimal import Decimal


def claimed_together(claims: Iterable[tuple[str, Decimal]]) -> Decimal:
    """Return the sum of shares, in per cent; of versions of one record, named by its series, the largest counts.

    While a correction waits for its check both versions live, and neither may take what the other leaves.
    """
    largest: dict[str, Decimal] = {}
    for series, share in claims:
        largest[series] = max(share, largest.get(series, Decimal(0)))
    return sum(largest.values(), Decimal(0))
