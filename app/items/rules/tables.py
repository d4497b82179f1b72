"""Items as rows of a table: read under the headings of other systems, written under ours."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import takewhile
from typing import Any

from app.items.rules import cells, headings
from app.items.rules.bodies import Body, FileRef, Part, Question, plain
from app.items.rules.building import build, lettered
from app.items.rules.content import LETTERS, BadItemError, Defaults, ItemContent, Parsed
from app.items.rules.gift import ABSENT, ITEM_LIMIT, NO_DEFAULTS
from app.items.rules.notes import coefficient
from app.items.rules.reasons import because
from app.items.states import CHOICES, WRITTEN, Credit, ItemType

HEADING_ROWS = 10
NEEDED = {"stem", "key"}
METADATA = ("topic", "law", "article", "edition")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet: its place in the file and its cells as text."""

    place: str
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds which field, the headings nobody asked for, and how difficulty is counted."""

    places: dict[str, int]
    ignored: list[str]
    graded: bool = False

    def cell(self, row: Row, name: str) -> str:
        """Return the text of a field in a row, empty where it has none; a lone dash means none."""
        place = self.places.get(name)
        text = row.cells[place].strip() if place is not None and place < len(row.cells) else ""
        return "" if text == ABSENT and name in METADATA else text


def parse(sheets: Iterable[Sequence[Row]], *, unit: str, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read every sheet that has headings; every row comes out as an item or as a failure with its place."""
    found = Parsed(unit=unit)
    headed = False
    for rows in sheets:
        try:
            start, columns = _columns(rows)
        except BadItemError as error:
            found.fail(rows[0].place, error.reason)
            continue
        if columns is None:
            continue
        headed = True
        found.ignored.extend(name for name in columns.ignored if name not in found.ignored)
        _read_rows(rows[start:], columns, defaults, found)
    return found if found.entries else found.fail("1", because("no_items" if headed else "no_header"))


def _columns(rows: Sequence[Row]) -> tuple[int, Columns | None]:
    """Find the headings among the first rows; return where the items start and which column is what."""
    for number, row in enumerate(rows[:HEADING_ROWS], 1):
        named = [headings.FIELDS.get(headings.plain_word(cell)) for cell in row.cells]
        if set(named) >= NEEDED:
            places = _places(named)
            ignored = [cell.strip() for cell, name in zip(row.cells, named, strict=True) if cell.strip() and not name]
            place = places.get("difficulty")
            counted = [one.cells[place] for one in rows[number:] if place is not None and place < len(one.cells)]
            return number, Columns(places, ignored, headings.is_graded(counted))
    return 0, None


