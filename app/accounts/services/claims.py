"""Claims: a person without an account says that a record is theirs, and learns nothing by it.

Whoever brought the record in (their organisation, else the security administrator) sees the document and hands over
the link with which the account is made. The page answers every claim alike, so that it tells nobody who is known.
"""

from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Invitation, Membership, Person
from app.accounts.queries import account_of, in_force, person_by_identity
from app.accounts.rights import Claim
from app.accounts.rules.identity import check_born, clean_number
from app.accounts.rules.powers import INVITES
from app.accounts.services.invitations import invite
from app.accounts.states import CLAIM, ClaimState, IdentityKind, Role
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError, NotFoundError
from app.core.events import Subject
from app.core.text import _l


def claim(*, name: str, kind: IdentityKind, number: str, on: date, at: datetime) -> None:
    """Note a claim where name and document fit a record without an account; answers nothing either way.

    Raises InvalidError for a number that cannot be one, whoever it belongs to.
    """
    check_born(kind, clean_number(kind, number), on)
    person = person_by_identity(kind, number)
    if person is None or person.name != name.strip() or account_of(person.id) is not None:
        return
    waiting = select(Claim.id).where(Claim.person_id == person.id, Claim.state == ClaimState.OPEN)
    if session.scalar(waiting) is not None:
        return
    made = Claim(person_id=person.id, organisation_id=_brought_in_by(person, on), claimed_at=at)
    session.add(made)
    session.flush()
    _record("accounts.claim_made", made, person, by=None, at=at)


def _brought_in_by(person: Person, on: date) -> int | None:
    """Return the organisation of whoever invited a person last, None where that is not known."""
    query = (
        select(Membership.organisation_id)
        .join(Invitation, Invitation.invited_by == Membership.person_id)
        .where(
            Invitation.person_id == person.id,
            Membership.role.in_(INVITES),
            Membership.organisation_id.is_not(None),
            in_force(on),
        )
    )
    return session.scalars(query.order_by(Invitation.id.desc()).limit(1)).first()


def may_see(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a claim waits for the actor: their organisation's, or nobody's."""
    own = Claim.organisation_id == (actor.organisation_id or 0)
    return or_(own, Claim.organisation_id.is_(None)) if actor.role == Role.SECADMIN else own


def open_claims(actor: Actor) -> list[Claim]:
    """Return the open claims that wait for the actor, oldest first."""
    query = select(Claim).options(joinedload(Claim.person)).where(may_see(actor), Claim.state == ClaimState.OPEN)
    return list(session.scalars(query.order_by(Claim.id).limit(100)))


def claim_of(code: str, actor: Actor) -> Claim:
    """Return a claim that waits for the actor; raises NotFoundError."""
    found = session.scalar(select(Claim).options(joinedload(Claim.person)).where(Claim.code == code, may_see(actor)))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def decide_claim(made: Claim, *, accept: bool, by: Actor, at: datetime, real_at: datetime) -> str | None:
    """Decide on a claim after seeing the document; accepted, return the token of the link to hand over.

    Raises ForbiddenError for one's own record, ConflictError where it was decided.
    """
    if made.person_id == by.person_id:
        raise ForbiddenError(_l("Nobody decides on a claim to their own record."))
    person = session.get_one(Person, made.person_id)
    CLAIM.move(made, "accept" if accept else "refuse", decided_by_id=by.person_id, decided_at=at)
    session.flush()
    _record("accounts.claim_accepted" if accept else "accounts.claim_refused", made, person, by=by, at=at)
    return invite(person, by=by, at=real_at) if accept else None


def _record(kind: str, made: Claim, person: Person, *, by: Actor | None, at: datetime) -> None:
    events.record(kind, Subject("person", person.code), by=by, at=at, data={"claim": made.code})
