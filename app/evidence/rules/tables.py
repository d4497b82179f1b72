"""Reading and writing the tables of an import: xlsx or csv with the headings people really use; pure functions."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.core.errors import InvalidError, Text
from app.core.lazily import lazily
from app.core.text import _l
from app.evidence.rules.fields import FIELDS
from app.evidence.states import Kind
from app.items.rules.delimited import harmless
from app.items.rules.files import decode

if TYPE_CHECKING:
    import openpyxl.styles
    import openpyxl.utils
    import openpyxl.utils.exceptions
else:
    openpyxl = lazily("openpyxl")

MOST_ROWS = 2000
MOST_COLUMNS = 60
UNPACKED_LIMIT = 64 * 1024 * 1024
HEADER_WITHIN = 10
EXACT_DIGITS = 15
"""A spreadsheet figure keeps 15 digits; whatever is longer was rounded before it reached us."""
WIDTH = 22
TEXT_FORMAT = "@"
PERSON = "person_name"
DOCUMENT = "person_document"
# zh: the headings that Chinese offices write above the person's columns
OWN_HEADINGS = {
    PERSON: ("姓名", "技术经理人", "name"),
    DOCUMENT: ("证件号码", "身份证号", "居民身份证号码", "身份证号码", "identitynumber"),
}
ADDITIONS = re.compile(r"[(（].*?[)）]|[\s*＊:：_]")

Cells = Sequence[object]


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One row as written: whose it is, the fields of the kind, and which lost digits as a figure."""

    line: int
    name: str
    document: str
    fields: dict[str, str]
    rounded: tuple[str, ...] = ()


def template(kind: Kind) -> bytes:
    """Return an empty workbook with our headings, its cells prepared as text."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for place, heading in enumerate(_template_headings(kind), start=1):
        sheet.cell(1, place, heading).font = openpyxl.styles.Font(bold=True)
        sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].width = WIDTH
        for row in range(2, 202):
            sheet.cell(row, place).number_format = TEXT_FORMAT
    sheet.freeze_panes = "A2"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def _template_headings(kind: Kind) -> list[str]:
    own = [headings[0] for headings in OWN_HEADINGS.values()]
    return [*own, *(field.headings[0] for field in FIELDS[kind])]


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return UTF-8 with its mark, in which no cell can act as a formula."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def read(data: bytes, kind: Kind) -> list[ImportLine]:
    """Return the rows of a file for one kind; raises InvalidError for the field `file` saying what to change."""
    rows = _workbook(data) if data.startswith(b"PK") else _text_rows(data)
    columns, rest = _columns(rows, kind)
    lines = [_line(number, cells, columns) for number, cells in rest if any(_written(cell) for cell in cells)]
    if not lines:
        raise _refused(_l("The file holds headings but no rows. Enter one record a row."))
    if len(lines) > MOST_ROWS:
        raise _refused(_l("An import may hold at most %(limit)s rows. Split it.", limit=MOST_ROWS))
    return lines


def _workbook(data: bytes) -> list[tuple[int, Cells]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > UNPACKED_LIMIT:
            raise _refused(_l("The workbook unpacks to more than 64 MB. Save it again without pictures."))
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        most = MOST_ROWS + HEADER_WITHIN + 1
        return list(enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, max_row=most, values_only=True), start=1))
    except (
        zipfile.BadZipFile,
        openpyxl.utils.exceptions.InvalidFileException,
        KeyError,
        IndexError,
        ValueError,
    ) as error:
        raise _refused(_l("The workbook cannot be read. Save it as .xlsx or .csv again.")) from error


def _text_rows(data: bytes) -> list[tuple[int, Cells]]:
    text = decode(data)
    if text is None or "\0" in text:
        raise _refused(_l("The file is neither a workbook nor text in UTF-8 or GBK. Save it as .xlsx or .csv again."))
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=first.count))
    try:
        return [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise _refused(_l("The file is not a table that can be read. Save it as .xlsx or .csv again.")) from error


def _columns(rows: Iterable[tuple[int, Cells]], kind: Kind) -> tuple[dict[str, int], list[tuple[int, Cells]]]:
    field_of = _field_of(kind)
    listed = list(rows)
    for place, (_number, cells) in enumerate(listed[:HEADER_WITHIN]):
        found = [field_of.get(_heading(cell)) for cell in cells]
        if PERSON in found and DOCUMENT in found:
            twice = [name for name in field_of.values() if found.count(name) > 1]
            if twice:
                raise _refused(_l("Two columns mean the same: %(heading)s. Keep one of them.", heading=twice[0]))
            return {name: index for index, name in enumerate(found) if name}, listed[place + 1 :]
    raise _refused(_l("No row of headings was found. Use the template; it names the columns that are needed."))


def _field_of(kind: Kind) -> dict[str, str]:
    known = {heading: name for name, headings in OWN_HEADINGS.items() for heading in headings}
    for field in FIELDS[kind]:
        known |= dict.fromkeys((*field.headings, field.name), field.name)
    return {_heading(heading): name for heading, name in known.items()}


def _heading(cell: object) -> str:
    return ADDITIONS.sub("", _written(cell)).lower()


def _line(number: int, cells: Cells, columns: dict[str, int]) -> ImportLine:
    values = {name: cells[index] if index < len(cells) else None for name, index in columns.items()}
    rounded = tuple(name for name, value in values.items() if _is_rounded(value))
    written = {name: _written(value) for name, value in values.items()}
    return ImportLine(number, written.pop(PERSON), written.pop(DOCUMENT), written, rounded)


def _is_rounded(cell: object) -> bool:
    return isinstance(cell, int | float) and len(_written(cell).partition(".")[0]) > EXACT_DIGITS


def _written(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\u3000", " ").replace("\ufeff", "").strip().lstrip("'’‘`").strip()


def _refused(message: Text) -> InvalidError:
    return InvalidError(message, field="file")
