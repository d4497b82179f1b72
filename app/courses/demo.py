"""The course, cohort and trainees of the demo, made by the services at past times."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from app.accounts.actors import actor_of
from app.accounts.models import Membership, Person
from app.accounts.states import Role
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session, unit_of_work
from app.courses import services
from app.courses.models import Cohort, Course, Enrolment
from app.courses.queries import cohorts, learning, rosters
from app.items.models import ItemVersion

ALL = 10
FINISHED, STUDYING = 24, 34
"""Of 40 trainees the first 24 finish, the next ten are under way, the last six have not confirmed."""
DAYS_TO_STUDY = 60
WEEK = timedelta(days=7)


def load(
    *,
    course_folder: Path,
    roster: Path,
    name: str,
    author: Actor,
    base: Actor,
    lecturers: Sequence[Person],
    at: datetime,
    lessons_of: Sequence[int] | None = None,
) -> int:
    """Load the course and a cohort whose trainees are at various points; return how many enrolments are new.

    `at` is when the cohort is planned and opened, in domain time; lessons follow in the weeks after it.
    `lessons_of` gives for each trainee how many lessons they finish, None for the usual mixture. A cohort
    of that name that is there already is left as it is.
    """
    with unit_of_work():
        course = services.load_course(course_folder, by=author, at=at)
    known = session.scalar(
        select(Cohort.id).where(Cohort.base_organisation_id == base.organisation_id, Cohort.name == name)
    )
    if known is not None:
        return 0
    with unit_of_work():
        enrolments = _cohort(course, name, roster, lecturers=lecturers, base=base, at=at)
    for place, enrolment in enumerate(enrolments):
        done = lessons_of[place] if lessons_of is not None else _usual(place)
        with unit_of_work():
            _learn(enrolment, done, at=at + WEEK + timedelta(hours=place))
    return len(enrolments)


def _usual(place: int) -> int:
    """Return how many lessons the trainee at a place of the roster finishes; -1 where they never confirm."""
    if place < FINISHED:
        return ALL
    return place % ALL if place < STUDYING else -1


def _cohort(
    course: Course, name: str, roster: Path, *, lecturers: Sequence[Person], base: Actor, at: datetime
) -> list[Enrolment]:
    starts_on = day_of(at)
    cohort = services.plan_cohort(
        course,
        name=name,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=DAYS_TO_STUDY),
        capacity=ALL * 5,
        lecturers=lecturers,
        by=base,
        at=at,
    )
    services.open_cohort(cohort, by=base, at=at)
    found = cohorts.own_cohort(cohort.code, base)
    read = services.read_roster(roster.read_bytes(), roster.name)
    staged = services.stage_roster(found, read, by=base, at=at)
    services.commit_roster(found, staged, only_good=True, by=base, at=at)
    return rosters.made(staged)


def _learn(enrolment: Enrolment, lessons: int, *, at: datetime) -> None:
    if lessons < 0:
        return
    actor = _trainee(enrolment)
    own = learning.own_enrolment(enrolment.code, actor)
    services.confirm(own, by=actor, at=at)
    for line in learning.lessons(own)[:lessons]:
        lesson = learning.lesson(own, line.code)
        services.open_lesson(own, lesson, by=actor, at=at)
        at += timedelta(minutes=lesson.minimum_minutes + 15)
        items = learning.quiz(own.cohort.course, lesson.quiz)
        services.answer_quiz(own, lesson, _right(items), by=actor, at=at)
        at += timedelta(days=2)


def _right(items: Sequence[ItemVersion]) -> dict[int, list[str]]:
    return {item.id: list(item.key) for item in items}


def _trainee(enrolment: Enrolment) -> Actor:
    query = select(Membership).where(Membership.person_id == enrolment.person_id, Membership.role == Role.TRAINEE)
    membership = session.scalars(query.order_by(Membership.id).limit(1)).one()
    return actor_of(session.get_one(Person, enrolment.person_id), membership)
