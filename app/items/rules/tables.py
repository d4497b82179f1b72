"""Items as rows of a table: read under the headings of other systems, written under ours."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from app.items.rules import headings
from app.items.rules.building import build
from app.items.rules.content import LETTERS, BadItemError, Defaults, ItemContent, Parsed
from app.items.rules.gift import ABSENT, ITEM_LIMIT, NO_DEFAULTS, coefficient
from app.items.rules.reasons import because
from app.items.states import ItemType

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
    for row in rows:
        if not any(cell.strip() for cell in row.cells):
            continue
        if len(found.entries) >= ITEM_LIMIT:
            found.fail(row.place, because("many_rows", limit=ITEM_LIMIT))
            return
        try:
            found.entries.append(_item(row, columns, defaults))
        except BadItemError as error:
            found.fail(row.place, error.reason, columns.cell(row, "code")[:64])


def _item(row: Row, columns: Columns, defaults: Defaults) -> ItemContent:
    written = [columns.cell(row, f"option{letter}") for letter in LETTERS]
    answer = columns.cell(row, "key")
    kind = headings.item_type(columns.cell(row, "type"), answer, written)
    options = _without_tail(written)
    true_false = kind is ItemType.TRUE_FALSE
    given = {
        "code": columns.cell(row, "code"),
        "type": kind,
        "stem": columns.cell(row, "stem"),
        "options": [] if true_false else options,
        "key": headings.true_false_key(answer, options) if true_false else headings.letters(answer),
        "explanation": columns.cell(row, "explanation"),
        "module": _word(columns.cell(row, "module"), headings.MODULES_BY_WORD),
        "level": _word(columns.cell(row, "level"), headings.LEVELS_BY_WORD),
        "difficulty": _difficulty(row, columns),
        "read": _read(columns.cell(row, "read")),
        **{name: columns.cell(row, name) for name in METADATA},
    }
    return build(given, place=row.place, defaults=defaults)


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
        raise BadItemError(because("read_mark", value=text[:64]))
    return said


def heading_row(items: Sequence[ItemContent]) -> list[str]:
    """Return our headings for a table that fits these items."""
    return [headings.HEADINGS[name][0] for name in _names(items)]


def rows(items: Sequence[ItemContent]) -> Iterator[list[str]]:
    """Write each item as a row under `heading_row`."""
    names = _names(items)
    for item in items:
        cells = _cells(item)
        yield [cells.get(name, "") for name in names]


def _names(items: Sequence[ItemContent]) -> list[str]:
    """Return the fields of the table: every one but the second name of difficulty and options nobody uses."""
    most = max((len(item.options) for item in items), default=0)
    used = {f"option{letter}" for letter in LETTERS[:most]}
    return [
        name for name in headings.HEADINGS if name != "difficulty" and (not name.startswith("option") or name in used)
    ]


def _cells(item: ItemContent) -> dict[str, str]:
    true_false = item.type is ItemType.TRUE_FALSE
    texts = {} if true_false else {f"option{option.key}": option.text for option in item.options}
    truth = headings.TRUE_WORDS[0] if LETTERS[0] in item.key else headings.FALSE_WORDS[0]
    return {
        "code": item.code,
        "type": headings.TYPES[item.type][0],
        "stem": item.stem,
        **texts,
        "key": truth if true_false else "".join(item.keys),
        "explanation": item.explanation,
        "module": headings.MODULE_WORDS[item.module][0],
        "level": headings.LEVEL_WORDS[item.level][0],
        "coefficient": coefficient(item.difficulty),
        "topic": item.topic,
        "law": item.law,
        "article": item.article,
        "edition": item.edition,
        "read": headings.YES if item.source_read else headings.NO,
    }
