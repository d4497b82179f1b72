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


class KeptBecause(StrEnum):
    """Why an answer was kept apart: it came after the sitting, or from a page that had lost it to another."""

    LATE = "late"
    OTHER_PAGE = "other_page"


class LateState(StrEnum):
    """Where the decision about a late answer is."""

    PROPOSED = "proposed"
    RETURNED = "returned"
    CONFIRMED = "confirmed"


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

LATE = Lifecycle[LateState](
    "late_decision",
    LateState.PROPOSED,
    (
        Move(
            "propose",
            frozenset({LateState.RETURNED}),
            LateState.PROPOSED,
            "exams.late",
            _l("Propose whether it counts"),
        ),
        Move(
            "return",
            frozenset({LateState.PROPOSED}),
            LateState.RETURNED,
            "exams.late",
            _l("Send the proposal back"),
        ),
        Move(
            "confirm",
            frozenset({LateState.PROPOSED}),
            LateState.CONFIRMED,
            "exams.late",
            _l("Confirm whether it counts"),
        ),
    ),
)
