"""Enrolments: invited by the base, confirmed by the trainee, withdrawn with a reason."""

from datetime import datetime

from sqlalchemy import select

from app.accounts import queries as people
from app.accounts import services as accounts
from app.accounts.models import Membership, Person
from app.accounts.queries import in_force
from app.accounts.states import Role
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of, real_now
from app.core.crypto import seal, unwrap_key
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.text import _l
from app.courses.models import Cohort, Enrolment
from app.courses.queries.rosters import INVITATION, all_slips
from app.courses.services.cohorts import check_runs
from app.courses.services.subjects import of_enrolment
from app.courses.states import ENROLMENT, CohortState
from app.desk import services as desk

ENROL = "courses.enrol"


def invite(cohort: Cohort, person: Person, *, employer: str | None, by: Actor, at: datetime) -> Enrolment:
    """Give a person a place, the trainee's role, a to-do, and a link where they have no account yet.

    A place in the cohort is given once: a repeated call returns the first. Raises ForbiddenError for a
    restricted person.
    """
    known = session.scalar(select(Enrolment).where(Enrolment.cohort_id == cohort.id, Enrolment.person_id == person.id))
    if known is not None:
        return known
    restrictions.refuse_if_restricted(ENROL, person_id=person.id, on=day_of(at))
    enrolment = Enrolment(
        cohort_id=cohort.id,
        person_id=person.id,
        employer=employer,
        invited_at=at,
        invited_by_id=by.person_id,
    )
    session.add(enrolment)
    session.flush()
    events.record("courses.invited", of_enrolment(enrolment), by=by, at=at, data={"cohort": cohort.code})
    _make_trainee(cohort, person, by=by, at=at)
    _send_link(enrolment, person, by=by)
    desk.open_todo(
        "courses.enrol",
        of_enrolment(enrolment),
        url=f"/learning/{enrolment.code}",
        at=at,
        person_id=person.id,
        due_on=cohort.ends_on,
        params={"cohort": cohort.name},
    )
    return enrolment


def _make_trainee(cohort: Cohort, person: Person, *, by: Actor, at: datetime) -> None:
    day = day_of(at)
    holds = select(Membership.id).where(
        Membership.person_id == person.id, Membership.role == Role.TRAINEE, in_force(day)
    )
    if session.scalar(holds.limit(1)) is None:
        accounts.grant_role(person, Role.TRAINEE, region_code=cohort.region_code, starts_on=day, by=by, at=at)


def _send_link(enrolment: Enrolment, person: Person, *, by: Actor) -> None:
    """Make a link; its token is kept sealed under the person's key until they enrol. Links use security time."""
    if people.account_of(person.id) is not None or person.data_key is None:
        return
    token = accounts.invite(person, by=by, at=real_now())
    enrolment.invitation_sealed = seal(unwrap_key(person.data_key), token, INVITATION)
    session.flush()


def renew_invitations(cohort: Cohort, *, by: Actor) -> int:
    """Make new links for those invited whose link no longer opens; return how many."""
    check_runs(cohort, by)
    stale = [slip for slip in all_slips(cohort) if slip.token is None and not slip.has_account]
    for slip in stale:
        _send_link(slip.enrolment, slip.person, by=by)
    return len(stale)


def confirm(enrolment: Enrolment, *, by: Actor, at: datetime) -> None:
    """Let a trainee confirm their own enrolment; raises ConflictError where the cohort is closed."""
    if enrolment.person_id != by.person_id:
        raise ForbiddenError(_l("Each trainee confirms their own enrolment."))
    restrictions.refuse_if_restricted(ENROL, person_id=by.person_id, on=day_of(at))
    if enrolment.cohort.state is not CohortState.OPEN:
        raise ConflictError(_l("The cohort is closed. Ask the training base for another one."))
    ENROLMENT.move(enrolment, "enrol", enrolled_at=at, invitation_sealed=None)
    session.flush()
    events.record("courses.enrolled", of_enrolment(enrolment), by=by, at=at)
    desk.close_todos(of_enrolment(enrolment), at=at)
    desk.open_todo(
        "courses.study",
        of_enrolment(enrolment),
        url=f"/learning/{enrolment.code}",
        at=at,
        person_id=enrolment.person_id,
        due_on=enrolment.cohort.ends_on,
        params={"course_zh": enrolment.cohort.course.title_zh, "course_en": enrolment.cohort.course.title_en},
    )


def withdraw(cohort: Cohort, enrolment: Enrolment, *, reason: str, by: Actor, at: datetime) -> None:
    """Withdraw a trainee who will not go on, with the reason; the place is free again."""
    check_runs(cohort, by)
    ENROLMENT.move(enrolment, "withdraw", invitation_sealed=None)
    session.flush()
    events.record("courses.withdrawn", of_enrolment(enrolment), by=by, at=at, reason=reason)
    desk.close_todos(of_enrolment(enrolment), at=at)
