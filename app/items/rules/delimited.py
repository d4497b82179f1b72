"""CSV files of items: read in the separators and encodings of Excel, written so that no cell runs as a formula."""

import csv
import io
from collections.abc import Iterator, Sequence

from app.core.spreadsheets import inert, unguarded
from app.items.rules import tables
from app.items.rules.content import Defaults, ItemContent, Parsed
from app.items.rules.gift import NO_DEFAULTS
from app.items.rules.reasons import because
from app.items.rules.tables import Row
from app.items.rules.words import NATIONAL, ModuleWords

SEPARATORS = ",\t;"


def parse(text: str, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read a CSV file; places are the lines on which rows start."""
    try:
        rows = list(_rows(text.removeprefix("\ufeff")))
    except csv.Error:
        return Parsed().fail("1", because("not_text"))
    return tables.parse([rows] if rows else [], unit="line", defaults=defaults)


def _rows(text: str) -> Iterator[Row]:
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    start = 1
    for cells in reader:
        if any(cells):
            yield Row(str(start), [unguarded(cell) for cell in cells])
        start = reader.line_num + 1


def write(items: Sequence[ItemContent], modules: ModuleWords = NATIONAL) -> str:
    """Write items as CSV; reading it gives equal items."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for cells in (tables.heading_row(items), *tables.rows(items, modules)):
        writer.writerow([inert(cell) for cell in cells])
    return out.getvalue()
