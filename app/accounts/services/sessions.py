"""Server-side sessions: a row for each, found by the digest of the cookie's token."""

from datetime import datetime, timedelta

from sqlalchemy import update

from app.accounts.models import Membership, Person, SignInSession
from app.core import events
from app.core.access import Actor
from app.core.crypto import digest_token, new_token
from app.core.db import session
from app.core.events import Subject

LIFETIME = timedelta(hours=12)
IDLE = timedelta(hours=2)
TOUCH_AFTER = timedelta(minutes=5)
AGENT_LENGTH = 200


def start_session(
    *,
    person: Person,
    membership: Membership | None,
    second_factor: bool,
    at: datetime,
    agent: str | None = None,
) -> str:
    """Open a session at an instant of security time; return the token that only the cookie holds."""
    token = new_token()
    row = SignInSession(
        token=digest_token(token),
        person_id=person.id,
        membership_id=membership.id if membership else None,
        second_factor=second_factor,
        agent=agent[:AGENT_LENGTH] if agent else None,
        started_at=at,
        seen_at=at,
        expires_at=at + IDLE,
    )
    session.add(row)
    session.flush()
    _record("accounts.session_started", row, person, by=None, at=at)
    return token


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


def confirm_second_factor(row: SignInSession) -> None:
    """Note that the person of a running session has shown their second factor."""
    row.second_factor = True
    session.flush()


def act_as(row: SignInSession, membership: Membership, *, by: Actor, at: datetime) -> None:
    """Switch the one active membership of a session."""
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
