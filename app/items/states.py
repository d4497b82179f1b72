"""Closed lists and the lifecycles of items and of their imports."""

from enum import StrEnum

from app.core.errors import Text
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


class ImportState(StrEnum):
    """Where an uploaded file is: looked at, taken into the bank, or put aside."""

    STAGED = "staged"
    COMMITTED = "committed"
    DROPPED = "dropped"


class Fate(StrEnum):
    """What an import does with one item of its file."""

    NEW = "new"
    REVISED = "revised"
    SAME = "same"
    FAILED = "failed"


class FileKind(StrEnum):
    """The kinds of files that items come in and go out as."""

    GIFT = "gift"
    XLSX = "xlsx"
    CSV = "csv"


COGNITIVE_LABELS: dict[str, Text] = {
    CognitiveLevel.RECALL: _l("Recall"),
    CognitiveLevel.UNDERSTAND: _l("Understand"),
    CognitiveLevel.APPLY: _l("Apply"),
    CognitiveLevel.ANALYSE: _l("Analyse"),
}

TYPE_LABELS: dict[str, Text] = {
    ItemType.SINGLE: _l("Single choice"),
    ItemType.MULTIPLE: _l("Multiple choice"),
    ItemType.TRUE_FALSE: _l("True or false"),
}

STATE_LABELS: dict[str, Text] = {
    ItemState.DRAFT: _l("Draft"),
    ItemState.APPROVED: _l("Approved"),
    ItemState.RETIRED: _l("Retired"),
}

PURPOSE_LABELS: dict[str, Text] = {
    Purpose.EXAM: _l("Exams"),
    Purpose.QUIZ: _l("Lesson quizzes"),
}

FATE_LABELS: dict[str, Text] = {
    Fate.NEW: _l("New item"),
    Fate.REVISED: _l("New version"),
    Fate.SAME: _l("Skipped"),
    Fate.FAILED: _l("Cannot be imported"),
}

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

IMPORT = Lifecycle[ImportState](
    "item_import",
    ImportState.STAGED,
    (
        Move(
            "commit",
            frozenset({ImportState.STAGED}),
            ImportState.COMMITTED,
            "items.import",
            _l("Take the items into the bank"),
        ),
        Move(
            "drop",
            frozenset({ImportState.STAGED}),
            ImportState.DROPPED,
            "items.import",
            _l("Put the file aside"),
        ),
    ),
)
