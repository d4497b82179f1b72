"""Items as rows of a table: read under the headings of other systems, written under ours."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from itertools import takewhile
from typing import Any, NamedTuple

from app.items.rules import cells, headings
from app.items.rules.bodies import Blank, Body, Criterion, FileRef, Number, Option, Part, Question, Unit, plain
from app.items.rules.building import build, lettered
from app.items.rules.content import LETTERS, BadItemError, Defaults, ItemContent, Parsed, Refusals, stand_in
from app.items.rules.gift import ABSENT, ITEM_LIMIT, NO_DEFAULTS
from app.items.rules.notes import coefficient
from app.items.rules.reasons import Reason, because, in_part, without
from app.items.rules.texts import STORED
from app.items.rules.words import NATIONAL, ModuleWords, plain_word
from app.items.states import CHOICES, WRITTEN, Credit, ItemType

HEADING_ROWS = 10
NEEDED = {"stem", "key"}
PICTURED = ("stem", "explanation", *(f"option{letter}" for letter in LETTERS))
"""The texts that may show a picture; one that stands on another cell is shown with the stem."""
ONE = Decimal(1)
METADATA = ("topic", "law", "article", "edition")


class Picture(NamedTuple):
    """A picture that stands on a cell of a row, with what it is said to show."""

    column: int
    file: FileRef
    alt: str = ""

    def __str__(self) -> str:
        """Return it as a text shows it."""
        return f"![{self.alt}]({STORED}{self.file.sha256})"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet: its place in the file, its cells as text, the pictures that stand on it.

    `without` is what of the row is no text; `read` has the columns that were asked for.
    """

    place: str
    cells: list[str]
    pictures: Sequence[Picture] = ()
    without: Sequence[Reason] = ()
    read: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds which field, every heading as it stands, and how difficulty is counted."""

    places: dict[str, int]
    headings: Sequence[str] = ()
    graded: bool = False

    @property
    def unknown(self) -> list[tuple[int, str]]:
        """Return the columns whose headings nobody knows."""
        known = set(self.places.values())
        return [
            (place, head) for place, text in enumerate(self.headings) if (head := text.strip()) and place not in known
        ]

    def left(self, row: Row) -> list[Reason]:
        """Return what of a row no field holds; asked once the row has been read."""
        cells = [(place, text.strip()) for place, text in enumerate(row.cells) if place not in row.read]
        return [*row.without, *(without(self._head(place), text) for place, text in cells if text)]

    def _head(self, place: int) -> str:
        head = self.headings[place].strip() if place < len(self.headings) else ""
        return head or "what:cell"

    def cell(self, row: Row, name: str) -> str:
        """Return the text of a field in a row, empty where it has none; a lone dash means none."""
        place = self.places.get(name)
        if place is not None:
            row.read.add(place)
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
            _skip(rows, "what:sheet", found)
            _skip_asides(rows, found)
            continue
        headed = True
        _skip(rows[: start - 1], "what:heading", found)
        _skip_asides([*rows[:start], *(row for row in rows[start:] if _is_blank(row))], found)
        for _place, head in columns.unknown:
            found.skip(rows[start - 1].place, "what:column", head)
        _read_rows(rows[start:], columns, defaults, found)
    return found if found.entries else found.fail("1", because("no_items" if headed else "no_header"))


def _is_blank(row: Row) -> bool:
    return not any(cell.strip() for cell in row.cells)


def _skip(rows: Sequence[Row], what: str, found: Parsed) -> None:
    """Note rows in which no items are looked for, by the first of them."""
    texts = [cell.strip() for row in rows for cell in row.cells if cell.strip()]
    if texts:
        found.skip(rows[0].place, what, " ".join(texts))


def _skip_asides(rows: Sequence[Row], found: Parsed) -> None:
    """Note pictures and what is no text in rows that are no items."""
    for row in rows:
        for reason in row.without:
            found.skip(row.place, reason.params["what"], reason.params.get("said", ""))
        for one in row.pictures:
            found.skip(row.place, "what:file", one.file.name)


def _columns(rows: Sequence[Row]) -> tuple[int, Columns | None]:
    """Find the headings among the first rows; return where the items start and which column is what."""
    for number, row in enumerate(rows[:HEADING_ROWS], 1):
        named = [headings.FIELDS.get(plain_word(cell)) for cell in row.cells]
        if set(named) >= NEEDED:
            places = _places(named)
            place = places.get("difficulty")
            counted = [one.cells[place] for one in rows[number:] if place is not None and place < len(one.cells)]
            return number, Columns(places, row.cells, headings.is_graded(counted))
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
        refused = Refusals()
        parts, wrong = _sub_items(sub_rows, columns, refused)
        try:
            found.entries.append(_item(first, columns, defaults, parts, sub_rows=sub_rows, refused=refused))
        except BadItemError as error:
            found.fail(wrong or first.place, error.reason, columns.cell(first, "code")[:64])


def _sub_items(rows: Iterable[Row], columns: Columns, refused: Refusals) -> tuple[list[Part], str]:
    """Return the sub-items of a case, and the place of the first that cannot be read, empty where all can.

    Another text stands for one that cannot, so that each of the others is judged under its number.
    """
    parts, wrong = list[Part](), ""
    for number, row in enumerate(rows, 1):
        try:
            parts.append(_part(row, columns))
        except BadItemError as error:
            refused.note(in_part(number, error.reason))
            parts.append(Part(ItemType.ESSAY, stand_in(number)))
            wrong = wrong or row.place
    return parts, wrong


def _cases(rows: Iterable[Row], columns: Columns) -> Iterator[tuple[Row, list[Row]]]:
    """Yield each row that is an item of its own, with the rows of its sub-items, which name its code."""
    held: list[tuple[Row, list[Row]]] = []
    by_code: dict[str, list[Row]] = {}
    for row in rows:
        if _is_blank(row):
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
    refused = Refusals()
    given = _asked(row, columns, refused)
    points = columns.cell(row, "points")
    weight = refused.take(lambda: cells.weight(points) if points else ONE, ONE)
    options = refused.take(lambda: lettered(given["options"]), tuple[Option, ...]())
    refused.demand_none()
    return Part(
        given["type"],
        given["stem"],
        options,
        frozenset(given["key"]),
        replace(given["body"], files=tuple(one.file for one in row.pictures)),
        given["explanation"],
        weight,
    )


def read_cells(
    given: Mapping[str, str],
    *,
    sub_items: Sequence[Mapping[str, str]] = (),
    known: Sequence[FileRef] = (),
    defaults: Defaults = NO_DEFAULTS,
) -> ItemContent:
    """Read an item from the cells of one row by field, with those of its sub-items and the files that it may show.

    Raises BadItemError with every rule broken.
    """
    refused = Refusals()
    names = {name: place for place, name in enumerate(dict.fromkeys(name for one in sub_items for name in one))}
    rows_ = [Row(str(number), [one.get(name, "") for name in names]) for number, one in enumerate(sub_items, 1)]
    parts, _wrong = _sub_items(rows_, Columns(names), refused)
    columns = Columns({name: place for place, name in enumerate(given)})
    return _item(Row("1", list(given.values())), columns, defaults, parts, known=known, refused=refused)


def cells_of(item: ItemContent) -> dict[str, str]:
    """Return an item's own cells by field, without those of its sub-items."""
    return next(_cells([item]))


