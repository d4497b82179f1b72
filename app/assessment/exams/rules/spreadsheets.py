"""Tables as CSV and XLSX that no spreadsheet program will run as formulas."""

import csv
import io
from collections.abc import Sequence

from openpyxl import Workbook

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Rows = Sequence[Sequence[str]]


def harmless(text: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet program would take for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def as_csv(head: Sequence[str], rows: Rows) -> bytes:
    """Write a table as UTF-8 with the mark that makes Excel read Chinese rightly."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([harmless(cell) for cell in row] for row in (head, *rows))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(head: Sequence[str], rows: Rows) -> bytes:
    """Write a table as a workbook of texts."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    for row in (head, *rows):
        sheet.append([harmless(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
