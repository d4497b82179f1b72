"""Workbooks of items, read with limits and written so that no cell is ever a formula."""

import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from app.core.lazily import lazily
from app.items.rules import tables
from app.items.rules.content import Defaults, ItemContent, Parsed
from app.items.rules.gift import ITEM_LIMIT, NO_DEFAULTS
from app.items.rules.reasons import because
from app.items.rules.tables import Row

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
MADE = datetime(2026, 1, 1)  # noqa: DTZ001 - the format knows no zone; a fixed day keeps files alike
WIDTHS = {0: 14, 1: 10, 2: 60}
OTHER_WIDTH = 24


def parse(data: bytes, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read a workbook; places are rows, with the sheet's name where several sheets hold items."""
    refused = _refused(data)
    if refused:
        return Parsed(unit="row").fail("1", because(refused))
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = [list(_rows(sheet)) for sheet in book.worksheets if sheet.sheet_state == "visible"]
        names = [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError):
        # openpyxl raises whatever its parts raise on a broken file
        return Parsed(unit="row").fail("1", because("not_workbook"))
    filled = [(name, rows) for name, rows in zip(names, sheets, strict=True) if rows]
    if len(filled) > 1:
        filled = [(name, [Row(f"{name}!{row.place}", row.cells) for row in rows]) for name, rows in filled]
    return tables.parse([rows for _, rows in filled], unit="row", defaults=defaults)


def _refused(data: bytes) -> str | None:
    """Return the reason against opening a file: no workbook, or one that unpacks to too much."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            return "bomb" if size > UNPACKED_LIMIT else None
    except BadZipFile:
        return "not_workbook"


def _rows(sheet: Any) -> Iterator[Row]:  # noqa: ANN401 - the read-only sheet has no public type
    sheet.reset_dimensions()
    filled = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=COLUMN_LIMIT), 1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            filled += 1
            yield Row(str(number), texts)
        if filled > ROW_LIMIT:
            return


def _text(cell: Any) -> str:  # noqa: ANN401 - one of four cell classes
    """Return a cell as a person sees it: percentages with their sign, whole numbers without a point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value.strftime("%Y-%m-%d") if isinstance(value, date) else str(value)
    number = Decimal(repr(value))
    percent = "%" in (cell.number_format or "")
    shown = (number * 100 if percent else number).normalize()
    return f"{shown:f}%" if percent else f"{shown:f}"


def write(items: Sequence[ItemContent]) -> bytes:
    """Write items as a workbook; every cell is text, so none can be a formula."""
    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = MADE
    sheet = book.worksheets[0]
    # zh: the name of the sheet, as the headings in it
    sheet.title = "试题"  # zh: a Chinese workbook
    for number, cells in enumerate((tables.heading_row(items), *tables.rows(items)), 1):
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
