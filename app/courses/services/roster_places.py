"""What follows the taking over of a roster, some hundred rows a transaction: links, to-dos, each person's events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, bindparam, insert, select, update

from app.accounts.models import Account, Invitation, Membership, Person
from app.accounts.queries import in_force
from app.accounts.services import people_import
from app.accounts.services.invitations import OPEN_FOR
from app.accounts.services.people_import import SETTLED_ROWS
from app.accounts.staged import PeopleRow
from app.accounts.states import Role
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of, real_now, today
from app.core.columns import JsonObject
from app.core.crypto import digest_token, new_token, seal, unwrap_key
from app.core.db import session
from app.core.events import Subject
from app.courses.models import Cohort, Enrolment, RosterImport
from app.courses.queries.rosters import INVITATION
from app.courses.states import EnrolmentState
from app.desk import services as desk


@dataclass(frozen=True, slots=True)
class Place:
    """A person who was given a place, and the link with which they make their account; None where they have one."""

    enrolment_id: int
    enrolment_code: str
    person_id: int
    person_code: str
    trainee: bool
    token: str | None
    sealed: bytes | None


def follow(cohort: Cohort, roster: RosterImport, *, after: int, by: Actor | None, at: datetime) -> int | None:
    """Follow up the next rows after a line; return the last line done, None where no row is left."""
    if roster.people.committed_at is not None:
        give_notice(cohort, prepare_places(roster, after), by=by, at=at)
    return people_import.settle(roster.people, after=after, by=by, at=at)


def prepare_places(roster: RosterImport, after: int) -> list[Place]:
    """Make the links of the next rows' people; reads only. Links use security time."""
    return [_place(row) for row in _rows(roster, after)]


def _rows(roster: RosterImport, after: int) -> Sequence[Row[int, str, int, str, bytes | None, int | None, int | None]]:
    lines = (
        select(PeopleRow.line)
        .where(PeopleRow.people_import_id == roster.people_import_id, PeopleRow.line > after)
        .order_by(PeopleRow.line)
        .limit(SETTLED_ROWS)
        .scalar_subquery()
    )
    holds = (
        select(Membership.id)
        .where(Membership.person_id == Person.id, Membership.role == Role.TRAINEE, in_force(today()))
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )
    query = (
        select(Enrolment.id, Enrolment.code, Person.id, Person.code, Person.data_key, holds, Account.id)
        .select_from(PeopleRow)
        .join(Enrolment, Enrolment.code == PeopleRow.code)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(
            PeopleRow.people_import_id == roster.people_import_id,
            PeopleRow.good,
            PeopleRow.line.in_(lines),
            Enrolment.state == EnrolmentState.INVITED,
        )
        .order_by(PeopleRow.line)
    )
    return session.execute(query).all()


def _place(row: Row[int, str, int, str, bytes | None, int | None, int | None]) -> Place:
    enrolment_id, enrolment_code, person_id, person_code, data_key, membership_id, account_id = row
    token = new_token() if account_id is None and data_key is not None else None
    sealed = seal(unwrap_key(data_key), token, INVITATION) if token and data_key else None
    return Place(enrolment_id, enrolment_code, person_id, person_code, membership_id is not None, token, sealed)


def give_notice(cohort: Cohort, places: Sequence[Place], *, by: Actor | None, at: datetime) -> None:
    """Send the links, open the to-dos and write the events of people who were given a place."""
    _send_links([place for place in places if place.token], by=by)
    facts = {"cohort": cohort.code}
    invited = ((Subject("enrolment", place.enrolment_code), facts) for place in places)
    events.record_many("courses.invited", invited, by=by, at=at)
    _give_roles(cohort, [place for place in places if not place.trainee], by=by, at=at)
    waiting = (
        (Subject("enrolment", place.enrolment_code), place.person_id, f"/learning/{place.enrolment_code}")
        for place in places
    )
    desk.open_todos("courses.enrol", waiting, at=at, due_on=cohort.ends_on, params={"cohort": cohort.name})


def _give_roles(cohort: Cohort, places: Sequence[Place], *, by: Actor | None, at: datetime) -> None:
    """Make everybody a trainee who is none; the membership takes the code of the place."""
    if not places:
        return
    shared = {
        "role": Role.TRAINEE,
        "region_code": cohort.region_code,
        "starts_on": day_of(at),
        "granted_by": by.person_id if by else None,
    }
    session.execute(
        insert(Membership),
        [{**shared, "code": place.enrolment_code, "person_id": place.person_id} for place in places],
    )
    facts = {"role": Role.TRAINEE.value, "region": cohort.region_code}
    granted = ((Subject("person", one.person_code), {**facts, "membership": one.enrolment_code}) for one in places)
    events.record_many("accounts.role_granted", granted, by=by, at=at)


def _send_links(places: Sequence[Place], *, by: Actor | None) -> None:
    if not places:
        return
    sent_at = real_now()
    session.execute(
        update(Invitation)
        .where(
            Invitation.person_id.in_([place.person_id for place in places]),
            Invitation.used_at.is_(None),
            Invitation.ended_at.is_(None),
        )
        .values(ended_at=sent_at)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        insert(Invitation),
        [
            {
                "token": digest_token(place.token or ""),
                "person_id": place.person_id,
                "invited_by": by.person_id if by else None,
                "sent_at": sent_at,
                "expires_at": sent_at + OPEN_FOR,
            }
            for place in places
        ],
    )
    session.connection().execute(
        update(Enrolment)
        .where(Enrolment.id == bindparam("enrolment"), Enrolment.state == EnrolmentState.INVITED)
        .values(invitation_sealed=bindparam("link")),
        [{"enrolment": place.enrolment_id, "link": place.sealed} for place in places],
    )
    sent: list[tuple[Subject, JsonObject]] = [(Subject("person", place.person_code), {}) for place in places]
    events.record_many("accounts.person_invited", sent, by=by, at=sent_at)
