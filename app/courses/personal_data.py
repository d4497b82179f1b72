"""What the courses room keeps of a person, and what it must keep."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import SelectBase, select, update

from app.core.columns import JsonObject
from app.core.db import session
from app.core.personal_data import rows
from app.core.room import HoldKind, PersonalData
from app.core.text import _l
from app.courses.models import ClassHour, Cohort, CohortLecturer, Enrolment, Lesson
from app.courses.states import CohortState, EnrolmentState


def _enrolments(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Enrolment.code,
        Cohort.name.label("cohort"),
        Enrolment.state,
        Enrolment.employer,
        Enrolment.invited_at,
        Enrolment.enrolled_at,
        Enrolment.completed_at,
    ).join(Cohort, Cohort.id == Enrolment.cohort_id)
    return rows(told.where(Enrolment.person_id == person_id).order_by(Enrolment.id))


def _hours(person_id: int) -> Iterable[JsonObject]:
    told = (
        select(
            Enrolment.code.label("enrolment"),
            Lesson.code.label("lesson"),
            ClassHour.module,
            ClassHour.hours,
            ClassHour.at,
        )
        .join(Enrolment, Enrolment.id == ClassHour.enrolment_id)
        .join(Lesson, Lesson.id == ClassHour.lesson_id)
    )
    return rows(told.where(Enrolment.person_id == person_id).order_by(ClassHour.id))


def _teaching(person_id: int) -> Iterable[JsonObject]:
    told = select(Cohort.code, Cohort.name, Cohort.state, Cohort.starts_on, Cohort.ends_on).join(
        CohortLecturer, CohortLecturer.cohort_id == Cohort.id
    )
    return rows(told.where(CohortLecturer.person_id == person_id).order_by(CohortLecturer.id))


def _held(person_id: int, on: date) -> SelectBase:
    return (
        select(Cohort.name, Cohort.ends_on)
        .join(Enrolment, Enrolment.cohort_id == Cohort.id)
        .where(
            Enrolment.person_id == person_id,
            Enrolment.state == EnrolmentState.ENROLLED,
            Cohort.state == CohortState.OPEN,
            Cohort.ends_on >= on,
        )
    )


def _forget(person_id: int) -> None:
    session.execute(
        update(Enrolment).where(Enrolment.person_id == person_id).values(employer=None, invitation_sealed=None)
    )


def one_lecturer(kept_id: int, gone_id: int) -> None:
    """Let a person who taught a cohort under both records stand once."""
    taught = select(CohortLecturer.cohort_id).where(CohortLecturer.person_id == kept_id)
    twice = select(CohortLecturer).where(CohortLecturer.person_id == gone_id, CohortLecturer.cohort_id.in_(taught))
    for row in session.scalars(twice):
        session.delete(row)


def end_slips(kept_id: int, gone_id: int) -> None:
    """Drop the slips of the record that goes: its links have ended."""
    del kept_id
    session.execute(update(Enrolment).where(Enrolment.person_id == gone_id).values(invitation_sealed=None))


PERSONAL_DATA = (
    PersonalData(
        "training",
        _l("My training"),
        _enrolments,
        holds=(
            HoldKind(
                _l("Name and document for the training you are enrolled in (%(cohort)s)"),
                _l("Personal Information Protection Law, art. 13(2): needed to perform the training contract"),
                _held,
            ),
        ),
        forget=_forget,
        columns=("enrolment.person_id",),
        fields={
            "cohort": _l("Cohort"),
            "employer": _l("Employer"),
            "invited_at": _l("Invited on"),
            "enrolled_at": _l("Enrolled on"),
            "completed_at": _l("Completed on"),
        },
    ),
    PersonalData(
        "class_hours",
        _l("My class hours"),
        _hours,
        fields={
            "enrolment": _l("Place in a cohort"),
            "lesson": _l("Lesson"),
            "module": _l("Module"),
            "hours": _l("Class hours"),
        },
    ),
    PersonalData(
        "teaching",
        _l("Cohorts I teach"),
        _teaching,
        columns=("cohort_lecturer.person_id",),
    ),
)
MERGES = {"cohort_lecturer.person_id": one_lecturer, "enrolment.person_id": end_slips}
