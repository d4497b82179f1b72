"""How a file of answers is read: one row a person, one column an item, cells of points.

A heading may end in the most that its item gives, such as `Essay [20]`; where none says so, an item gives 0 or 1.
"""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.assessment.exams.rules.psychometrics.responses import Matrix, Responses, answered, responses
from app.core.arrays import np
from app.core.errors import InvalidError, Text
from app.core.text import LazyString, _l

HEADER_LINES = 1
SHOWN = 20
MOST_TOLD = 10
MOST_POINTS = 10_000
MOST = re.compile(r"\[(\d+(?:\.\d+)?)\]\s*$", re.ASCII)
NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
RIGHT_OR_WRONG = frozenset({0.0, 1.0})


@dataclass(frozen=True, slots=True)
class ResponseFile:
    """A file of answers: the matrix, and for each person of it the row, and the group where a column names groups."""

    data: Responses
    rows: tuple[int, ...]
    groups: tuple[str | None, ...]


@dataclass
class _Reader:
    """Reads cells under their headings and gathers what is wrong with them."""

    items: Sequence[str]
    most: Sequence[float | None]
    problems: list[Text] = field(default_factory=list)

    def row(self, line: int, cells: Sequence[str]) -> list[float]:
        """Return the points of a row, NaN for what is empty or wrong."""
        return [self._cell(line, place, cell.strip()) for place, cell in enumerate(cells)]

    def _cell(self, line: int, place: int, cell: str) -> float:
        if not cell:
            return math.nan
        most = self.most[place]
        points = float(cell) if NUMBER.fullmatch(cell) else math.nan
        if points in RIGHT_OR_WRONG if most is None else points <= most:
            return points
        where = {"row": line, "name": self.items[place][:SHOWN], "cell": cell[:SHOWN]}
        self.problems.append(
            _l(
                "Row %(row)d, column “%(name)s”: “%(cell)s” is neither 0 nor 1 nor empty. Where an item gives more "
                "points, its heading says how many, such as “%(name)s [4]”.",
                **where,
            )
            if most is None
            else _l(
                "Row %(row)d, column “%(name)s”: “%(cell)s” is no number from 0 to %(most)s.", **where, most=f"{most:g}"
            )
        )
        return math.nan

    def refuse(self) -> None:
        """Raise InvalidError naming the first cells that are wrong, and how many more there are."""
        if not self.problems:
            return
        told, more = self.problems[:MOST_TOLD], len(self.problems) - MOST_TOLD
        if more > 0:
            told = [*told, _l("Cells that are wrong beside these: %(count)d.", count=more)]
        raise InvalidError(LazyString(lambda: "\n".join(map(str, told))))


def read_csv(raw: bytes, group: str = "", most: Mapping[str, float] | None = None) -> ResponseFile:
    """Read one row a person, one column an item; `group` heads a column of the person's group.

    `most` is what items give at most, by heading; it counts before what the heading itself says. Raises InvalidError
    naming row and column of what is wrong.
    """
    rows = [row for row in csv.reader(io.StringIO(_text(raw), newline="")) if row]
    if len(rows) <= HEADER_LINES:
        raise InvalidError(_l("The file needs a line of item names and at least one line of answers."))
    _check_header(rows[0])
    apart = _place_of(rows[0], group) if group else len(rows[0])
    items = _without(rows[0], apart)
    reader = _Reader(items, _most(items, most or {}))
    numbered = list(enumerate(rows[HEADER_LINES:], start=HEADER_LINES + 1))
    points = np.array([reader.row(line, _without(_whole(line, row, rows[0]), apart)) for line, row in numbered])
    reader.refuse()
    data = _matrix(items, points, np.array([1.0 if one is None else one for one in reader.most]))
    kept = [int(one) for one in np.flatnonzero(answered(points))]
    labels = [rows[HEADER_LINES + one][apart].strip() or None if group else None for one in kept]
    return ResponseFile(data, tuple(one + HEADER_LINES + 1 for one in kept), tuple(labels))


def _matrix(items: Sequence[str], points: Matrix, most: Matrix) -> Responses:
    """Return the matrix; an item is graded where somebody earned a part of its points."""
    scores = points / most
    partial = ((scores > 0) & (scores < 1)).any(axis=0)
    return responses(items, scores, most, frozenset(int(one) for one in np.flatnonzero(partial)))


def _most(items: Sequence[str], given: Mapping[str, float]) -> list[float | None]:
    """Return the most that each item gives: as given, else as its heading says, else nothing, for 0 or 1."""
    for name in given.keys() - set(items):
        raise _no_column(name)
    found = [given[name] if name in given else _told(name) for name in items]
    for name, most in zip(items, found, strict=True):
        if most is not None and not 0 < most <= MOST_POINTS:
            raise InvalidError(
                _l(
                    "The most points of “%(name)s” are more than 0 and at most %(most)d.",
                    name=name[:SHOWN],
                    most=MOST_POINTS,
                )
            )
    return found


def _told(name: str) -> float | None:
    found = MOST.search(name)
    return float(found[1]) if found else None


def _place_of(header: Sequence[str], group: str) -> int:
    if group not in header:
        raise _no_column(group)
    return header.index(group)


def _no_column(name: str) -> InvalidError:
    return InvalidError(
        _l("The file has no column “%(name)s”. Give the name that stands in its first line.", name=name[:SHOWN])
    )


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


def _whole(line: int, row: Sequence[str], items: Sequence[str]) -> Sequence[str]:
    if len(row) == len(items):
        return row
    raise InvalidError(
        _l(
            "Row %(row)d has %(found)d cells, but the first line names %(named)d items.",
            row=line,
            found=len(row),
            named=len(items),
        )
    )