def sub_cells_of(item: ItemContent) -> list[dict[str, str]]:
    """Return the cells of each sub-item by field."""
    return list(_cells([item]))[1:]


def _item(
    row: Row,
    columns: Columns,
    defaults: Defaults,
    parts: Sequence[Part],
    *,
    known: Sequence[FileRef] = (),
    sub_rows: Sequence[Row] = (),
    refused: Refusals | None = None,
) -> ItemContent:
    refused = refused or Refusals()
    asked = _asked(row, columns, refused)
    unread = bool(refused.reasons)
    if (parts or sub_rows) and asked["type"] not in {ItemType.CASE, None}:
        refused.note(because("no_case"))
    if columns.cell(row, "case"):
        refused.note(because("lost_part", code=columns.cell(row, "case")))
    files = (*known, *(one.file for one in row.pictures))
    given = {
        **asked,
        "code": columns.cell(row, "code"),
        "body": replace(asked["body"], parts=tuple(parts), files=files),
        "module": columns.cell(row, "module"),
        "level": _word(columns.cell(row, "level"), headings.LEVELS_BY_WORD),
        "difficulty": _difficulty(row, columns),
        "read": refused.take(lambda: _read(columns.cell(row, "read")), False),  # noqa: FBT003 - an unread mark says no
        **{name: columns.cell(row, name) for name in METADATA},
    }
    given["without"] = [
        *_odd_options(row, columns, asked),
        *(one for each in (row, *sub_rows) for one in columns.left(each)),
    ]
    return build({**given, **refused.told, "unread": unread}, place=row.place, defaults=defaults)


