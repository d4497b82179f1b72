"""Facts of training bases that appraisals may name: what a base trained in the year up to a day, as known then."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import and_, case, func, select

from app.bases.models import TrainingBase
from app.core.clock import SHANGHAI
from app.core.db import session
from app.core.text import _l
from app.courses.facts import latest
from app.courses.models import ClassHour, Cohort, Enrolment
from app.courses.states import CohortState
from app.rulebook.facts import Fact, FactKind, FactSource, FactType, Question

COHORTS, ENROLLED, COMPLETED = "base.cohorts", "base.enrolled", "base.completed"
RATE, HOURS = "base.completion_rate", "base.class_hours"
NEEDS_ENROLMENTS = (ENROLLED, COMPLETED, RATE)
HUNDREDTH = Decimal("0.01")


def give(question: Question) -> Mapping[int, Mapping[str, Fact]]:
    """Return what bases trained from 1 January up to the day, in at most three statements."""
    given: dict[int, dict[str, Fact]] = defaultdict(dict)
    if question.asks(COHORTS):
        _cohorts(question, given)
    if any(question.asks(name) for name in NEEDS_ENROLMENTS):
        _enrolments(question, given)
    if question.asks(HOURS):
        _hours(question, given)
    return given


def year_begins(question: Question) -> datetime:
    """Return the first instant of the year that is asked about, in Shanghai."""
    return datetime.combine(date(question.on.year, 1, 1), time.min, tzinfo=SHANGHAI)


def percent(part: int, whole: int) -> Decimal:
    """Return a share in percent to two places, half up; `whole` is not 0."""
    return (Decimal(100 * part) / whole).quantize(HUNDREDTH, ROUND_HALF_UP)


def _cohorts(question: Question, given: dict[int, dict[str, Fact]]) -> None:
    query = (
        select(TrainingBase.id, func.count(Cohort.id))
        .join(Cohort, Cohort.base_organisation_id == TrainingBase.organisation_id)
        .where(
            TrainingBase.id.in_(question.subjects),
            Cohort.state != CohortState.PLANNED,
            Cohort.starts_on.between(date(question.on.year, 1, 1), question.on),
            Cohort.created_at <= question.known_at,
        )
        .group_by(TrainingBase.id)
    )
    found = {row[0]: row[1] for row in session.execute(query)}
    for base in question.subjects:
        given[base][COHORTS] = Fact(Decimal(found.get(base, 0)), question.on)


def _enrolments(question: Question, given: dict[int, dict[str, Fact]]) -> None:
    begins, ends = year_begins(question), latest(question)
    entered = Enrolment.enrolled_at.between(begins, ends)
    finished = Enrolment.completed_at.between(begins, ends)

    def number(*conditions: object) -> object:
        return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)  # type: ignore[arg-type]

    query = (
        select(TrainingBase.id, number(entered), number(finished), number(entered, finished))  # type: ignore[call-overload]
        .join(Cohort, Cohort.base_organisation_id == TrainingBase.organisation_id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(TrainingBase.id.in_(question.subjects))
        .group_by(TrainingBase.id)
    )
    found = {base: counts for base, *counts in session.execute(query)}
    for base in question.subjects:
        enrolled, completed, both = found.get(base, (0, 0, 0))
        given[base][ENROLLED] = Fact(Decimal(enrolled), question.on)
        given[base][COMPLETED] = Fact(Decimal(completed), question.on)
        if enrolled:
            given[base][RATE] = Fact(percent(both, enrolled), question.on)


def _hours(question: Question, given: dict[int, dict[str, Fact]]) -> None:
    query = (
        select(TrainingBase.id, func.sum(ClassHour.hours, type_=ClassHour.hours.type))
        .join(Cohort, Cohort.base_organisation_id == TrainingBase.organisation_id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .join(ClassHour, ClassHour.enrolment_id == Enrolment.id)
        .where(TrainingBase.id.in_(question.subjects), ClassHour.at.between(year_begins(question), latest(question)))
        .group_by(TrainingBase.id)
    )
    found = {row[0]: row[1] for row in session.execute(query)}
    for base in question.subjects:
        given[base][HOURS] = Fact(found.get(base, Decimal(0)), question.on)


PEOPLE = _l("trainees")
SOURCE = FactSource(
    _l("Training"),
    (
        FactKind(COHORTS, _l("Cohorts held"), FactType.COUNT,
                 _l("opened cohorts that began in the year up to the day"), unit=_l("cohorts")),
        FactKind(ENROLLED, _l("Trainees enrolled"), FactType.COUNT,
                 _l("enrolments confirmed in the year up to the day"), unit=PEOPLE),
        FactKind(COMPLETED, _l("Trainees who completed"), FactType.COUNT,
                 _l("enrolments completed in the year up to the day"), unit=PEOPLE),
        FactKind(RATE, _l("Completion rate"), FactType.DECIMAL,
                 _l("of those enrolled in the year, the share that completed by the day; unknown without enrolments"),
                 unit="%"),
        FactKind(HOURS, _l("Class hours given"), FactType.DECIMAL,
                 _l("sum of the class hours collected by trainees in the year up to the day"), unit=_l("class hours")),
    ),
    give,
    subject="base",
)  # fmt: skip
