"""Workbooks of items, read with limits and written so that no cell is ever a formula."""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from app.core.lazily import lazily
from app.items.rules import tables
from app.items.rules.beside import Beside, Place, Workbook
from app.items.rules.content import BadItemError, Defaults, Enclosed, ItemContent, Parsed
from app.items.rules.gift import ITEM_LIMIT, NO_DEFAULTS
from app.items.rules.reasons import Reason, because, without
from app.items.rules.tables import Row
from app.items.rules.words import NATIONAL, ModuleWords

if TYPE_CHECKING:
    import openpyxl.cell.cell
    import openpyxl.styles
    import openpyxl.utils
else:
    openpyxl = lazily("openpyxl")

UNPACKED_LIMIT = 64 * 1024 * 1024
COLUMN_LIMIT = 200
ROW_LIMIT = ITEM_LIMIT + 100
"""Rows with something in them; one over the limit of items makes the reader say so."""
WORDS = re.compile(r'"[^"]*\w[^"]*"|\[\$[^\]-]')
"""What a number format adds to a number: quoted words, the sign of a currency."""
MADE = datetime(2026, 1, 1)  # noqa: DTZ001 - the format knows no zone; a fixed day keeps files alike
WIDTHS = {0: 14, 1: 10, 2: 60}
OTHER_WIDTH = 24


def parse(data: bytes, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read a workbook; places are rows, with the sheet's name where several sheets hold items."""
    refused = _refused(data)
    if refused:
        return Parsed(unit="row").fail("1", because(refused))
    book = Book()
    try:
        _open(data, book)
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError, BadItemError):
        # openpyxl raises whatever its parts raise on a broken file
        return Parsed(unit="row").fail("1", because("not_workbook"))
    filled = book.filled
    if len(filled) > 1:
        filled = [(name, [replace(row, place=f"{name}!{row.place}") for row in rows]) for name, rows in filled]
    found = tables.parse([rows for _, rows in filled], unit="row", defaults=defaults)
    shown = {one.sha256 for item in found.items for one in item.body.files}
    found.files.update((digest, one) for digest, one in book.enclosed.items() if digest in shown)
    for what, said in book.unread:
        found.skip("", what, said)
    return found


@dataclass
class Book:
    """The sheets of a workbook that hold something, its pictures, and what of it is in no row."""

    filled: list[tuple[str, list[Row]]] = field(default_factory=list)
    enclosed: dict[str, Enclosed] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)


def _open(data: bytes, book: Book) -> None:
    parts = Workbook(data)
    paths = parts.sheets()
    opened = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    book.unread += (("what:chart", sheet.title) for sheet in opened.chartsheets)
    for sheet in opened.worksheets:
        if sheet.sheet_state == "visible":
            _sheet(sheet, parts.beside(paths[sheet.title], COLUMN_LIMIT), book)
        else:
            book.unread.append(("what:hidden", sheet.title))


def _sheet(sheet: Any, beside: Beside, book: Book) -> None:  # noqa: ANN401 - the read-only sheet has no public type
    book.enclosed.update(beside.files)
    book.unread += ((one.params["what"], one.params.get("said", "")) for one in beside.without[0])
    book.unread += (("what:file", one.file.name) for one in beside.pictures[0])
    rows = list(_rows(sheet, beside))
    if rows:
        book.filled.append((sheet.title, rows))


def _refused(data: bytes) -> str | None:
    """Return the reason against opening a file: no workbook, or one that unpacks to too much."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            return "bomb" if size > UNPACKED_LIMIT else None
    except BadZipFile:
        return "not_workbook"


def _rows(sheet: Any, beside: Beside) -> Iterator[Row]:  # noqa: ANN401 - the read-only sheet has no public type
    sheet.reset_dimensions()
    filled = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=COLUMN_LIMIT), 1):
        texts = ["" if Place(number, column) in beside.cleared else _text(cell) for column, cell in enumerate(cells)]
        lost = [*beside.without.pop(number, ()), *filter(None, map(_lost_format, cells))]
        pictures = beside.pictures.pop(number, [])
        if any(texts) or lost or pictures:
            filled += any(texts)
            yield Row(str(number), texts, pictures, lost)
        if filled > ROW_LIMIT:
            return
    for number in sorted({*beside.without, *beside.pictures} - {0}):
        yield Row(str(number), [], beside.pictures[number], beside.without[number])


def _text(cell: Any) -> str:  # noqa: ANN401 - one of four cell classes
    """Return a cell as a person sees it: percentages with their sign, whole numbers without a point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _day(value) if isinstance(value, date) else str(value)
    number = Decimal(repr(value))
    percent = "%" in (cell.number_format or "")
    shown = (number * 100 if percent else number).normalize()
    return f"{shown:f}%" if percent else f"{shown:f}"


def _day(value: date) -> str:
    """Return a date, with its time where it has one."""
    timed = isinstance(value, datetime) and value.time() != time()
    return value.strftime("%Y-%m-%d %H:%M:%S" if timed else "%Y-%m-%d")


def _lost_format(cell: Any) -> Reason | None:  # noqa: ANN401 - one of four cell classes
    """Note the words that a number format adds to a number, such as a unit."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return without("what:format", cell.number_format) if WORDS.search(cell.number_format or "") else None


def write(items: Sequence[ItemContent], modules: ModuleWords = NATIONAL) -> bytes:
    """Write items as a workbook; every cell is text, so none can be a formula."""
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = MADE
    sheet = book.worksheets[0]
    # zh: the name of the sheet, as the headings in it
    sheet.title = "试题"  # zh: a Chinese workbook
    for number, cells in enumerate((tables.heading_row(items), *tables.rows(items, modules)), 1):
        for place, text in enumerate(cells, 1):
            _write(sheet.cell(number, place), text, bold=number == 1)
    sheet.freeze_panes = "A2"
    for place in range(sheet.max_column):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(place + 1)].width = WIDTHS.get(place, OTHER_WIDTH)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(cell: Any, text: str, *, bold: bool) -> None:  # noqa: ANN401 - Cell or MergedCell
    if not text or not isinstance(cell, openpyxl.cell.cell.Cell):
        return
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = True
    cell.alignment = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
    cell.font = openpyxl.styles.Font(bold=bold)
