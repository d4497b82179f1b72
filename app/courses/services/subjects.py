"""How records of the courses room are named in events and to-dos."""

from app.core.events import Subject
from app.courses.models import Cohort, Course, Enrolment


def of_course(course: Course) -> Subject:
    """Name a course."""
    return Subject("course", course.code)


def of_cohort(cohort: Cohort) -> Subject:
    """Name a cohort."""
    return Subject("cohort", cohort.code)


def of_enrolment(enrolment: Enrolment) -> Subject:
    """Name an enrolment."""
    return Subject("enrolment", enrolment.code)
