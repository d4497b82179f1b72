"""What an answer may hold: a JSON object of bounded size and depth; the letters of choices are checked at once.

What fits the type of the item is decided where the item is known: a response that does not fit earns nothing.
"""

from collections.abc import Iterable
from typing import Any

MOST_PARTS = 2_000
MOST_DEPTH = 6
MOST_TEXT = 20_000
MOST_LETTERS = 10
LETTERS = tuple("ABCDEFGHIJ")


def read(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a response as the history keeps it, letters sorted and each once; raises ValueError."""
    if "review" in raw:
        msg = "a response has no field of this name"
        raise ValueError(msg)
    if raw.keys() == {"choice"}:
        return {"choice": _letters(raw["choice"])}
    _bound(raw)
    return raw


def _letters(given: object) -> list[str]:
    if not isinstance(given, list) or len(given) > MOST_LETTERS or not all(one in LETTERS for one in given):
        msg = "letters of options"
        raise ValueError(msg)
    return sorted(set(given))


def _bound(raw: dict[str, Any]) -> None:
    """Walk level by level, so that no nesting is deep enough to hurt."""
    parts = 0
    level: list[Any] = [raw]
    for _depth in range(MOST_DEPTH):
        parts += len(level)
        if parts > MOST_PARTS or any(isinstance(one, str) and len(one) > MOST_TEXT for one in level):
            break
        level = [part for one in level for part in _within(one)]
        if not level:
            return
    msg = "a response holds too much"
    raise ValueError(msg)


def _within(one: object) -> Iterable[Any]:
    if isinstance(one, dict):
        return [*one.keys(), *one.values()]
    return one if isinstance(one, list) else ()
