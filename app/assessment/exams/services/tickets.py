"""Admission tickets (准考证) that open a sitting: 192 random bits, kept as SHA-256; no password hash."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import cast

from sqlalchemy import (
    Boolean,
    Executable,
    LargeBinary,
    String,
    Table,
    bindparam,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from app.accounts.models import Person, SignInSession
from app.accounts.services.people import seal_field
from app.accounts.services.sessions import ADDRESS, AGENT_LENGTH, IDLE
from app.assessment.exams.access import Permission
from app.assessment.exams.models import Attempt, ExamSession, Registration
from app.assessment.exams.services.subjects import of_attempt
from app.core import events
from app.core.access import Actor
from app.core.clock import real_now
from app.core.columns import ALPHABET, UtcDateTime, new_code
from app.core.crypto import digest_token, new_token
from app.core.db import session
from app.core.errors import InvalidError
from app.core.events import Subject
from app.core.text import _l

BITS = 192
LETTERS = 39
"""192 bits as letters of five bits each, written by hand where no camera is at the machine."""
EARLY = timedelta(minutes=60)
"""From so long before the window a ticket opens its sitting, which then counts down."""
MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})
SESSIONS = cast("Table", SignInSession.__table__)
COLUMNS = [
    "code",
    "token",
    "person_id",
    "membership_id",
    "second_factor",
    "only_permission",
    "only_code",
    "agent",
    "started_at",
    "seen_at",
    "expires_at",
]


@dataclass(frozen=True, slots=True)
class Entered:
    """What a ticket opened: the token for the cookie, the code of the sitting."""

    token: str
    attempt: str


def new_secret() -> str:
    """Make the secret of a ticket: 192 random bits in 39 letters that are not taken for one another."""
    number = secrets.randbits(BITS)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(5 * (LETTERS - 1), -1, -5))


def digest(secret: str) -> bytes:
    """Return the 32 bytes under which a secret is kept, however it was typed: spaces, dashes, capitals, o for 0."""
    return sha256(secret.strip().lower().translate(MISREAD).encode()).digest()


def issue(registration: Registration, *, by: Actor | None, at: datetime) -> str:
    """Give a registration its ticket and return the secret, which nobody can read again.

    A ticket issued before opens nothing any more, and what it had opened is closed.
    """
    secret = new_secret()
    registration.ticket_hash = digest(secret)
    opened = select(Attempt.code).where(Attempt.registration_id == registration.id)
    session.execute(
        update(SignInSession)
        .where(SignInSession.only_code.in_(opened.scalar_subquery()), SignInSession.ended_at.is_(None))
        .values(ended_at=real_now())
        .execution_options(synchronize_session=False)
    )
    session.flush()
    events.record("exams.ticket_issued", Subject("registration", registration.code), by=by, at=at)
    return secret


def enter(secret: str, *, agent: str | None, address: str | None, at: datetime) -> Entered:
    """Open the sitting of a ticket: one statement finds the ticket and makes a session that reaches nothing else.

    `at` is domain time. Raises InvalidError where the ticket opens nothing now.
    """
    token, real_at = new_token(), real_now()
    values = {
        "session_code": new_code(),
        "token": digest_token(token),
        "agent": agent[:AGENT_LENGTH] if agent else None,
        "real_at": real_at,
        "expires_at": real_at + IDLE,
        "ticket": digest(secret),
        "at": at,
        "early": at + EARLY,
    }
    row = session.execute(entering(), values).first()
    if row is None:
        raise _refusal(secret, at)
    session_id, person_id, attempt = row
    _note(session_id, person_id, address)
    events.record("exams.ticket_used", of_attempt(attempt), by=None, at=at, data={"session": values["session_code"]})
    return Entered(token, attempt)


@cache
def entering() -> Executable:
    """Build the statement of the door: returns (session, person, code of the sitting) where the ticket opens one."""
    source = (
        select(
            bindparam("session_code", type_=String),
            bindparam("token", type_=LargeBinary),
            Registration.person_id,
            null(),
            literal(value=False, type_=Boolean),
            literal(Permission.SIT.value),
            Attempt.code,
            bindparam("agent", type_=String),
            bindparam("real_at", type_=UtcDateTime),
            bindparam("real_at", type_=UtcDateTime),
            bindparam("expires_at", type_=UtcDateTime),
        )
        .select_from(Registration)
        .join(Attempt, Attempt.registration_id == Registration.id)
        .join(ExamSession, ExamSession.id == Registration.session_id)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Registration.ticket_hash == bindparam("ticket", type_=LargeBinary),
            Person.erased_at.is_(None),
            ExamSession.opens_at <= bindparam("early", type_=UtcDateTime),
            or_(
                ExamSession.closes_at > bindparam("at", type_=UtcDateTime),
                Attempt.deadline_at >= bindparam("at", type_=UtcDateTime),
                Attempt.paused_at.is_not(None),
            ),
        )
    )
    return (
        insert(SESSIONS)
        .from_select(COLUMNS, source, include_defaults=False)
        .returning(SESSIONS.c.id, SESSIONS.c.person_id, SESSIONS.c.only_code)
    )


def _note(session_id: int, person_id: int, address: str | None) -> None:
    """Keep the network address sealed under the person's own key, as at every sign-in."""
    if address is None:
        return
    person = session.get_one(Person, person_id)
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id)
        .values(address_sealed=seal_field(person, address, ADDRESS))
        .execution_options(synchronize_session=False)
    )


def _refusal(secret: str, at: datetime) -> InvalidError:
    """Say why a ticket opens nothing; only who holds a right one learns when it does."""
    found = session.execute(
        select(ExamSession.opens_at, ExamSession.closes_at)
        .join(Registration, Registration.session_id == ExamSession.id)
        .where(Registration.ticket_hash == digest(secret))
    ).first()
    if found is None:
        return InvalidError(
            _l("This is not the code of an admission ticket. Check it letter by letter, or ask the invigilator."),
            field="ticket",
            code="unknown_ticket",
        )
    if found.closes_at <= at:
        return InvalidError(_l("The window of this exam has closed."), field="ticket")
    if at + EARLY < found.opens_at:
        return InvalidError(
            _l("This ticket opens its exam from %(minutes)d minutes before the window.", minutes=EARLY.seconds // 60),
            field="ticket",
        )
    return InvalidError(_l("The papers of this exam are not prepared yet. Ask the invigilator."), field="ticket")
