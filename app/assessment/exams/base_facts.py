"""The fact of exams that appraisals of training bases may name: how many of their trainees passed."""

from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy import case, func, select

from app.assessment.exams.models import Attempt, ExamSession, Registration, Result
from app.assessment.exams.states import SessionState
from app.bases.models import TrainingBase
from app.core.clock import SHANGHAI
from app.core.db import session
from app.core.text import _l
from app.courses.base_facts import percent, year_begins
from app.courses.models import Cohort, Enrolment
from app.rulebook.facts import Fact, FactKind, FactSource, FactType, Question

PASS_RATE = "base.pass_rate"  # noqa: S105 - a fact


def give(question: Question) -> Mapping[int, Mapping[str, Fact]]:
    """Return the pass rates of bases, in one statement: released, unvoided results of sittings of the year."""
    end = datetime.combine(question.on, time.max, tzinfo=SHANGHAI)
    query = (
        select(TrainingBase.id, func.count(Result.id), func.sum(case((Result.passed, 1), else_=0)))
        .join(Cohort, Cohort.base_organisation_id == TrainingBase.organisation_id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .join(Registration, Registration.enrolment_id == Enrolment.id)
        .join(Attempt, Attempt.registration_id == Registration.id)
        .join(Result, Result.attempt_id == Attempt.id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .where(
            TrainingBase.id.in_(question.subjects),
            ExamSession.state == SessionState.RELEASED,
            ExamSession.released_at <= question.known_at,
            Attempt.submitted_at.between(year_begins(question), end),
            Result.voided.is_(False),
        )
        .group_by(TrainingBase.id)
    )
    return {
        base: {PASS_RATE: Fact(percent(passed, results), question.on)}
        for base, results, passed in session.execute(query)
    }


SOURCE = FactSource(
    _l("Exams"),
    (
        FactKind(
            PASS_RATE,
            _l("Pass rate of the trainees"),
            FactType.DECIMAL,
            _l("share of passed among released results of the year up to the day; unknown without results"),
            unit="%",
        ),
    ),
    give,
    subject="base",
)
