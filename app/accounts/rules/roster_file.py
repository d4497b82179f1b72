"""Reading a roster file (学员名单): xlsx or csv, with the headings that people really use."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from app.core.errors import InvalidError, Text
from app.core.lazily import lazily
from app.core.text import _l

if TYPE_CHECKING:
    import openpyxl.utils.exceptions
else:
    openpyxl = lazily("openpyxl")

MOST_ROWS = 100_000
MOST_COLUMNS = 40
UNPACKED_LIMIT = 100 * 1024 * 1024
HEADER_WITHIN = 10
EXACT_DIGITS = 15
"""A spreadsheet figure keeps 15 digits; whatever is longer was rounded before it reached us."""

# zh: the headings that Chinese offices write
HEADINGS = {
    "name": ("姓名", "学员姓名", "名字", "name", "fullname"),
    "kind": ("证件类型", "证件种类", "证件类别", "documenttype", "idtype"),
    "number": (
        "证件号码",
        "证件号",
        "证件编号",
        "身份证号",
        "身份证号码",
        "居民身份证号码",
        "公民身份号码",
        "身份证",
        "documentnumber",
        "idnumber",
    ),
    "phone": ("手机", "手机号", "手机号码", "联系电话", "移动电话", "联系方式", "电话", "phone", "mobile", "telephone"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "邮件", "邮箱地址", "email", "mail", "e-mail", "emailaddress"),
    "employer": ("单位", "工作单位", "所在单位", "单位名称", "employer", "organisation", "organization", "company"),
}
TEMPLATE = tuple(headings[0] for headings in HEADINGS.values())
"""The headings of the template that people download."""
FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}
NEEDED = ("name", "number")
NO_HEADINGS = _l("No row of headings was found. The columns 姓名 and 证件号码 are needed; use the template.")
ADDITIONS = re.compile(r"[(（].*?[)）]|[\s*＊:：_]")


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One row as written; `rounded` where the sheet kept the number as a figure and lost digits."""

    line: int
    name: str = ""
    kind: str = ""
    number: str = ""
    phone: str = ""
    email: str = ""
    employer: str = ""
    rounded: bool = False


Cell = object
Row = tuple[int, Sequence[Cell]]


def read(data: bytes) -> Iterator[RosterLine]:
    """Yield the rows of a roster one by one; raises InvalidError for the field `file` saying what to change."""
    rows = table_rows(data)
    columns = columns_of(rows, HEADINGS, NEEDED, NO_HEADINGS)
    count = 0
    for number, cells in rows:
        if not any(written(cell) for cell in cells):
            continue
        count += 1
        if count > MOST_ROWS:
            raise _refused(_l("A roster may hold at most %(limit)s rows. Split it.", limit=MOST_ROWS))
        yield _line(number, cells, columns)
    if not count:
        raise _refused(_l("The file holds headings but no rows. Enter one person a row."))


def table_rows(data: bytes) -> Iterator[Row]:
    """Yield the rows of a workbook or a csv file with their numbers; raises InvalidError for the field `file`."""
    return _workbook(data) if data.startswith(b"PK") else _text_rows(data)


def _workbook(data: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > UNPACKED_LIMIT:
            raise _refused(_l("The workbook unpacks to more than 100 MB. Save it again without pictures."))
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS + HEADER_WITHIN + 1, values_only=True)
        yield from enumerate(rows, start=1)
    except (
        zipfile.BadZipFile,
        openpyxl.utils.exceptions.InvalidFileException,
        KeyError,
        IndexError,
        ValueError,
    ) as error:
        raise _refused(_l("The workbook cannot be read. Save it as .xlsx or .csv again.")) from error


def _text_rows(data: bytes) -> Iterator[Row]:
    text = _decoded(data)
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;，", key=first.count)
    if delimiter == "，":
        delimiter = ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise _refused(_l("The file is not a table that can be read. Save it as .xlsx or .csv again.")) from error


def _decoded(data: bytes) -> str:
    """Decode what Chinese offices save: UTF-8, UTF-16 with its mark, GBK and GB 18030."""
    encodings = ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _refused(_l("The file is neither a workbook nor text in UTF-8 or GBK. Save it as .xlsx or .csv again."))


def columns_of(
    rows: Iterator[Row], headings: Mapping[str, Sequence[str]], needed: Sequence[str], missing: Text
) -> dict[str, int]:
    """Read up to the row of headings and return which column holds what; raises InvalidError with `missing`."""
    field_of = {heading: field for field, known in headings.items() for heading in known}
    for _number, cells in islice(rows, HEADER_WITHIN):
        found = [field_of.get(_heading(cell)) for cell in cells]
        if all(field in found for field in needed):
            _refuse_twice(found, headings)
            return {field: index for index, field in enumerate(found) if field}
    raise _refused(missing)


def _refuse_twice(found: Sequence[str | None], headings: Mapping[str, Sequence[str]]) -> None:
    for field, known in headings.items():
        if found.count(field) > 1:
            raise _refused(_l("Two columns mean the same: %(heading)s. Keep one of them.", heading=known[0]))


def _heading(cell: Cell) -> str:
    return ADDITIONS.sub("", written(cell)).lower()


def _line(number: int, cells: Sequence[Cell], columns: dict[str, int]) -> RosterLine:
    values = {field: cells[index] if index < len(cells) else None for field, index in columns.items()}
    return RosterLine(
        line=number,
        rounded=_is_rounded(values.get("number")),
        **{field: written(value) for field, value in values.items()},
    )


def _is_rounded(cell: Cell) -> bool:
    return isinstance(cell, (int, float)) and len(written(cell)) > EXACT_DIGITS


def written(cell: Cell) -> str:
    """Return what a cell says, as text without what offices put around it."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\u3000", " ").replace("\ufeff", "").strip().lstrip("'’‘`").strip()


def _refused(message: Text) -> InvalidError:
    return InvalidError(message, field="file")
