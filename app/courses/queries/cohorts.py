"""Reads of cohorts and their trainees, each limited to what the actor sees."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import Organisation, Person
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.courses.access import runs, sees
from app.courses.models import ClassHour, Cohort, Course, Enrolment
from app.courses.queries.pages import PER_PAGE, Page, cut
from app.courses.states import CohortState, EnrolmentState

NO_HOURS = Decimal(0)


class CohortLine(NamedTuple):
    """A cohort in the list, with how many trainees it has and how many completed."""

    cohort: Cohort
    trainees: int
    completed: int


class Trainee(NamedTuple):
    """A trainee of a cohort with the class hours collected."""

    person_id: int
    code: str
    name: str
    employer: str | None
    state: EnrolmentState
    enrolled_at: datetime | None
    completed_at: datetime | None
    hours: Decimal


def visible(actor: Actor) -> Select[Cohort]:
    """Select the cohorts that the actor sees, with course and base."""
    return (
        select(Cohort)
        .join(Cohort.course)
        .join(Cohort.base)
        .options(contains_eager(Cohort.course), contains_eager(Cohort.base))
        .where(sees(actor))
    )


def cohort(code: str, actor: Actor, *, lecturers: bool = False) -> Cohort:
    """Return a cohort with course, base and syllabus pack, with its lecturers where asked: one statement.

    Raises NotFoundError outside of what one sees.
    """
    query = visible(actor).options(joinedload(Cohort.syllabus_pack)).where(Cohort.code == code)
    asked = query.options(joinedload(Cohort.lecturers)) if lecturers else query
    found = session.scalars(asked).unique().one_or_none()
    if found is None:
        raise NotFoundError(_l("There is no such cohort within what you may see."))
    return found


def own_cohort(code: str, actor: Actor) -> Cohort:
    """Return a cohort that the actor runs; NotFoundError for those of other bases."""
    found = cohort(code, actor)
    if not runs(actor, found):
        raise NotFoundError(_l("There is no such cohort within what you may see."))
    return found


def cohorts(actor: Actor, *, text: str = "", state: str = "", page: int = 1) -> Page[CohortLine]:
    """List cohorts, the latest start first."""
    query = visible(actor)
    if text:
        query = query.where(Cohort.name.contains(text.strip(), autoescape=True))
    if state in set(CohortState):
        query = query.where(Cohort.state == CohortState(state))
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(Cohort.id).subquery())) or 0
    part = cut(total, page)
    shown = query.order_by(Cohort.starts_on.desc(), Cohort.id.desc()).limit(PER_PAGE).offset(part.offset)
    rows = list(session.scalars(shown))
    counts = _counts([row.id for row in rows])
    lines = [CohortLine(row, *counts.get(row.id, (0, 0))) for row in rows]
    return Page(lines, part.page, part.pages, total)


def _counts(cohort_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    done = func.count().filter(Enrolment.state == EnrolmentState.COMPLETED)
    query = (
        select(Enrolment.cohort_id, func.count(), done)
        .where(Enrolment.cohort_id.in_(cohort_ids), Enrolment.state != EnrolmentState.WITHDRAWN)
        .group_by(Enrolment.cohort_id)
    )
    return {cohort_id: (trainees, finished) for cohort_id, trainees, finished in session.execute(query)}


def states_of(cohort_id: int) -> dict[EnrolmentState, int]:
    """Return how many enrolments of a cohort are in each state."""
    query = select(Enrolment.state, func.count()).where(Enrolment.cohort_id == cohort_id).group_by(Enrolment.state)
    return dict(session.execute(query).all())


class TraineeFilter(NamedTuple):
    """What to look for among the trainees, and how to sort them (`-` for descending)."""

    text: str = ""
    state: str = ""
    sort: str = "name"


def trainees(cohort_id: int, chosen: TraineeFilter, *, page: int = 1, per_page: int = PER_PAGE) -> Page[Trainee]:
    """Return a page of trainees with their hours, in one statement however many rows."""
    query = _trainees(_condition(cohort_id, chosen), chosen.sort).add_columns(func.count().over())
    offset = (max(page, 1) - 1) * per_page
    rows = session.execute(query.limit(per_page).offset(offset)).all()
    if not rows and page > 1:
        return trainees(cohort_id, chosen, per_page=per_page)
    total = rows[0][-1] if rows else 0
    return Page([_trainee(tuple(row[:-1])) for row in rows], *cut(total, page, per_page)[:2], total)


def all_trainees(cohort_id: int, chosen: TraineeFilter) -> list[Trainee]:
    """Return every trainee that the filter lets through, for export."""
    rows = session.execute(_trainees(_condition(cohort_id, chosen), chosen.sort))
    return [_trainee(row) for row in rows]


def _condition(cohort_id: int, chosen: TraineeFilter) -> ColumnElement[bool]:
    condition = Enrolment.cohort_id == cohort_id
    if chosen.text:
        condition &= Person.name.contains(chosen.text.strip(), autoescape=True)
    if chosen.state in set(EnrolmentState):
        condition &= Enrolment.state == EnrolmentState(chosen.state)
    return condition


def _trainees(condition: ColumnElement[bool], sort: str) -> Select[Any]:
    collected = _collected()
    order = {
        "name": Person.name,
        "state": Enrolment.state,
        "employer": Enrolment.employer,
        "hours": func.coalesce(collected.c.hours, 0),
    }.get(sort.removeprefix("-"), Person.name)
    return (
        select(
            Enrolment.person_id,
            Enrolment.code,
            Person.name,
            Enrolment.employer,
            Enrolment.state,
            Enrolment.enrolled_at,
            Enrolment.completed_at,
            collected.c.hours,
        )
        .join(Enrolment.person)
        .outerjoin(collected, collected.c.enrolment_id == Enrolment.id)
        .where(condition)
        .order_by(order.desc() if sort.startswith("-") else order, Enrolment.id)
    )


def _collected() -> Subquery:
    hours = func.sum(ClassHour.hours, type_=ClassHour.hours.type).label("hours")
    return select(ClassHour.enrolment_id, hours).group_by(ClassHour.enrolment_id).subquery()


def _trainee(row: tuple[Any, ...]) -> Trainee:
    *facts, hours = row
    person_id, code, name, employer, state, enrolled_at, completed_at = facts
    return Trainee(person_id, code, name, employer, state, enrolled_at, completed_at, hours or NO_HOURS)


def hours_of_cohort(cohort_id: int) -> dict[str, Decimal]:
    """Return the class hours that all trainees of a cohort collected, by module."""
    query = (
        select(ClassHour.module, func.sum(ClassHour.hours, type_=ClassHour.hours.type))
        .join(Enrolment, Enrolment.id == ClassHour.enrolment_id)
        .where(Enrolment.cohort_id == cohort_id, Enrolment.state != EnrolmentState.WITHDRAWN)
        .group_by(ClassHour.module)
    )
    return dict(session.execute(query).all())


def courses() -> list[Course]:
    """Return every course by title."""
    return list(session.scalars(select(Course).order_by(Course.level, Course.title_zh)))


def course(code: str) -> Course:
    """Return a course by its code; raises NotFoundError."""
    found = session.scalar(select(Course).where(Course.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such course."))
    return found


def enrolment(code: str, found: Cohort) -> Enrolment:
    """Return an enrolment of a cohort with its person; raises NotFoundError."""
    query = (
        select(Enrolment)
        .options(joinedload(Enrolment.person))
        .where(Enrolment.code == code, Enrolment.cohort_id == found.id)
    )
    row = session.scalar(query)
    if row is None:
        raise NotFoundError(_l("There is no such trainee in this cohort."))
    return row


def organisation_of(actor: Actor) -> Organisation | None:
    """Return the organisation for which the actor acts."""
    return session.get(Organisation, actor.organisation_id) if actor.organisation_id else None


def is_over(found: Cohort, on: date) -> bool:
    """Tell whether the last day of a cohort has passed."""
    return found.ends_on < on


def may_correct(found: Cohort, on: date) -> bool:
    """Tell whether its base still corrects how the trainees of a cohort are reached: until it is over or closed."""
    return found.state is not CohortState.CLOSED and not is_over(found, on)
