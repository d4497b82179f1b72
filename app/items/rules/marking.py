"""Objective marking (客观题评分): pure, exact, the same for quizzes and exams."""

from decimal import Decimal

from app.items.states import ItemType

NOTHING = Decimal(0)


def mark(item_type: ItemType, key: frozenset[str], answer: frozenset[str], points: Decimal) -> Decimal:
    """Return the points earned: all for exactly the key, nothing for anything else.

    The type does not change the rule yet; it is asked for so that partial credit may come by type.
    An item without a key earns nothing, so that an empty answer is never right.
    """
    del item_type
    return points if key and answer == key else NOTHING
