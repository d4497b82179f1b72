"""Result sheets as files: every row with its answer, and the signature over them."""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from app.core.errors import InvalidError
from app.core.lazily import lazily
from app.core.spreadsheets import inert, to_csv, unguarded
from app.core.tables import MEGABYTE
from app.core.text import _, _l
from app.credentials.rules.lists import MEGABYTES

if TYPE_CHECKING:
    import openpyxl.styles
    import openpyxl.utils
    import openpyxl.utils.exceptions
    import openpyxl.worksheet.worksheet
else:
    openpyxl = lazily("openpyxl")

TEXT_FORMAT = "@"
WIDTH = 22
CODES = (
    "line",
    "given",
    "name",
    "outcome",
    "name_fits",
    "near",
    "kind",
    "level",
    "from",
    "until",
    "on",
    "reason",
    "fault",
)
"""The columns that are signed, in codes that are the same in every language."""
ROWS, SIGNATURE = "rows", "signature"
MOST_ROWS = 10_001

Row = tuple[list[str], str, str]
"""A row in codes, its answer in a word, and what is said of it."""


def result_csv(rows: Iterable[Row]) -> bytes:
    """Return every row with its answer in words."""
    return to_csv([_headings(), *([*codes[:3], label, sentence] for codes, label, sentence in rows)])


def _headings() -> list[str]:
    return [_("Row"), _("Number as given"), _("Name as given"), _("Answer"), _("Remark")]


def result_xlsx(rows: Iterable[Row], sheet: str) -> bytes:
    """Return the result sheet: rows in words, the same rows in the codes that were signed, and the signature."""
    book = openpyxl.Workbook()
    read, signed, signature = book.worksheets[0], book.create_sheet(ROWS), book.create_sheet(SIGNATURE)
    read.title = _("Result sheet")
    _head(read, _headings())
    _head(signed, CODES)
    for number, (codes, label, sentence) in enumerate(rows, start=2):
        _write(read, number, [*codes[:3], label, sentence])
        _write(signed, number, codes)
    signature.cell(1, 1, sheet)
    return _packed(book)


def _head(sheet: "openpyxl.worksheet.worksheet.Worksheet", headings: Sequence[str]) -> None:
    for place, heading in enumerate(headings, start=1):
        sheet.cell(1, place, heading).font = openpyxl.styles.Font(bold=True)
        sheet.column_dimensions[openpyxl.utils.get_column_letter(place)].width = WIDTH
    sheet.freeze_panes = "A2"


def _write(sheet: "openpyxl.worksheet.worksheet.Worksheet", number: int, values: Sequence[str]) -> None:
    for place, value in enumerate(values, start=1):
        if value:
            cell = sheet.cell(number, place, inert(value))
            cell.data_type, cell.number_format = "s", TEXT_FORMAT


def _packed(book: "openpyxl.Workbook") -> bytes:
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def read_result(data: bytes) -> tuple[str, list[list[str]]]:
    """Return the signature and the signed rows of a result sheet; raises InvalidError for the field `file`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        book = openpyxl.load_workbook(
            io.BytesIO(data if unpacked <= MEGABYTES * MEGABYTE else b""), read_only=True, keep_links=False
        )
        signature = book[SIGNATURE].cell(1, 1).value
        return str(signature or ""), list(_signed_rows(book[ROWS]))
    except (
        zipfile.BadZipFile,
        openpyxl.utils.exceptions.InvalidFileException,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
    ) as error:
        raise InvalidError(
            _l("The workbook is no result sheet of this site. Take it as it was downloaded."), field="file"
        ) from error


def _signed_rows(sheet: "openpyxl.worksheet.worksheet.Worksheet") -> Iterator[list[str]]:
    rows = sheet.iter_rows(min_row=2, max_row=MOST_ROWS, max_col=len(CODES), values_only=True)
    for cells in rows:
        yield [_unguarded(cell) for cell in (*cells, *[None] * (len(CODES) - len(cells)))]


def _unguarded(cell: object) -> str:
    return "" if cell is None else unguarded(str(cell))
