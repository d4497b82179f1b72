"""Reading what was typed, imported or sent into the fields of a kind; pure functions."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.core.errors import Text
from app.core.text import _l
from app.evidence.rules.fields import FIELDS, Column, Field, FieldType, field_for
from app.evidence.rules.numbers import DIGITAL_INVOICE, INVOICE_CODES, INVOICE_NUMBER, tidy
from app.evidence.states import Kind

LONGEST = 200
LONGEST_NUMBER = 64
MOST_MONEY = Decimal(1000000000000)
MOST_PERCENT = Decimal(100)
MOST_HOURS = Decimal(2000)
PLACES = 2
DAY_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")  # zh: days as offices write them

SENTENCES: dict[str, Text] = {
    "missing": _l("Is missing. Enter it as on the paper."),
    "too_long": _l("Is longer than %(limit)s characters. Shorten it."),
    "not_a_day": _l("Is not a day. Write it such as 2026-11-23."),
    "not_money": _l("Is not an amount in yuan with at most two decimals, such as 500000.00."),
    "not_percent": _l("Is not a share above 0 and up to 100 per cent with at most two decimals."),
    "not_hours": _l("Is not a number of class hours above 0 with at most two decimals."),
    "not_a_choice": _l("Is none of: %(choices)s."),
    "in_future": _l("Lies in the future. Enter it when it has happened."),
    "before_start": _l("Lies before the first day. Compare both days."),
    "code_needed": _l(
        "An invoice whose number has eight digits is known by its code too. Enter the code as on the paper."
    ),
    "code_too_much": _l("A fully digital invoice of twenty digits has no code. Leave it empty."),
    "code_form": _l("An invoice code has ten or twelve digits. Compare it with the paper."),
    "above_whole": _l("Is above the contract amount. Compare both amounts."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field: a reason by its code in SENTENCES, with parameters."""

    field: str
    reason: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        text = str(SENTENCES[self.reason])
        return text % self.params if self.params else text


@dataclass(frozen=True, slots=True)
class Reading:
    """The fields of a kind in their kept form, the columns they fill, and every problem found."""

    details: dict[str, str]
    columns: dict[str, Any]
    problems: tuple[Problem, ...]


def kept(kind: Kind, raw: Mapping[str, Any]) -> dict[str, str]:
    """Return what a draft keeps: the fields of its kind as typed, nothing else."""
    return {one.name: str(raw.get(one.name) or "").strip()[:LONGEST] for one in FIELDS[kind] if raw.get(one.name)}


def read(kind: Kind, raw: Mapping[str, Any], *, today: date) -> Reading:
    """Read the fields of a kind; `today` is the domain day, after which nothing can have happened yet."""
    details: dict[str, str] = {}
    columns: dict[str, Any] = {column.value: None for column in Column}
    problems: list[Problem] = []
    values: dict[str, Any] = {}
    for one in FIELDS[kind]:
        written = str(raw.get(one.name) or "").strip()
        value, problem = _value(one, written)
        if problem:
            problems.append(problem)
        elif value is not None:
            values[one.name] = value
            details[one.name] = _text(value)
            if one.column is not None:
                columns[one.column.value] = value
    problems += _together(kind, values, today)
    columns["title"] = columns["title"] or columns["number"] or ""
    return Reading(details, columns, tuple(problems))


def _value(one: Field, written: str) -> tuple[Any, Problem | None]:
    if not written:
        return None, Problem(one.name, "missing") if one.needed else None
    if len(written) > LONGEST:
        return None, Problem(one.name, "too_long", {"limit": LONGEST})
    return READERS[one.type](one, written)


def _read_text(one: Field, written: str) -> tuple[Any, Problem | None]:
    del one
    return written, None


def _read_number(one: Field, written: str) -> tuple[Any, Problem | None]:
    number = tidy(written)
    if not number:
        return None, Problem(one.name, "missing")
    if len(number) > LONGEST_NUMBER:
        return None, Problem(one.name, "too_long", {"limit": LONGEST_NUMBER})
    return number, None


def _read_day(one: Field, written: str) -> tuple[Any, Problem | None]:
    for form in DAY_FORMS:
        try:
            return datetime.strptime(written.split(" ", maxsplit=1)[0], form).date(), None  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None, Problem(one.name, "not_a_day")


def _decimal(written: str) -> Decimal | None:
    """Return a figure with at most two decimals that is not beyond every limit, None for anything else."""
    try:
        value = Decimal(written.replace(",", "").replace("，", "").rstrip("%％元"))  # zh: marks that people add
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > MOST_MONEY or value != round(value, PLACES):
        return None
    return round(value, PLACES)


def _read_money(one: Field, written: str) -> tuple[Any, Problem | None]:
    value = _decimal(written)
    fits = value is not None and 0 <= value <= MOST_MONEY
    return (value, None) if fits else (None, Problem(one.name, "not_money"))


def _read_percent(one: Field, written: str) -> tuple[Any, Problem | None]:
    value = _decimal(written)
    fits = value is not None and 0 < value <= MOST_PERCENT
    return (value, None) if fits else (None, Problem(one.name, "not_percent"))


def _read_hours(one: Field, written: str) -> tuple[Any, Problem | None]:
    value = _decimal(written)
    fits = value is not None and 0 < value <= MOST_HOURS
    return (value, None) if fits else (None, Problem(one.name, "not_hours"))


def _read_choice(one: Field, written: str) -> tuple[Any, Problem | None]:
    for code, label in one.choices:
        if written.lower() == code or written == str(label):
            return code, None
    return None, Problem(one.name, "not_a_choice", {"choices": ", ".join(str(label) for _code, label in one.choices)})


READERS: dict[FieldType, Callable[[Field, str], tuple[Any, Problem | None]]] = {
    FieldType.TEXT: _read_text,
    FieldType.NUMBER: _read_number,
    FieldType.CREDIT_CODE: _read_number,
    FieldType.DAY: _read_day,
    FieldType.MONEY: _read_money,
    FieldType.PERCENT: _read_percent,
    FieldType.HOURS: _read_hours,
    FieldType.CHOICE: _read_choice,
}
PERIODS = (("signed_on", "ends_on"), ("started_on", "ended_on"))


def _together(kind: Kind, values: Mapping[str, Any], today: date) -> Iterable[Problem]:
    """Return the problems between fields: days in order, none in the future, a part above its whole."""
    happened = field_for(kind, Column.DAY)
    if happened is not None and happened.name in values and values[happened.name] > today:
        yield Problem(happened.name, "in_future")
    for first, last in PERIODS:
        if first in values and last in values and values[last] < values[first]:
            yield Problem(last, "before_start")
    if "technology_amount" in values and "amount" in values and values["technology_amount"] > values["amount"]:
        yield Problem("technology_amount", "above_whole")
    if kind is Kind.INVOICE and "number" in values:
        yield from _of_invoice(values["number"], values.get("invoice_code", ""))


def _of_invoice(number: str, code: str) -> Iterable[Problem]:
    """Return what is wrong with the code of an invoice, which together with the number names it once."""
    if len(number) == DIGITAL_INVOICE and code:
        yield Problem("invoice_code", "code_too_much")
    elif len(number) == INVOICE_NUMBER and not code:
        yield Problem("invoice_code", "code_needed")
    elif code and not (code.isdecimal() and len(code) in INVOICE_CODES):
        yield Problem("invoice_code", "code_form")


def _text(value: Any) -> str:  # noqa: ANN401 - a day, a decimal or text
    return value.isoformat() if isinstance(value, date) else str(value)
