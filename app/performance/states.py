"""Closed lists and lifecycles of appraisal cycles and of the appraisal of one base in a cycle."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class Dimension(StrEnum):
    """What of a base an indicator looks at (Shandong practice, 2021 to 2023)."""

    FACILITIES = "facilities"
    ORGANISATION = "organisation"
    RESULTS = "results"
    INNOVATION = "innovation"


class Grade(StrEnum):
    """How a base did in a cycle, best first."""

    EXCELLENT = "excellent"
    GOOD = "good"
    PASS = "pass"  # noqa: S105 - a grade
    FAIL = "fail"


class CycleState(StrEnum):
    """Where a cycle is: proposed by one person, running once a second one confirmed it, closed."""

    PROPOSED = "proposed"
    RUNNING = "running"
    CLOSED = "closed"


class AppraisalState(StrEnum):
    """Where the appraisal of one base is."""

    REPORTING = "reporting"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    GRADED = "graded"
    PUBLIC = "public"
    CONFIRMED = "confirmed"
    RECTIFYING = "rectifying"
    RECTIFIED = "rectified"
    ACCEPTED = "accepted"
    EXIT_PROPOSED = "exit_proposed"
    EXITED = "exited"


DIMENSION_LABELS: dict[Dimension, Text] = {
    Dimension.FACILITIES: _l("Facilities"),
    Dimension.ORGANISATION: _l("Training organisation"),
    Dimension.RESULTS: _l("Training results"),
    Dimension.INNOVATION: _l("Innovation"),
}
GRADE_LABELS: dict[Grade, Text] = {
    Grade.EXCELLENT: _l("Excellent"),
    Grade.GOOD: _l("Good standing"),
    Grade.PASS: _l("Pass"),
    Grade.FAIL: _l("Fail"),
}
CYCLE_LABELS: dict[CycleState, Text] = {
    CycleState.PROPOSED: _l("Waits for a second person"),
    CycleState.RUNNING: _l("Running"),
    CycleState.CLOSED: _l("Cycle closed"),
}
APPRAISAL_LABELS: dict[AppraisalState, Text] = {
    AppraisalState.REPORTING: _l("Self-report being written"),
    AppraisalState.SUBMITTED: _l("Waits for the local check"),
    AppraisalState.CHECKED: _l("Checked, to be computed"),
    AppraisalState.GRADED: _l("Grade computed"),
    AppraisalState.PUBLIC: _l("Grade proposed"),
    AppraisalState.CONFIRMED: _l("Grade confirmed"),
    AppraisalState.RECTIFYING: _l("Rectification under way"),
    AppraisalState.RECTIFIED: _l("Rectification to be reviewed"),
    AppraisalState.ACCEPTED: _l("Rectification accepted"),
    AppraisalState.EXIT_PROPOSED: _l("Exit proposed"),
    AppraisalState.EXITED: _l("Exit ordered"),
}
FINAL = frozenset({AppraisalState.CONFIRMED, AppraisalState.ACCEPTED, AppraisalState.EXITED})
"""States in which nothing more happens."""
DECIDED = FINAL | {AppraisalState.RECTIFYING, AppraisalState.RECTIFIED, AppraisalState.EXIT_PROPOSED}
"""States in which the grade is confirmed."""

RUN, CHECK, REPORT = "performance.run", "performance.check", "performance.report"
TAKING_PART, REPORTING = "performance.take_part", "performance.report"
INSPECTING, DECIDING = "performance.inspect", "performance.decide"
"""What a restriction closes: a body takes no part; a person reports, checks on the spot or decides nothing."""
S = AppraisalState

CYCLE = Lifecycle[CycleState](
    "appraisal_cycle",
    CycleState.PROPOSED,
    (
        Move("confirm", frozenset({CycleState.PROPOSED}), CycleState.RUNNING, RUN, _l("Confirm and open the cycle")),
        Move("close", frozenset({CycleState.RUNNING}), CycleState.CLOSED, None, _l("Close the cycle")),
    ),
)

APPRAISAL = Lifecycle[AppraisalState](
    "base_appraisal",
    S.REPORTING,
    (
        Move("submit", frozenset({S.REPORTING}), S.SUBMITTED, REPORT, _l("Submit the self-report")),
        Move("return", frozenset({S.SUBMITTED, S.CHECKED}), S.REPORTING, CHECK, _l("Return the self-report")),
        Move("check", frozenset({S.SUBMITTED}), S.CHECKED, CHECK, _l("Confirm the local check")),
        Move("grade", frozenset({S.CHECKED}), S.GRADED, None, _l("Compute the grade")),
        Move("publish", frozenset({S.GRADED}), S.PUBLIC, RUN, _l("Propose the grade")),
        Move("reopen", frozenset({S.PUBLIC}), S.CHECKED, None, _l("Compute again after an upheld objection")),
        Move("confirm", frozenset({S.PUBLIC}), S.CONFIRMED, RUN, _l("Confirm the grade")),
        Move("warn", frozenset({S.PUBLIC}), S.RECTIFYING, RUN, _l("Confirm the grade and demand rectification")),
        Move("rectify", frozenset({S.RECTIFYING}), S.RECTIFIED, REPORT, _l("Report the rectification")),
        Move("accept", frozenset({S.RECTIFIED}), S.ACCEPTED, RUN, _l("Accept the rectification")),
        Move("demand", frozenset({S.RECTIFIED}), S.RECTIFYING, RUN, _l("Return the rectification")),
        Move("propose_exit", frozenset({S.PUBLIC}), S.EXIT_PROPOSED, RUN, _l("Confirm the grade and propose the exit")),
        Move("exit", frozenset({S.EXIT_PROPOSED}), S.EXITED, RUN, _l("Order the exit")),
    ),
)
