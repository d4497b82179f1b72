"""Answers that choose no options, reduced to what they say, so that equal ones are found.

A matching or an ordering has too many possible answers for a response model of each; two that are equal in everything
are as good as equal words.
"""

from app.items.rules.marking import amount, fold
from app.items.rules.responses import Blanks, NumberGiven, Order, Pairs, Response, Written
from app.items.states import ItemType

FREE = frozenset(
    {ItemType.BLANK, ItemType.NUMERIC, ItemType.SHORT_ANSWER, ItemType.MATCHING, ItemType.ORDERING},
)
"""Long texts are left to people: who copies one changes a word."""


def folded(response: Response) -> str:
    """Return what an answer without options says: width, case and spacing do not count, nor how a number is written.

    Empty for any other answer and for one that says nothing.
    """
    if isinstance(response, Pairs):
        return " ".join(f"{prompt}{letter}" for prompt, letter in sorted(response.pairs))
    if isinstance(response, Order):
        return "".join(response.letters)
    if isinstance(response, Blanks):
        texts = [fold(text) for text in response.texts]
        return " | ".join(texts) if any(texts) else ""
    if isinstance(response, NumberGiven):
        read = amount(response)
        return fold(f"{response.number} {response.unit}") if read is None else " ".join(map(str, read)).strip()
    return fold(response.text) if isinstance(response, Written) else ""
