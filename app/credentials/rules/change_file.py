"""Reading and writing lists of certificates to change: xlsx or csv with the headings that people use."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from app.core.errors import InvalidError, Text
from app.core.lazily import lazily
from app.core.text import _l
from app.items.rules.delimited import harmless
from app.items.rules.files import decode

if TYPE_CHECKING:
    import openpyxl.utils.exceptions
else:
    openpyxl = lazily("openpyxl")

MOST_ROWS = 100_000
MOST_COLUMNS = 40
UNPACKED_LIMIT = 100 * 1024 * 1024
HEADER_WITHIN = 10
LONGEST = 200
REFERENCE, REASON = "reference", "reason"
# zh: the headings that Chinese offices write
HEADINGS = {
    REFERENCE: ("统一编号", "证书编号", "编号", "证书号", "证书链接", "number", "certificatenumber", "code", "link"),
    REASON: ("原因", "事由", "撤销原因", "暂停原因", "reason"),
}
FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}
ADDITIONS = re.compile(r"[(（].*?[)）]|[\s*＊:：_]")
Given = tuple[int, str, str]
Cells = Sequence[object]


def read(data: bytes) -> Iterator[Given]:
    """Yield line, number and reason as written, row by row; raises InvalidError for the field `file`."""
    rows = _workbook(data) if data.startswith(b"PK") else _text_rows(data)
    columns = _columns(rows)
    count = 0
    for line, cells in rows:
        values = {field: _written(cells[at]) if at < len(cells) else "" for field, at in columns.items()}
        if not any(values.values()):
            continue
        count += 1
        if count > MOST_ROWS:
            raise _refused(_l("A file may hold at most %(limit)s rows. Split it.", limit=MOST_ROWS))
        yield line, values[REFERENCE][:LONGEST], values.get(REASON, "")[:LONGEST]
    if not count:
        raise _refused(_l("The file holds headings but no rows. Enter one certificate a row."))


def _workbook(data: bytes) -> Iterator[tuple[int, Cells]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > UNPACKED_LIMIT:
            raise _refused(_l("The workbook unpacks to more than 100 MB. Save it again without pictures."))
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        most = MOST_ROWS + HEADER_WITHIN + 1
        yield from enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, max_row=most, values_only=True), start=1)
    except (
        zipfile.BadZipFile,
        openpyxl.utils.exceptions.InvalidFileException,
        KeyError,
        IndexError,
        ValueError,
    ) as error:
        raise _refused(_l("The workbook cannot be read. Save it as .xlsx or .csv again.")) from error


def _text_rows(data: bytes) -> Iterator[tuple[int, Cells]]:
    text = decode(data)
    if text is None or "\0" in text:
        raise _refused(_l("The file is neither a workbook nor text in UTF-8 or GBK. Save it as .xlsx or .csv again."))
    head = "".join(text.splitlines(keepends=True)[:HEADER_WITHIN])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",\t;", key=head.count))
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise _refused(_l("The file is not a table that can be read. Save it as .xlsx or .csv again.")) from error


def _columns(rows: Iterator[tuple[int, Cells]]) -> dict[str, int]:
    """Read up to the row of headings and return which column holds what."""
    for _line, cells in islice(rows, HEADER_WITHIN):
        found = [FIELD_OF.get(ADDITIONS.sub("", _written(cell)).lower()) for cell in cells]
        if REFERENCE in found:
            twice = next((HEADINGS[field][0] for field in HEADINGS if found.count(field) > 1), None)
            if twice:
                raise _refused(_l("Two columns mean the same: %(heading)s. Keep one of them.", heading=twice))
            return {field: at for at, field in enumerate(found) if field}
    raise _refused(_l("No row of headings was found. The column 统一编号 is needed; use the template."))


def _written(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\u3000", " ").replace("\ufeff", "").strip().lstrip("'’‘`").strip()


def _refused(message: Text) -> InvalidError:
    return InvalidError(message, field="file")


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return UTF-8 with its mark, in which no cell can act as a formula."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Iterable[Sequence[str]], title: str) -> bytes:
    """Return a workbook of one sheet whose cells are text."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    for row in rows:
        sheet.append([harmless(cell) for cell in row])
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()
