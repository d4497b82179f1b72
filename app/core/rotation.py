"""Rotation of the keys that wrap others: every column marked as `WrappedKey`, whatever room it is in."""

from sqlalchemy import Column, select, update

from app.core.crypto import rewrap_key
from app.core.db import Base, session


def wrapped_columns() -> list[Column[bytes]]:
    """Return the columns that hold a key wrapped by one of FIELD_KEYS, by table and name."""
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    return sorted((one for one in columns if one.info.get("wrapped")), key=lambda one: (one.table.name, one.name))


def rewrap(column: Column[bytes], after_id: int, count: int) -> tuple[int | None, int]:
    """Wrap the next keys of a column by the first of FIELD_KEYS; return the last id done and how many.

    One call is one transaction; the id is None where nothing is left.
    """
    key = column.table.c.id
    query = select(key, column).where(key > after_id, column.is_not(None)).order_by(key).limit(count)
    rows = session.execute(query).all()
    for found, wrapped in rows:
        session.execute(update(column.table).where(key == found).values({column: rewrap_key(wrapped)}))
    return (rows[-1][0] if rows else None), len(rows)
