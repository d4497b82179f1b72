"""Reading a list of certificates to check: xlsx or csv, with a column of numbers and perhaps one of names."""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, NoReturn

from app.core.errors import InvalidError, Text
from app.core.lazily import lazily
from app.core.text import _l
from app.items.rules.files import decode

if TYPE_CHECKING:
    import openpyxl.utils.exceptions
else:
    openpyxl = lazily("openpyxl")

UNPACKED_LIMIT = 48 * 1024 * 1024
MOST_COLUMNS = 20
HEADER_WITHIN = 10
EXACT_DIGITS = 15
"""A spreadsheet figure keeps 15 digits; whatever is longer was rounded before it reached us."""
LONGEST = 200
HEAD_LENGTH = 2000
"""So much of a text says how its cells are separated: a title may stand above the headings."""
# zh: the headings that offices write above numbers and names of certificates
HEADINGS = {
    "given": (
        *("证书编号", "统一编号", "编号", "证书号", "证书号码", "链接", "证书链接", "网址", "证书地址"),
        *("number", "certificatenumber", "certificate", "unifiednumber", "code", "url", "link", "id"),
    ),
    "name": ("姓名", "持证人", "名字", "员工姓名", "name", "holder", "fullname"),
}
FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}
TEMPLATE = (HEADINGS["given"][0], HEADINGS["name"][0])
ADDITIONS = re.compile(r"[(（].*?[)）]|[\s*＊:：_]")
QUOTES = "'’‘`"

Row = tuple[int, Sequence[object]]


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row: its line in the file, what was given for the certificate, the name, and why it cannot be read."""

    line: int
    given: str = ""
    name: str = ""
    fault: str = ""


def read_list(data: bytes, most: int) -> list[ListRow]:
    """Return the rows of a list, none left out; raises InvalidError for the field `file` saying what to change."""
    rows = _workbook(data, most) if data.startswith(b"PK") else _text_rows(data)
    columns, rest = _columns(rows)
    found = list(islice((_row(line, cells, columns) for line, cells in rest if any(map(_written, cells))), most + 1))
    if len(found) > most:
        _refuse(_l("A list may hold at most %(limit)s rows. Split it.", limit=most))
    if not found:
        _refuse(_l("The file holds no row. Write one certificate a row: its number, and the name if you know it."))
    return found


def _workbook(data: bytes, most: int) -> Iterable[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > UNPACKED_LIMIT:
                _refuse(_l("The workbook unpacks to too much. Keep one sheet with numbers and names."))
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        # Empty rows between full ones are read over, but not without end
        limit = 2 * most + HEADER_WITHIN
        return list(enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, max_row=limit, values_only=True), start=1))
    except InvalidError:
        raise
    except (
        zipfile.BadZipFile,
        openpyxl.utils.exceptions.InvalidFileException,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
    ):
        _refuse(_l("The workbook cannot be read. Save it as .xlsx or .csv again."))
    except Exception as error:  # openpyxl raises whatever its parts raise on a broken file
        raise InvalidError(_l("The workbook cannot be read. Save it as .xlsx or .csv again."), field="file") from error


def _text_rows(data: bytes) -> Iterable[Row]:
    text = decode(data)
    if text is None or "\0" in text:
        _refuse(_l("The file is neither a workbook nor text in UTF-8 or GBK. Save it as .xlsx or .csv again."))
    head = text[:HEAD_LENGTH]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=head.count))
    try:
        return [(reader.line_num, cells[:MOST_COLUMNS]) for cells in reader]
    except csv.Error as error:
        raise InvalidError(
            _l("The file is not a table that can be read. Save it as .xlsx or .csv again."), field="file"
        ) from error


def _columns(rows: Iterable[Row]) -> tuple[dict[str, int], Iterable[Row]]:
    """Find the row of headings; a list without one holds numbers first and names second."""
    left = iter(rows)
    head = list(islice(left, HEADER_WITHIN))
    for place, (_line, cells) in enumerate(head):
        found = [FIELD_OF.get(ADDITIONS.sub("", _written(cell)).lower()) for cell in cells]
        if "given" in found:
            if any(found.count(field) > 1 for field in HEADINGS):
                _refuse(_l("Two columns mean the same. Keep one column of numbers and one of names."))
            columns = {field: index for index, field in enumerate(found) if field}
            return columns, chain(head[place + 1 :], left)
    return {"given": 0, "name": 1}, chain(head, left)


def _row(line: int, cells: Sequence[object], columns: dict[str, int]) -> ListRow:
    values = {field: cells[index] if index < len(cells) else None for field, index in columns.items()}
    given, name = _written(values.get("given")), _written(values.get("name"))
    return ListRow(line, given[:LONGEST], name[:LONGEST], _fault(values.get("given"), given, name))


def _fault(cell: object, given: str, name: str) -> str:
    if not given:
        return "empty"
    if isinstance(cell, int | float) and len(given.partition(".")[0]) > EXACT_DIGITS:
        return "rounded"
    if len(given) > LONGEST or len(name) > LONGEST:
        return "long"
    return "characters" if any(unicodedata.category(one)[0] == "C" for one in given + name) else ""


def _written(cell: object) -> str:
    """Return a cell as text: full width as half width, a whole figure without its point."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    text = unicodedata.normalize("NFKC", str(cell)).replace("\ufeff", "").strip()
    return text.lstrip(QUOTES).strip()


def _refuse(message: Text) -> NoReturn:
    raise InvalidError(message, field="file")
