"""Closed lists and lifecycles of statistics and of answer similarity."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class Model(StrEnum):
    """What is estimated from answers: classical statistics alone, or one of the logistic models."""

    CTT = "ctt"
    RASCH = "rasch"
    ONE = "1pl"
    TWO = "2pl"
    THREE = "3pl"


class DifClass(StrEnum):
    """How much an item favours a group at equal score, as the ETS classes it: negligible, moderate, large."""

    A = "A"
    B = "B"
    C = "C"


class Grouping(StrEnum):
    """What groups of candidates are compared by."""

    GENDER = "gender"
    REGION = "region"
    BASE = "base"


class Control(StrEnum):
    """What is controlled over all pairs: any false alarm (Holm), or their share (Benjamini-Hochberg)."""

    HOLM = "holm"
    BH = "bh"


class FlagState(StrEnum):
    """Where an item that its statistics flagged is: before a reviewer, kept, sent back, approved anew, out of use."""

    OPEN = "open"
    KEPT = "kept"
    REVISION = "revision"
    REVISED = "revised"
    RETIRED = "retired"


class PairState(StrEnum):
    """Where a pair of similar sittings is: listed as evidence, confirmed or dismissed by the expert group, back there.

    A confirmed pair goes back where a new marking leaves nothing that stands out; until the group has decided again its
    confirmation stands.
    """

    LISTED = "listed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    RETURNED = "returned"


BEFORE_GROUP = frozenset({PairState.LISTED, PairState.RETURNED})
"""The states in which the expert group has to decide."""

MODEL_LABELS: dict[str, Text] = {
    Model.CTT: _l("Classical statistics only"),
    Model.RASCH: _l("Rasch (slope 1)"),
    Model.ONE: _l("One common slope (1PL)"),
    Model.TWO: _l("Slope and difficulty (2PL)"),
    Model.THREE: _l("With guessing (3PL, prior on c)"),
}

GROUPING_LABELS: dict[str, Text] = {
    Grouping.GENDER: _l("Gender"),
    Grouping.REGION: _l("Region"),
    Grouping.BASE: _l("Training base"),
}

FLAG_STATE_LABELS: dict[str, Text] = {
    FlagState.OPEN: _l("Before a reviewer"),
    FlagState.KEPT: _l("Kept"),
    FlagState.REVISION: _l("Sent back for revision"),
    FlagState.REVISED: _l("Revised and approved anew"),
    FlagState.RETIRED: _l("Retired"),
}

PAIR_STATE_LABELS: dict[str, Text] = {
    PairState.LISTED: _l("Before the expert group"),
    PairState.CONFIRMED: _l("Confirmed"),
    PairState.DISMISSED: _l("Dismissed"),
    PairState.RETURNED: _l("Confirmed, before the expert group again"),
}

ITEM_FLAG = Lifecycle[FlagState](
    "item_flag",
    FlagState.OPEN,
    (
        Move("keep", frozenset({FlagState.OPEN}), FlagState.KEPT, "exams.item_review", _l("Keep the item")),
        Move("retire", frozenset({FlagState.OPEN}), FlagState.RETIRED, "exams.item_review", _l("Retire the item")),
        Move(
            "revise",
            frozenset({FlagState.OPEN}),
            FlagState.REVISION,
            "exams.item_revision",
            _l("Send it back for revision"),
        ),
        Move(
            "close", frozenset({FlagState.REVISION}), FlagState.REVISED, None, _l("Close it with the approved version")
        ),
        Move("drop", frozenset({FlagState.REVISION}), FlagState.RETIRED, None, _l("Close it with the retired item")),
    ),
)

SIMILARITY = Lifecycle[PairState](
    "similarity_pair",
    PairState.LISTED,
    (
        Move(
            "confirm",
            BEFORE_GROUP,
            PairState.CONFIRMED,
            "exams.confirm_similarity",
            _l("Confirm the similarity"),
        ),
        Move(
            "dismiss",
            BEFORE_GROUP,
            PairState.DISMISSED,
            "exams.confirm_similarity",
            _l("Dismiss the pair"),
        ),
        Move(
            "return",
            frozenset({PairState.CONFIRMED}),
            PairState.RETURNED,
            None,
            _l("Put a confirmed pair before the expert group again"),
        ),
    ),
)
