"""What was learned and by whom it was taught: for completion, exams and certification."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from app.accounts.access import within
from app.core.access import Actor
from app.core.db import session
from app.courses.models import ClassHour, Cohort, CohortLecturer, Course, Enrolment
from app.courses.rules.syllabus import Level, Syllabus, level_of, required_by
from app.courses.states import EnrolmentState


def hours_by_module(enrolment_id: int) -> dict[str, Decimal]:
    """Return the class hours that an enrolment has collected, by module."""
    query = (
        select(ClassHour.module, func.sum(ClassHour.hours, type_=ClassHour.hours.type))
        .where(ClassHour.enrolment_id == enrolment_id)
        .group_by(ClassHour.module)
    )
    return dict(session.execute(query).all())


def class_hours_since(person_id: int, first: datetime) -> list[tuple[datetime, str, Decimal]]:
    """Return the class hours that a person collected from an instant on: when, in which module, how many."""
    query = select(ClassHour.at, ClassHour.module, ClassHour.hours).join(
        Enrolment, Enrolment.id == ClassHour.enrolment_id
    )
    mine = query.where(Enrolment.person_id == person_id, ClassHour.at >= first)
    return [(at, module, hours) for at, module, hours in session.execute(mine.order_by(ClassHour.id))]


def syllabus_of(cohort: Cohort) -> Syllabus:
    """Return the syllabus pinned when the cohort was planned; its pack must be loaded with the cohort."""
    return Syllabus.model_validate(cohort.syllabus_pack.params)


def level_in(cohort: Cohort) -> Level:
    """Return the level that a cohort trains for, from its pinned syllabus; needs its course loaded."""
    return level_of(syllabus_of(cohort), cohort.course.level)


def required_hours(cohort: Cohort) -> dict[str, Decimal]:
    """Return the class hours each required module asks for; the cohort comes with course and pack."""
    return required_by(level_in(cohort))


def completed(person_id: int, level: str) -> Enrolment | None:
    """Return the latest completed enrolment of a person for a level, None where there is none."""
    query = _completed_of(level).where(Enrolment.person_id == person_id)
    return session.scalars(query.order_by(Enrolment.completed_at.desc()).limit(1)).first()


def completed_enrolments(level: str, actor: Actor) -> Select[Enrolment]:
    """Select the completed enrolments of a level within the actor's region, with cohort, course and pack."""
    return _completed_of(level).where(within(Cohort.region_code, actor))


def _completed_of(level: str) -> Select[Enrolment]:
    return (
        select(Enrolment)
        .join(Enrolment.cohort)
        .join(Cohort.course)
        .join(Cohort.syllabus_pack)
        .options(
            contains_eager(Enrolment.cohort).contains_eager(Cohort.course),
            contains_eager(Enrolment.cohort).contains_eager(Cohort.syllabus_pack),
        )
        .where(Course.level == level, Enrolment.state == EnrolmentState.COMPLETED)
    )


def trained_by(enrolment_id: int) -> set[int]:
    """Return the ids of all who trained the person: lecturers, and who planned, opened or invited."""
    lecturers = (
        select(CohortLecturer.person_id)
        .join(Enrolment, Enrolment.cohort_id == CohortLecturer.cohort_id)
        .where(Enrolment.id == enrolment_id)
    )
    staff = (
        select(Cohort.created_by_id, Cohort.opened_by_id, Enrolment.invited_by_id)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.id == enrolment_id)
    )
    people = set(session.scalars(lecturers))
    for row in session.execute(staff):
        people.update(person_id for person_id in row if person_id is not None)
    return people
