"""What differs between two texts, line beside line."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

AROUND = 2
"""How many unchanged lines are shown before and after a change."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line on each side with its number, None where that side has none; `changed` where they differ."""

    left: tuple[int, str] | None
    right: tuple[int, str] | None
    changed: bool


def difference(left: Sequence[str], right: Sequence[str]) -> list[Row]:
    """Return the changed lines of two texts side by side, each with a few unchanged ones around it."""
    rows: list[Row] = []
    for group in SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(AROUND):
        for what, left_from, left_to, right_from, right_to in group:
            height = max(left_to - left_from, right_to - right_from)
            rows += [
                Row(_line(left, left_from + at, left_to), _line(right, right_from + at, right_to), what != "equal")
                for at in range(height)
            ]
    return rows


def _line(text: Sequence[str], at: int, end: int) -> tuple[int, str] | None:
    return (at + 1, text[at]) if at < end else None
