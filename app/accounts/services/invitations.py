"""Invitations: a link with which a person makes their own account."""

from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import update

from app.accounts.models import Account, Invitation, Person
from app.accounts.queries import account_of
from app.accounts.rules.identity import last_four
from app.accounts.services.documents import documents_of
from app.accounts.services.people import add_account
from app.core import events
from app.core.access import Actor
from app.core.crypto import digest_token, new_token
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.text import _l

OPEN_FOR = timedelta(days=30)


def invite(person: Person, *, by: Actor | None, at: datetime) -> str:
    """Return the token of a new link for a person; earlier links of theirs end.

    `at` is security time. Raises ConflictError where the person has an account already,
    InvalidError where no identity number is known by which they could show who they are.
    """
    if account_of(person.id) is not None:
        raise ConflictError(_l("This person has an account already."))
    if person.identity_sealed is None:
        raise InvalidError(_l("An invitation needs the person's identity number."), field="identity_number")
    session.execute(
        update(Invitation)
        .where(
            Invitation.person_id == person.id,
            Invitation.used_at.is_(None),
            Invitation.ended_at.is_(None),
        )
        .values(ended_at=at)
    )
    token = new_token()
    session.add(
        Invitation(
            token=digest_token(token),
            person_id=person.id,
            invited_by=by.person_id if by else None,
            sent_at=at,
            expires_at=at + OPEN_FOR,
        )
    )
    events.record("accounts.person_invited", Subject("person", person.code), by=by, at=at)
    return token


def check_last_four(invitation: Invitation, typed: str) -> None:
    """Check that whoever holds the link knows a document of the person; raises InvalidError."""
    written = typed.strip().upper().encode()
    if not any(compare_digest(last_four(one.number).encode(), written) for one in documents_of(invitation.person)):
        raise InvalidError(
            _l("These are not the last four characters of the document we know. Compare them with it."),
            field="last_four",
        )


def accept(invitation: Invitation, *, password: str, at: datetime) -> Account:
    """Make the account of an invited person; the link is spent.

    Raises InvalidError for a weak password, ConflictError where the link was used meanwhile.
    """
    spent = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.used_at.is_(None))
        .values(used_at=at)
        .returning(Invitation.id)
    ).first()
    if spent is None:
        raise ConflictError(_l("This invitation was used already. Sign in with your password."))
    return add_account(invitation.person, password, at=at)
