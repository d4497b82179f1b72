"""Closed lists and the lifecycle of items."""

from enum import StrEnum

from app.core.states import Lifecycle, Move
from app.core.text import _l


class Purpose(StrEnum):
    """What a bank is for: secure exam items, or lesson quizzes."""

    EXAM = "exam"
    QUIZ = "quiz"


class ItemType(StrEnum):
    """How an item is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"


class CognitiveLevel(StrEnum):
    """What an item asks of the mind, the columns of the blueprint."""

    RECALL = "recall"
    UNDERSTAND = "understand"
    APPLY = "apply"
    ANALYSE = "analyse"


class ItemState(StrEnum):
    """Where an item is in its life."""

    DRAFT = "draft"
    APPROVED = "approved"
    RETIRED = "retired"


ITEM = Lifecycle[ItemState](
    "item",
    ItemState.DRAFT,
    (
        Move(
            "approve",
            frozenset({ItemState.DRAFT}),
            ItemState.APPROVED,
            "items.review",
            _l("Approve the item"),
        ),
        Move(
            "retire",
            frozenset({ItemState.DRAFT, ItemState.APPROVED}),
            ItemState.RETIRED,
            "items.review",
            _l("Retire the item"),
        ),
    ),
)
