"""Leads and complaints without a name are slowed by where they come from; the trace tells nobody who gave them."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from app.accounts import services as accounts
from app.accounts.rules.networks import source_of
from app.cases.models import Case
from app.cases.rules import leads
from app.cases.states import Protection
from app.core.crypto import blind_index
from app.core.db import session
from app.core.errors import Text
from app.core.text import _l

DOOR = "lead"


def count_lead(address: str, *, on: datetime, at: datetime) -> None:
    """Count a lead before it is kept; `on` is domain time, `at` security time. Raises TooManyError with the wait.

    The address is kept for an hour, as an index that opens with the key of the house only and names no case.
    """
    count_at(DOOR, address, at=at, free=leads.free_leads(_heard_since(on - leads.HOUR)))


def count_at(door: str, address: str, *, at: datetime, free: int = leads.FREE) -> None:
    """Count a try at a door by the place it came from; raises TooManyError with the wait."""
    key = blind_index(source_of(address), door)
    accounts.knock(door, key, at=at, free=free, unit=leads.UNIT, said=_later if door == DOOR else _wrong)


def _heard_since(since: datetime) -> int:
    few = (
        select(Case.id)
        .where(Case.protection == Protection.ANONYMOUS, Case.drafted_at > since)
        .limit(leads.MOST_AN_HOUR)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(few)) or 0


def _minutes(seconds: int) -> int:
    return -(-timedelta(seconds=seconds - 1) // leads.UNIT) or 1


def _later(seconds: int) -> Text:
    return _l(
        "Several leads or complaints came from your connection. Send yours in %(minutes)d minutes; what you typed "
        "stays here. Or take one of the other ways below, which stay open.",
        minutes=_minutes(seconds),
    )


def _wrong(seconds: int) -> Text:
    return _l(
        "Wrong secrets came from your connection several times. Try again in %(minutes)d minutes.",
        minutes=_minutes(seconds),
    )
