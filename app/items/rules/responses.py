"""What a candidate answers, by the type of the item: read from JSON with limits, written back the same.

Shapes: choices `{"choice": ["A", "C"]}`, blanks `{"blanks": ["..", ".."]}`, numeric `{"number": "12.5", "unit": ".."}`,
matching `{"pairs": {"1": "B"}}`, ordering `{"order": ["C", "A", "B"]}`, short answer and essay `{"text": ".."}`, case
`{"parts": [response or null, ...]}`. Other members of the object are left alone. An answer taken back is the empty
shape, such as `{"choice": []}`. Letters are those that the candidate saw.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, ClassVar, TypeAlias

from app.core.errors import InvalidError, Text
from app.core.text import _l
from app.items.states import ItemType

TEXT_LIMIT = 20_000
BLANK_LIMIT = 500
NUMBER_LIMIT = 64
UNIT_LIMIT = 40
PLACES_LIMIT = 40
LETTER = re.compile(r"[A-J]", re.ASCII)
PLACE = re.compile(r"[1-9][0-9]?", re.ASCII)
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What no database keeps as text; no keyboard types it either."""


class BadResponseError(InvalidError):
    """An answer has not the shape of its item's type; `code` says why: `shape`, `letters`, `too_long`, `too_many`."""

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(message, field="response", code=code)


@dataclass(frozen=True, slots=True)
class Choice:
    """The letters chosen."""

    letters: frozenset[str]
    name: ClassVar[str] = "choice"

    def to_json(self) -> dict[str, Any]:
        """Return the shape that is stored."""
        return {"choice": sorted(self.letters)}

    @property
    def answered(self) -> bool:
        """Tell whether anything is answered."""
        return bool(self.letters)


@dataclass(frozen=True, slots=True)
class Blanks:
    """What was written into the gaps, in their order."""

    texts: tuple[str, ...]
    name: ClassVar[str] = "blanks"

    def to_json(self) -> dict[str, Any]:
        """Return the shape that is stored."""
        return {"blanks": list(self.texts)}

    @property
    def answered(self) -> bool:
        """Tell whether anything is answered."""
        return any(text.strip() for text in self.texts)


@dataclass(frozen=True, slots=True)
class NumberGiven:
    """A number as it was typed, and its unit."""

    number: str
    unit: str = ""
    name: ClassVar[str] = "number"

    def to_json(self) -> dict[str, Any]:
        """Return the shape that is stored."""
        return {"number": self.number, "unit": self.unit}

    @property
    def answered(self) -> bool:
        """Tell whether anything is answered."""
        return bool(self.number.strip())


@dataclass(frozen=True, slots=True)
class Pairs:
    """The letters matched to prompts: (number of the prompt from 1, letter), by number."""

    pairs: tuple[tuple[int, str], ...]
    name: ClassVar[str] = "pairs"

    def to_json(self) -> dict[str, Any]:
        """Return the shape that is stored."""
        return {"pairs": {str(prompt): letter for prompt, letter in self.pairs}}

    @property
    def answered(self) -> bool:
        """Tell whether anything is answered."""
        return bool(self.pairs)


@dataclass(frozen=True, slots=True)
class Order:
    """Letters in the order that the candidate gave them."""

    letters: tuple[str, ...]
    name: ClassVar[str] = "order"

    def to_json(self) -> dict[str, Any]:
        """Return the shape that is stored."""
        return {"order": list(self.letters)}

    @property
    def answered(self) -> bool:
        """Tell whether anything is answered."""
        return bool(self.letters)


@dataclass(frozen=True, slots=True)
class Written:
    """A text of one's own."""

    text: str
    name: ClassVar[str] = "text"

    def to_json(self) -> dict[str, Any]:
        """Return the shape that is stored."""
        return {"text": self.text}

    @property
    def answered(self) -> bool:
        """Tell whether anything is answered."""
        return bool(self.text.strip())


@dataclass(frozen=True, slots=True)
class Parts:
    """The answers to the sub-items of a case, None where there is none yet."""

    parts: tuple["Response | None", ...]
    name: ClassVar[str] = "parts"

    def to_json(self) -> dict[str, Any]:
        """Return the shape that is stored."""
        return {"parts": [one.to_json() if one else None for one in self.parts]}

    @property
    def answered(self) -> bool:
        """Tell whether anything is answered."""
        return any(one is not None and one.answered for one in self.parts)


Response: TypeAlias = Choice | Blanks | NumberGiven | Pairs | Order | Written | Parts


def read_response(item_type: ItemType, raw: object) -> Response:
    """Read an answer to an item of a type; raises BadResponseError naming what is wrong with it.

    The sub-answers of a case are read by their own shape, for the place of a paper knows only that it is a case.
    """
    given = _object(raw)
    name = SHAPES[item_type]
    if name not in given:
        raise BadResponseError("shape", _l("An answer to this item needs the field “%(name)s”.", name=name))
    return READERS[name](given)


