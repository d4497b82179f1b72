"""Who knocks: tries are counted before they are heard, one-time codes are spent once."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update

from app.accounts.models import Account, Throttle
from app.accounts.rules import slowing, totp
from app.accounts.services.people import set_totp_secret, totp_secret
from app.core.db import session
from app.core.errors import InvalidError, Text, TooManyError
from app.core.text import _l


def key_of(*parts: str) -> bytes:
    """Return the 32 bytes under which the tries of someone from somewhere are counted."""
    return sha256("\0".join(parts).encode()).digest()


def _closed(seconds: int) -> Text:
    return _l(
        "Too many wrong tries from here. Try again in %(seconds)d seconds, or sign in from another device.",
        seconds=seconds,
    )


def knock(
    door: str,
    key: bytes,
    *,
    at: datetime,
    free: int = slowing.FREE_TRIES,
    unit: timedelta = slowing.SECOND,
    said: Callable[[int], Text] = _closed,
) -> None:
    """Count a try at a door before it is heard, so that tries at the same time count too.

    `unit` is what waiting doubles from, `said` words the refusal with the seconds to wait. A right answer calls
    `forgive`. Raises TooManyError with the waiting time while the door is
    closed; a closed door does not count, so waiting always helps.
    """
    row = session.scalar(select(Throttle).where(Throttle.door == door, Throttle.key == key).with_for_update())
    if row is None:
        session.add(Throttle(door=door, key=key, failures=1, last_at=at))
        session.flush()
        return
    if slowing.is_forgotten(row.last_at, at):
        row.failures = 0
    wait = (slowing.opens_at(row.failures, row.last_at, free, unit) - at).total_seconds()
    if wait > 0:
        raise TooManyError(said(int(wait) + 1))
    row.failures += 1
    row.last_at = at
    session.flush()


def knock_from(door: str, key: bytes, *, at: datetime) -> None:
    """Count a try from an address, whoever is named, before it is heard.

    It drains away, so that an address never waits long, however many were wrong there. Raises TooManyError.
    """
    row = session.scalar(select(Throttle).where(Throttle.door == door, Throttle.key == key).with_for_update())
    if row is None:
        session.add(Throttle(door=door, key=key, failures=1, last_at=at))
        session.flush()
        return
    left, since = slowing.drained(row.failures, row.last_at, at)
    if left >= slowing.SOURCE_TRIES:
        raise TooManyError(_closed(int((since + slowing.DRAIN - at).total_seconds()) + 1))
    row.failures, row.last_at = left + 1, since
    session.flush()


def take_back(door: str, key: bytes) -> None:
    """Count a try from an address no more: it was right."""
    one = (Throttle.door == door) & (Throttle.key == key)
    session.execute(update(Throttle).where(one).values(failures=Throttle.failures - 1))
    session.execute(delete(Throttle).where(one, Throttle.failures <= 0))


def forgive(door: str, key: bytes) -> None:
    """Forget the tries of someone who has shown who they are."""
    session.execute(delete(Throttle).where(Throttle.door == door, Throttle.key == key))


def forget_old_tries(*, at: datetime) -> int:
    """Delete the tries that no longer count, so that guessers do not fill the table; return how many."""
    old = delete(Throttle).where(Throttle.last_at < at - slowing.FORGOTTEN_AFTER)
    return len(session.execute(old.returning(Throttle.id)).all())


def check_code(account: Account, code: str, *, at: datetime) -> None:
    """Spend a one-time code at an instant of security time.

    Raises InvalidError where it is wrong or its step was used already, even by a try at the same
    time: the statement that spends it compares and sets at once.
    """
    step = _step_of(totp_secret(account), code, at)
    spent = session.execute(
        update(Account)
        .where(Account.id == account.id, Account.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(Account.id)
    ).first()
    if spent is None:
        raise InvalidError(_l("This code was used already. Wait until your app shows the next one."), field="code")


def set_up_code(account: Account, secret: str, code: str, *, at: datetime) -> None:
    """Set up a second factor once its first code is right; raises InvalidError otherwise."""
    set_totp_secret(account, secret, _step_of(secret, code, at), at=at)


def _step_of(secret: str | None, code: str, at: datetime) -> int:
    step = totp.matching_step(secret, code, at) if secret else None
    if step is None:
        raise InvalidError(
            _l("This code is not right. Check the time of your device and enter the code shown now."),
            field="code",
        )
    return step
