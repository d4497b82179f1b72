"""Reading lists of certificates to change: xlsx or csv with the headings that people use."""

from collections.abc import Iterator

from app.core.errors import InvalidError, Text
from app.core.tables import Limits, columns_of, picked, rows_of, written
from app.core.text import _l

MOST_ROWS = 100_000
MEGABYTES = 100
LONGEST = 200
REFERENCE, REASON = "reference", "reason"
# zh: the headings that Chinese offices write
HEADINGS = {
    REFERENCE: ("统一编号", "证书编号", "编号", "证书号", "证书链接", "number", "certificatenumber", "code", "link"),
    REASON: ("原因", "事由", "撤销原因", "暂停原因", "reason"),
}
NO_HEADINGS = _l("No row of headings was found. The column 统一编号 is needed; use the template.")
Given = tuple[int, str, str]  # mutant: a name of a type, which nothing asks as the program runs


def read(data: bytes) -> Iterator[Given]:
    """Yield line, number and reason as written, row by row; raises InvalidError for the field `file`."""
    rows = rows_of(data, Limits(MOST_ROWS, megabytes=MEGABYTES))
    columns = columns_of(rows, HEADINGS, [REFERENCE], NO_HEADINGS)
    count = 0
    for line, cells in rows:
        values = {field: written(cell) for field, cell in picked(cells, columns).items()}
        if not any(values.values()):
            continue
        count += 1
        if count > MOST_ROWS:
            raise _refused(_l("A file may hold at most %(limit)s rows. Split it.", limit=MOST_ROWS))
        yield line, values[REFERENCE][:LONGEST], values.get(REASON, "")[:LONGEST]
    if not count:
        raise _refused(_l("The file holds headings but no rows. Enter one certificate a row."))


def _refused(message: Text) -> InvalidError:
    return InvalidError(message, field="file")
