"""Reads of what guards an account: second factors, past passwords, resets."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from app.accounts.models import Account, Passkey, PasswordReset, PastPassword, RecoveryCode
from app.accounts.rules.profiles import Profile, profile
from app.core.config import settings
from app.core.crypto import digest_token
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


def profile_in_force() -> Profile:
    """Return the password profile that PASSWORD_PROFILE names."""
    return profile(settings().password_profile)


class Guard(NamedTuple):
    """What guards an account: how many passkeys and unused recovery codes, since when the password holds."""

    passkeys: int
    codes_left: int
    replaced_at: datetime | None


def guard_of(person_id: int) -> Guard:
    """Return what guards the account of a person, in one statement."""
    unused = (RecoveryCode.used_at.is_(None), RecoveryCode.ended_at.is_(None))
    parts = (
        select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id),
        select(func.count()).select_from(RecoveryCode).where(RecoveryCode.person_id == person_id, *unused),
        select(func.max(PastPassword.replaced_at)).where(PastPassword.person_id == person_id),
    )
    return Guard(*session.execute(select(*(part.scalar_subquery() for part in parts))).one())


def password_is_due(person_id: int, at: datetime) -> bool:
    """Tell whether the profile in force asks a person to change their password now, in at most two statements."""
    in_force = profile_in_force()
    if not in_force.days:
        return False
    account = session.scalar(select(Account).where(Account.person_id == person_id))
    return account is not None and in_force.is_due(password_since(account), at)


def passkeys_of(person_id: int) -> list[Passkey]:
    """Return the passkeys of a person, the oldest first."""
    return list(session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)))


def own_passkey(code: str, person_id: int) -> Passkey:
    """Return one of a person's own passkeys; raises NotFoundError for those of others."""
    found = session.scalar(select(Passkey).where(Passkey.code == code, Passkey.person_id == person_id))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def has_second_factor(account: Account) -> bool:
    """Tell whether an account has an authenticator app or a passkey."""
    return account.totp_sealed is not None or bool(passkeys_of(account.person_id))


def recovery_codes_left(person_id: int) -> int:
    """Return how many recovery codes of a person still open the second step."""
    query = select(func.count()).where(
        RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None), RecoveryCode.ended_at.is_(None)
    )
    return session.scalar(query.select_from(RecoveryCode)) or 0


def past_hashes(account: Account) -> list[str]:
    """Return the hashes that a new password of an account may not match: the present one and those before it."""
    query = select(PastPassword.password_hash).where(PastPassword.person_id == account.person_id)
    newest = query.order_by(PastPassword.id.desc()).limit(profile_in_force().history - 1)
    return [account.password_hash, *session.scalars(newest)]


def password_since(account: Account) -> datetime:
    """Return since when the present password of an account is in use."""
    query = select(func.max(PastPassword.replaced_at)).where(PastPassword.person_id == account.person_id)
    return session.scalar(query) or account.created_at


def reset_by_link(token: str, at: datetime) -> PasswordReset:
    """Return the open reset of a mail's link; raises NotFoundError."""
    query = select(PasswordReset).where(PasswordReset.secret == digest_token(token), *_open(at))
    found = session.scalar(query)
    if found is None:
        raise gone()
    return found


def gone() -> NotFoundError:
    """Return the refusal of a link that opens nothing."""
    return NotFoundError(_l("This link was used already or has run out. Ask for a new one on the sign-in page."))


def reset_by_code(code: str, at: datetime) -> PasswordReset | None:
    """Return the open reset with an outside code, None where it has run out or its message did not leave yet."""
    return session.scalar(select(PasswordReset).where(PasswordReset.code == code, *_open(at)))


def _open(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (PasswordReset.used_at.is_(None), PasswordReset.ended_at.is_(None), PasswordReset.expires_at > at)
