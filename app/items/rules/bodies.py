"""What an item says beyond stem, options and key: blanks, numbers, pairs, order, rubric, sub-items, files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Protocol

from app.items.models import ItemVersion
from app.items.states import Credit, ItemType

ONE = Decimal(1)
ZERO = Decimal(0)


class Option(NamedTuple):
    """One option: its letter in the file and what it says."""

    key: str
    text: str


class Blank(NamedTuple):
    """A gap of the stem: the answers it accepts; `exact` where capitals, width and spacing count."""

    accepted: tuple[str, ...]
    exact: bool = False


class Number(NamedTuple):
    """A number that is accepted within a tolerance, in the item's own unit; relative ones are a share of the value."""

    value: Decimal
    tolerance: Decimal = ZERO
    relative: bool = False
    share: Decimal = ONE


class Unit(NamedTuple):
    """Another unit that is accepted: one of it is `factor` of the item's own unit."""

    name: str
    factor: Decimal


class Criterion(NamedTuple):
    """A line of a rubric: what is looked at, the points it carries, what earns them."""

    name: str
    points: Decimal
    guidance: str = ""


class FileRef(NamedTuple):
    """A kept file that the texts of an item refer to as `stored:` and its SHA-256 in hexadecimal."""

    sha256: str
    name: str
    media_type: str


class Question(Protocol):
    """What marking and rendering read of an item, or of a sub-item of a case."""

    @property
    def type(self) -> ItemType:
        """How it is answered."""
        ...

    @property
    def options(self) -> tuple[Option, ...]:
        """Its options under their own letters."""
        ...

    @property
    def key(self) -> frozenset[str]:
        """The letters of the right options of a choice."""
        ...

    @property
    def body(self) -> "Body":
        """What other types than choices need."""
        ...


@dataclass(frozen=True, slots=True)
class Body:
    """What the types need beyond stem, options and key; empty for plain choices.

    matching: `pairs` has the letter of the right option for each of `prompts`. ordering: `order` has the letters in
    the right order. numeric: `unit` is its own unit, `units` are others, `unit_asked` whether one must be given.
    short answer and essay: `reference` answer and `rubric`. case: `parts`, the stem being the shared material.
    """

    credit: Credit | None = None
    blanks: tuple[Blank, ...] = ()
    numbers: tuple[Number, ...] = ()
    unit: str = ""
    units: tuple[Unit, ...] = ()
    unit_asked: bool = False
    prompts: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    reference: str = ""
    rubric: tuple[Criterion, ...] = ()
    parts: tuple["Part", ...] = ()
    files: tuple[FileRef, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what a version stores: only what says something, numbers as text."""
        listed = {
            "credit": self.credit.value if self.credit else "",
            "blanks": [{"accepted": list(one.accepted), "exact": one.exact} for one in self.blanks],
            "numbers": [_number_json(one) for one in self.numbers],
            "unit": self.unit,
            "units": [{"name": one.name, "factor": plain(one.factor)} for one in self.units],
            "unit_asked": self.unit_asked,
            "prompts": list(self.prompts),
            "pairs": list(self.pairs),
            "order": list(self.order),
            "reference": self.reference,
            "rubric": [{**one._asdict(), "points": plain(one.points)} for one in self.rubric],
            "parts": [one.to_json() for one in self.parts],
            "files": [one._asdict() for one in self.files],
        }
        return {name: said for name, said in listed.items() if said}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Body":
        """Read a stored body back."""
        return cls(
            credit=Credit(stored["credit"]) if stored.get("credit") else None,
            blanks=tuple(Blank(tuple(one["accepted"]), one["exact"]) for one in stored.get("blanks", ())),
            numbers=tuple(map(_number, stored.get("numbers", ()))),
            unit=stored.get("unit", ""),
            units=tuple(Unit(one["name"], Decimal(one["factor"])) for one in stored.get("units", ())),
            unit_asked=stored.get("unit_asked", False),
            prompts=tuple(stored.get("prompts", ())),
            pairs=tuple(stored.get("pairs", ())),
            order=tuple(stored.get("order", ())),
            reference=stored.get("reference", ""),
            rubric=tuple(map(_criterion, stored.get("rubric", ()))),
            parts=tuple(map(Part.from_json, stored.get("parts", ()))),
            files=tuple(FileRef(**one) for one in stored.get("files", ())),
        )


NO_BODY = Body()


@dataclass(frozen=True, slots=True)
class Part:
    """A sub-item of a case; `weight` is its share of the points against the other sub-items."""

    type: ItemType
    stem: str
    options: tuple[Option, ...] = ()
    key: frozenset[str] = frozenset()
    body: Body = NO_BODY
    explanation: str = ""
    weight: Decimal = ONE

    def to_json(self) -> dict[str, Any]:
        """Return what a version stores of it."""
        return {
            "type": self.type.value,
            "stem": self.stem,
            "options": options_json(self.options),
            "key": sorted(self.key),
            "body": self.body.to_json(),
            "explanation": self.explanation,
            "weight": plain(self.weight),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Part":
        """Read a stored sub-item back."""
        return cls(
            type=ItemType(stored["type"]),
            stem=stored["stem"],
            options=options_of(stored["options"]),
            key=frozenset(stored["key"]),
            body=Body.from_json(stored["body"]),
            explanation=stored["explanation"],
            weight=Decimal(stored["weight"]),
        )


def asked(version: ItemVersion) -> Part:
    """Return what a version asks and how it is marked."""
    return Part(
        version.type,
        version.stem,
        options_of(version.options),
        frozenset(version.key),
        Body.from_json(version.body or {}),
        version.explanation or "",
    )


def options_json(options: Iterable[Option]) -> list[dict[str, str]]:
    """Return what a version stores of options."""
    return [{"key": option.key, "text": option.text} for option in options]


def options_of(stored: Iterable[Mapping[str, str]]) -> tuple[Option, ...]:
    """Read stored options back."""
    return tuple(Option(option["key"], option["text"]) for option in stored)


def plain(value: Decimal) -> str:
    """Write a number without exponent and without zeros that say nothing."""
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _number_json(one: Number) -> dict[str, Any]:
    return {
        "value": plain(one.value),
        "tolerance": plain(one.tolerance),
        "relative": one.relative,
        "share": plain(one.share),
    }


def _number(stored: Mapping[str, Any]) -> Number:
    return Number(
        Decimal(stored["value"]), Decimal(stored["tolerance"]), bool(stored["relative"]), Decimal(stored["share"])
    )


def _criterion(stored: Mapping[str, Any]) -> Criterion:
    return Criterion(stored["name"], Decimal(stored["points"]), stored["guidance"])
