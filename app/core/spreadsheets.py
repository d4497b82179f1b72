"""Tables as xlsx and csv in which no cell can act as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.core.lazily import lazily

if TYPE_CHECKING:
    import openpyxl.cell
    import openpyxl.styles
    import openpyxl.utils
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet
else:
    openpyxl = lazily("openpyxl")

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "＝", "＋", "－", "＠")
GUARD = "'"
WIDTH = 24
HEADER_ROW = "A2"
TEXT_FORMAT = "@"

Value = str | int | float


def inert(text: str) -> str:
    """Return a text that a spreadsheet shows and never computes (CSV injection)."""
    return f"{GUARD}{text}" if text.startswith(RISKY) else text


def unguarded(text: str) -> str:
    """Return the text from which `inert` made this one."""
    return text[1:] if text.startswith(GUARD) and text[1:].startswith(RISKY) else text


def to_csv(rows: Iterable[Sequence[Value]]) -> bytes:
    """Return UTF-8 with its mark, which office programs in Chinese read rightly."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([inert(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Iterable[Sequence[Value]], title: str, *, text_rows: int = 0) -> bytes:
    """Return a workbook of one sheet, the first row its headings; `text_rows` more are prepared as text for entries."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = HEADER_ROW
    listed = iter(rows)
    head = next(listed, ())
    for column in range(1, len(head) + 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = WIDTH
    bold = openpyxl.styles.Font(bold=True)
    sheet.append([_cell(sheet, value, bold) for value in head])
    for row in listed:
        sheet.append([_cell(sheet, value) for value in row])
    for _row in range(text_rows):
        sheet.append([_cell(sheet, "") for _column in head])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _cell(
    sheet: "WriteOnlyWorksheet", value: Value, font: "openpyxl.styles.Font | None" = None
) -> "openpyxl.cell.Cell":
    cell = openpyxl.cell.WriteOnlyCell(sheet, inert(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type, cell.number_format = "s", TEXT_FORMAT
    if font is not None:
        cell.font = font
    return cell
