"""Years of holidays as a notice publishes them: entered whole, replaced whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import cast

from sqlalchemy import delete

from app.accounts.rules.roster import Problem
from app.core import events
from app.core.access import Actor
from app.core.calendar import CalendarOverride, CalendarYear
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.rulebook import queries
from app.rulebook.models import RulePack
from app.rulebook.queries.holidays import ENTERED, overrides_of, within
from app.rulebook.rules import holidays as rules
from app.rulebook.rules.holiday_packs import YearOfHolidays
from app.rulebook.rules.holidays import DayLine
from app.rulebook.states import Tag

LONGEST_SOURCE, LONGEST_NOTICE = 200, 64


@dataclass(frozen=True, slots=True)
class Notice:
    """What publishes the holidays of a year: title and number, and whether it is a sample that binds nobody."""

    year: int
    title: str
    number: str
    sample: bool = False


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a list: the days of the year now, or the rows for which nothing of it was taken over."""

    days: Mapping[date, bool] = field(default_factory=dict)
    changed: bool = False
    bad: Sequence[tuple[DayLine, list[Problem]]] = ()


def enter(data: bytes, notice: Notice, *, by: Actor | None, at: datetime) -> Entered:
    """Enter the holidays and make-up days of a year from a list (csv, xlsx), all rows or none.

    What stood for the year is replaced; the same list again changes nothing. Raises InvalidError for a file that is
    no list, and where title or number of the notice is missing.
    """
    _check(notice)
    given = rules.read(data)
    bad = list(rules.problems(given, notice.year))
    if bad:
        return Entered(bad=bad)
    days = {day: bool(rules.works(line.work)) for line in given if (day := rules.day_of(line.day))}
    return _take(notice, days, {"sha256": sha256(data).hexdigest()}, by=by, at=at)


def enter_pack(pack: RulePack, *, by: Actor, at: datetime) -> None:
    """Enter the year of a published pack of the kind `holidays`; what stood for the year is replaced."""
    arranged = cast("YearOfHolidays", queries.params(pack))
    notice = Notice(arranged.year, pack.source["title_zh"], arranged.notice, sample=pack.tag is Tag.SAMPLE)
    _take(notice, arranged.days, {"pack": pack.code}, by=by, at=at)


def _take(notice: Notice, days: Mapping[date, bool], origin: JsonObject, *, by: Actor | None, at: datetime) -> Entered:
    before, stood = overrides_of(notice.year), session.get(CalendarYear, notice.year)
    told = {"source": notice.title, "notice": notice.number, "sample": notice.sample}
    if stood is not None and before == days and all(getattr(stood, name) == one for name, one in told.items()):
        return Entered(days)
    replaced = None if stood is None else {"notice": stood.notice, "days": _said(before)}
    _write(notice, days, told, at=at)
    events.record(
        ENTERED,
        Subject("calendar_year", str(notice.year)),
        by=by,
        at=at,
        rule=notice.number,
        data={**_figures(notice.year, days), **told, "replaced": replaced, **origin},
    )
    return Entered(days, changed=True)


def _check(notice: Notice) -> None:
    if not 0 < len(notice.title) <= LONGEST_SOURCE or not 0 < len(notice.number) <= LONGEST_NOTICE:
        raise InvalidError(
            _l("Give the title of the notice in at most 200 characters, and its number in at most 64 characters.")
        )


def _write(notice: Notice, days: Mapping[date, bool], told: JsonObject, *, at: datetime) -> None:
    session.execute(delete(CalendarOverride).where(within(notice.year)))
    session.merge(CalendarYear(year=notice.year, entered_at=at, **told))
    session.add_all(CalendarOverride(day=day, working=works, source=notice.title) for day, works in days.items())
    session.flush()


def _said(days: Mapping[date, bool]) -> dict[str, bool]:
    return {day.isoformat(): works for day, works in sorted(days.items())}


def _figures(year: int, days: Mapping[date, bool]) -> JsonObject:
    worked = sum(days.values())
    return {"year": year, "free": len(days) - worked, "working": worked}
