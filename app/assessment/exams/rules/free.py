"""Answers in one's own words or numbers, reduced to what they say, so that equal ones are found."""

from app.items.rules.marking import amount, fold
from app.items.rules.responses import Blanks, NumberGiven, Response, Written
from app.items.states import ItemType

FREE = frozenset({ItemType.BLANK, ItemType.NUMERIC, ItemType.SHORT_ANSWER})
"""Long texts are left to people: who copies one changes a word."""


def folded(response: Response) -> str:
    """Return what a free answer says: width, case and spacing do not count, nor how a number is written.

    Empty for any other answer and for one that says nothing.
    """
    if isinstance(response, Blanks):
        texts = [fold(text) for text in response.texts]
        return " | ".join(texts) if any(texts) else ""
    if isinstance(response, NumberGiven):
        read = amount(response)
        return fold(f"{response.number} {response.unit}") if read is None else " ".join(map(str, read)).strip()
    return fold(response.text) if isinstance(response, Written) else ""
