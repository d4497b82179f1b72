"""Lists as CSV in which no cell can act as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return UTF-8 with its mark, which office programs in Chinese read rightly."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([f"'{cell}" if cell.startswith(DANGEROUS) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
