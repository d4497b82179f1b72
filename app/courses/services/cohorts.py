"""Cohorts: planned under the syllabus in force, opened and closed by their base."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select

from app.accounts.models import Person
from app.accounts.queries import members
from app.accounts.states import Role
from app.bases import queries as bases
from app.bases.models import TrainingBase
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.courses.access import runs
from app.courses.models import Cohort, CohortLecturer, Course, Lesson
from app.courses.queries import syllabus_of
from app.courses.rules.syllabus import lacking, level_of, required_by
from app.courses.services.subjects import of_cohort
from app.courses.states import COHORT
from app.desk import services as desk
from app.rulebook import queries as rulebook

KIND = "syllabus"
OPEN = "courses.open_cohort"


def plan_cohort(
    course: Course,
    *,
    name: str,
    starts_on: date,
    ends_on: date,
    capacity: int,
    lecturers: Iterable[Person],
    by: Actor,
    at: datetime,
) -> Cohort:
    """Plan a cohort at the actor's base; the syllabus in force on its first day is pinned.

    Raises ForbiddenError where the base may not train, InvalidError naming the field to change.
    """
    base = _accredited(by, day_of(at), course)
    bases.accredited(by.organisation_id, starts_on)
    _check_plan(base, starts_on=starts_on, ends_on=ends_on, capacity=capacity)
    _refuse_same_name(base, name)
    pack = rulebook.in_force(KIND, base.region_code, starts_on)
    cohort = Cohort(
        base_organisation_id=base.organisation_id,
        region_code=base.region_code,
        course_id=course.id,
        syllabus_pack_id=pack.id,
        name=name.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        capacity=capacity,
        created_by_id=by.person_id,
        created_at=at,
    )
    session.add(cohort)
    session.flush()
    session.refresh(cohort, ["course", "base", "syllabus_pack"])
    _check_course(cohort)
    _add_lecturers(cohort, lecturers, day_of(at))
    events.record("courses.cohort_planned", of_cohort(cohort), by=by, at=at, rule=pack.code)
    desk.open_todo(
        "courses.open",
        of_cohort(cohort),
        url=f"/cohorts/{cohort.code}",
        at=at,
        role=Role.BASE,
        organisation_id=base.organisation_id,
        due_on=starts_on,
        params={"cohort": cohort.name},
    )
    return cohort


def _accredited(by: Actor, on: date, course: Course) -> TrainingBase:
    base = bases.accredited(by.organisation_id, on)
    restrictions.refuse_if_restricted(OPEN, organisation_id=base.organisation_id, on=on)
    if course.level not in base.levels:
        raise ForbiddenError(
            _l("Your base is not accredited for this level. The authority of your province decides on accreditation.")
        )
    return base


def _check_plan(base: TrainingBase, *, starts_on: date, ends_on: date, capacity: int) -> None:
    if ends_on < starts_on:
        raise InvalidError(_l("The last day lies before the first. Choose a later one."), field="ends_on")
    if base.accredited_until is not None and ends_on > base.accredited_until:
        raise InvalidError(
            _l("The accreditation of your base ends before this day. Choose an earlier one."), field="ends_on"
        )
    if capacity > base.capacity:
        raise InvalidError(
            _l("Your base is accredited for %(places)s places a cohort.", places=base.capacity), field="capacity"
        )


def _refuse_same_name(base: TrainingBase, name: str) -> None:
    query = select(Cohort.id).where(Cohort.base_organisation_id == base.organisation_id, Cohort.name == name.strip())
    if session.scalar(query) is not None:
        raise ConflictError(_l("Your base has a cohort of this name already. Choose another name."), field="name")


def _check_course(cohort: Cohort) -> None:
    """Refuse a course by which nobody could complete the syllabus."""
    hours = func.sum(Lesson.hours, type_=Lesson.hours.type)
    query = select(Lesson.module, hours).where(Lesson.course_id == cohort.course_id).group_by(Lesson.module)
    offered: dict[str, Decimal] = dict(session.execute(query).all())
    level = level_of(syllabus_of(cohort), cohort.course.level)
    gaps = lacking(required_by(level), offered)
    if gaps:
        named = {module.code: module.name for module in level.modules}
        raise InvalidError(
            _l(
                "The course offers fewer class hours than the syllabus asks for: %(modules)s. Choose another course.",
                modules=", ".join(f"{named[code]} −{gap:f}" for code, gap in gaps.items()),
            ),
            field="course",
        )


def _add_lecturers(cohort: Cohort, lecturers: Iterable[Person], on: date) -> None:
    allowed = {row.person_id for row in members(Role.LECTURER, on=on, organisation_id=cohort.base_organisation_id)}
    chosen = {person.id for person in lecturers}
    if not chosen:
        raise InvalidError(_l("Choose at least one lecturer."), field="lecturers")
    if not chosen <= allowed:
        raise InvalidError(_l("Choose lecturers of your own base only."), field="lecturers")
    session.add_all(CohortLecturer(cohort_id=cohort.id, person_id=person_id) for person_id in sorted(chosen))
    session.flush()


def open_cohort(cohort: Cohort, *, by: Actor, at: datetime) -> None:
    """Open a planned cohort for its roster; raises ForbiddenError where the base may no longer train."""
    check_runs(cohort, by)
    _accredited(by, day_of(at), cohort.course)
    COHORT.move(cohort, "open", opened_by_id=by.person_id)
    session.flush()
    events.record("courses.cohort_opened", of_cohort(cohort), by=by, at=at, rule=cohort.syllabus_pack.code)
    desk.close_todos(of_cohort(cohort), kind="courses.open", at=at)


def close_cohort(cohort: Cohort, *, by: Actor, at: datetime) -> None:
    """Close an open cohort: no further trainees, no further class hours."""
    check_runs(cohort, by)
    COHORT.move(cohort, "close")
    session.flush()
    events.record("courses.cohort_closed", of_cohort(cohort), by=by, at=at)
    desk.close_todos(of_cohort(cohort), at=at)


def check_runs(cohort: Cohort, by: Actor) -> None:
    """Refuse whoever does not run the cohort for its base."""
    if not runs(by, cohort):
        raise ForbiddenError(_l("Only the base of this cohort may do this."))
