"""Closed lists and lifecycles of papers and exam sessions."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class PaperState(StrEnum):
    """Whether a paper may still be thrown away or is pinned for good."""

    DRAFT = "draft"
    FROZEN = "frozen"


class SessionState(StrEnum):
    """Where an exam session is; whether its window is open follows from its dates."""

    PLANNED = "planned"
    PREPARED = "prepared"
    MARKED = "marked"
    PROPOSED = "proposed"
    RELEASED = "released"


class CorrectionState(StrEnum):
    """Where the correction of a released result is: opened by an upheld recheck, proposed, confirmed."""

    OPENED = "opened"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"


class SubmittedHow(StrEnum):
    """Who ended a sitting: the candidate, or the collection after the deadline (统一收卷)."""

    CANDIDATE = "candidate"
    COLLECTED = "collected"


SESSION_LABELS: dict[str, Text] = {
    SessionState.PLANNED: _l("Planned"),
    SessionState.PREPARED: _l("Papers prepared"),
    SessionState.MARKED: _l("Marked"),
    SessionState.PROPOSED: _l("Release proposed"),
    SessionState.RELEASED: _l("Released"),
}


def label_of(labels: dict[str, Text], code: str) -> str:
    """Return the name of a code in the reader's language, the code itself where nobody named it."""
    return str(labels.get(code, code))


PAPER = Lifecycle[PaperState](
    "paper",
    PaperState.DRAFT,
    (
        Move(
            "freeze",
            frozenset({PaperState.DRAFT}),
            PaperState.FROZEN,
            "exams.freeze",
            _l("Freeze the paper"),
        ),
    ),
)

SESSION = Lifecycle[SessionState](
    "exam_session",
    SessionState.PLANNED,
    (
        Move(
            "prepare",
            frozenset({SessionState.PLANNED}),
            SessionState.PREPARED,
            "exams.organise",
            _l("Prepare every candidate's paper"),
        ),
        Move(
            "mark",
            frozenset({SessionState.PREPARED}),
            SessionState.MARKED,
            "exams.organise",
            _l("Mark the sittings"),
        ),
        Move(
            "propose",
            frozenset({SessionState.MARKED}),
            SessionState.PROPOSED,
            "exams.release",
            _l("Propose the release"),
        ),
        Move(
            "return",
            frozenset({SessionState.PROPOSED}),
            SessionState.MARKED,
            "exams.release",
            _l("Send the proposal back"),
        ),
        Move(
            "release",
            frozenset({SessionState.PROPOSED}),
            SessionState.RELEASED,
            "exams.release",
            _l("Release the results"),
        ),
    ),
)

CORRECTION = Lifecycle[CorrectionState](
    "result_correction",
    CorrectionState.OPENED,
    (
        Move(
            "propose",
            frozenset({CorrectionState.OPENED}),
            CorrectionState.PROPOSED,
            "exams.results",
            _l("Propose the corrected points"),
        ),
        Move(
            "return",
            frozenset({CorrectionState.PROPOSED}),
            CorrectionState.OPENED,
            "exams.results",
            _l("Send the correction back"),
        ),
        Move(
            "confirm",
            frozenset({CorrectionState.PROPOSED}),
            CorrectionState.CONFIRMED,
            "exams.release",
            _l("Confirm the correction"),
        ),
    ),
)


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
    """Where an item that its statistics flagged is: before a reviewer, kept as it is, taken out of use."""

    OPEN = "open"
    KEPT = "kept"
    RETIRED = "retired"


class PairState(StrEnum):
    """Where a pair of similar sittings is: listed as evidence, confirmed or dismissed by the expert group."""

    LISTED = "listed"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


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
    FlagState.RETIRED: _l("Retired"),
}

PAIR_STATE_LABELS: dict[str, Text] = {
    PairState.LISTED: _l("Before the expert group"),
    PairState.CONFIRMED: _l("Confirmed"),
    PairState.DISMISSED: _l("Dismissed"),
}

ITEM_FLAG = Lifecycle[FlagState](
    "item_flag",
    FlagState.OPEN,
    (
        Move("keep", frozenset({FlagState.OPEN}), FlagState.KEPT, "exams.item_review", _l("Keep the item")),
        Move("retire", frozenset({FlagState.OPEN}), FlagState.RETIRED, "exams.item_review", _l("Retire the item")),
    ),
)

SIMILARITY = Lifecycle[PairState](
    "similarity_pair",
    PairState.LISTED,
    (
        Move(
            "confirm",
            frozenset({PairState.LISTED}),
            PairState.CONFIRMED,
            "exams.confirm_similarity",
            _l("Confirm the similarity"),
        ),
        Move(
            "dismiss",
            frozenset({PairState.LISTED}),
            PairState.DISMISSED,
            "exams.confirm_similarity",
            _l("Dismiss the pair"),
        ),
    ),
)
