"""The rule kind `holidays`: how a notice arranges the holidays of a year; pure functions."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from app.core.errors import Text
from app.core.text import LazyString, _l, pick
from app.rulebook.kinds import Label
from app.rulebook.rules.holidays import MOST_ROWS, spans

KIND = "holidays"
Days = Annotated[tuple[date, ...], Field(max_length=MOST_ROWS)]


class YearOfHolidays(BaseModel):
    """The parameters of the kind `holidays`: the days of a year that are free, or worked although it is a weekend.

    A published pack is what working days of its year are counted by (Regulation on public holidays: the General
    Office of the State Council arranges them each year by a notice).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: Annotated[int, Label(_l("Year"))] = Field(ge=2004, le=2100)
    notice: Annotated[str, Label(_l("Number of the notice"))] = Field(min_length=1, max_length=64)
    free: Annotated[
        Days, Label(_l("Free days"), _l("One a line, such as 2027-01-01. Weekends may stand among them."))
    ] = Field(min_length=1)
    working: Annotated[Days, Label(_l("Make-up working days"), _l("Weekends that are worked, one a line."))] = ()

    @field_validator("free", "working")
    @classmethod
    def _once_and_within_the_year(cls, days: tuple[date, ...], given: ValidationInfo) -> tuple[date, ...]:
        year = given.data.get("year")
        for place, day in enumerate(days):
            if year is not None and day.year != year:
                raise ValueError(_l("%(day)s lies in another year than %(year)s", day=day.isoformat(), year=year))
            if day in days[:place]:
                raise ValueError(_l("%(day)s stands there twice", day=day.isoformat()))
        return days

    @model_validator(mode="after")
    def _free_or_working(self) -> "YearOfHolidays":
        both = sorted({*self.free} & {*self.working})
        if both:
            raise ValueError(_l("%(day)s cannot be free and worked", day=both[0].isoformat()))
        return self

    @property
    def days(self) -> dict[date, bool]:
        """Return each day that is arranged, with whether it is worked."""
        return dict.fromkeys(self.free, False) | dict.fromkeys(self.working, True)


def sentences(arranged: YearOfHolidays) -> list[Text]:
    """Say the arrangement in plain sentences, days in a row together."""
    first = _l(
        "Working days of %(year)s are counted by the notice %(notice)s: %(free)s free days, %(working)s make-up days.",
        year=arranged.year,
        notice=arranged.notice,
        free=len(arranged.free),
        working=len(arranged.working),
    )
    return [first, *_stretches(arranged)]


def _stretches(arranged: YearOfHolidays) -> Iterator[Text]:
    for span in spans(arranged.days):
        first, last = _in_words(span.first), _in_words(span.last)
        if span.working:
            yield (
                _l("Worked: %(first)s.", first=first)
                if span.days == 1
                else _l("Worked: %(first)s to %(last)s, %(days)s days.", first=first, last=last, days=span.days)
            )
        elif span.days == 1:
            yield _l("Free: %(first)s.", first=first)
        else:
            yield _l("Free: %(first)s to %(last)s, %(days)s days.", first=first, last=last, days=span.days)


def _in_words(day: date) -> LazyString:
    return LazyString(lambda: pick(f"{day.month}月{day.day}日", f"{day.day} {day:%B}"))  # zh: a day of the year
