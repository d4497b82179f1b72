"""Who of a cohort is to be certified as having completed the training, and why the others are not."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import select

from app.core.db import session
from app.courses.models import Cohort, Course, Enrolment
from app.courses.queries.cohorts import Trainee, TraineeFilter, all_trainees
from app.courses.states import EnrolmentState, Unfit
from app.credentials import queries as issuing
from app.credentials.queries import Asked
from app.credentials.rules.certified import Certified, Fact
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


def _known(codes: Collection[str]) -> Mapping[str, Fact]:
    query = (
        select(Enrolment.code, Enrolment.person_id, Course.level, Enrolment.state)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(Course, Course.id == Cohort.course_id)
        .where(Enrolment.code.in_(codes))
    )
    return {
        code: Fact(person_id, level=level, stands=state is EnrolmentState.COMPLETED)
        for code, person_id, level, state in session.execute(query)
    }


CERTIFIED = Certified(SOURCE, KIND, _known)
