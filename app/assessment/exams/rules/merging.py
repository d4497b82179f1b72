"""Whether an answer that comes by the side door may become the last of its place: the one typed last counts."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Known:
    """The last answer of a place in the history: its sequence, and when it was typed as far as the page said."""

    sequence: int
    typed_at: datetime


def merged_as(known: Known | None, sequence: int, typed_at: datetime | None, *, at: datetime) -> int | None:
    """Return the sequence under which an answer merges, None where the place has one acknowledged that was typed later.

    `typed_at` is what the page said; nobody types after `at`, when it came. An answer without a time merges only into
    an empty place.
    """
    if known is None:
        return sequence
    if typed_at is None or min(typed_at, at) <= known.typed_at:
        return None
    return max(sequence, known.sequence + 1)
