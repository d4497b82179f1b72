"""Who may run, oversee, teach and attend training, and which cohorts each of them sees."""

from enum import StrEnum

from sqlalchemy import ColumnElement, false, or_, select

from app.accounts.access import within
from app.accounts.states import Role
from app.core.access import Actor
from app.courses.models import Cohort, CohortLecturer


class Permission(StrEnum):
    """The acts of the courses room; `view` opens pages, the others say whose cohorts they show."""

    VIEW = "courses.view"
    RUN = "courses.run"
    TEACH = "courses.teach"
    OVERSEE = "courses.oversee"
    LEARN = "courses.learn"


GRANTS = {
    Role.BASE: frozenset({Permission.VIEW, Permission.RUN}),
    Role.LECTURER: frozenset({Permission.VIEW, Permission.TEACH}),
    Role.REGULATOR: frozenset({Permission.VIEW, Permission.OVERSEE}),
    Role.TRAINEE: frozenset({Permission.LEARN}),
}


def sees(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor sees a cohort: own base, own teaching, own region."""
    conditions: list[ColumnElement[bool]] = [false()]
    if actor.may(Permission.RUN) and actor.organisation_id is not None:
        conditions.append(Cohort.base_organisation_id == actor.organisation_id)
    if actor.may(Permission.TEACH):
        taught = select(CohortLecturer.cohort_id).where(CohortLecturer.person_id == actor.person_id)
        conditions.append(Cohort.id.in_(taught))
    if actor.may(Permission.OVERSEE):
        conditions.append(within(Cohort.region_code, actor))
    return or_(*conditions)


def runs(actor: Actor, cohort: Cohort) -> bool:
    """Tell whether the actor runs the cohort for its base."""
    return actor.may(Permission.RUN) and actor.organisation_id == cohort.base_organisation_id
