"""What the courses room puts on desks: to-dos that must be open, notices, numbers."""

from collections.abc import Sequence

from sqlalchemy import ScalarSelect, func, select

from app.accounts.states import Role
from app.core.access import Actor
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.courses.access import Permission, sees
from app.courses.models import Cohort, CohortLecturer, Enrolment
from app.courses.states import CohortState, EnrolmentState
from app.desk.kinds import Expected, NoticeKind, NumberTile, Told


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of cohorts and enrolments."""
    planned = select(Cohort.code, Cohort.base_organisation_id).where(Cohort.state == CohortState.PLANNED)
    waiting = {EnrolmentState.INVITED: "courses.enrol", EnrolmentState.ENROLLED: "courses.study"}
    enrolled = select(Enrolment.code, Enrolment.person_id, Enrolment.state).where(Enrolment.state.in_(waiting))
    return {
        Expected("courses.open", Subject("cohort", code), role=Role.BASE, organisation_id=organisation)
        for code, organisation in session.execute(planned)
    } | {
        Expected(waiting[state], Subject("enrolment", code), person_id=person_id)
        for code, person_id, state in session.execute(enrolled)
    }


def _trainee(happened: Event) -> Sequence[Told]:
    return _trainees([happened]).get(happened.id, [])


def _trainees(happened: Sequence[Event]) -> dict[int, list[Told]]:
    """Return whose place each event is about, in one statement."""
    query = (
        select(Enrolment.code, Enrolment.person_id, Cohort.name)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.code.in_({one.subject_code for one in happened}))
    )
    held = {code: (person_id, name) for code, person_id, name in session.execute(query)}
    return {one.id: [_told(one, *held[one.subject_code])] for one in happened if one.subject_code in held}


def _told(happened: Event, person_id: int, cohort: str) -> Told:
    url = "/learning" if happened.kind == "courses.withdrawn" else f"/learning/{happened.subject_code}"
    return Told(person_id, url, {"cohort": cohort})


def _lecturers(happened: Event) -> list[Told]:
    query = (
        select(CohortLecturer.person_id, Cohort.name)
        .join(Cohort, Cohort.id == CohortLecturer.cohort_id)
        .where(Cohort.code == happened.subject_code)
    )
    url = f"/cohorts/{happened.subject_code}"
    return [Told(person_id, url, {"cohort": name}) for person_id, name in session.execute(query)]


NOTICES = (
    NoticeKind(
        "courses.invited",
        "courses.invited",
        label=_l("A place in a cohort"),
        sentence=_l("You have a place in the cohort %(cohort)s. Confirm your enrolment."),
        told=_trainee,
        mail=True,
        told_of_all=_trainees,
    ),
    NoticeKind(
        "courses.withdrawn",
        "courses.withdrawn",
        label=_l("Withdrawn from a cohort"),
        sentence=_l("You were withdrawn from the cohort %(cohort)s."),
        told=_trainee,
        mail=True,
        told_of_all=_trainees,
    ),
    NoticeKind(
        "courses.cohort_planned",
        "courses.cohort_planned",
        label=_l("A cohort that you teach"),
        sentence=_l("You teach the cohort %(cohort)s."),
        told=_lecturers,
    ),
)


def _open_cohorts(actor: Actor) -> ScalarSelect[int]:
    query = select(func.count()).select_from(Cohort).where(Cohort.state == CohortState.OPEN, sees(actor))
    return query.scalar_subquery()


def _in_training(actor: Actor) -> ScalarSelect[int]:
    query = (
        select(func.count())
        .select_from(Enrolment)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Enrolment.state == EnrolmentState.ENROLLED, sees(actor))
    )
    return query.scalar_subquery()


def _completed(actor: Actor) -> ScalarSelect[int]:
    done = (Enrolment.person_id == actor.person_id) & (Enrolment.state == EnrolmentState.COMPLETED)
    return select(func.count()).select_from(Enrolment).where(done).scalar_subquery()


NUMBERS = (
    NumberTile(_l("Open cohorts"), Permission.VIEW, _open_cohorts, "courses.cohorts"),
    NumberTile(_l("Persons in training"), Permission.VIEW, _in_training, "courses.cohorts"),
    NumberTile(_l("Trainings that I completed"), Permission.LEARN, _completed, "courses.my_courses"),
)
