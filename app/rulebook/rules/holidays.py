"""The holidays of a year as a notice lists them: what a row says and what is wrong with it; pure functions."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from app.accounts.rules.roster import Problem
from app.core.errors import InvalidError
from app.core.tables import Limits, columns_of, is_empty, picked, rows_of, written
from app.core.text import _l

MOST_ROWS = 366
NEEDED = ("day", "work")
DAY = re.compile(r"(\d{4})(?:[-/.年]?)(\d{1,2})(?:[-/.月]?)(\d{1,2})日?", re.ASCII)

# zh: the headings and words of lists made from 国务院办公厅关于部分节假日安排的通知
HEADINGS = {"day": ("日期", "日子", "day", "date"), "work": ("安排", "放假或上班", "类型", "work", "kind")}
WORDS = {
    "放假": False,
    "休息": False,
    "休": False,
    "free": False,
    "holiday": False,
    "上班": True,
    "调休上班": True,
    "班": True,
    "working": True,
    "work": True,
}
SENTENCES = {
    "day_form": _l("“%(said)s” is no day. Write it as 2027-02-06."),
    "day_year": _l("%(day)s lies in another year than %(year)s. Take the row out, or load it with its own year."),
    "day_twice": _l("The same day stands in row %(line)s. Keep one of the two rows."),
    "work_form": _l("“%(said)s” says neither free nor working. Write free (放假) or working (上班)."),
}


@dataclass(frozen=True, slots=True)
class DayLine:
    """One row of a list as written."""

    line: int
    day: str
    work: str


def read(data: bytes) -> list[DayLine]:
    """Return the rows of a list of days; raises InvalidError for the field `file` saying what to change."""
    rows = rows_of(data, Limits(MOST_ROWS))
    missing = _l("No row of headings was found. The columns day (日期) and work (安排) are needed.")
    columns = columns_of(rows, HEADINGS, NEEDED, missing)
    lines = []
    for number, cells in rows:
        if not is_empty(cells):
            said = {field: written(cell) for field, cell in picked(cells, columns).items()}
            lines.append(DayLine(number, **said))
    if not lines:
        raise InvalidError(_l("The file holds headings but no rows. Enter one day a row."), field="file")
    if len(lines) > MOST_ROWS:
        raise InvalidError(_l("The file has more rows than a year has days."), field="file")
    return lines


def day_of(said: str) -> date | None:
    """Return the day that a cell says, None where it says none."""
    found = DAY.fullmatch(said)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def works(said: str) -> bool | None:
    """Return whether a cell says that offices work, None where it says neither."""
    return WORDS.get(said.lower())


def problems(lines: Iterable[DayLine], year: int) -> Iterator[tuple[DayLine, list[Problem]]]:
    """Yield the rows that cannot be taken over and why; a free day on a weekend is none of them."""
    first: dict[date, int] = {}
    for line in lines:
        found = list(_of_day(line, year, first))
        if works(line.work) is None:
            found.append(Problem("work", "work_form", {"said": line.work[:20]}))
        if found:
            yield line, found


def _of_day(line: DayLine, year: int, first: dict[date, int]) -> Iterator[Problem]:
    day = day_of(line.day)
    if day is None:
        yield Problem("day", "day_form", {"said": line.day[:20]})
        return
    if day.year != year:
        yield Problem("day", "day_year", {"day": day.isoformat(), "year": year})
    earlier = first.setdefault(day, line.line)
    if earlier != line.line:
        yield Problem("day", "day_twice", {"line": earlier})


class Span(NamedTuple):
    """Days in a row that are free or worked against the usual week."""

    first: date
    last: date
    working: bool

    @property
    def days(self) -> int:
        """Return how many days it has."""
        return (self.last - self.first).days + 1


def spans(days: Mapping[date, bool]) -> list[Span]:
    """Put days in a row together, the earliest first."""
    found: list[Span] = []
    for day, working in sorted(days.items()):
        if found and found[-1].working is working and day - found[-1].last == timedelta(days=1):
            found[-1] = found[-1]._replace(last=day)
        else:
            found.append(Span(day, day, working))
    return found
