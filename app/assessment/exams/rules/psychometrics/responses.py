"""The matrix that every statistic stands on: persons by items, and how a file of it is read."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.arrays import Flags, Floats, np
from app.core.errors import InvalidError
from app.core.text import _l

Matrix = Floats
CELLS = {"0": 0.0, "1": 1.0, "": math.nan}
HEADER_LINES = 1
SHOWN = 20
LEAST = 2


@dataclass(frozen=True, slots=True)
class Responses:
    """What persons earned: `scores` is persons by items, shares of an item's points from 0 to 1, NaN if not answered.

    `points` holds what each item is worth; a file of zeros and ones counts each item as one point.
    """

    items: tuple[str, ...]
    scores: Matrix
    points: Matrix

    @property
    def persons(self) -> int:
        """Return how many persons there are."""
        return int(self.scores.shape[0])

    @property
    def seen(self) -> Matrix:
        """Return 1 where a person answered an item and 0 elsewhere."""
        return (~np.isnan(self.scores)).astype(float)

    @property
    def right(self) -> Matrix:
        """Return 1 where the whole item was right, 0 where not, NaN where not answered: what the models stand on."""
        return np.where(np.isnan(self.scores), np.nan, (self.scores >= 1).astype(float))


@dataclass(frozen=True, slots=True)
class ResponseFile:
    """A file of answers: the matrix, and for each person of it the row, and the group where a column names groups."""

    data: Responses
    rows: tuple[int, ...]
    groups: tuple[str | None, ...]


def quotient(top: Matrix, bottom: Matrix) -> Matrix:
    """Divide entry by entry, NaN where there is nothing to divide by."""
    told: Matrix = np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom > 0)
    return told


def responses(items: Sequence[str], scores: Matrix, points: Matrix | None = None) -> Responses:
    """Build the matrix; persons without any answer are left out. Raises InvalidError for fewer than two either way."""
    kept = scores[answered(scores)] if scores.size else scores
    if len(items) < LEAST or kept.shape[0] < LEAST:
        raise InvalidError(_l("Statistics need at least two items and two persons who answered."))
    worth = np.ones(len(items)) if points is None else points
    return Responses(tuple(items), kept.astype(float), worth.astype(float))


def answered(scores: Matrix) -> Flags:
    """Tell which persons of a matrix answered anything: those who stay in it."""
    seen: Matrix = (~np.isnan(scores)).sum(axis=1)
    told: Flags = seen > 0
    return told


def read_csv(raw: bytes, group: str = "") -> ResponseFile:
    """Read one row a person, one column an item, cells 0, 1 or empty; `group` heads a column of the person's group.

    Raises InvalidError naming row and column.
    """
    rows = [row for row in csv.reader(io.StringIO(_text(raw), newline="")) if row]
    if len(rows) <= HEADER_LINES:
        raise InvalidError(_l("The file needs a line of item names and at least one line of answers."))
    _check_header(rows[0])
    apart = _place_of(rows[0], group) if group else len(rows[0])
    items = _without(rows[0], apart)
    scores = np.array([_row(line, row, rows[0], apart) for line, row in enumerate(rows[HEADER_LINES:], start=2)])
    data = responses(items, scores)
    kept = [int(one) for one in np.flatnonzero(answered(scores))]
    labels = [rows[HEADER_LINES + one][apart].strip() or None if group else None for one in kept]
    return ResponseFile(data, tuple(one + HEADER_LINES + 1 for one in kept), tuple(labels))


def _place_of(header: Sequence[str], group: str) -> int:
    if group not in header:
        raise InvalidError(
            _l("The file has no column “%(name)s”. Give the name that stands in its first line.", name=group[:SHOWN])
        )
    return header.index(group)


def _without(row: Sequence[str], apart: int) -> list[str]:
    return [*row[:apart], *row[apart + 1 :]]


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidError(_l("The file is neither UTF-8 nor GB18030 text. Save it as UTF-8."))


def _check_header(items: Sequence[str]) -> None:
    for column, name in enumerate(items, start=1):
        if not name.strip():
            raise InvalidError(_l("Column %(column)d has no name. Name every item in the first line.", column=column))
        if name in items[: column - 1]:
            raise InvalidError(
                _l(
                    "Columns %(first)d and %(column)d are both called “%(name)s”. Give each item its own name.",
                    first=items.index(name) + 1,
                    column=column,
                    name=name[:SHOWN],
                )
            )


def _row(line: int, row: Sequence[str], items: Sequence[str], apart: int) -> list[float]:
    if len(row) != len(items):
        raise InvalidError(
            _l(
                "Row %(row)d has %(found)d cells, but the first line names %(named)d items.",
                row=line,
                found=len(row),
                named=len(items),
            )
        )
    cells = _without(row, apart)
    for name, cell in zip(_without(items, apart), cells, strict=True):
        if cell.strip() not in CELLS:
            raise InvalidError(
                _l(
                    "Row %(row)d, column “%(name)s”: “%(cell)s” is neither 0 nor 1 nor empty.",
                    row=line,
                    name=name[:SHOWN],
                    cell=cell[:SHOWN],
                )
            )
    return [CELLS[cell.strip()] for cell in cells]
