"""Roles given to people, scoped to region, organisation and period."""

from datetime import date, datetime

from sqlalchemy import select, update

from app.accounts.models import Membership, Organisation, Person
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
    """Give a person a role; the same role in the same place for the same period is given once.

    Raises InvalidError for the period, ConflictError in a body that is closed or beside an administration kept apart.
    """
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
    check_open(organisation_id)
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


def check_open(organisation_id: int | None) -> None:
    """Raise ConflictError where a body is closed: nobody is given a role there any more.

    The body is held until the role stands, so that it is not closed meanwhile.
    """
    closing = select(Organisation.closed_on).where(Organisation.id == organisation_id)
    closed = session.scalar(closing.with_for_update(read=True))
    if closed is not None:
        raise ConflictError(
            _l("This organisation is closed with %(day)s. Nobody is given a role there.", day=closed.isoformat()),
            field="organisation",
        )


def check_apart(person: Person, wanted: Held) -> None:
    """Refuse a second of the three administrations; raises ConflictError. The schema refuses it too."""
    given = (Membership.person_id == person.id) & Membership.role.in_(APART) & Membership.called_off.is_(False)
    rows = session.scalars(select(Membership).where(given))
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
    """Let a role end with a day; sessions that act under it lose it the day after. Raises as `check_end`."""
    check_end(membership, last_day, field="last_day")
    membership.ends_on = last_day
    session.flush()
    person = session.get_one(Person, membership.person_id)
    _record("accounts.role_ended", membership, person, by=by, at=at)


def check_end(membership: Membership, last_day: date, *, field: str) -> None:
    """Refuse a last day that ends nothing: before the first, or after the one that stands or the body's closing.

    Raises InvalidError beside the field, ConflictError for a role that was called off.
    """
    if membership.called_off:
        raise ConflictError(_l("This role was called off before it began. There is nothing to end."))
    if last_day < membership.starts_on:
        raise InvalidError(_l("The last day lies before the first."), field=field)
    body = membership.organisation
    known = [day for day in (membership.ends_on, body.closed_on if body else None) if day is not None]
    if known and last_day > min(known):
        raise InvalidError(
            _l("This role ends on %(day)s already. Give that day or an earlier one.", day=min(known).isoformat()),
            field=field,
        )


def end_all(organisation_id: int, *, last_day: date, by: Actor, at: datetime) -> int:
    """End every role in a body with a day; those that would begin later are called off. Return how many ended."""
    lasting = (Membership.organisation_id == organisation_id) & (
        Membership.ends_on.is_(None) | (Membership.ends_on > last_day)
    )
    ended = session.execute(
        select(Membership.id, Membership.code, Membership.role, Membership.region_code, Person.code)
        .join(Person, Person.id == Membership.person_id)
        .where(lasting)
        .order_by(Membership.id)
    ).all()
    later = lasting & (Membership.starts_on > last_day)
    for condition, values in ((later, {"ends_on": last_day, "called_off": True}), (lasting, {"ends_on": last_day})):
        session.execute(
            update(Membership).where(condition).values(**values).execution_options(synchronize_session=False)
        )
    told = (
        (Subject("person", person), {"membership": code, "role": str(role), "region": region})
        for _id, code, role, region, person in ended
    )
    events.record_many("accounts.role_ended", told, by=by, at=at)
    return len(ended)


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
