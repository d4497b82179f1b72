"""How a room tells what it keeps of a person: rows read in batches, under names that people read."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Date, Executable, cast, null

from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import Text
from app.core.text import _l

BATCH = 500
NO_END = cast(null(), Date)
"""The last day of a hold for which the law names none."""
PURPOSE_NOT_ACHIEVED = _l("Personal Information Protection Law, art. 47: the purpose it was collected for still stands")

FIELDS: Mapping[str, Text] = {
    "code": _l("Code"),
    "name": _l("Name"),
    "kind": _l("Kind"),
    "state": _l("State"),
    "role": _l("Role"),
    "region_code": _l("Region code"),
    "organisation": _l("Organisation"),
    "number": _l("Number"),
    "level": _l("Level"),
    "reason": _l("Reason"),
    "purpose": _l("What for"),
    "at": _l("When"),
    "starts_on": _l("From"),
    "ends_on": _l("Until"),
    "subject_type": _l("Kind of record"),
    "subject_code": _l("Code of the record"),
    "asked_at": _l("Asked for on"),
    "decided_at": _l("Decided on"),
    "outcome": _l("Outcome"),
    "language": _l("Language"),
}
"""Names of fields that mean the same in every room; a room names its own beside."""


def rows(query: Executable) -> Iterator[JsonObject]:
    """Yield the rows of a query as fields by name, read in batches so that no copy fills the memory."""
    for row in session.execute(query.execution_options(yield_per=BATCH)):
        yield dict(row._mapping)  # noqa: SLF001 - the public way to a row's names
