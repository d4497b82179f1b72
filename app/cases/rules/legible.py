"""What of an exhibit that is neither PDF nor picture can be read on paper: its text or its tables; pure functions."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import islice

from app.core import tables
from app.core.errors import InvalidError
from app.core.tables import Cells, Limits, written

MOST_CHARACTERS = 60_000
MOST_ROWS, MOST_COLUMNS, MOST_CELL, MOST_SHEETS = 300, 12, 300, 10
LIMITS = Limits(MOST_ROWS, columns=MOST_COLUMNS + 1)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNSEEN = frozenset({"script", "style", "head", "template", "noscript"})
BREAKS = frozenset({"p", "br", "div", "li", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "section", "pre"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it is drawn; `title` is that of its sheet in a workbook."""

    title: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Legible:
    """What is drawn of an exhibit, and whether something of it is left out."""

    text: str = ""
    sheets: tuple[Sheet, ...] = ()
    cut: bool = False


def legible(media_type: str, data: bytes) -> Legible | None:
    """Return what can be read of a content, None where its kind or what is in it cannot be."""
    read = READERS.get(media_type)
    try:
        return read(data) if read else None
    except InvalidError:
        return None


def _text(data: bytes) -> Legible | None:
    said = tables.decode(data)
    return None if said is None or "\0" in said else _cut(said)


def _json(data: bytes) -> Legible | None:
    found = _text(data)
    if found is None:
        return None
    try:
        return _cut(json.dumps(json.loads(tables.decode(data) or ""), ensure_ascii=False, indent=2))
    except (ValueError, RecursionError):
        return found


def _html(data: bytes) -> Legible | None:
    said = tables.decode(data)
    if said is None:
        return None
    reader = _Words()
    reader.feed(said)
    reader.close()
    return _cut("\n".join(line for line in (" ".join(one.split()) for one in "".join(reader.said).split("\n")) if line))


class _Words(HTMLParser):
    """Keeps the words of a page and nothing that it would do, load or hide."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line where a block begins, and pass over what is not shown."""
        del attrs
        self.unseen += tag in UNSEEN
        self.said += ["\n"] if tag in BREAKS else []

    def handle_endtag(self, tag: str) -> None:
        """End what was not shown."""
        self.unseen -= tag in UNSEEN and self.unseen > 0
        self.said += ["\n"] if tag in BREAKS else [" "] if tag in {"td", "th"} else []

    def handle_data(self, data: str) -> None:
        """Keep words that are shown."""
        if not self.unseen:
            self.said.append(data)


def _cut(text: str) -> Legible:
    return Legible(text=text[:MOST_CHARACTERS], cut=len(text) > MOST_CHARACTERS)


def _csv(data: bytes) -> Legible | None:
    return _drawn([("", list(islice((cells for _number, cells in tables.rows_of(data, LIMITS)), MOST_ROWS + 1)))])


def _xlsx(data: bytes) -> Legible | None:
    found = [(title, list(rows)) for title, rows in islice(tables.sheets_of(data, LIMITS), MOST_SHEETS + 1)]
    return _drawn(found[:MOST_SHEETS], more=len(found) > MOST_SHEETS)


def _drawn(given: Iterable[tuple[str, Sequence[Cells]]], *, more: bool = False) -> Legible:
    """Return tables with as many rows, columns and characters of a cell as are drawn."""
    sheets, cut = list[Sheet](), more
    for title, rows in given:
        read = [[written(cell) for cell in cells] for cells in rows]
        cut = cut or len(rows) > MOST_ROWS or any(any(row[MOST_COLUMNS:]) for row in read)
        cut = cut or any(len(cell) > MOST_CELL for row in read for cell in row)
        kept = [[cell[:MOST_CELL] for cell in row[:MOST_COLUMNS]] for row in read[:MOST_ROWS]]
        width = max((place for row in kept for place, cell in enumerate(row, start=1) if cell), default=0)
        sheets.append(Sheet(title, tuple(tuple(row[:width]) for row in kept if any(row))))
    return Legible(sheets=tuple(sheets), cut=cut)


READERS: Mapping[str, Callable[[bytes], Legible | None]] = {
    "text/plain": _text,
    "text/csv": _csv,
    "text/html": _html,
    "application/json": _json,
    XLSX: _xlsx,
}
