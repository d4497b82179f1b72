"""Triggers that are made with a table, on both databases."""

from collections.abc import Callable, Sequence
from typing import cast

from sqlalchemy import DDL, Table, event

from app.core.db import Base

DIALECTS = ("sqlite", "postgresql")


def made_with(model: type[Base], ddl: Callable[[str], Sequence[str]]) -> None:
    """Let the statements that `ddl` gives for a dialect be run whenever the table of a model is made.

    Migrations run the same statements, so that a database that was upgraded is the one that the models describe.
    """
    table = cast("Table", model.__table__)
    for dialect in DIALECTS:
        for statement in ddl(dialect):
            made = DDL(statement.replace("%", "%%")).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", made)
