"""Writing an item on a page: which cells of a table row each type asks for, and beside which one a reason belongs."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.items.rules.content import LETTERS
from app.items.rules.reasons import INNER, Reason
from app.items.states import ItemType

OPTIONS = tuple(f"option{letter}" for letter in LETTERS)
OWN: Mapping[ItemType, tuple[str, ...]] = {
    ItemType.SINGLE: (*OPTIONS, "key"),
    ItemType.MULTIPLE: (*OPTIONS, "key", "credit"),
    ItemType.TRUE_FALSE: ("key",),
    ItemType.BLANK: ("key", "exact", "credit"),
    ItemType.NUMERIC: ("key", "tolerance", "unit", "units", "unitasked"),
    ItemType.MATCHING: ("prompts", *OPTIONS, "key", "credit"),
    ItemType.ORDERING: (*OPTIONS, "key", "credit"),
    ItemType.SHORT_ANSWER: ("key", "rubric"),
    ItemType.CASE: (),
    ItemType.ESSAY: ("key", "rubric"),
}
"""The cells that a type has beside stem, explanation and classification."""
CLASSES = ("module", "level", "coefficient", "topic", "law", "article", "edition", "read")
PART_TYPES = tuple(one for one in ItemType if one is not ItemType.CASE)
"""The types that a sub-item of a case may have."""
BESIDE = {
    "stem": "stem",
    "gaps": "stem",
    "formula": "stem",
    "file_missing": "stem",
    "exact_marks": "exact",
    "code": "code",
    "same_content": "stem",
    "no_options": "optionA",
    "module": "module",
    "level": "level",
    "difficulty": "coefficient",
    "read_mark": "read",
    "criterion": "rubric",
    "credit": "credit",
    "units": "units",
    "no_pairs": "prompts",
    "other_wording": "code",
    "retired_code": "code",
}
"""The field beside which a reason is shown; any other belongs to the answer."""
CALLED = {"blanks": "key", "numbers": "key", "reference": "key", "difficulty": "coefficient"}
"""The cells of what reasons call by other names."""
QUOTED = {"formula": "formula", "file_missing": "file", "number": "number", "read_mark": "value"}
"""The parameter that quotes what was written, of reasons that may be about several cells."""


def fields_of(kind: ItemType) -> tuple[str, ...]:
    """Return the cells of a type in the order in which a page asks for them."""
    return ("stem", *OWN[kind], "explanation", *CLASSES)


def part_fields_of(kind: ItemType) -> tuple[str, ...]:
    """Return the cells of a sub-item of a type in the order in which a page asks for them."""
    return ("stem", *OWN[kind], "explanation", "points")


class WrittenPart(NamedTuple):
    """A sub-item as its author wrote it: its type and its cells."""

    type: ItemType
    cells: Mapping[str, str]


def part_name(number: int, name: str) -> str:
    """Return what a page calls a cell of a sub-item, by its number from one."""
    return f"part{number}-{name}"


def field_of(reason: Reason, kind: ItemType, cells: Mapping[str, str], parts: Sequence[WrittenPart] = ()) -> str:
    """Return the cell that a reason is about: the one it names, or that holds what it quotes."""
    number = int(reason.params.get("part", 0)) if reason.code == "in_part" else 0
    if not 0 < number <= len(parts):
        return _cell_of(reason, fields_of(kind), cells)
    inner = Reason(reason.params[INNER], reason.params)
    one = parts[number - 1]
    return part_name(number, _cell_of(inner, part_fields_of(one.type), one.cells))


def _cell_of(reason: Reason, fields: Sequence[str], cells: Mapping[str, str]) -> str:
    code, params = reason.code, reason.params
    if code in {"empty_option", "same_options"}:
        return f"option{params.get('key') or params.get('second', 'A')}"
    named = params.get("field", "").removeprefix("field:")
    wanted = CALLED.get(named, named) or BESIDE.get(code, "key")
    quoted = params.get(QUOTED.get(code, ""), "")
    if quoted not in cells.get(wanted, ""):
        wanted = next((name for name in fields if quoted in cells.get(name, "")), wanted)
    return wanted if wanted in fields or wanted == "code" else "stem"
