"""What was learned and by whom it was taught: for completion, exams and certification."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from app.accounts.access import within
from app.core.access import Actor
from app.core.db import session
from app.courses.models import ClassHour, Cohort, CohortLecturer, Course, Enrolment
from app.courses.rules.syllabus import Level, Syllabus, level_of, required_by
from app.courses.states import EnrolmentState
from app.rulebook.models import RulePack


class Collected(NamedTuple):
    """Class hours that a person collected: when, in which module, how many, under which syllabus."""

    person_id: int
    at: datetime
    module: str
    hours: Decimal
    syllabus: str


def hours_by_module(enrolment_id: int) -> dict[str, Decimal]:
    """Return the class hours that an enrolment has collected, by module."""
    query = (
        select(ClassHour.module, func.sum(ClassHour.hours, type_=ClassHour.hours.type))
        .where(ClassHour.enrolment_id == enrolment_id)
        .group_by(ClassHour.module)
    )
    return dict(session.execute(query).all())


def class_hours_since(firsts: Mapping[int, datetime]) -> list[Collected]:
    """Return the class hours that people collected, each from an instant of their own on: one statement."""
    if not firsts:
        return []
    query = (
        select(Enrolment.person_id, ClassHour.at, ClassHour.module, ClassHour.hours, RulePack.code)
        .join(Enrolment, Enrolment.id == ClassHour.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .join(RulePack, RulePack.id == Cohort.syllabus_pack_id)
    )
    theirs = query.where(Enrolment.person_id.in_(firsts), ClassHour.at >= min(firsts.values()))
    found = (Collected(*row) for row in session.execute(theirs.order_by(ClassHour.id)))
    return [one for one in found if one.at >= firsts[one.person_id]]


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