def _odd_options(row: Row, columns: Columns, asked: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield options of a judgement that say other than true and false."""
    for letter in LETTERS if asked["type"] is ItemType.TRUE_FALSE else ():
        text = columns.cell(row, f"option{letter}")
        if text and headings.truth(text) is None:
            yield without(f"{letter}", text)


def _asked(row: Row, columns: Columns, refused: Refusals) -> dict[str, Any]:
    """Return type, stem, options, key, body and explanation of a row; the type is None where it cannot be read."""
    shown = {name: _shown(row, columns, name) for name in PICTURED}
    others = (str(one) for one in row.pictures if one.column not in map(columns.places.get, PICTURED))
    written = [shown[f"option{letter}"] for letter in LETTERS]
    answer = columns.cell(row, "key")
    kind = refused.take(lambda: headings.item_type(columns.cell(row, "type"), answer, written), None)
    options = _without_tail(written)
    read = BODIES.get(kind) if kind else None
    return {
        "type": kind,
        "stem": "\n".join(filter(None, (shown["stem"], *others))),
        "options": [] if kind is ItemType.TRUE_FALSE else options,
        "key": refused.take(lambda: _key(kind, answer, options), list[str]()),
        "explanation": shown["explanation"],
        "body": read(row, columns, answer, refused) if read else Body(),
    }


def _key(kind: ItemType | None, answer: str, options: list[str]) -> list[str]:
    if kind is ItemType.TRUE_FALSE:
        return headings.true_false_key(answer, options)
    return headings.letters(answer) if kind in CHOICES else []


def _shown(row: Row, columns: Columns, name: str) -> str:
    """Return a text with the pictures that stand on its cell."""
    place = columns.places.get(name)
    pictures = (str(one) for one in row.pictures if one.column == place)
    return "\n".join(filter(None, (columns.cell(row, name), *pictures)))


def _credit(row: Row, columns: Columns) -> Credit | None:
    text = columns.cell(row, "credit")
    found = headings.CREDITS_BY_WORD.get(plain_word(text))
    if text and found is None:
        raise BadItemError(because("credit", credit=text))
    return found


def _multiple(row: Row, columns: Columns, answer: str, refused: Refusals) -> Body:
    del answer
    return Body(refused.take(lambda: _credit(row, columns), None))


def _blank(row: Row, columns: Columns, answer: str, refused: Refusals) -> Body:
    exact = [refused.take(partial(_read, one), False) for one in cells.listed(columns.cell(row, "exact"))]  # noqa: FBT003 - an unread mark says no
    credit = refused.take(lambda: _credit(row, columns), None)
    return Body(credit, blanks=refused.take(lambda: cells.blanks(answer, exact), tuple[Blank, ...]()))


def _numeric(row: Row, columns: Columns, answer: str, refused: Refusals) -> Body:
    return Body(
        numbers=refused.take(lambda: cells.numbers(answer, columns.cell(row, "tolerance")), tuple[Number, ...]()),
        unit=columns.cell(row, "unit"),
        units=refused.take(lambda: cells.units(columns.cell(row, "units")), tuple[Unit, ...]()),
        unit_asked=refused.take(lambda: _read(columns.cell(row, "unitasked")), False),  # noqa: FBT003 - an unread mark says no
    )


def _matching(row: Row, columns: Columns, answer: str, refused: Refusals) -> Body:
    prompts = cells.listed(columns.cell(row, "prompts"))
    credit = refused.take(lambda: _credit(row, columns), None)
    return Body(
        credit, prompts=prompts, pairs=refused.take(lambda: cells.pairs(answer, len(prompts)), tuple[str, ...]())
    )


def _ordering(row: Row, columns: Columns, answer: str, refused: Refusals) -> Body:
    credit = refused.take(lambda: _credit(row, columns), None)
    return Body(credit, order=refused.take(lambda: cells.order(answer), tuple[str, ...]()))


def _written(row: Row, columns: Columns, answer: str, refused: Refusals) -> Body:
    return Body(
        reference=answer,
        rubric=refused.take(lambda: cells.rubric(columns.cell(row, "rubric")), tuple[Criterion, ...]()),
    )


BODIES: dict[ItemType, Callable[[Row, Columns, str, Refusals], Body]] = {
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
    return table.get(plain_word(text), text) if text else ""


def _difficulty(row: Row, columns: Columns) -> str:
    exact = columns.cell(row, "coefficient")
    if exact:
        return exact
    return headings.difficulty(columns.cell(row, "difficulty"), graded=columns.graded)


def _read(text: str) -> bool:
    said = headings.truth(text) if text else False
    if said is None:
        raise BadItemError(because("read_mark", value=text))
    return said


def heading_row(items: Sequence[ItemContent]) -> list[str]:
    """Return our headings for a table that fits these items."""
    return [headings.HEADINGS[name][0] for name in _names(items)]


def rows(items: Sequence[ItemContent], modules: ModuleWords = NATIONAL) -> Iterator[list[str]]:
    """Write each item as a row under `heading_row`, a case with a row for each sub-item under it."""
    names = _names(items)
    for one in _cells(items, modules):
        yield [one.get(name, "") for name in names]


def _names(items: Sequence[ItemContent]) -> list[str]:
    """Return the fields of the table: the common ones, and those that some item uses."""
    used = {name for one in _cells(items) for name, text in one.items() if text}
    seldom = {"difficulty", *headings.SELDOM, *(f"option{letter}" for letter in LETTERS)}
    return [name for name in headings.HEADINGS if name not in seldom or name in used]


def _cells(items: Iterable[ItemContent], modules: ModuleWords = NATIONAL) -> Iterator[dict[str, str]]:
    for item in items:
        yield {
            **_asked_cells(item, item.stem, item.explanation),
            "code": item.code,
            "module": modules.word_of(item.module),
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
