"""Chinese working days: the kept calendar of holidays and make-up days, then what authorities published since."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import chinese_calendar
from chinese_calendar.constants import holidays, workdays
from sqlalchemy import Boolean, Date, Integer, cast, null, select, union_all
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Instant, Name, Short
from app.core.db import Base, session

LAST_KNOWN_YEAR = max(day.year for day in (*holidays, *workdays))
SATURDAY = 5


class CalendarOverride(Base):
    """A day that an authority declared working or free after the kept calendar was made."""

    __tablename__ = "calendar_override"

    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    source: Mapped[Name]


class CalendarYear(Base):
    """A year whose holidays an authority published: by which notice, and whether that is a sample and binds nobody.

    It is counted by weekends and its overrides alone, whatever the kept calendar says of it.
    """

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    source: Mapped[Name]
    notice: Mapped[Short]
    sample: Mapped[bool]
    entered_at: Mapped[Instant]


class Deadline(NamedTuple):
    """A counted day; `provisional` where the holidays of a year it runs through are not published yet."""

    day: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Published:
    """What authorities published after the kept calendar was made: days to whether they are worked, and whole years."""

    days: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def covers(self, year: int) -> bool:
        """Tell whether the holidays of a year are known."""
        return year <= LAST_KNOWN_YEAR or year in self.years


def published() -> Published:
    """Read the overrides and the years that were entered, in one statement."""
    days = select(CalendarOverride.day, CalendarOverride.working, cast(null(), Integer).label("year"))
    years = select(cast(null(), Date), cast(null(), Boolean), CalendarYear.year)
    rows = session.execute(union_all(days, years)).all()
    return Published(
        {row.day: row.working for row in rows if row.day is not None},
        frozenset(row.year for row in rows if row.year is not None),
    )


def kept_days(year: int) -> dict[date, bool]:
    """Return the days of a year that the kept calendar has free or worked against the usual week."""
    listed = [(day, False) for day in holidays] + [(day, True) for day in workdays]
    return {day: working for day, working in listed if day.year == year}


def is_working_day(day: date, known: Published) -> bool:
    """Tell whether offices work on a day; a year that was entered or is not known yet is weekends plus overrides."""
    if day in known.days:
        return known.days[day]
    if day.year in known.years or day.year > LAST_KNOWN_YEAR:
        return day.weekday() < SATURDAY
    return bool(chinese_calendar.is_workday(day))


def add_working_days(start: date, count: int, known: Published) -> Deadline:
    """Return the last of `count` working days, the day after `start` being the first."""
    day = start
    left = count
    while left > 0:
        day += timedelta(days=1)
        left -= is_working_day(day, known)
    through = range(start.year, day.year + 1)
    return Deadline(day, provisional=not all(known.covers(year) for year in through))


def working_days_between(start: date, end: date, known: Published) -> int:
    """Count the working days after `start` up to and including `end`."""
    span = (end - start).days
    return sum(is_working_day(start + timedelta(days=n), known) for n in range(1, span + 1))
