"""Reading and writing the tables of an import: xlsx or csv with the headings people really use; pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.errors import InvalidError, Text
from app.core.tables import Cells, Limits, columns_of, is_empty, is_rounded, picked, rows_of, written
from app.core.text import _l
from app.evidence.rules.fields import FIELDS
from app.evidence.states import Kind

MOST_ROWS = 2000
PERSON = "person_name"
DOCUMENT = "person_document"
# zh: the headings that Chinese offices write above the person's columns
OWN_HEADINGS = {
    PERSON: ("姓名", "技术经理人", "name"),
    DOCUMENT: ("证件号码", "身份证号", "居民身份证号码", "身份证号码", "identitynumber"),
}
NO_HEADINGS = _l("No row of headings was found. Use the template; it names the columns that are needed.")


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One row as written: whose it is, the fields of the kind, and which lost digits as a figure."""

    line: int
    name: str
    document: str
    fields: dict[str, str]
    rounded: tuple[str, ...] = ()


def template(kind: Kind) -> list[str]:
    """Return the headings of the template of a kind."""
    return [usual for usual, *_others in _headings(kind).values()]


def read(data: bytes, kind: Kind) -> list[ImportLine]:
    """Return the rows of a file for one kind; raises InvalidError for the field `file` saying what to change."""
    rows = rows_of(data, Limits(MOST_ROWS))
    columns = columns_of(rows, _headings(kind), OWN_HEADINGS, NO_HEADINGS)
    lines = [_line(number, cells, columns) for number, cells in rows if not is_empty(cells)]
    if not lines:
        raise _refused(_l("The file holds headings but no rows. Enter one record a row."))
    if len(lines) > MOST_ROWS:
        raise _refused(_l("An import may hold at most %(limit)s rows. Split it.", limit=MOST_ROWS))
    return lines


def _headings(kind: Kind) -> dict[str, tuple[str, ...]]:
    return {**OWN_HEADINGS, **{field.name: (*field.headings, field.name) for field in FIELDS[kind]}}


def _line(number: int, cells: Cells, columns: Mapping[str, int]) -> ImportLine:
    values = picked(cells, columns)
    rounded = tuple(name for name, value in values.items() if is_rounded(value))
    said = {name: written(value) for name, value in values.items()}
    return ImportLine(number, said.pop(PERSON), said.pop(DOCUMENT), said, rounded)


def _refused(message: Text) -> InvalidError:
    return InvalidError(message, field="file")
