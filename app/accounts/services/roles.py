"""Roles given to people, scoped to region, organisation and period."""

from datetime import date, datetime

from sqlalchemy import select

from app.accounts.models import Membership, Person
from app.accounts.rules.apart import Held, clash
from app.accounts.states import APART, ROLE_LABELS, Role
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.text import _l


def grant_role(
    person: Person,
    role: Role,
    *,
    region_code: str,
    organisation_id: int | None = None,
    starts_on: date,
    ends_on: date | None = None,
    by: Actor | None,
    at: datetime,
) -> Membership:
    """Give a person a role; the same role in the same place for the same period is given once."""
    if ends_on is not None and ends_on < starts_on:
        raise InvalidError(_l("The last day lies before the first."), field="ends_on")
    known = session.scalar(
        select(Membership).where(
            Membership.person_id == person.id,
            Membership.role == role,
            Membership.region_code == region_code,
            Membership.organisation_id.is_not_distinct_from(organisation_id),
            Membership.starts_on == starts_on,
            Membership.ends_on.is_not_distinct_from(ends_on),
        )
    )
    if known is not None:
        return known
    check_apart(person, Held(role, starts_on, ends_on))
    membership = Membership(
        person_id=person.id,
        role=role,
        region_code=region_code,
        organisation_id=organisation_id,
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by=by.person_id if by else None,
    )
    session.add(membership)
    session.flush()
    _record("accounts.role_granted", membership, person, by=by, at=at)
    return membership


def check_apart(person: Person, wanted: Held) -> None:
    """Refuse a second of the three administrations; raises ConflictError. The schema refuses it too."""
    rows = session.scalars(select(Membership).where(Membership.person_id == person.id, Membership.role.in_(APART)))
    found = clash(wanted, [Held(row.role, row.starts_on, row.ends_on) for row in rows])
    if found is not None:
        raise ConflictError(
            _l(
                "System, security and audit administration are kept apart: this person is %(role)s in that time.",
                role=ROLE_LABELS[found.role],
            ),
            field="role",
        )


def end_role(membership: Membership, *, last_day: date, by: Actor | None, at: datetime) -> None:
    """Let a role end with a day; sessions that act under it lose it the day after."""
    if last_day < membership.starts_on:
        raise InvalidError(_l("The last day lies before the first."), field="last_day")
    membership.ends_on = last_day
    session.flush()
    person = session.get_one(Person, membership.person_id)
    _record("accounts.role_ended", membership, person, by=by, at=at)


def _record(kind: str, membership: Membership, person: Person, *, by: Actor | None, at: datetime) -> None:
    events.record(
        kind,
        Subject("person", person.code),
        by=by,
        at=at,
        data={
            "membership": membership.code,
            "role": str(membership.role),
            "region": membership.region_code,
        },
    )
