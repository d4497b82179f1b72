"""Who of a cohort is to be certified as having completed the training, and why the others are not."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from app.courses.models import Cohort
from app.courses.queries.cohorts import Trainee, TraineeFilter, all_trainees
from app.courses.states import EnrolmentState, Unfit
from app.credentials import queries as issuing
from app.credentials.queries import Asked
from app.credentials.states import AskStep, CertificateKind

KIND = CertificateKind.COURSE_COMPLETION
SOURCE = "enrolment"


class Line(NamedTuple):
    """A trainee with where their certificate of completion stands; `certificate` is its code once it is issued."""

    trainee: Trainee
    step: AskStep | Unfit
    certificate: str | None = None

    @property
    def hours(self) -> Decimal:
        """Return the class hours collected."""
        return self.trainee.hours


def lines(cohort: Cohort, *, at: datetime) -> list[Line]:
    """Return every trainee of a cohort by name, with where their certificate stands: two statements."""
    trainees = all_trainees(cohort.id, TraineeFilter())
    done = [one.person_id for one in trainees if one.state is EnrolmentState.COMPLETED]
    asked = issuing.asked_of(KIND, cohort.course.level, done, at=at)
    return [_line(one, asked.get(one.person_id, [])) for one in trainees]


def _line(trainee: Trainee, asked: list[Asked]) -> Line:
    """Judge one trainee: only completed training is certified, once for each level while the certificate stands."""
    if trainee.state is EnrolmentState.WITHDRAWN:
        return Line(trainee, Unfit.WITHDRAWN)
    if trainee.state is not EnrolmentState.COMPLETED:
        return Line(trainee, Unfit.INCOMPLETE)
    return Line(trainee, *issuing.step_of(asked, trainee.code))
