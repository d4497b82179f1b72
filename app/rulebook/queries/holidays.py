"""The calendar that working days are counted with, year by year, as everyone may read it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select

from app.core.access import Actor
from app.core.calendar import LAST_KNOWN_YEAR, CalendarOverride, CalendarYear, kept_days
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.events import Event
from app.core.text import _l
from app.rulebook.models import RulePack
from app.rulebook.queries.packs import visible
from app.rulebook.rules.holidays import Span, spans

ENTERED = "rulebook.year_entered"


@dataclass(frozen=True, slots=True)
class YearShown:
    """A year, the notice by which it was entered if it was, whether its holidays are known, and the unusual days."""

    year: int
    entered: CalendarYear | None
    known: bool
    spans: list[Span]


def within(year: int) -> ColumnElement[bool]:
    """Return the condition that an override lies in a year."""
    return CalendarOverride.day.between(date(year, 1, 1), date(year, 12, 31))


def overrides_of(year: int) -> dict[date, bool]:
    """Return the overrides of a year: day to whether it is worked."""
    query = select(CalendarOverride.day, CalendarOverride.working).where(within(year))
    return {row.day: row.working for row in session.execute(query)}


def years(today: date) -> list[int]:
    """Return the years that are shown, the latest first: last year, this one, the next, and every one entered."""
    around = {today.year - 1, today.year, today.year + 1}
    return sorted(around | set(session.scalars(select(CalendarYear.year))), reverse=True)


def shown(year: int, listed: list[int]) -> YearShown:
    """Return what a year is counted with; raises NotFoundError for one that is not listed."""
    if year not in listed:
        raise NotFoundError(_l("That year is not shown here. Choose one of the list."))
    entered = session.get(CalendarYear, year)
    days = ({} if entered else kept_days(year)) | overrides_of(year)
    return YearShown(year, entered, entered is not None or year <= LAST_KNOWN_YEAR, spans(days))


def pack_of(year: int, actor: Actor | None) -> RulePack | None:
    """Return the pack by which a year stands as it is, None where a list did it or a person may not see the pack."""
    about = (Event.subject_type == "calendar_year", Event.subject_code == str(year), Event.kind == ENTERED)
    data = session.scalar(select(Event.data).where(*about).order_by(Event.id.desc()).limit(1))
    code = (data or {}).get("pack")
    return None if code is None else session.scalar(visible(actor).where(RulePack.code == code))
