"""Facts of exams that criteria may name: levels passed and scores, from released results only."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, time

from sqlalchemy import select

from app.assessment.exams.models import Attempt, ExamSession, Registration, Result
from app.assessment.exams.states import SessionState
from app.core.clock import SHANGHAI, day_of
from app.core.db import session
from app.core.text import _l
from app.rulebook.facts import Fact, FactKind, FactSource, FactType, Question

PASSED, SCORE = "exam.passed", "exam.score"


def give(question: Question) -> Mapping[int, Mapping[str, Fact]]:
    """Return the passed levels and best scores of people, in one statement.

    A result counts from the day of the sitting and is known from its release; a voided one does not count.
    """
    end = datetime.combine(question.on, time.max, tzinfo=SHANGHAI)
    query = (
        select(
            Attempt.person_id,
            ExamSession.level,
            Result.passed,
            Result.score,
            Attempt.submitted_at,
            Registration.code,
        )
        .join(Attempt, Attempt.id == Result.attempt_id)
        .join(Registration, Registration.id == Attempt.registration_id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .where(
            Attempt.person_id.in_(question.subjects),
            ExamSession.state == SessionState.RELEASED,
            ExamSession.released_at <= question.known_at,
            Attempt.submitted_at <= end,
            Result.voided.is_(False),
        )
        .order_by(Result.score, Attempt.submitted_at.desc())
    )
    given: dict[int, dict[str, Fact]] = defaultdict(dict)
    for person_id, level, passed, score, submitted_at, ticket in session.execute(query):
        if submitted_at is None:
            continue
        day = day_of(submitted_at)
        given[person_id][f"{SCORE}[{level}]"] = Fact(score, day, ticket)
        name = f"{PASSED}[{level}]"
        if passed and (name not in given[person_id] or day < (given[person_id][name].since or day)):
            given[person_id][name] = Fact(day, day, ticket)
    return given


SOURCE = FactSource(
    _l("Exams"),
    (
        FactKind(
            PASSED,
            _l("Exam passed, level “%(parameter)s”"),
            FactType.DATE,
            _l("the day of the first passed sitting, once its result is released"),
            parameter=_l("level code"),
            of_levels=True,
        ),
        FactKind(
            SCORE,
            _l("Exam score, level “%(parameter)s”"),
            FactType.DECIMAL,
            _l("the best score of the released results of the level"),
            unit=_l("points"),
            parameter=_l("level code"),
            of_levels=True,
        ),
    ),
    give,
)
