"""Lists of experts as xlsx or csv: read with limits, written so that no cell can act as a formula."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import InvalidError, Text
from app.core.lazily import lazily
from app.core.text import _l
from app.panels.states import Field, Title

if TYPE_CHECKING:
    import openpyxl.utils.exceptions
else:
    openpyxl = lazily("openpyxl")

MOST_ROWS = 1_000
MOST_COLUMNS = 20
UNPACKED_LIMIT = 32 * 1024 * 1024
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
COLUMNS = ("name", "number", "unit", "region", "field", "title")

# zh: the headings and words that Chinese offices write
HEADINGS: Mapping[str, str] = {
    "姓名": "name",
    "证件号码": "number",
    "身份证号": "number",
    "身份证号码": "number",
    "单位": "unit",
    "工作单位": "unit",
    "地区代码": "region",
    "专业领域": "field",
    "职称": "title",
    "职称级别": "title",
    **{name: name for name in COLUMNS},
}
FIELDS: Mapping[str, Field] = {
    "技术转移": Field.TRANSFER,
    "工程技术": Field.ENGINEERING,
    "知识产权": Field.PROPERTY,
    "金融投资": Field.FINANCE,
    "法律": Field.LAW,
    "教育培训": Field.EDUCATION,
    **{one.value: one for one in Field},
}
TITLES: Mapping[str, Title] = {
    "正高级": Title.FULL_SENIOR,
    "副高级": Title.SENIOR,
    "中级": Title.INTERMEDIATE,
    **{one.value: one for one in Title},
}


@dataclass(frozen=True, slots=True)
class ExpertLine:
    """One row of a list: the person, their unit with its GB/T 2260 region, field and title."""

    row: int
    name: str
    number: str
    unit: str
    region: str
    field: Field
    title: Title


def read(data: bytes, regions: AbstractSet[str]) -> list[ExpertLine]:
    """Return the rows of a list; raises InvalidError for the field `file` that names the row and what to change."""
    rows = [row for row in (_workbook(data) if data.startswith(b"PK") else _text(data)) if any(row[1])]
    if not rows:
        raise _refused(_l("The file is empty. Enter one expert a row under the headings of the template."))
    places = _places(rows[0][1])
    if len(rows) > MOST_ROWS + 1:
        raise _refused(_l("A list may hold at most %(most)s experts. Split it.", most=MOST_ROWS))
    lines = [_line(number, cells, places, regions) for number, cells in rows[1:]]
    if not lines:
        raise _refused(_l("The file holds headings but no rows. Enter one expert a row."))
    return lines


def _refused(message: Text) -> InvalidError:
    return InvalidError(message, field="file")


def _places(cells: Sequence[str]) -> dict[str, int]:
    places = {HEADINGS[cell]: at for at, cell in enumerate(cells) if cell in HEADINGS}
    missing = [name for name in COLUMNS if name not in places]
    if missing:
        raise _refused(_l("The first row lacks headings. Use the template: it has the six columns in their order."))
    return places


def _line(row: int, cells: Sequence[str], places: Mapping[str, int], regions: AbstractSet[str]) -> ExpertLine:
    given = {name: cells[at] if at < len(cells) else "" for name, at in places.items()}
    empty = [name for name in COLUMNS if not given[name]]
    if empty:
        raise _refused(_l("Row %(row)s: a cell is empty. Fill all six columns.", row=row))
    if given["region"] not in regions:
        raise _refused(_l("Row %(row)s: “%(code)s” is no region code of six digits.", row=row, code=given["region"]))
    if given["field"] not in FIELDS or given["title"] not in TITLES:
        raise _refused(_l("Row %(row)s: write field and title as in the template.", row=row))
    return ExpertLine(
        row,
        given["name"],
        given["number"],
        given["unit"],
        given["region"],
        FIELDS[given["field"]],
        TITLES[given["title"]],
    )


def _workbook(data: bytes) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED_LIMIT:
                raise _refused(_l("The workbook unpacks to too much. Keep one sheet with one expert a row."))
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        limits = {"max_row": MOST_ROWS + 2, "max_col": MOST_COLUMNS}
        return [
            (at, [_word(cell) for cell in row]) for at, row in enumerate(sheet.iter_rows(**limits, values_only=True), 1)
        ]
    except (
        zipfile.BadZipFile,
        openpyxl.utils.exceptions.InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:
        raise _refused(_l("The file is no workbook. Save it as xlsx or csv.")) from error


def _text(data: bytes) -> list[tuple[int, list[str]]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            reader = csv.reader(io.StringIO(data.decode(encoding), newline=""))
            return [(at, [_word(cell) for cell in row[:MOST_COLUMNS]]) for at, row in enumerate(reader, 1)]
        except (UnicodeDecodeError, csv.Error):
            continue
    raise _refused(_l("The file is neither a workbook nor text. Save it as xlsx or csv."))


def _word(cell: object) -> str:
    """Return a cell as text: a guard against formulas is taken off, a whole figure has no point."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    word = "" if cell is None else str(cell).strip()
    return word[1:] if word.startswith("'") and word[1:].startswith(DANGEROUS) else word


def inert(text: str) -> str:
    """Return a text that a spreadsheet shows and never computes."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def to_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Return UTF-8 with its mark, which office programs in Chinese read rightly."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([inert(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a workbook of one sheet in which every cell is text."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.value = inert(text)
            cell.data_type = "s"
            cell.number_format = "@"
    sheet.freeze_panes = "A2"
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()
