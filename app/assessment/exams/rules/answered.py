"""Whether a response says something: all of what is asked, a part of it, or nothing yet."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from app.core.text import _


class State(StrEnum):
    """How far a place is answered."""

    ANSWERED = "answered"
    PARTLY = "partly"
    OPEN = "open"


def state_of(response: Mapping[str, Any], fields: int) -> State:
    """Tell how far an item is answered whose answer has that many fields; letters and texts are one field.

    Numbers that are no order yet are a part of an answer.
    """
    if response.get("ranks"):
        return State.PARTLY
    filled = _filled(response)
    if filled == 0:
        return State.OPEN
    return State.ANSWERED if filled >= fields else State.PARTLY


def says_something(response: Mapping[str, Any]) -> bool:
    """Tell whether a response, or any part of a case's, says anything."""
    if "parts" in response:
        return any(part is not None and says_something(part) for part in response["parts"])
    return _filled(response) > 0


def said(value: Any) -> str:  # noqa: ANN401 - a response by type of item, or a part of one
    """Return a response as one line of text in the reader's language: its letters, numbers and words in order."""
    if isinstance(value, dict):
        parts = [said(part) for key, part in value.items() if key != "review"]
        return str(_("; ")).join(part for part in parts if part) or str(_("left empty"))
    if isinstance(value, list):
        return str(_(", ")).join(said(part) for part in value)
    return "" if value is None else str(value)


def _filled(response: Mapping[str, Any]) -> int:
    if response.get("ranks"):
        return sum(bool(place) for place in response["ranks"].values())
    if "blanks" in response:
        return sum(bool(text.strip()) for text in response["blanks"])
    if "number" in response:
        number, unit = (str(response.get(name) or "").strip() for name in ("number", "unit"))
        return bool(number) + bool(number and unit)
    if "pairs" in response:
        return len(response["pairs"])
    return bool(response.get("choice") or response.get("order") or str(response.get("text") or "").strip())
