"""Two clocks: domain time can be set in demo and tests, security time is the real one."""

from datetime import UTC, date, datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from flask import g, has_request_context
from sqlalchemy import BigInteger, CheckConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Instant
from app.core.config import settings
from app.core.db import Base, session
from app.core.errors import ForbiddenError
from app.core.text import _l

SHANGHAI = ZoneInfo("Asia/Shanghai")


class ClockSetting(Base):
    """The one row that moves domain time for all processes of a demo."""

    __tablename__ = "clock_setting"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    offset_seconds: Mapped[int] = mapped_column(BigInteger)
    set_at: Mapped[Instant]


def real_now() -> datetime:
    """Return security time: sign-in, throttles, sealing. Never moved."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return domain time: publicity periods, validity, hours, cycles."""
    return real_now() + _offset()


def today() -> date:
    """Return the domain date in Shanghai."""
    return now().astimezone(SHANGHAI).date()


def day_of(instant: datetime) -> date:
    """Return the Shanghai date of an instant."""
    return instant.astimezone(SHANGHAI).date()


def _offset() -> timedelta:
    if not settings().settable_clock:
        return timedelta(0)
    if has_request_context() and "clock_offset" in g:
        return timedelta(seconds=g.clock_offset)
    seconds = session.scalar(select(ClockSetting.offset_seconds)) or 0
    if has_request_context():
        g.clock_offset = seconds
    return timedelta(seconds=seconds)


def set_clock(instant: datetime) -> None:
    """Move domain time to an instant; runs inside a unit of work.

    Raises ForbiddenError in production.
    """
    if not settings().settable_clock:
        raise ForbiddenError(_l("The clock can be set in a demo only."))
    row = session.get(ClockSetting, 1) or ClockSetting(id=1)
    row.offset_seconds = ceil((instant - real_now()).total_seconds())  # never a moment before it
    row.set_at = real_now()
    session.add(row)
    if has_request_context():
        g.pop("clock_offset", None)
    session.flush()


def clock_was_moved() -> bool:
    """Tell whether a demo left the clock moved; production refuses to start then."""
    return bool(session.scalar(select(ClockSetting.offset_seconds)))
