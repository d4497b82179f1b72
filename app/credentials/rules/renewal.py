"""Whether a certificate may be renewed on a day, and for which period; terms by kind."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.credentials.states import CertificateKind

ONE_DAY = timedelta(days=1)
LEAP_DAY = (2, 29)


@dataclass(frozen=True, slots=True)
class Terms:
    """For how many years a kind is renewed, and from how many days before its end until how many after it."""

    years: int
    opens: int
    closes: int


# Sample terms: no published rule sets them. A kind that is not listed is not renewed.
TERMS = {CertificateKind.CAPABILITY: Terms(years=3, opens=180, closes=365)}


@dataclass(frozen=True, slots=True)
class Period:
    """A validity by its first and last day."""

    first: date
    last: date


class RenewalError(ValueError):
    """The certificate is not renewed on this day; `code` says why, `on` names the day where one counts."""

    def __init__(self, code: str, on: date | None = None) -> None:
        super().__init__(code, on)
        self.code = code
        self.on = on


def renewed_period(terms: Terms | None, last_day: date | None, today: date) -> Period:
    """Return the period of a renewal asked for on a day.

    Before the end it begins the day after the last one, so that no day is without a certificate and none has two;
    after the end it begins today. Raises RenewalError with `not-renewed`, `no-end`, `too-early` (and from when) or
    `too-late` (and since when).
    """
    if terms is None:
        raise RenewalError("not-renewed")
    if last_day is None:
        raise RenewalError("no-end")
    opens, closes = last_day - timedelta(days=terms.opens), last_day + timedelta(days=terms.closes)
    if today < opens:
        raise RenewalError("too-early", opens)
    if today > closes:
        raise RenewalError("too-late", closes)
    first = last_day + ONE_DAY if today <= last_day else today
    return Period(first, _years_later(first, terms.years) - ONE_DAY)


def _years_later(day: date, years: int) -> date:
    """Return the same day some years later; the first of March where that year has no 29 February."""
    if (day.month, day.day) == LEAP_DAY:
        return date(day.year + years, 3, 1) if not _is_leap(day.year + years) else day.replace(year=day.year + years)
    return day.replace(year=day.year + years)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
