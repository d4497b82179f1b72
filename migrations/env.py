"""Alembic's entry: migrate the database of the application, linear and reversible."""

from logging import getLogger
from typing import Any, Literal

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app.core.columns import ScaledDecimal, UtcDateTime
from app.core.db import db

getLogger("alembic").setLevel("INFO")


def render_item(kind: str, item: object, autogen: Any) -> str | Literal[False]:  # noqa: ANN401 - Alembic's own
    """Write our column types by their names."""
    if kind == "type" and isinstance(item, ScaledDecimal | UtcDateTime):
        autogen.imports.add(f"from app.core.columns import {type(item).__name__}")
        return f"ScaledDecimal({item.scale})" if isinstance(item, ScaledDecimal) else "UtcDateTime()"
    return False


def run() -> None:
    """Run the migrations on one connection, in one transaction each."""
    with db.engine.connect().execution_options(write=True) as connection:
        _keep_references(connection, on=False)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            transaction_per_migration=True,
            compare_type=True,
            **_given(),
        )
        with context.begin_transaction():
            context.run_migrations()
        _keep_references(connection, on=True)


def _keep_references(connection: Connection, *, on: bool) -> None:
    """Let SQLite rebuild a table that others refer to: a rebuilt table is dropped and renamed in between."""
    if connection.dialect.name != "sqlite":
        return
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA foreign_keys = {int(on)}")
    broken = cursor.execute("PRAGMA foreign_key_check").fetchall() if on else []
    cursor.close()
    if broken:
        msg = f"the migration left references without their record: {broken[:5]}"
        raise RuntimeError(msg)


def _given() -> dict[str, Any]:
    arguments = dict(current_app.extensions["migrate"].configure_args)
    arguments.pop("compare_type", None)
    return arguments


run()
