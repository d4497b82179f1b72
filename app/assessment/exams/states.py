"""Closed lists and lifecycles of papers and exam sessions."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class PaperState(StrEnum):
    """Whether a paper may still be thrown away or is pinned for good."""

    DRAFT = "draft"
    SIGNED = "signed"
    FROZEN = "frozen"


class PaperFate(StrEnum):
    """What became of a frozen paper of which an item was retired before anybody sat it."""

    KEPT = "kept"
    SET_ASIDE = "set_aside"


class OpenedHow(StrEnum):
    """What released the key of a sealed paper: the opening of a session's window, or two people."""

    WINDOW = "window"
    TWO_PEOPLE = "two_people"


class StudyState(StrEnum):
    """Where a standard-setting panel is: a round is open, closed, a cut score is proposed, decided."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    PROPOSED = "proposed"
    DECIDED = "decided"


class EquatingState(StrEnum):
    """Whether a conversion of scores is proposed by one person or decided by a second."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    REJECTED = "rejected"


class Method(StrEnum):
    """How scores are brought onto the scale of the base paper."""

    MEAN = "mean"
    LINEAR = "linear"
    EQUIPERCENTILE = "equipercentile"
    TUCKER = "tucker"
    LEVINE = "levine"
    IDENTITY = "identity"


class NotCertified(StrEnum):
    """Why a sitting brings no certificate of a passed exam."""

    NOT_PASSED = "not_passed"
    VOIDED = "voided"


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


class RunState(StrEnum):
    """Where a marking run is: its figures are worked out, proposed, written into the results, or sent back."""

    COUNTING = "counting"
    PROPOSED = "proposed"
    APPLYING = "applying"
    APPLIED = "applied"
    RETURNED = "returned"


class VoidPolicy(StrEnum):
    """What a void item does: everybody gets its points, it leaves the total, or who answered it gets them."""

    EVERYBODY = "everybody"
    OUT = "out"
    ANSWERED = "answered"


class LowerPolicy(StrEnum):
    """What a regrade does that would lower a mark: the higher one stays, or the lower one counts."""

    HIGHER = "higher"
    LOWER = "lower"


class ScriptState(StrEnum):
    """Where an answer is that needs markers: marks are missing, two differ too much, or its points stand.

    One whose text a late answer replaced is set aside with whatever marks it had.
    """

    OPEN = "open"
    DIFFERING = "differing"
    DECIDED = "decided"
    SET_ASIDE = "set_aside"


class DecidedHow(StrEnum):
    """What the points of an answer stand on: two marks' mean, a third person's mark, or a fresh one after a recheck."""

    MEAN = "mean"
    ADJUDICATED = "adjudicated"
    FRESH = "fresh"


class MarkerState(StrEnum):
    """Where a marker is with one task: on papers whose mark is known, on live answers, or stopped."""

    CALIBRATING = "calibrating"
    LIVE = "live"
    STOPPED = "stopped"


SESSION_LABELS: dict[str, Text] = {
    SessionState.PLANNED: _l("Planned"),
    SessionState.PREPARED: _l("Papers prepared"),
    SessionState.MARKED: _l("Marked"),
    SessionState.PROPOSED: _l("Release proposed"),
    SessionState.RELEASED: _l("Released"),
}

RUN_LABELS: dict[str, Text] = {
    RunState.COUNTING: _l("Figures being worked out"),
    RunState.PROPOSED: _l("Waiting for a second examiner"),
    RunState.APPLYING: _l("Results being changed"),
    RunState.APPLIED: _l("In force"),
    RunState.RETURNED: _l("Sent back unchanged"),
}


def label_of(labels: dict[str, Text], code: str) -> str:
    """Return the name of a code in the reader's language, the code itself where nobody named it."""
    return str(labels.get(code, code))


