"""Chinese working days: the kept calendar of holidays and make-up days, then our overrides."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

import chinese_calendar
from chinese_calendar.constants import holidays, workdays
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Name
from app.core.db import Base, session

LAST_KNOWN_YEAR = max(day.year for day in (*holidays, *workdays))
SATURDAY = 5


class CalendarOverride(Base):
    """A day that an authority declared working or free after the kept calendar was made."""

    __tablename__ = "calendar_override"

    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    source: Mapped[Name]


class Deadline(NamedTuple):
    """A counted day; `provisional` where the holidays of its year are not published yet."""

    day: date
    provisional: bool


def overrides() -> dict[date, bool]:
    """Read the override table: day to whether it is a working day."""
    rows = session.execute(select(CalendarOverride.day, CalendarOverride.working))
    return dict(rows.all())


def is_working_day(day: date, changed: Mapping[date, bool]) -> bool:
    """Tell whether offices work on a day; later years are weekends plus overrides."""
    if day in changed:
        return changed[day]
    if day.year > LAST_KNOWN_YEAR:
        return day.weekday() < SATURDAY
    return bool(chinese_calendar.is_workday(day))


def add_working_days(start: date, count: int, changed: Mapping[date, bool]) -> Deadline:
    """Return the last of `count` working days, the day after `start` being the first."""
    day = start
    left = count
    while left > 0:
        day += timedelta(days=1)
        left -= is_working_day(day, changed)
    return Deadline(day, provisional=day.year > LAST_KNOWN_YEAR)


def working_days_between(start: date, end: date, changed: Mapping[date, bool]) -> int:
    """Count the working days after `start` up to and including `end`."""
    span = (end - start).days
    return sum(is_working_day(start + timedelta(days=n), changed) for n in range(1, span + 1))
