"""Tables as xlsx and csv in which no cell can act as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from app.core.lazily import lazily

if TYPE_CHECKING:
    import openpyxl.styles
    import openpyxl.utils
else:
    openpyxl = lazily("openpyxl")


DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
WIDTH = 24
HEADER_ROW = "A2"
TEXT_FORMAT = "@"

Value = str | int | float


def inert(text: str) -> str:
    """Return a text that a spreadsheet shows and never computes (CSV injection)."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def to_csv(rows: Iterable[Sequence[Value]]) -> bytes:
    """Return UTF-8 with its mark, which office programs in Chinese read rightly."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerows([inert(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Iterable[Sequence[Value]], title: str, *, text_rows: int = 0) -> bytes:
    """Return a workbook of one sheet; `text_rows` further rows are prepared as text for entries."""
    book = openpyxl.Workbook()
    sheet = book.active
    if sheet is None:
        sheet = book.create_sheet()
    sheet.title = title[:31]
    listed = list(rows)
    for number, row in enumerate(listed, start=1):
        for column, cell in enumerate(row, start=1):
            place = sheet.cell(number, column)
            place.value = inert(cell) if isinstance(cell, str) else cell
            place.data_type = "s" if isinstance(cell, str) else "n"
            place.font = openpyxl.styles.Font(bold=number == 1)
            place.number_format = TEXT_FORMAT if isinstance(cell, str) else "General"
    columns = len(listed[0]) if listed else 0
    for column in range(1, columns + 1):
        sheet.column_dimensions[openpyxl.utils.get_column_letter(column)].width = WIDTH
        for number in range(len(listed) + 1, len(listed) + text_rows + 1):
            sheet.cell(number, column).number_format = TEXT_FORMAT
    sheet.freeze_panes = HEADER_ROW
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()
