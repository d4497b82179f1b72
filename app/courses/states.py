"""Closed lists and lifecycles of cohorts, roster imports and enrolments."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class CohortState(StrEnum):
    """Where a cohort is; whether it has begun or ended is derived from its dates."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"


class EnrolmentState(StrEnum):
    """Where a trainee's enrolment is."""

    INVITED = "invited"
    ENROLLED = "enrolled"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class RosterState(StrEnum):
    """Where a roster import is: its rows are checked, then wait to be committed all or none."""

    CHECKING = "checking"
    STAGED = "staged"
    COMMITTED = "committed"
    DISCARDED = "discarded"


class Unfit(StrEnum):
    """Why a trainee is not certified as having completed the training."""

    INCOMPLETE = "incomplete"
    WITHDRAWN = "withdrawn"


COHORT_LABELS: dict[CohortState, Text] = {
    CohortState.PLANNED: _l("Planned"),
    CohortState.OPEN: _l("Open"),
    CohortState.CLOSED: _l("Closed"),
}
ENROLMENT_LABELS: dict[EnrolmentState, Text] = {
    EnrolmentState.INVITED: _l("Invited"),
    EnrolmentState.ENROLLED: _l("In training"),
    EnrolmentState.COMPLETED: _l("Training completed"),
    EnrolmentState.WITHDRAWN: _l("Withdrawn from the cohort"),
}

COHORT = Lifecycle[CohortState](
    "cohort",
    CohortState.PLANNED,
    (
        Move(
            "open",
            frozenset({CohortState.PLANNED}),
            CohortState.OPEN,
            "courses.run",
            _l("Open the cohort"),
        ),
        Move(
            "close",
            frozenset({CohortState.OPEN}),
            CohortState.CLOSED,
            "courses.run",
            _l("Close the cohort"),
        ),
    ),
)

ENROLMENT = Lifecycle[EnrolmentState](
    "enrolment",
    EnrolmentState.INVITED,
    (
        Move(
            "enrol",
            frozenset({EnrolmentState.INVITED}),
            EnrolmentState.ENROLLED,
            "courses.learn",
            _l("Confirm the enrolment"),
        ),
        Move(
            "complete",
            frozenset({EnrolmentState.ENROLLED}),
            EnrolmentState.COMPLETED,
            None,
            _l("Complete the training"),
        ),
        Move(
            "withdraw",
            frozenset({EnrolmentState.INVITED, EnrolmentState.ENROLLED}),
            EnrolmentState.WITHDRAWN,
            "courses.run",
            _l("Withdraw the enrolment"),
        ),
    ),
)

ROSTER = Lifecycle[RosterState](
    "roster_import",
    RosterState.CHECKING,
    (
        Move(
            "check",
            frozenset({RosterState.CHECKING}),
            RosterState.STAGED,
            None,
            _l("Check the rows"),
        ),
        Move(
            "commit",
            frozenset({RosterState.STAGED}),
            RosterState.COMMITTED,
            "courses.run",
            _l("Take over the roster"),
        ),
        Move(
            "discard",
            frozenset({RosterState.CHECKING, RosterState.STAGED}),
            RosterState.DISCARDED,
            "courses.run",
            _l("Discard the roster"),
        ),
    ),
)
