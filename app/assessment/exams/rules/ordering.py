"""An order told by numbers, one a line, where no script moves the lines."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Text
from app.core.text import _l

MISSING = _l("Give this entry its place.")
TWICE = _l("This place is given twice.")


def response_of(ranks: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the answer that numbers tell: the whole order, nothing, or the numbers kept as they were typed.

    `ranks` maps the letter of each line to the place that was typed. Numbers that are no order yet lose nothing: they
    stay beside the last complete order, which counts until they are one.
    """
    if not any(ranks.values()):
        return {"order": []}
    if problems(ranks):
        return {"order": list(before.get("order") or []), "ranks": dict(ranks)}
    return {"order": sorted(ranks, key=lambda letter: int(ranks[letter]))}


def problems(ranks: Mapping[str, str]) -> dict[str, Text]:
    """Return what is wrong at each line, by its letter; nothing where the numbers are an order, or none is given."""
    if not any(ranks.values()):
        return {}
    known = {str(place) for place in range(1, len(ranks) + 1)}
    times = Counter(ranks.values())
    found = {letter: MISSING for letter, place in ranks.items() if place not in known}
    return found | {letter: TWICE for letter, place in ranks.items() if place in known and times[place] > 1}


def ranks_of(response: Mapping[str, Any], letters: Sequence[str]) -> dict[str, str]:
    """Return the place of each line as it is shown again: as typed, else from the order, else nothing."""
    typed = response.get("ranks") or {letter: str(at) for at, letter in enumerate(response.get("order") or [], start=1)}
    return {letter: str(typed.get(letter, "")) for letter in letters}
