"""A forgotten password: a link by mail or a code by short message; every answer looks alike for strangers."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import delete, func, select, update

from app.accounts.models import Account, PasswordReset
from app.accounts.queries import EMAIL, PHONE, account_of
from app.accounts.services.contacts import rests
from app.accounts.services.passwords import NewPassword, replace_password
from app.accounts.services.people import open_field
from app.accounts.services.sessions import end_all_sessions
from app.accounts.states import ResetWay
from app.core import events
from app.core.crypto import blind_index, digest_token, new_token
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.text import _l

OPEN_FOR = timedelta(minutes=15)
LETTER_EVERY = timedelta(minutes=2)
KEPT_FOR = timedelta(days=1)
TRIES = 5
DIGITS = 6
PURPOSE = "password_reset.code"


@dataclass(frozen=True, slots=True)
class Sealed:
    """What leaves for a person: by which way, to which address, with which secret."""

    code: str
    way: ResetWay
    account: Account
    to: str
    secret: str


def ask_reset(account: Account | None, way: ResetWay, *, at: datetime) -> PasswordReset:
    """Note a wish to reset, of an account or of nobody: the same statements run for both.

    `at` is security time. The secret is made later, when the message leaves.
    """
    row = PasswordReset(person_id=account.person_id if account else None, way=way, asked_at=at)
    session.add(row)
    session.flush()
    events.record("accounts.reset_asked", Subject("reset", row.code), by=None, at=at, data={"way": str(way)})
    return row


def seal_reset(code: str, *, at: datetime) -> Sealed | None:
    """Make the secret of a reset that was asked for and return what to send; None where nothing leaves.

    Nothing leaves for nobody, for a person without such an address or whose address an officer has set lately, and
    within two minutes of another message that still works. A second try makes a new secret and the one before opens
    nothing.
    """
    row = session.scalar(select(PasswordReset).where(PasswordReset.code == code).with_for_update())
    account = account_of(row.person_id) if row and row.person_id else None
    if row is None or account is None or row.used_at or row.ended_at or _sent_lately(row, at):
        return None
    to = open_field(account.person, EMAIL if row.way is ResetWay.MAIL else PHONE)
    if to is None or rests(account.person_id, row.way, at):
        return None
    secret = new_token() if row.way is ResetWay.MAIL else f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row.secret = digest_token(secret) if row.way is ResetWay.MAIL else _code_digest(row, secret)
    row.expires_at = at + OPEN_FOR
    session.flush()
    return Sealed(row.code, row.way, account, to, secret)


def _sent_lately(row: PasswordReset, at: datetime) -> bool:
    query = select(func.count()).where(
        PasswordReset.person_id == row.person_id,
        PasswordReset.id != row.id,
        PasswordReset.way == row.way,
        PasswordReset.used_at.is_(None),
        PasswordReset.ended_at.is_(None),
        PasswordReset.expires_at > at + OPEN_FOR - LETTER_EVERY,
    )
    return bool(session.scalar(query.select_from(PasswordReset)))


def count_code_try(code: str) -> None:
    """Count a try at the code of a short message before it is heard; after five the reset ends.

    Raises InvalidError where no try is left.
    """
    counted = session.execute(
        update(PasswordReset)
        .where(PasswordReset.code == code, PasswordReset.tries < TRIES)
        .values(tries=PasswordReset.tries + 1)
        .returning(PasswordReset.id)
    ).first()
    if counted is None:
        raise InvalidError(_l("This code was tried too often. Ask for a new one."), field="code")


def check_reset_code(row: PasswordReset | None, typed: str) -> PasswordReset:
    """Return the reset whose message held the code; raises InvalidError with one sentence for every wrong one."""
    expected = row.secret if row and row.way is ResetWay.SMS else None
    if row is None or expected is None or not compare_digest(expected, _code_digest(row, typed.strip())):
        raise InvalidError(
            _l("This code is not right or has run out. Compare it with the message, or ask for a new one."),
            field="code",
        )
    return row


def finish_reset(row: PasswordReset, new: NewPassword, *, at: datetime) -> Account:
    """Set the new password of a reset and end every session of the person; the secret is spent.

    Raises ConflictError where it was spent meanwhile.
    """
    spent = session.execute(
        update(PasswordReset)
        .where(PasswordReset.id == row.id, PasswordReset.used_at.is_(None), PasswordReset.ended_at.is_(None))
        .values(used_at=at)
        .returning(PasswordReset.id)
    ).first()
    account = account_of(row.person_id or 0)
    if spent is None or account is None:
        raise ConflictError(_l("This link was used already. Sign in with your new password."))
    replace_password(account, new, at=at)
    end_all_sessions(account.person, by=None, at=at)
    events.record("accounts.password_reset", Subject("person", account.person.code), by=None, at=at)
    return account


def forget_old_resets(*, at: datetime) -> int:
    """Delete resets that ran out a day ago; return how many."""
    old = delete(PasswordReset).where(PasswordReset.asked_at < at - KEPT_FOR)
    return len(session.execute(old.returning(PasswordReset.id)).all())


def _code_digest(row: PasswordReset, digits: str) -> bytes:
    """Return the digest of six digits under a key of the house: without it, a million guesses would tell them."""
    return blind_index(f"{row.code}:{digits}", PURPOSE)
