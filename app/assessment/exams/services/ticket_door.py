"""The door that an admission ticket (准考证) opens: one statement finds it by the SHA-256 of its secret."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import cast

from sqlalchemy import (
    Boolean,
    Executable,
    LargeBinary,
    String,
    Table,
    and_,
    bindparam,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from app.accounts.models import Person, SignInSession
from app.accounts.services.sessions import AGENT_LENGTH, IDLE
from app.assessment.exams.access import Permission
from app.assessment.exams.models import Attempt, ExamSession, Registration
from app.assessment.exams.rules.tickets import digest, secret_of
from app.core.clock import real_now
from app.core.columns import UtcDateTime, new_code
from app.core.crypto import digest_token, new_token
from app.core.db import session
from app.core.errors import InvalidError
from app.core.short_writes import short_write
from app.core.text import _l

EARLY = timedelta(minutes=60)
"""From so long before the window a ticket opens its sitting, which then counts down."""
LATE = timedelta(hours=24)
"""For so long after the window it still opens a sitting that was begun: what a device kept comes in, kept apart."""
TICKET = bindparam("ticket", type_=LargeBinary)
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
    "entered_at",
]


@dataclass(frozen=True, slots=True)
class Entered:
    """What a ticket opened: the token for the cookie, the code of the sitting."""

    token: str
    attempt: str


def enter(secret: str, *, agent: str | None, at: datetime) -> Entered:
    """Open the sitting of a ticket: one statement finds it, makes a session that reaches nothing else, and tells of it.

    `secret` is what was typed, or the whole link of the ticket's code. `at` is domain time. The pages of the sitting
    note their network address themselves, as evidence; the session keeps none.
    Raises InvalidError where the ticket opens nothing now.
    """
    secret = secret_of(secret) or secret.strip()
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
        "late": at - LATE,
    }
    attempt: str | None = short_write(lambda connection: connection.execute(entering(), values).scalar())
    if attempt is None:
        raise _refusal(secret, at)
    return Entered(token, attempt)


def close_opened(registration: Registration) -> None:
    """End what the ticket of a registration has opened: another one was issued."""
    opened = select(Attempt.code).where(Attempt.registration_id == registration.id)
    session.execute(
        update(SignInSession)
        .where(SignInSession.only_code.in_(opened.scalar_subquery()), SignInSession.ended_at.is_(None))
        .values(ended_at=real_now())
        .execution_options(synchronize_session=False)
    )


@cache
def entering() -> Executable:
    """Build the statement of the door: returns the code of the sitting where it opens one.

    The row it writes tells by itself, in the same statement, that the ticket was used: `models.sittings.TICKET_USED`.
    """
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
            bindparam("at", type_=UtcDateTime),
        )
        .select_from(Registration)
        .join(Attempt, Attempt.registration_id == Registration.id)
        .join(ExamSession, ExamSession.id == Registration.session_id)
        .join(Person, Person.id == Registration.person_id)
        .where(
            Registration.ticket_hash == TICKET,
            Registration.withdrawn_at.is_(None),
            Person.erased_at.is_(None),
            ExamSession.opens_at <= bindparam("early", type_=UtcDateTime),
            or_(
                ExamSession.closes_at > bindparam("at", type_=UtcDateTime),
                Attempt.deadline_at >= bindparam("at", type_=UtcDateTime),
                Attempt.paused_at.is_not(None),
                and_(Attempt.started_at.is_(None), Attempt.held_seconds > 0),
                and_(Attempt.started_at.is_not(None), ExamSession.closes_at > bindparam("late", type_=UtcDateTime)),
            ),
        )
    )
    return insert(SESSIONS).from_select(COLUMNS, source, include_defaults=False).returning(SESSIONS.c.only_code)


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
