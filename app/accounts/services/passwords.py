"""A new password: checked and hashed before the transaction, put in its place within it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from app.accounts import security
from app.accounts.models import Account, PasswordReset, PastPassword
from app.accounts.queries import is_staff
from app.accounts.rules import passwords
from app.accounts.services.people import check_for_account
from app.core import clock, events
from app.core.access import Actor
from app.core.db import session
from app.core.events import Subject


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The hash of a password that was found good for an account."""

    password_hash: str


def new_password(account: Account, password: str) -> NewPassword:
    """Check a password against the profile in force and those before it, and hash it; slow, writes nothing.

    Raises InvalidError for the field `password`.
    """
    alone = not security.has_second_factor(account) and not is_staff(account.person_id, clock.today())
    check_for_account(account.person, password, alone=alone)
    passwords.check_history(password, security.past_hashes(account))
    return NewPassword(passwords.hash_password(password))


def change_password(account: Account, new: NewPassword, *, by: Actor, at: datetime) -> None:
    """Replace a person's own password at an instant of security time."""
    replace_password(account, new, at=at)
    events.record("accounts.password_changed", Subject("person", account.person.code), by=by, at=at)


def replace_password(account: Account, new: NewPassword, *, at: datetime) -> None:
    """Put a new password in the place of the present one, which is kept as past; open resets end."""
    session.add(PastPassword(person_id=account.person_id, password_hash=account.password_hash, replaced_at=at))
    account.password_hash = new.password_hash
    open_resets = (
        PasswordReset.person_id == account.person_id,
        PasswordReset.used_at.is_(None),
        PasswordReset.ended_at.is_(None),
    )
    session.execute(update(PasswordReset).where(*open_resets).values(ended_at=at))
    session.flush()
