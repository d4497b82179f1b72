"""The budget of guesses of one source, kept in the table of tries; times are security time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from app.accounts.models import Throttle
from app.core.db import session
from app.core.errors import TooManyError
from app.core.text import _l
from app.credentials.rules import guessing
from app.credentials.rules.guessing import FREE_GUESSES


@dataclass(frozen=True, slots=True)
class Source:
    """Where guesses come from: the door, the digest of who or from where, and how many are free."""

    door: str
    key: bytes
    free: int = FREE_GUESSES


def refuse_closed(source: Source, *, real: datetime) -> None:
    """Raise TooManyError while the budget of a source is spent, whatever it asks: hits would tell misses apart."""
    row = session.scalar(_row(source))
    if row is not None:
        _refuse(guessing.level(row.failures, row.last_at, real), source.free)


def _row(source: Source) -> Select[Throttle]:
    return select(Throttle).where(Throttle.door == source.door, Throttle.key == source.key)


def charge(source: Source, cost: int, *, real: datetime) -> bool:
    """Spend guesses; return whether the budget held. An overdrawn one is spent whole, and its answers are not given."""
    if not cost:
        return True
    row = session.scalar(_row(source).with_for_update())
    if row is None:
        row = Throttle(door=source.door, key=source.key, failures=0, last_at=real)
        session.add(row)
    spent = guessing.level(row.failures, row.last_at, real)
    held = spent + cost <= source.free
    row.failures = min(spent + cost, source.free)
    row.last_at = real
    session.flush()
    return held


def overdrawn() -> TooManyError:
    """Return the refusal of a list with more unknown numbers than are answered."""
    return TooManyError(
        _l(
            "Too many of these numbers are unknown here, so nothing is answered. Compare them with the certificates "
            "and try again in a few minutes, or sign in."
        )
    )


def _refuse(spent: int, free: int) -> None:
    if guessing.is_closed(spent, free):
        minutes = int(guessing.opens_in(spent, free).total_seconds()) // 60
        raise TooManyError(
            _l(
                "Too many unknown numbers were asked for from here. Try again in %(minutes)s minutes, or sign in: "
                "employers check their lists at any time.",
                minutes=max(minutes, 1),
            )
        )
