"""Reading a decision matrix or a pairwise matrix from CSV; every refusal names its line and column."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from math import isfinite

from app.core.errors import InvalidError, Text
from app.core.text import _l
from app.performance.rules.mcdm import RANDOM_INDEX

DIRECTIONS = {"+": True, "-": False}
SUM_TOLERANCE = 0.001
"""How far given weights may be from a sum of 1, for thirds and the like; they are scaled to 1."""
RECIPROCAL_TOLERANCE = 0.02
"""How far a value times its mirror may be from 1: 0.33 times 3 is taken."""
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision matrix: criteria, whether more of each is better, values by row, weights where given."""

    criteria: tuple[str, ...]
    benefits: tuple[bool, ...]
    matrix: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one line of the file, trimmed; `line` counts from 1 and `first` is the column of the first cell."""

    line: int
    cells: tuple[str, ...]
    first: int = 1


def read_decision(text: str, *, weighted: bool) -> Decision:
    """Read criteria, a line of + or -, a line of weights where `weighted`, then one line an alternative.

    An empty first cell in the line of directions makes the first column one of names. Raises InvalidError.
    """
    rows = _rows(text)
    head = 3 if weighted else 2
    if len(rows) <= head:
        raise InvalidError(_few(weighted=weighted), field="file")
    if rows[1].cells[0] == "":
        rows = [Row(row.line, row.cells[1:], row.first + 1) for row in rows]
    width = len(rows[0].cells)
    for row in rows:
        _check_width(row, width)
    benefits = tuple(_direction(row_cell, rows[1], place) for place, row_cell in enumerate(rows[1].cells))
    weights = _weights(rows[2]) if weighted else None
    body = [(row, tuple(_number(cell, row, place) for place, cell in enumerate(row.cells))) for row in rows[head:]]
    _check_values(body, benefits)
    return Decision(rows[0].cells, benefits, tuple(values for _, values in body), weights)


def _few(*, weighted: bool) -> Text:
    if weighted:
        return _l("The file needs a line of criteria, one of + or -, one of weights and at least one alternative.")
    return _l("The file needs a line of criteria, one of + or - and at least one alternative.")


def read_pairwise(text: str) -> tuple[tuple[float, ...], ...]:
    """Read a pairwise matrix; a first line of names and a first column of names may stand around it.

    Values are positive numbers or fractions such as 1/9. Raises InvalidError where it is not square, its diagonal is
    not 1, or a value is not the reciprocal of its mirror.
    """
    rows = _rows(text)
    if all(_parsed(cell) is None for cell in rows[0].cells):
        named = rows[0].cells[0] == "" or len(rows) == len(rows[0].cells)
        rows = [Row(row.line, row.cells[1:], row.first + 1) for row in rows[1:]] if named else rows[1:]
    size = len(rows)
    if not FEWEST <= size <= len(RANDOM_INDEX):
        raise InvalidError(
            _l("A pairwise matrix compares 2 to 15 things; this one has %(size)s.", size=size), field="file"
        )
    for row in rows:
        _check_width(row, size)
    matrix = tuple(tuple(_number(cell, row, place) for place, cell in enumerate(row.cells)) for row in rows)
    _check_reciprocal(rows, matrix)
    return matrix


def _check_reciprocal(rows: Sequence[Row], matrix: Sequence[Sequence[float]]) -> None:
    for i, row in enumerate(rows):
        for j, value in enumerate(matrix[i]):
            if value <= 0:
                raise _wrong(row, j, _l("a comparison must be greater than 0"))
            if i == j and value != 1:
                raise _wrong(row, j, _l("a thing compared with itself must be 1"))
            gap = abs(value * matrix[j][i] - 1)
            if gap > RECIPROCAL_TOLERANCE:  # mutant: no product of two floats is 0.02 from 1 to the last bit
                raise _wrong(row, j, _l("must be the reciprocal of its mirror in line %(line)s", line=rows[j].line))


def _rows(text: str) -> list[Row]:
    reader = csv.reader(StringIO(text.removeprefix("\ufeff")), strict=True)
    rows = []
    try:
        for cells in reader:
            trimmed = tuple(cell.strip() for cell in cells)
            if any(trimmed):
                rows.append(Row(reader.line_num, trimmed))
    except csv.Error as error:
        raise InvalidError(
            _l("Line %(line)s is not CSV. Check its quotes.", line=reader.line_num), field="file"
        ) from error
    if not rows:
        raise InvalidError(_l("The file is empty. Choose another one."), field="file")
    return rows


def _check_width(row: Row, width: int) -> None:
    if len(row.cells) != width:
        at = min(len(row.cells), width) + row.first
        raise InvalidError(
            _l(
                "Line %(line)s, column %(column)s: %(given)s cells stand where %(wanted)s belong.",
                line=row.line, column=at, given=len(row.cells), wanted=width,
            ),
            field="file",
        )  # fmt: skip


def _wrong(row: Row, place: int, reason: object) -> InvalidError:
    return InvalidError(
        _l("Line %(line)s, column %(column)s: %(reason)s.", line=row.line, column=row.first + place, reason=reason),
        field="file",
    )


def _direction(cell: str, row: Row, place: int) -> bool:
    if cell not in DIRECTIONS:
        raise _wrong(row, place, _l("a direction is + or -"))
    return DIRECTIONS[cell]


def _parsed(cell: str) -> float | None:
    """Return a number or fraction as a finite float, None where it is neither."""
    above, stroke, below = cell.partition("/")
    try:
        value = float(above) / float(below) if stroke else float(above)
    except (ValueError, ZeroDivisionError):
        return None
    return value if isfinite(value) else None


def _number(cell: str, row: Row, place: int) -> float:
    value = _parsed(cell)
    if value is None:
        raise _wrong(row, place, _l("“%(cell)s” is not a number", cell=cell[:40]))
    return value


def _weights(row: Row) -> tuple[float, ...]:
    given = [_number(cell, row, place) for place, cell in enumerate(row.cells)]
    for place, weight in enumerate(given):
        if weight < 0:
            raise _wrong(row, place, _l("a weight is not negative"))
    total = sum(given)
    if abs(total - 1) > SUM_TOLERANCE:
        raise _wrong(row, 0, _l("the weights sum to %(total)s and must sum to 1", total=f"{total:.6g}"))
    return tuple(weight / total for weight in given)


def _check_values(body: Sequence[tuple[Row, tuple[float, ...]]], benefits: Sequence[bool]) -> None:
    for row, values in body:
        for place, (value, more) in enumerate(zip(values, benefits, strict=True)):
            if value < 0 or (value == 0 and not more):
                reason = _l("must not be negative") if more else _l("must be greater than 0 where less is better")
                raise _wrong(row, place, reason)
    first = body[0][0]
    for place in range(len(benefits)):
        if not any(values[place] for _, values in body):
            raise _wrong(first, place, _l("all values of this criterion are 0, so nothing can be compared"))
