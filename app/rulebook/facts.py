"""Typed, dated facts that criteria may name; rooms declare them and give them for many subjects at once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeAlias

from app.core.errors import Text
from app.core.text import _l

NAME = re.compile(r"(?P<base>[a-z_]+(?:\.[a-z_]+)+)(?:\[(?P<parameter>[a-z0-9_-]{1,40})\])?")
Value: TypeAlias = Decimal | date | str | bool


class FactType(StrEnum):
    """What kind of value a fact has; numbers of every kind are exact decimals, money is in yuan."""

    NUMBER = "number"
    DECIMAL = "decimal"
    MONEY = "money"
    COUNT = "count"
    DATE = "date"
    TEXT = "text"
    FLAG = "flag"
    CHOICE = "choice"


NUMBERS = frozenset({FactType.NUMBER, FactType.DECIMAL, FactType.MONEY, FactType.COUNT})
WHOLE = frozenset({FactType.NUMBER, FactType.COUNT})
WORDS = frozenset({FactType.TEXT, FactType.CHOICE})
TYPE_LABELS: Mapping[FactType, Text] = {
    FactType.NUMBER: _l("whole number"),
    FactType.DECIMAL: _l("decimal number"),
    FactType.MONEY: _l("amount in yuan"),
    FactType.COUNT: _l("count"),
    FactType.DATE: _l("day"),
    FactType.TEXT: _l("text"),
    FactType.FLAG: _l("yes or no"),
    FactType.CHOICE: _l("choice"),
}


@dataclass(frozen=True, slots=True)
class FactKind:
    """A fact that criteria may name, such as `hours.module[policy]`.

    `parameter` says what stands in the brackets, empty where there are none; its known values are `parameters`.
    Where it is `of_levels`, it is a level of managers, and the catalogue knows those of published packs, too.
    `label` carries `%(parameter)s` where the fact has one. `computed` says how the room arrives at the value.
    """

    name: str
    label: Text
    type: FactType
    computed: Text
    unit: Text = ""
    parameter: Text = ""
    parameters: Mapping[str, Text] = field(default_factory=dict)
    choices: Mapping[str, Text] = field(default_factory=dict)
    of_levels: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """A known value, the day since which it holds, and the record it was read from."""

    value: Value
    since: date | None = None
    source: str = ""


Facts: TypeAlias = Mapping[str, Fact]
"""What is known of one subject, by full name; a fact that is not in it is unknown."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which facts of which subjects (keys of their table) are asked for, on a day as known at an instant."""

    subjects: Sequence[int]
    names: frozenset[str]
    on: date
    known_at: datetime

    def asks(self, base: str) -> bool:
        """Tell whether any fact of this name, whatever its parameter, is asked for."""
        return any(split(name)[0] == base for name in self.names)


@dataclass(frozen=True, slots=True)
class FactSource:
    """Facts of one room: what the catalogue calls them, their kinds, and what gives them for many subjects at once.

    `give` answers by subject and full name and leaves out what is not known; it sends a number of statements
    that does not grow with the subjects. It may answer more than was asked. None where the facts come with a request.
    """

    title: Text
    kinds: tuple[FactKind, ...]
    give: Callable[[Question], Mapping[int, Facts]] | None
    subject: str = "person"


@dataclass(frozen=True, slots=True)
class Catalogued:
    """A fact kind, what the catalogue calls it and its like, and whose facts they are."""

    kind: FactKind
    title: Text
    subject: str
    given: bool


Catalogue: TypeAlias = Mapping[str, Catalogued]


def split(name: str) -> tuple[str, str]:
    """Return the name without its brackets and what stands in them; raises ValueError for no name of a fact."""
    found = NAME.fullmatch(name)
    if found is None:
        raise ValueError(_l("“%(name)s” is not the name of a fact", name=name))
    return found["base"], found["parameter"] or ""


