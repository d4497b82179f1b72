"""What of an exhibit that is neither PDF nor picture can be read on paper: its text or its tables; pure functions."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import accumulate, islice

from app.core import tables
from app.core.errors import InvalidError
from app.core.tables import Cells, Limits, written

MOST_ROWS, MOST_COLUMNS, MOST_CELL, MOST_SHEETS = 300, 12, 300, 10
MOST_MARKUP = 300_000
"""So many characters of a page are read for its words."""
MOST_JSON = 200_000
"""JSON of so many bytes is set out line by line, a larger one stands as it was written."""
ENDLESS = re.compile(r"[^\s\u2e80-\U0010ffff]{500}(?=\S)")
"""The beginning of a word that is laid out in far more time than it deserves; Chinese breaks between any two signs."""
LIMITS = Limits(MOST_ROWS, columns=MOST_COLUMNS + 1)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNSEEN = frozenset({"script", "style", "head", "template", "noscript"})
BREAKS = frozenset({"p", "br", "div", "li", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "pre"})
CELLS = frozenset({"td", "th"})
MARKUP = re.compile(
    r"<!--(?:.*?-->|.*)"
    r"|<(?P<raw>script|style)\b(?:.*?(?=</(?P=raw)\b)|.*)"
    r"|<(?P<end>/?)(?P<tag>[a-z][^\s/>]*)(?:[^>=]++|=\s*+(?:\"[^\"]*\"|'[^']*')?+)*+(?:>|.*)"
    r"|<[!?/][^>]*(?:>|.*)",
    re.DOTALL | re.IGNORECASE,
)
"""What of a page is no word. Whatever does not end takes the rest of the page, so that nothing is looked through twice:
the parser of the standard library needs minutes for a page of comments that never end."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it is drawn; `title` is that of its sheet in a workbook."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Legible:
    """What is drawn of an exhibit, and whether something of it is left out."""

    cut: bool
    text: str = ""
    sheets: tuple[Sheet, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be drawn: characters in all, and cells of tables or lines of text."""

    characters: int
    cells: int

    def after(self, drawn: Legible | None) -> "Room":
        """Return what is left when something was drawn."""
        if drawn is None:
            return self
        rows = [row for sheet in drawn.sheets for row in sheet.rows]
        characters = len(drawn.text) + sum(len(cell) for row in rows for cell in row)
        cells = len(drawn.text.splitlines()) + sum(len(row) for row in rows)
        return Room(self.characters - characters, self.cells - cells)


AN_EXHIBIT = Room(characters=60_000, cells=MOST_ROWS * MOST_COLUMNS)
A_FILE = Room(characters=300_000, cells=5 * MOST_ROWS * MOST_COLUMNS)
"""What is drawn of one exhibit, and of all exhibits of a file: more takes minutes to lay out, and nobody leafs it."""


def legible(media_type: str, data: bytes, left: Room = A_FILE) -> Legible | None:
    """Return what can be read of a content, None where its kind or what is in it cannot be, or no room is left."""
    read = READERS.get(media_type)
    room = Room(min(left.characters, AN_EXHIBIT.characters), min(left.cells, AN_EXHIBIT.cells))
    if read is None or room.characters <= 0 or room.cells <= 0:
        return None
    try:
        return read(data, room)
    except InvalidError:
        return None


def _text(data: bytes, room: Room) -> Legible | None:
    said = tables.decode(data)
    return None if said is None or "\0" in said else _cut(said, room)


def _json(data: bytes, room: Room) -> Legible | None:
    found = _text(data, room)
    if found is None or len(data) > MOST_JSON:
        return found
    try:
        given = json.loads(tables.decode(data) or "")
        return _cut(_beginning(json.JSONEncoder(ensure_ascii=False, indent=2).iterencode(given), room.characters), room)
    except (ValueError, RecursionError):
        return found


def _beginning(parts: Iterable[str], most: int) -> str:
    """Join parts until they are longer than is drawn: nested deeply, little JSON is set out as very much."""
    said, length = list[str](), 0
    for part in parts:
        said.append(part)
        length += len(part)
        if length > most:
            break
    return "".join(said)


def _html(data: bytes, room: Room) -> Legible | None:
    said = tables.decode(data)
    if said is None:
        return None
    words = "".join(_words(said[:MOST_MARKUP]))
    lines = "\n".join(line for line in (" ".join(one.split()) for one in words.split("\n")) if line)
    return _cut(lines, room, more=len(said) > MOST_MARKUP)


def _words(page: str) -> Iterator[str]:
    """Yield the words of a page and nothing that it would do, load or hide; a line begins where a block does."""
    unseen = place = 0
    for hit in MARKUP.finditer(page):
        if not unseen:
            yield unescape(page[place : hit.start()])
        place = hit.end()
        tag = (hit["raw"] or hit["tag"] or "").lower()
        if hit["end"]:
            unseen -= tag in UNSEEN and unseen > 0
        else:
            unseen += tag in UNSEEN
        yield "\n" if tag in BREAKS else " " if hit["end"] and tag in CELLS else ""
    if not unseen:
        yield unescape(page[place:])


def _cut(text: str, room: Room, *, more: bool = False) -> Legible:
    """Return the beginning of a text, by its characters and lines, with endless words broken up."""
    lines = ENDLESS.sub(r"\g<0>\n", text[: room.characters]).splitlines(keepends=True)
    return Legible(
        text="".join(lines[: room.cells])[: room.characters],
        cut=more or len(text) > room.characters or len(lines) > room.cells,
    )


def _csv(data: bytes, room: Room) -> Legible | None:
    rows = list(islice((cells for _number, cells in tables.rows_of(data, LIMITS)), MOST_ROWS + 1))
    return _drawn([("", rows)], room)


def _xlsx(data: bytes, room: Room) -> Legible | None:
    found = [(title, list(rows)) for title, rows in islice(tables.sheets_of(data, LIMITS), MOST_SHEETS + 1)]
    return _drawn(found[:MOST_SHEETS], room, more=len(found) > MOST_SHEETS)


def _drawn(given: Iterable[tuple[str, Sequence[Cells]]], room: Room, *, more: bool = False) -> Legible:
    """Return tables with as many rows, columns and characters of a cell as are drawn, all of them within the room."""
    drawn = Legible(cut=more)
    for title, rows in given:
        read = [[written(cell) for cell in cells] for cells in rows]
        cut = len(rows) > MOST_ROWS or any(any(row[MOST_COLUMNS:]) for row in read)
        cut = cut or any(len(cell) > MOST_CELL for row in read for cell in row)
        kept = [[cell[:MOST_CELL] for cell in row[:MOST_COLUMNS]] for row in read[:MOST_ROWS]]
        width = max((place for row in kept for place, cell in enumerate(row, start=1) if cell), default=0)
        whole = [tuple(row[:width]) for row in kept if any(row)]
        fits = _fitting(whole, width, room.after(drawn))
        sheet = Sheet(title, tuple(whole[:fits]))
        drawn = Legible(sheets=(*drawn.sheets, sheet), cut=drawn.cut or cut or fits < len(whole))
    return drawn


def _fitting(rows: Sequence[Sequence[str]], width: int, room: Room) -> int:
    """Count the rows that have room."""
    ends = accumulate(sum(len(cell) for cell in row) for row in rows[: room.cells // max(width, 1)])
    return sum(end <= room.characters for end in ends)


READERS: Mapping[str, Callable[[bytes, Room], Legible | None]] = {
    "text/plain": _text,
    "text/csv": _csv,
    "text/html": _html,
    "application/json": _json,
    XLSX: _xlsx,
}
