"""A rubric as a table of text, where a file has only a note for its markers: written and read back the same."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from app.items.rules.bodies import Criterion, plain

HEAD = "| # | Criterion | Points | Guidance |\n| --- | --- | --- | --- |"
ROW = re.compile(r"\| (\d+) \| ((?:\\.|[^\\|\n])*) \| ([0-9.]+) \| ((?:\\.|[^\\|\n])*) \|")
NAMES = {"\n": "\\n", "\\": "\\\\", "|": "\\|"}
SIGNS = {"n": "\n", "\\": "\\", "|": "|"}


def written(reference: str, rubric: Iterable[Criterion]) -> str:
    """Return the reference answer with the table of the rubric under it."""
    rows = [
        f"| {number} | {_escape(one.name)} | {plain(one.points)} | {_escape(one.guidance)} |"
        for number, one in enumerate(rubric, 1)
    ]
    return "\n\n".join(part for part in (reference, "\n".join([HEAD, *rows]) if rows else "") if part)


def read(text: str) -> tuple[str, tuple[Criterion, ...]]:
    """Return reference answer and rubric; a text without our table at its end is all reference answer."""
    before, found, table = text.rpartition(HEAD)
    if not found:
        return text, ()
    rows = [ROW.fullmatch(line) for line in table.strip("\n").split("\n")]
    if not all(rows):
        return text, ()
    try:
        rubric = tuple(Criterion(_plain(row[2]), Decimal(row[3]), _plain(row[4])) for row in rows if row)
    except InvalidOperation:
        return text, ()
    return before.removesuffix("\n\n"), rubric


def _escape(text: str) -> str:
    return "".join(NAMES.get(letter, letter) for letter in text)


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: SIGNS.get(found[1], found[0]), text)
