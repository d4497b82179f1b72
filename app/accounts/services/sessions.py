"""Server-side sessions: a row for each, found by the digest of the cookie's token."""

from datetime import date, datetime, timedelta

from sqlalchemy import update

from app.accounts.models import Membership, Person, SignInSession
from app.accounts.services.people import seal_field, unseal_field
from app.accounts.states import WITHOUT_SECOND_FACTOR
from app.core import events
from app.core.access import Actor
from app.core.crypto import digest_token, new_token
from app.core.db import session
from app.core.errors import ForbiddenError
from app.core.events import Subject
from app.core.text import _l

LIFETIME = timedelta(hours=12)
IDLE = timedelta(hours=2)
TOUCH_AFTER = timedelta(minutes=5)
AGENT_LENGTH = 200
ADDRESS = "session.address"


def start_session(
    *,
    person: Person,
    membership: Membership | None,
    second_factor: bool,
    at: datetime,
    agent: str | None = None,
    address: str | None = None,
) -> str:
    """Open a session at an instant of security time; return the token that only the cookie holds.

    The network address it is opened from is kept sealed under the person's own key.
    """
    token = new_token()
    row = SignInSession(
        token=digest_token(token),
        person_id=person.id,
        membership_id=membership.id if membership else None,
        second_factor=second_factor,
        agent=agent[:AGENT_LENGTH] if agent else None,
        address_sealed=seal_field(person, address, ADDRESS) if address else None,
        started_at=at,
        seen_at=at,
        expires_at=at + IDLE,
    )
    session.add(row)
    session.flush()
    _record("accounts.session_started", row, person, by=None, at=at)
    return token


def place_of(row: SignInSession, person: Person) -> str | None:
    """Return the network address a person's session was opened from, None where it was not noted."""
    return unseal_field(person, row.address_sealed, ADDRESS) if row.address_sealed else None


def touch_session(session_id: int, *, started_at: datetime, at: datetime) -> None:
    """Note that a session is used, which keeps it open, at most until twelve hours after its start."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.ended_at.is_(None))
        .values(seen_at=at, expires_at=min(at + IDLE, started_at + LIFETIME))
    )


def end_session(row: SignInSession, person: Person, *, by: Actor | None, at: datetime) -> None:
    """End a session: its token opens nothing any more."""
    if row.ended_at is not None:
        return
    row.ended_at = at
    session.flush()
    _record("accounts.session_ended", row, person, by=by, at=at)


def end_other_sessions(*, by: Actor, at: datetime) -> int:
    """End every session of the actor but the one in use; return how many."""
    return _end_many(by.person_id, by.person_code, but=by.extra.get("session", ""), by=by, at=at)


def end_all_sessions(person: Person, *, by: Actor | None, at: datetime) -> int:
    """End every session of a person; return how many."""
    return _end_many(person.id, person.code, but="", by=by, at=at)


def _end_many(person_id: int, person_code: str, *, but: str, by: Actor | None, at: datetime) -> int:
    ended = session.execute(
        update(SignInSession)
        .where(SignInSession.person_id == person_id, SignInSession.code != but, SignInSession.ended_at.is_(None))
        .values(ended_at=at)
        .returning(SignInSession.id)
    ).all()
    if ended:
        subject = Subject("person", person_code)
        events.record("accounts.sessions_ended", subject, by=by, at=at, data={"count": len(ended)})
    return len(ended)


def confirm_session(row: SignInSession, *, by: Actor, at: datetime) -> None:
    """Note that the person has shown again who they are; dangerous acts are open to the session for a while."""
    row.confirmed_at = at
    session.flush()
    subject = Subject("person", by.person_code)
    events.record("accounts.session_confirmed", subject, by=by, at=at, data={"session": row.code})


def act_as(row: SignInSession, membership: Membership, *, by: Actor, at: datetime, on: date) -> None:
    """Switch the one active membership of a session; raises ForbiddenError for one not in force."""
    if not membership.holds_on(on):
        raise ForbiddenError(_l("This role is not in force today. Ask whoever gave it to you."))
    if membership.role not in WITHOUT_SECOND_FACTOR and not row.second_factor:
        raise ForbiddenError(
            _l("This role needs your second factor. Sign out, then sign in again: you will be asked for it.")
        )
    row.membership_id = membership.id
    session.flush()
    events.record(
        "accounts.role_switched",
        Subject("person", by.person_code),
        by=by,
        at=at,
        data={"membership": membership.code},
    )


def _record(kind: str, row: SignInSession, person: Person, *, by: Actor | None, at: datetime) -> None:
    events.record(kind, Subject("person", person.code), by=by, at=at, data={"session": row.code})