def _object(raw: object) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise BadResponseError("shape", _l("An answer is a JSON object."))
    return raw


def _list(value: object, limit: int = PLACES_LIMIT) -> Sequence[Any]:
    if not isinstance(value, list):
        raise BadResponseError("shape", _l("The answer needs a list here."))
    if len(value) > limit:
        raise BadResponseError("too_many", _l("The answer has more than %(limit)s entries.", limit=limit))
    return value


def _text(value: object, limit: int) -> str:
    if not isinstance(value, str):
        raise BadResponseError("shape", _l("The answer needs text here."))
    if len(value) > limit:
        raise BadResponseError("too_long", _l("An answer here may have at most %(limit)s characters.", limit=limit))
    return UNSTORABLE.sub("", value)


def _letters(value: object) -> tuple[str, ...]:
    letters = tuple(_letter(one) for one in _list(value))
    if len(set(letters)) != len(letters):
        raise BadResponseError("letters", _l("A letter stands twice in the answer."))
    return letters


def _letter(value: object) -> str:
    if not isinstance(value, str) or not LETTER.fullmatch(value):
        raise BadResponseError("letters", _l("An option is named by one letter from A to J."))
    return value


def _choice(given: Mapping[str, Any]) -> Choice:
    return Choice(frozenset(_letters(given["choice"])))


def _blanks(given: Mapping[str, Any]) -> Blanks:
    return Blanks(tuple(_text(one, BLANK_LIMIT) for one in _list(given["blanks"])))


def _number(given: Mapping[str, Any]) -> NumberGiven:
    return NumberGiven(_text(given["number"], NUMBER_LIMIT), _text(given.get("unit") or "", UNIT_LIMIT))


def _pairs(given: Mapping[str, Any]) -> Pairs:
    listed = _object(given["pairs"])
    if len(listed) > PLACES_LIMIT:
        raise BadResponseError("too_many", _l("The answer has more than %(limit)s entries.", limit=PLACES_LIMIT))
    if not all(PLACE.fullmatch(prompt) for prompt in listed):
        raise BadResponseError("shape", _l("What is matched is named by its number, counted from 1."))
    return Pairs(tuple(sorted((int(prompt), _letter(letter)) for prompt, letter in listed.items() if letter)))


def _order(given: Mapping[str, Any]) -> Order:
    return Order(_letters(given["order"]))


def _written(given: Mapping[str, Any]) -> Written:
    return Written(_text(given["text"], TEXT_LIMIT))


def _parts(given: Mapping[str, Any]) -> Parts:
    return Parts(tuple(None if one is None else _part(_object(one)) for one in _list(given["parts"])))


def _part(given: Mapping[str, Any]) -> Response:
    names = [name for name in PART_SHAPES if name in given]
    if len(names) != 1:
        raise BadResponseError("shape", _l("The answer to a sub-item has exactly one of the known shapes."))
    return READERS[names[0]](given)


READERS: dict[str, Callable[[Mapping[str, Any]], Response]] = {
    "choice": _choice,
    "blanks": _blanks,
    "number": _number,
    "pairs": _pairs,
    "order": _order,
    "text": _written,
    "parts": _parts,
}
PART_SHAPES = [name for name in READERS if name != "parts"]
SHAPES: dict[ItemType, str] = {
    ItemType.SINGLE: "choice",
    ItemType.MULTIPLE: "choice",
    ItemType.TRUE_FALSE: "choice",
    ItemType.BLANK: "blanks",
    ItemType.NUMERIC: "number",
    ItemType.MATCHING: "pairs",
    ItemType.ORDERING: "order",
    ItemType.SHORT_ANSWER: "text",
    ItemType.ESSAY: "text",
    ItemType.CASE: "parts",
}
"""The member by which the answer to each type is known."""


def relabel(response: Response, letters: Mapping[str, str], parts: Sequence[Mapping[str, str]] = ()) -> Response:
    """Turn the letters of an answer, such as those shown into the item's own; letters without a name are dropped.

    `parts` has the letters of each sub-answer of a case; those of a part without any are its own already.
    """
    if isinstance(response, Choice):
        return Choice(frozenset(letters[one] for one in response.letters if one in letters))
    if isinstance(response, Order):
        return Order(tuple(letters[one] for one in response.letters if one in letters))
    if isinstance(response, Pairs):
        return Pairs(tuple((prompt, letters[one]) for prompt, one in response.pairs if one in letters))
    if isinstance(response, Parts):
        named = zip_longest(response.parts, parts[: len(response.parts)], fillvalue=None)
        return Parts(tuple(relabel(one, own) if one is not None and own else one for one, own in named))
    return response