PAPER = Lifecycle[PaperState](
    "paper",
    PaperState.DRAFT,
    (
        Move(
            "sign",
            frozenset({PaperState.DRAFT}),
            PaperState.SIGNED,
            "exams.freeze",
            _l("Sign the paper"),
        ),
        Move(
            "return",
            frozenset({PaperState.SIGNED}),
            PaperState.DRAFT,
            "exams.freeze",
            _l("Send the signed paper back"),
        ),
        Move(
            "freeze",
            frozenset({PaperState.SIGNED}),
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

RUN = Lifecycle[RunState](
    "marking_run",
    RunState.COUNTING,
    (
        Move(
            "show",
            frozenset({RunState.COUNTING}),
            RunState.PROPOSED,
            "exams.results",
            _l("Show whose score changes"),
        ),
        Move(
            "confirm",
            frozenset({RunState.PROPOSED}),
            RunState.APPLYING,
            "exams.release",
            _l("Confirm the new marking"),
        ),
        Move(
            "return",
            frozenset({RunState.PROPOSED}),
            RunState.RETURNED,
            "exams.release",
            _l("Send the new marking back"),
        ),
        Move(
            "apply",
            frozenset({RunState.COUNTING, RunState.APPLYING}),
            RunState.APPLIED,
            "exams.results",
            _l("Write the marking into the results"),
        ),
    ),
)

SCRIPT = Lifecycle[ScriptState](
    "script",
    ScriptState.OPEN,
    (
        Move(
            "differ",
            frozenset({ScriptState.OPEN}),
            ScriptState.DIFFERING,
            "exams.mark",
            _l("Let a third person decide"),
        ),
        Move(
            "decide",
            frozenset({ScriptState.OPEN, ScriptState.DIFFERING}),
            ScriptState.DECIDED,
            "exams.mark",
            _l("Fix the points"),
        ),
        Move(
            "mark_afresh",
            frozenset({ScriptState.DECIDED}),
            ScriptState.DECIDED,
            "exams.release",
            _l("Let the fresh mark count"),
        ),
        Move(
            "reopen",
            frozenset({ScriptState.DIFFERING, ScriptState.DECIDED}),
            ScriptState.OPEN,
            "exams.results",
            _l("Mark again after a marker was stopped"),
        ),
        Move(
            "set_aside",
            frozenset({ScriptState.OPEN, ScriptState.DIFFERING, ScriptState.DECIDED}),
            ScriptState.SET_ASIDE,
            "exams.late",
            _l("Set aside for a late answer that counts"),
        ),
    ),
)

STUDY_LABELS: dict[str, Text] = {
    StudyState.PLANNED: _l("Waiting for its judges"),
    StudyState.OPEN: _l("Round open"),
    StudyState.CLOSED: _l("Round closed"),
    StudyState.PROPOSED: _l("Cut score proposed"),
    StudyState.DECIDED: _l("Cut score decided"),
}
METHOD_LABELS: dict[str, Text] = {
    Method.MEAN: _l("Mean method"),
    Method.LINEAR: _l("Linear"),
    Method.EQUIPERCENTILE: _l("Equipercentile"),
    Method.TUCKER: _l("Tucker, with common items"),
    Method.LEVINE: _l("Levine observed score, with common items"),
    Method.IDENTITY: _l("Identity: points count as they are"),
}

STUDY = Lifecycle[StudyState](
    "standard_study",
    StudyState.PLANNED,
    (
        Move(
            "open",
            frozenset({StudyState.PLANNED, StudyState.CLOSED}),
            StudyState.OPEN,
            "exams.lead_standard",
            _l("Open the next round"),
        ),
        Move("close", frozenset({StudyState.OPEN}), StudyState.CLOSED, "exams.lead_standard", _l("Close the round")),
        Move(
            "propose",
            frozenset({StudyState.CLOSED}),
            StudyState.PROPOSED,
            "exams.standard",
            _l("Propose the cut score"),
        ),
        Move(
            "return",
            frozenset({StudyState.PROPOSED}),
            StudyState.CLOSED,
            "exams.standard",
            _l("Send the proposed cut score back"),
        ),
        Move(
            "decide",
            frozenset({StudyState.PROPOSED}),
            StudyState.DECIDED,
            "exams.standard",
            _l("Confirm the cut score"),
        ),
    ),
)

EQUATING = Lifecycle[EquatingState](
    "score_equating",
    EquatingState.PROPOSED,
    (
        Move(
            "decide",
            frozenset({EquatingState.PROPOSED}),
            EquatingState.DECIDED,
            "exams.release",
            _l("Confirm the conversion"),
        ),
        Move(
            "reject",
            frozenset({EquatingState.PROPOSED}),
            EquatingState.REJECTED,
            "exams.release",
            _l("Reject the conversion"),
        ),
    ),
)