def _places(named: Iterable[str | None]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(named):
        if name in places:
            raise BadItemError(because("two_columns", name=headings.HEADINGS[name][0]))
        if name is not None:
            places[name] = place
    return places


def _read_rows(rows: Iterable[Row], columns: Columns, defaults: Defaults, found: Parsed) -> None:
    for first, sub_rows in _cases(rows, columns):
        if len(found.entries) >= ITEM_LIMIT:
            found.fail(first.place, because("many_rows", limit=ITEM_LIMIT))
            return
        place = first.place
        try:
            parts = []
            for row in sub_rows:
                place = row.place
                parts.append(_part(row, columns))
            place = first.place
            found.entries.append(_item(first, columns, defaults, parts))
        except BadItemError as error:
            found.fail(place, error.reason, columns.cell(first, "code")[:64])


def _cases(rows: Iterable[Row], columns: Columns) -> Iterator[tuple[Row, list[Row]]]:
    """Yield each row that is an item of its own, with the rows of its sub-items, which name its code."""
    held: list[tuple[Row, list[Row]]] = []
    by_code: dict[str, list[Row]] = {}
    for row in rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        case = columns.cell(row, "case")
        if case and case in by_code:
            by_code[case].append(row)
            continue
        held.append((row, []))
        by_code[columns.cell(row, "code")] = held[-1][1]
    yield from held


def _part(row: Row, columns: Columns) -> Part:
    """Return a sub-item as building takes it."""
    given = _asked(row, columns)
    points = columns.cell(row, "points")
    return Part(
        given["type"],
        given["stem"],
        lettered(given["options"]),
        frozenset(given["key"]),
        given["body"],
        given["explanation"],
        cells.numbers(points, "")[0].value if points else Decimal(1),
    )


def read_cells(given: Mapping[str, str], *, parts: Sequence[Part] = (), known: Sequence[FileRef] = ()) -> ItemContent:
    """Read an item from the cells of one row by field, with the sub-items and files that it keeps.

    Raises BadItemError with the first rule broken.
    """
    columns = Columns({name: place for place, name in enumerate(given)}, [])
    return _item(Row("1", list(given.values())), columns, NO_DEFAULTS, parts, known=known)


def cells_of(item: ItemContent) -> dict[str, str]:
    """Return an item's own cells by field, without those of its sub-items."""
    return next(_cells([item]))


def _item(
    row: Row, columns: Columns, defaults: Defaults, parts: Sequence[Part], *, known: Sequence[FileRef] = ()
) -> ItemContent:
    asked = _asked(row, columns)
    if parts and asked["type"] is not ItemType.CASE:
        raise BadItemError(because("no_case"))
    if columns.cell(row, "case"):
        raise BadItemError(because("lost_part", code=columns.cell(row, "case")))
    given = {
        **asked,
        "code": columns.cell(row, "code"),
        "body": replace(asked["body"], parts=tuple(parts), files=tuple(known)),
        "module": _word(columns.cell(row, "module"), headings.MODULES_BY_WORD),
        "level": _word(columns.cell(row, "level"), headings.LEVELS_BY_WORD),
        "difficulty": _difficulty(row, columns),
        "read": _read(columns.cell(row, "read")),
        **{name: columns.cell(row, name) for name in METADATA},
    }
    return build(given, place=row.place, defaults=defaults)


def _asked(row: Row, columns: Columns) -> dict[str, Any]:
    """Return type, stem, options, key, body and explanation of a row."""
    written = [columns.cell(row, f"option{letter}") for letter in LETTERS]
    answer = columns.cell(row, "key")
    kind = headings.item_type(columns.cell(row, "type"), answer, written)
    options = _without_tail(written)
    true_false = kind is ItemType.TRUE_FALSE
    chosen = kind in CHOICES
    key = headings.true_false_key(answer, options) if true_false else headings.letters(answer) if chosen else []
    return {
        "type": kind,
        "stem": columns.cell(row, "stem"),
        "options": [] if true_false else options,
        "key": key,
        "explanation": columns.cell(row, "explanation"),
        "body": BODIES[kind](row, columns, answer) if kind in BODIES else Body(),
    }


def _credit(row: Row, columns: Columns) -> Credit | None:
    text = columns.cell(row, "credit")
    found = headings.CREDITS_BY_WORD.get(headings.plain_word(text))
    if text and found is None:
        raise BadItemError(because("credit", credit=text))
    return found


def _multiple(row: Row, columns: Columns, answer: str) -> Body:
    del answer
    return Body(_credit(row, columns))


def _blank(row: Row, columns: Columns, answer: str) -> Body:
    exact = [_read(one) for one in cells.listed(columns.cell(row, "exact"))]
    return Body(_credit(row, columns), blanks=cells.blanks(answer, exact))


def _numeric(row: Row, columns: Columns, answer: str) -> Body:
    return Body(
        numbers=cells.numbers(answer, columns.cell(row, "tolerance")),
        unit=columns.cell(row, "unit"),
        units=cells.units(columns.cell(row, "units")),
        unit_asked=_read(columns.cell(row, "unitasked")),
    )


def _matching(row: Row, columns: Columns, answer: str) -> Body:
    prompts = cells.listed(columns.cell(row, "prompts"))
    return Body(_credit(row, columns), prompts=prompts, pairs=cells.pairs(answer, len(prompts)))


def _ordering(row: Row, columns: Columns, answer: str) -> Body:
    return Body(_credit(row, columns), order=cells.order(answer))


def _written(row: Row, columns: Columns, answer: str) -> Body:
    return Body(reference=answer, rubric=cells.rubric(columns.cell(row, "rubric")))


BODIES: dict[ItemType, Callable[[Row, Columns, str], Body]] = {
    ItemType.MULTIPLE: _multiple,
    ItemType.BLANK: _blank,
    ItemType.NUMERIC: _numeric,
    ItemType.MATCHING: _matching,
    ItemType.ORDERING: _ordering,
    ItemType.SHORT_ANSWER: _written,
    ItemType.ESSAY: _written,
}


def _without_tail(options: list[str]) -> list[str]:
    """Drop the empty cells after the last option; an empty one before it is the author's mistake."""
    empty = sum(1 for _ in takewhile(lambda text: not text, reversed(options)))
    return options[: len(options) - empty]


def _word(text: str, table: dict[str, str]) -> str:
    return table.get(headings.plain_word(text), text) if text else ""


def _difficulty(row: Row, columns: Columns) -> str:
    exact = columns.cell(row, "coefficient")
    return exact or headings.difficulty(columns.cell(row, "difficulty"), graded=columns.graded)


def _read(text: str) -> bool:
    said = headings.truth(text) if text else False
    if said is None:
        raise BadItemError(because("read_mark", value=text))
    return said


def heading_row(items: Sequence[ItemContent]) -> list[str]:
    """Return our headings for a table that fits these items."""
    return [headings.HEADINGS[name][0] for name in _names(items)]


def rows(items: Sequence[ItemContent]) -> Iterator[list[str]]:
    """Write each item as a row under `heading_row`, a case with a row for each sub-item under it."""
    names = _names(items)
    for one in _cells(items):
        yield [one.get(name, "") for name in names]


def _names(items: Sequence[ItemContent]) -> list[str]:
    """Return the fields of the table: the common ones, and those that some item uses."""
    used = {name for one in _cells(items) for name, text in one.items() if text}
    seldom = {"difficulty", *headings.SELDOM, *(f"option{letter}" for letter in LETTERS)}
    return [name for name in headings.HEADINGS if name not in seldom or name in used]


def _cells(items: Iterable[ItemContent]) -> Iterator[dict[str, str]]:
    for item in items:
        yield {
            **_asked_cells(item, item.stem, item.explanation),
            "code": item.code,
            "module": headings.MODULE_WORDS[item.module][0],
            "level": headings.LEVEL_WORDS[item.level][0],
            "coefficient": coefficient(item.difficulty),
            "topic": item.topic,
            "law": item.law,
            "article": item.article,
            "edition": item.edition,
            "read": _word_of(item.source_read),
        }
        for part in item.body.parts:
            yield {
                **_asked_cells(part, part.stem, part.explanation),
                "case": item.code,
                "points": plain(part.weight),
            }


def _word_of(said: bool) -> str:  # noqa: FBT001 - it is what is to be said
    return headings.YES if said else headings.NO


def _asked_cells(asked: Question, stem: str, explanation: str) -> dict[str, str]:
    body = asked.body
    options = {} if asked.type is ItemType.TRUE_FALSE else cells.texts_by_letter(asked.options)
    exact = any(blank.exact for blank in body.blanks)
    return {
        "type": headings.TYPES[asked.type][0],
        "stem": stem,
        **options,
        "key": _key_cell(asked),
        "explanation": explanation,
        "credit": headings.CREDITS[body.credit][0] if body.credit else "",
        "exact": cells.write_list(_word_of(blank.exact) for blank in body.blanks) if exact else "",
        "unit": body.unit,
        "units": cells.write_units(body.units),
        "unitasked": headings.YES if body.unit_asked else "",
        "prompts": cells.write_list(body.prompts),
        "rubric": cells.write_rubric(body.rubric),
    }


def _key_cell(asked: Question) -> str:
    body = asked.body
    if asked.type is ItemType.TRUE_FALSE:
        return headings.TRUE_WORDS[0] if LETTERS[0] in asked.key else headings.FALSE_WORDS[0]
    if asked.type in WRITTEN:
        return body.reference
    said = (cells.write_blanks(body.blanks), cells.write_numbers(body.numbers), cells.write_pairs(body.pairs))
    return "".join((*said, *body.order, *sorted(asked.key)))
