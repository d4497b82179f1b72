"""Reading the tables that offices send: xlsx, or csv in UTF-8, UTF-16, GBK or GB 18030, with their own headings."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any

from app.core.errors import InvalidError, Text
from app.core.lazily import lazily
from app.core.text import _l

if TYPE_CHECKING:
    import openpyxl
else:
    openpyxl = lazily("openpyxl")

HEADER_WITHIN = 10
"""A title may stand above the row of headings, over so many rows at most."""
EXACT_DIGITS = 15
"""A spreadsheet figure keeps 15 digits; whatever is longer was rounded before it reached us."""
MEGABYTE = 1024 * 1024
UTF16 = (b"\xff\xfe", b"\xfe\xff")
ADDITIONS = re.compile(r"[(（].*?[)）]|[\s*＊:：_]")
QUOTES = "'’‘`"

Cells = Sequence[object]
Row = tuple[int, Cells]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is read: rows below the headings, columns, and megabytes that a workbook may unpack to."""

    rows: int
    columns: int = 60
    megabytes: int = 64


def rows_of(data: bytes, limits: Limits) -> Iterator[Row]:
    """Yield the rows of a workbook or a csv file with the numbers people see; raises InvalidError for the field `file`.

    Of a workbook at most one row more than the limit is given, so that the caller sees that there are too many.
    """
    return _workbook(data, limits) if data.startswith(b"PK") else _text_rows(data, limits)


def _workbook(data: bytes, limits: Limits) -> Iterator[Row]:
    _title, rows = next(_sheets(data, limits, limits.rows + HEADER_WITHIN + 1))
    yield from enumerate(rows, start=1)


def sheets_of(data: bytes, limits: Limits) -> Iterator[tuple[str, Iterator[Cells]]]:
    """Yield title and rows of each sheet of a workbook, one row more than the limit; each before the next is asked for.

    Raises InvalidError where the workbook cannot be read.
    """
    return _sheets(data, limits, limits.rows + 1)


def _sheets(data: bytes, limits: Limits, most: int) -> Iterator[tuple[str, Iterator[Cells]]]:
    _check_unpacked(data, limits.megabytes)
    with _reading():
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = book.worksheets
    for sheet in sheets:
        yield sheet.title, _cells(sheet, limits.columns, most)


def _cells(sheet: Any, columns: int, most: int) -> Iterator[Cells]:  # noqa: ANN401 - openpyxl types its sheets loosely
    with _reading():
        sheet.reset_dimensions()
        yield from sheet.iter_rows(max_col=columns, max_row=most, values_only=True)


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # openpyxl raises whatever its parts raise on a broken file
        raise _refused(_l("The workbook cannot be read. Save it as .xlsx or .csv again.")) from error


def _check_unpacked(data: bytes, megabytes: int) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile as error:
        raise _refused(_l("The workbook cannot be read. Save it as .xlsx or .csv again.")) from error
    if unpacked > megabytes * MEGABYTE:
        raise _refused(
            _l("The workbook unpacks to more than %(most)s MB. Save it again without pictures.", most=megabytes)
        )


def _text_rows(data: bytes, limits: Limits) -> Iterator[Row]:
    text = decode(data)
    if text is None or "\0" in text:
        raise _refused(_l("The file is neither a workbook nor text in UTF-8 or GBK. Save it as .xlsx or .csv again."))
    head = "".join(islice(io.StringIO(text), HEADER_WITHIN))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=head.count))
    try:
        for cells in reader:
            yield reader.line_num, cells[: limits.columns]
    except csv.Error as error:
        raise _refused(_l("The file is not a table that can be read. Save it as .xlsx or .csv again.")) from error


def decode(data: bytes) -> str | None:
    """Return a file's text in whichever encoding fits, None where none does."""
    encodings = ("utf-16",) if data.startswith(UTF16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def columns_of(
    rows: Iterator[Row], headings: Mapping[str, Iterable[str]], needed: Iterable[str], missing: Text
) -> dict[str, int]:
    """Read up to the row of headings and return which column holds what.

    `headings` are the spellings of each field, the usual one first. Raises InvalidError with `missing` where no row
    has all that are needed, and where two columns mean the same.
    """
    found = found_columns((cells for _number, cells in islice(rows, HEADER_WITHIN)), headings, needed)
    if found is None:
        raise _refused(missing)
    return found[1]


def found_columns(
    rows: Iterable[Cells], headings: Mapping[str, Iterable[str]], needed: Iterable[str]
) -> tuple[int, dict[str, int]] | None:
    """Return how many rows stand above the one of headings and which column holds what, None where there is none."""
    field_of = {heading(spelling): field for field, spellings in headings.items() for spelling in spellings}
    wanted = frozenset(needed)
    for above, cells in enumerate(rows):
        named = [field_of.get(heading(cell)) for cell in cells]
        if wanted.issubset(named):
            _refuse_twice(named, headings)
            return above, {field: index for index, field in enumerate(named) if field}
    return None


def _refuse_twice(named: Sequence[str | None], headings: Mapping[str, Iterable[str]]) -> None:
    for field, spellings in headings.items():
        if named.count(field) > 1:
            usual = next(iter(spellings))
            raise _refused(_l("Two columns mean the same: %(heading)s. Keep one of them.", heading=usual))


def heading(cell: object) -> str:
    """Return a heading as it is compared: without case, spaces and what stands in brackets."""
    return ADDITIONS.sub("", written(cell)).lower()


def picked(cells: Cells, columns: Mapping[str, int]) -> dict[str, object]:
    """Return the cell of each field, None where the row is too short."""
    return {field: cells[index] if index < len(cells) else None for field, index in columns.items()}


def written(cell: object) -> str:
    """Return what a cell says, as text without what offices put around it; a date as in ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\u3000", " ").replace("\ufeff", "").strip().lstrip(QUOTES).strip()


def is_rounded(cell: object) -> bool:
    """Return whether the sheet kept a long number as a figure and so lost digits."""
    return isinstance(cell, int | float) and len(written(cell).partition(".")[0]) > EXACT_DIGITS


def is_empty(cells: Cells) -> bool:
    """Return whether a row says nothing."""
    return not any(written(cell) for cell in cells)


def _refused(message: Text) -> InvalidError:
    return InvalidError(message, field="file")