def kind_of(name: str, catalogue: Catalogue) -> FactKind:
    """Return the declared kind of a full name.

    Raises ValueError where no room declares the fact, or its brackets are missing or too many.
    """
    base, parameter = split(name)
    found = catalogue.get(base)
    if found is None:
        raise ValueError(_l("no room gives the fact “%(name)s”", name=name))
    if bool(parameter) != bool(found.kind.parameter):
        message = (
            _l("the fact “%(name)s” has nothing in brackets", name=base)
            if parameter
            else _l(
                "the fact “%(name)s” needs its %(parameter)s in brackets", name=base, parameter=found.kind.parameter
            )
        )
        raise ValueError(message)
    if parameter and found.kind.parameters and parameter not in found.kind.parameters:
        allowed = ", ".join(found.kind.parameters)
        raise ValueError(_l("“%(given)s” is not one of %(allowed)s", given=parameter, allowed=allowed))
    return found.kind


def _brackets(kind: FactKind, *, given: bool) -> Text:
    if given:
        return _l("the fact “%(name)s” has nothing in brackets", name=kind.name)
    return _l("the fact “%(name)s” needs its %(parameter)s in brackets", name=kind.name, parameter=kind.parameter)


def label_of(name: str, catalogue: Catalogue) -> str:
    """Return what a fact is called in the reader's language; its bare name where it is no longer declared."""
    base, parameter = split(name)
    found = catalogue.get(base)
    if found is None:
        return name
    shown = found.kind.parameters.get(parameter, parameter)
    return str(found.kind.label) % {"parameter": shown} if parameter else str(found.kind.label)


def read_value(kind: FactKind, given: object) -> Value:
    """Return a written value typed as its fact; raises ValueError saying what it should be."""
    if kind.type is FactType.FLAG:
        return _flag(given)
    if kind.type is FactType.DATE:
        return _day(given)
    if kind.type in NUMBERS:
        return _number(kind, given)
    text = str(given)
    if kind.type is FactType.CHOICE and text not in kind.choices:
        raise ValueError(_l("“%(given)s” is not one of %(allowed)s", given=text, allowed=", ".join(kind.choices)))
    return text


def _flag(given: object) -> bool:
    if isinstance(given, bool):
        return given
    if given in {"true", "false"}:
        return given == "true"
    raise ValueError(_l("must be true or false"))


def _day(given: object) -> date:
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError as error:
        raise ValueError(_l("must be a day such as 2026-11-23")) from error


def _number(kind: FactKind, given: object) -> Decimal:
    try:
        number = Decimal(str(given))
    except InvalidOperation as error:
        raise ValueError(_l("must be a number")) from error
    if isinstance(given, bool) or not number.is_finite():
        raise ValueError(_l("must be a number"))
    if kind.type in WHOLE and number != number.to_integral_value():
        raise ValueError(_l("must be a whole number"))
    return number


def written(value: Value) -> str:
    """Return a value as it is stored and compared: digits, an ISO day, true or false, or the word itself."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


TYPES: Mapping[type, str] = {bool: "flag", Decimal: "decimal", date: "date", str: "text"}
READERS: Mapping[str, Callable[[str], Value]] = {
    "flag": lambda text: text == "true",
    "decimal": Decimal,
    "date": date.fromisoformat,
    "text": str,
}


def to_json(facts: Facts) -> dict[str, Any]:
    """Return facts as a decision stores them: type, value, day and source by name, in the order of the names."""
    return {
        name: {
            "type": TYPES[type(fact.value)],
            "value": written(fact.value),
            "since": fact.since.isoformat() if fact.since else None,
            "source": fact.source,
        }
        for name, fact in sorted(facts.items())
    }


def from_json(data: Mapping[str, Any]) -> dict[str, Fact]:
    """Read stored facts back."""
    return {
        name: Fact(
            READERS[one["type"]](one["value"]),
            date.fromisoformat(one["since"]) if one["since"] else None,
            one["source"],
        )
        for name, one in data.items()
    }
