"""Reading a list of certificates to check: xlsx or csv, with a column of numbers and perhaps one of names."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import NoReturn

from app.core.errors import InvalidError, Text
from app.core.tables import HEADER_WITHIN, Cells, Limits, Row, found_columns, is_empty, is_rounded, picked, rows_of
from app.core.tables import written as plain
from app.core.text import _l
from app.credentials.rules.inputs import is_proof

MEGABYTES = 48
LONGEST = 200
LONGEST_PROOF = 2000
"""The text of a QR code is longer than any number or address; `shortened` is what is kept and shown of it."""
SHOWN_DIGITS = 24
# zh: the headings that offices write above numbers and names of certificates
HEADINGS = {
    "given": (
        *("证书编号", "统一编号", "编号", "证书号", "证书号码", "链接", "证书链接", "网址", "证书地址"),
        *("number", "certificatenumber", "certificate", "unifiednumber", "code", "url", "link", "id"),
    ),
    "name": ("姓名", "持证人", "名字", "员工姓名", "name", "holder", "fullname"),
}
TEMPLATE = (HEADINGS["given"][0], HEADINGS["name"][0])


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row: its line in the file, what was given for the certificate, the name, and why it cannot be read."""

    line: int
    given: str = ""
    name: str = ""
    fault: str = ""


def read_list(data: bytes, most: int) -> list[ListRow]:
    """Return the rows of a list, none left out; raises InvalidError for the field `file` saying what to change."""
    # Empty rows between full ones are read over, but not without end
    columns, rest = _columns(rows_of(data, Limits(2 * most, megabytes=MEGABYTES)))
    found = list(islice((_row(line, cells, columns) for line, cells in rest if not is_empty(cells)), most + 1))
    if len(found) > most:
        _refuse(_l("A list may hold at most %(limit)s rows. Split it.", limit=most))
    if not found:
        _refuse(_l("The file holds no row. Write one certificate a row: its number, and the name if you know it."))
    return found


def _columns(rows: Iterable[Row]) -> tuple[dict[str, int], Iterable[Row]]:
    """Find the row of headings; a list without one holds numbers first and names second."""
    left = iter(rows)
    head = list(islice(left, HEADER_WITHIN))
    found = found_columns((cells for _line, cells in head), HEADINGS, ["given"])
    if found is None:
        return {"given": 0, "name": 1}, chain(head, left)
    above, columns = found
    return columns, chain(head[above + 1 :], left)


def _row(line: int, cells: Cells, columns: Mapping[str, int]) -> ListRow:
    values = picked(cells, columns)
    given, name = _written(values.get("given")), _written(values.get("name"))
    return ListRow(line, given[: _longest(given)], name[:LONGEST], _fault(values.get("given"), given, name))


def _longest(given: str) -> int:
    return LONGEST_PROOF if is_proof(given) else LONGEST


def shortened(given: str) -> str:
    """Return what was given as it is kept and shown: of the hundreds of digits of a proof the first."""
    if not is_proof(given):
        return given
    head, mark, digits = given.rpartition("#")
    return f"{head}{mark}{digits[:SHOWN_DIGITS]}…"[-LONGEST:]


def _fault(cell: object, given: str, name: str) -> str:
    if not given:
        return "empty"
    if is_rounded(cell):
        return "rounded"
    if len(given) > _longest(given) or len(name) > LONGEST:
        return "long"
    return "characters" if any(unicodedata.category(one)[0] == "C" for one in given + name) else ""


def _written(cell: object) -> str:
    """Return a cell as text: full width as half width."""
    return plain(unicodedata.normalize("NFKC", cell) if isinstance(cell, str) else cell)


def _refuse(message: Text) -> NoReturn:
    raise InvalidError(message, field="file")
