"""Second factors beside passkeys: the authenticator app and the recovery codes."""

import secrets
from base64 import b32encode
from datetime import datetime
from hashlib import sha256

from sqlalchemy import update

from app.accounts import security
from app.accounts.models import Account, RecoveryCode
from app.accounts.queries import is_staff
from app.accounts.services.sign_in import set_up_code
from app.core import clock, events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.text import _l

CODES = 10
CODE_BYTES = 10
GROUP = 4


def set_up_app(account: Account, secret: str, code: str, *, at: datetime) -> None:
    """Set up or replace the authenticator app of a person who is signed in and has confirmed it is them.

    `at` is security time. Raises InvalidError where the first code of the new app is wrong.
    """
    set_up_code(account, secret, code, at=at)


def remove_app(account: Account, *, by: Actor, at: datetime) -> None:
    """Take the authenticator app away.

    Raises ConflictError where there is none, and where it is the only factor of a person whose role needs one.
    """
    if account.totp_sealed is None:
        raise ConflictError(_l("There is no authenticator app to remove."))
    if is_staff(account.person_id, clock.today()) and not security.passkeys_of(account.person_id):
        raise ConflictError(_l("Your role needs a second factor. Add a passkey first, then remove the app."))
    account.totp_sealed = None
    session.flush()
    events.record("accounts.second_factor_removed", Subject("person", account.person.code), by=by, at=at)


def make_recovery_codes(account: Account, *, by: Actor, at: datetime) -> list[str]:
    """Return ten new recovery codes, to be shown once; those before end."""
    end_recovery_codes(account.person_id, at=at)
    codes = [_new_code() for _place in range(CODES)]
    session.add_all(RecoveryCode(person_id=account.person_id, digest=_digest(code), made_at=at) for code in codes)
    session.flush()
    subject = Subject("person", account.person.code)
    events.record("accounts.recovery_codes_made", subject, by=by, at=at, data={"count": CODES})
    return codes


def use_recovery_code(account: Account, typed: str, *, at: datetime) -> None:
    """Spend a recovery code; raises InvalidError where it is wrong, used or ended.

    The statement that spends it compares and sets at once, so that two tries at the same time spend it once.
    """
    spent = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == account.person_id,
            RecoveryCode.digest == _digest(typed),
            RecoveryCode.used_at.is_(None),
            RecoveryCode.ended_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.id)
    ).first()
    if spent is None:
        raise InvalidError(
            _l("This recovery code is not right or was used already. Each one opens the door once."), field="code"
        )
    left = security.recovery_codes_left(account.person_id)
    subject = Subject("person", account.person.code)
    events.record("accounts.recovery_code_used", subject, by=None, at=at, data={"left": left})


def end_recovery_codes(person_id: int, *, at: datetime) -> None:
    """Let the recovery codes of a person that are not used yet open nothing any more."""
    session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None), RecoveryCode.ended_at.is_(None))
        .values(ended_at=at)
    )


def reset_factors(account: Account, *, at: datetime) -> None:
    """Take every second factor from an account: app, passkeys, recovery codes; the order's event says by whom."""
    account.totp_sealed = None
    for passkey in security.passkeys_of(account.person_id):
        session.delete(passkey)
    end_recovery_codes(account.person_id, at=at)
    session.flush()


def _new_code() -> str:
    letters = b32encode(secrets.token_bytes(CODE_BYTES)).decode()
    return "-".join(letters[place : place + GROUP] for place in range(0, len(letters), GROUP))


def _digest(typed: str) -> bytes:
    """Return the digest of a code of 80 random bits, however it was typed."""
    letters = "".join(typed.split()).replace("-", "").upper()
    return sha256(letters.encode()).digest()
