"""Closed lists and the lifecycles of items and of their imports."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class Purpose(StrEnum):
    """What a bank is for: secure exam items, or lesson quizzes."""

    EXAM = "exam"
    QUIZ = "quiz"


USUAL_REVIEWERS = {Purpose.EXAM: 2, Purpose.QUIZ: 1}
"""How many reviewers accept a version where nobody says otherwise."""


class ItemType(StrEnum):
    """How an item is answered; a case (案例题) is shared material with sub-items of the other types."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    BLANK = "blank"
    NUMERIC = "numeric"
    MATCHING = "matching"
    ORDERING = "ordering"
    SHORT_ANSWER = "short_answer"
    CASE = "case"
    ESSAY = "essay"


class Credit(StrEnum):
    """What an answer earns that is only partly right.

    all: nothing; share: the share of what is right, in a multiple choice nothing once a wrong option is chosen
    (少选按比例给分，错选不得分); half: half of the points for some of the right options and no wrong one; net: right
    options less wrong ones, never below nothing.
    """

    ALL = "all"
    SHARE = "share"
    HALF = "half"
    NET = "net"


class CognitiveLevel(StrEnum):
    """What an item asks of the mind, the columns of the blueprint."""

    RECALL = "recall"
    UNDERSTAND = "understand"
    APPLY = "apply"
    ANALYSE = "analyse"


class ItemState(StrEnum):
    """Where an item is in its life."""

    DRAFT = "draft"
    REVISION = "revision"
    APPROVED = "approved"
    RETIRED = "retired"


class Opinion(StrEnum):
    """What a reviewer says of a version."""

    ACCEPT = "accept"
    REVISE = "revise"


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
    """The kinds of files that items come in and go out as; `qti` is a package of any version, only read."""

    GIFT = "gift"
    XLSX = "xlsx"
    CSV = "csv"
    AIKEN = "aiken"
    MOODLE_XML = "moodle-xml"
    QTI = "qti"
    QTI2 = "qti2"
    QTI3 = "qti3"


READ_KINDS = (FileKind.GIFT, FileKind.MOODLE_XML, FileKind.QTI, FileKind.AIKEN, FileKind.XLSX, FileKind.CSV)
WRITTEN_KINDS = (
    FileKind.QTI3,
    FileKind.QTI2,
    FileKind.MOODLE_XML,
    FileKind.GIFT,
    FileKind.AIKEN,
    FileKind.XLSX,
    FileKind.CSV,
)
CHOICES = frozenset({ItemType.SINGLE, ItemType.MULTIPLE, ItemType.TRUE_FALSE})
LETTERED = CHOICES | {ItemType.MATCHING, ItemType.ORDERING}
"""The types whose options carry letters; a candidate may see those in another order."""
WRITTEN = frozenset({ItemType.SHORT_ANSWER, ItemType.ESSAY})
"""The types that a marker marks."""


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
    ItemType.BLANK: _l("Fill in the blanks"),
    ItemType.NUMERIC: _l("Numeric answer"),
    ItemType.MATCHING: _l("Matching"),
    ItemType.ORDERING: _l("Ordering"),
    ItemType.SHORT_ANSWER: _l("Short answer"),
    ItemType.CASE: _l("Case with sub-items"),
    ItemType.ESSAY: _l("Essay"),
}

CREDIT_LABELS: dict[str, Text] = {
    Credit.ALL: _l("All or nothing"),
    Credit.SHARE: _l("A share for each right part"),
    Credit.HALF: _l("Half for an incomplete answer"),
    Credit.NET: _l("Right parts less wrong ones"),
}

STATE_LABELS: dict[str, Text] = {
    ItemState.DRAFT: _l("Draft"),
    ItemState.REVISION: _l("Needs revision"),
    ItemState.APPROVED: _l("Approved"),
    ItemState.RETIRED: _l("Retired"),
}

OPINION_LABELS: dict[str, Text] = {
    Opinion.ACCEPT: _l("Accepts it"),
    Opinion.REVISE: _l("Asks for a revision"),
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
            "revise",
            frozenset({ItemState.DRAFT, ItemState.APPROVED}),
            ItemState.REVISION,
            "items.review",
            _l("Ask for a revision"),
        ),
        Move(
            "resubmit",
            frozenset({ItemState.REVISION}),
            ItemState.DRAFT,
            "items.import",
            _l("Hand in the revised version"),
        ),
        Move(
            "retire",
            frozenset({ItemState.DRAFT, ItemState.REVISION, ItemState.APPROVED}),
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
