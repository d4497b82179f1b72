"""Many certificates changed in one statement, each only if it is what was read before."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from sqlalchemy import Table, bindparam, inspect, update
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from app.core.columns import JsonObject
from app.core.db import session
from app.credentials.models import Certificate


class MovedOnError(RuntimeError):
    """A certificate changed between its reading and its writing; the chunk is computed again."""


class Changed(NamedTuple):
    """What is to be written of a certificate: its key, the version that was read, the columns by name."""

    id: int
    version: int
    columns: JsonObject


def changed(certificate: Certificate) -> Changed:
    """Return what was set on a certificate and not flushed."""
    columns = inspect(certificate).committed_state
    return Changed(certificate.id, certificate.version, {name: getattr(certificate, name) for name in columns})


def write(rows: Sequence[Changed]) -> None:
    """Write rows, those of the same columns together; raises MovedOnError where one was changed since it was read."""
    alike: dict[tuple[str, ...], list[Changed]] = {}
    for row in rows:
        alike.setdefault(tuple(sorted(row.columns)), []).append(row)
    for listed in alike.values():
        _write_alike(listed)


def _write_alike(rows: Sequence[Changed]) -> None:
    table = cast("Table", Certificate.__table__)
    statement = (
        update(table)
        .where(table.c.id == bindparam("row_id"), table.c.version == bindparam("row_version"))
        .values(version=table.c.version + 1, **{name: bindparam(f"new_{name}") for name in rows[0].columns})
    )
    given = [
        {"row_id": row.id, "row_version": row.version, **{f"new_{name}": one for name, one in row.columns.items()}}
        for row in rows
    ]
    if session.connection().execute(statement, given).rowcount != len(rows):
        msg = "a certificate moved on while its step was computed"
        raise MovedOnError(msg)


def write_held(certificates: Sequence[Certificate]) -> None:
    """Write in one statement what was set on certificates that the session holds, which has not flushed it.

    Raises StaleDataError where one was changed since it was read, as a flush does.
    """
    given = [changed(one) for one in certificates]
    try:
        write(given)
    except MovedOnError as error:
        raise StaleDataError(str(error)) from error
    for one, row in zip(certificates, given, strict=True):
        for name, value in row.columns.items():
            set_committed_value(one, name, value)
        set_committed_value(one, "version", row.version + 1)


def stamp(certificate_ids: Collection[int], column: str, at: datetime) -> None:
    """Note the time of a step on certificates."""
    session.execute(
        update(Certificate)
        .where(Certificate.id.in_(certificate_ids))
        .values({column: at})
        .execution_options(synchronize_session=False)
    )
