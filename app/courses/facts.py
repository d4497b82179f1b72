"""Facts of training that criteria may name: class hours and completed levels, on a day as known at an instant."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

from sqlalchemy import func, select

from app.core.clock import SHANGHAI, day_of
from app.core.db import session
from app.core.text import _l
from app.courses.models import ClassHour, Cohort, Course, Enrolment
from app.courses.states import EnrolmentState
from app.rulebook.facts import Fact, FactKind, FactSource, FactType, Question, split

TOTAL, MODULE, SINCE, COMPLETED = "hours.total", "hours.module", "hours.since", "training.completed"


def give(question: Question) -> Mapping[int, Mapping[str, Fact]]:
    """Return the class hours collected and the levels completed by people, in a statement each."""
    given: dict[int, dict[str, Fact]] = defaultdict(dict)
    if question.asks(TOTAL) or question.asks(MODULE):
        _hours(question, given)
    for name in sorted(question.names):
        if split(name)[0] == SINCE:
            _since(question, name, given)
    if question.asks(COMPLETED):
        _completed(question, given)
    return given


def latest(question: Question) -> datetime:
    """Return the instant up to which records count: the end of the day, or when it was known, if earlier."""
    end = datetime.combine(question.on, time.max, tzinfo=SHANGHAI)
    return min(end, question.known_at)


def _hours(question: Question, given: dict[int, dict[str, Fact]]) -> None:
    for person_id in question.subjects:
        asked = {name for name in question.names if name.startswith((TOTAL, f"{MODULE}["))}
        given[person_id].update({name: Fact(Decimal(0)) for name in asked})
    query = (
        select(
            Enrolment.person_id,
            ClassHour.module,
            func.sum(ClassHour.hours, type_=ClassHour.hours.type),
            func.max(ClassHour.at, type_=ClassHour.at.type),
        )
        .join(Enrolment, Enrolment.id == ClassHour.enrolment_id)
        .where(Enrolment.person_id.in_(question.subjects), ClassHour.at <= latest(question))
        .group_by(Enrolment.person_id, ClassHour.module)
    )
    for person_id, module, hours, last in session.execute(query):
        so_far = given[person_id].get(TOTAL, Fact(Decimal(0)))
        since = day_of(last) if so_far.since is None else max(day_of(last), so_far.since)
        total = so_far.value + hours if isinstance(so_far.value, Decimal) else hours
        given[person_id][TOTAL] = Fact(total, since)
        given[person_id][f"{MODULE}[{module}]"] = Fact(hours, day_of(last))


def _since(question: Question, name: str, given: dict[int, dict[str, Fact]]) -> None:
    """Give the class hours from a day on; what is no day gives nothing."""
    try:
        first = date.fromisoformat(split(name)[1])
    except ValueError:
        return
    begins = datetime.combine(first, time.min, tzinfo=SHANGHAI)
    hours = func.sum(ClassHour.hours, type_=ClassHour.hours.type)
    query = (
        select(Enrolment.person_id, hours)
        .join(Enrolment, Enrolment.id == ClassHour.enrolment_id)
        .where(Enrolment.person_id.in_(question.subjects), ClassHour.at >= begins, ClassHour.at <= latest(question))
        .group_by(Enrolment.person_id)
    )
    found = dict(session.execute(query).all())
    for person_id in question.subjects:
        given[person_id][name] = Fact(found.get(person_id) or Decimal(0), first)


def _completed(question: Question, given: dict[int, dict[str, Fact]]) -> None:
    query = (
        select(Enrolment.person_id, Course.level, Enrolment.completed_at, Enrolment.code)
        .join(Enrolment.cohort)
        .join(Cohort.course)
        .where(
            Enrolment.person_id.in_(question.subjects),
            Enrolment.state == EnrolmentState.COMPLETED,
            Enrolment.completed_at <= latest(question),
        )
        .order_by(Enrolment.completed_at.desc())
    )
    for person_id, level, completed_at, code in session.execute(query):
        if completed_at is not None:
            day = day_of(completed_at)
            given[person_id][f"{COMPLETED}[{level}]"] = Fact(day, day, code)


SOURCE = FactSource(
    _l("Training"),
    (
        FactKind(
            TOTAL,
            _l("Class hours in all"),
            FactType.DECIMAL,
            _l("sum of the class hours collected in lessons, of all cohorts"),
            unit=_l("class hours"),
        ),
        FactKind(
            MODULE,
            _l("Class hours of the module “%(parameter)s”"),
            FactType.DECIMAL,
            _l("sum of the class hours collected in lessons of the module, of all cohorts"),
            unit=_l("class hours"),
            parameter=_l("module code"),
        ),
        FactKind(
            SINCE,
            _l("Class hours since %(parameter)s"),
            FactType.DECIMAL,
            _l("sum of the class hours collected in lessons from that day on, of all cohorts"),
            unit=_l("class hours"),
            parameter=_l("day such as 2026-11-23"),
        ),
        FactKind(
            COMPLETED,
            _l("Training completed, level “%(parameter)s”"),
            FactType.DATE,
            _l("the first day on which an enrolment in a course of the level was completed"),
            parameter=_l("level code"),
            of_levels=True,
        ),
    ),
    give,
)
