"""How instants, days, figures and amounts are written in each language."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.core.text import language

# zh: how each language writes its days and amounts
SHANGHAI = ZoneInfo("Asia/Shanghai")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WAN = Decimal(10_000)
THIN = "\N{THIN SPACE}"
HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
LATIN = "A-Za-z0-9%+@#$&"
BOUNDARY = re.compile(f"(?<=[{HAN}])[ ]?(?=[{LATIN}])|(?<=[{LATIN}])[ ]?(?=[{HAN}])")

Number = int | float | Decimal


def day(value: date | None) -> str:
    """Write a date, or the Shanghai date of an instant: `2026年11月23日`, `23 Nov 2026`."""
    if value is None:
        return ""
    local = _local(value)
    if language() == "zh":
        return f"{local.year}年{local.month}月{local.day}日"
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def when(value: date | None) -> str:
    """Write an instant in Shanghai time to the minute; a plain date is written as a day."""
    if not isinstance(value, datetime):
        return day(value)
    clock = f"{_local(value):%H:%M}"
    return f"{day(value)} {clock}" if language() == "zh" else f"{day(value)}, {clock}"


def until(value: datetime, since: datetime) -> str:
    """Write the end of a span that began at `since`: on the same day its time alone."""
    return f"{_local(value):%H:%M}" if day(since) == day(value) else when(value)


def exact(value: datetime) -> str:
    """Write an instant in Shanghai time to the second, alike in both languages: `2026-03-02 09:05:12`."""
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def _local(value: date) -> date:
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) else value


def number(value: Number | str | None) -> str:
    """Write a figure with grouped thousands; floats keep at most two decimals, text stays."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value:,}"


def decimal(value: Decimal | None) -> str:
    """Write an exact decimal: every digit it has, thousands grouped, never rounded."""
    return "" if value is None else f"{value:,f}"


def percent(value: Number | None, digits: int = 1) -> str:
    """Write a share between 0 and 1 as a percentage with at most `digits` decimals."""
    if value is None:
        return ""
    written = f"{value * 100:.{digits}f}"
    return f"{written.rstrip('0').rstrip('.') if '.' in written else written}%"


def wan(yuan: Decimal | int | None) -> str:
    """Write an amount in yuan: `500.5万元` in Chinese, `CNY 5,005,000` in English."""
    if yuan is None:
        return ""
    if language() == "zh":
        amount = f"{Decimal(yuan) / WAN:,f}"
        return f"{amount.rstrip('0').rstrip('.') if '.' in amount else amount}万元"
    return f"CNY {yuan:,f}" if isinstance(yuan, Decimal) else f"CNY {yuan:,}"


def thin(text: object) -> str:
    """Set a thin space between Han and Latin text; for paper, where the browser's own spacing is missing."""
    return BOUNDARY.sub(THIN, str(text))


FILTERS: dict[str, Callable[..., str]] = {
    "day": day,
    "when": when,
    "until": until,
    "exact": exact,
    "number": number,
    "decimal": decimal,
    "percent": percent,
    "wan": wan,
    "thin": thin,
}
