"""Every connection promises that what is committed is on the disk; one that does not is refused."""

import sqlite3
import threading

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from app import create_app
from app.core import db as core
from app.core.db import SQLITE_PRAGMAS, db, session, unit_of_work
from app.settings import Settings
from tests.postgres import SETTINGS, server


def on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def test_every_connection_waits_for_the_disk_and_keeps_references(app: Flask) -> None:
    del app
    with db.engine.connect() as one, db.engine.connect() as other:
        for connection in (one, other):
            if on_sqlite():
                found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in SQLITE_PRAGMAS}
                assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
            else:
                assert connection.scalar(text("SHOW synchronous_commit")) == "on"
                assert connection.scalar(text("SHOW transaction_isolation")) == "read committed"


def test_a_connection_of_sqlite_that_refuses_a_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SQLITE_PRAGMAS, "synchronous", 9)

    with pytest.raises(RuntimeError, match="synchronous"):
        core._prepare_sqlite(sqlite3.connect(":memory:"), None)


@pytest.mark.parametrize(
    ("option", "match"),
    [("synchronous_commit=off", "synchronous_commit"), ("default_transaction_isolation=serializable", "serializable")],
)
def test_a_connection_of_postgresql_that_promises_less_is_refused(app: Flask, option: str, match: str) -> None:
    del app
    if on_sqlite():
        pytest.skip("a setting of PostgreSQL")
    engine = create_engine(db.engine.url, poolclass=NullPool, connect_args={"options": f"-c {option}"})
    core._listen(engine, durable=False)

    with pytest.raises(RuntimeError, match=match):
        engine.connect()


def test_outside_of_tests_a_server_that_lets_the_disk_lag_behind_is_refused(settings: Settings) -> None:
    """The tests' own does, which `testing` alone excuses: production says what to set and does not even start."""
    if settings.database_url.startswith("sqlite"):
        pytest.skip("a setting of PostgreSQL")
    given = {"testing": False, "demo": False, "secret_key": SecretStr("s" * 40)}

    with pytest.raises(RuntimeError, match="fsync = off, full_page_writes = off"):
        create_app(settings.model_copy(update=given))
    with create_app(settings).app_context():
        with db.engine.connect() as excused:
            assert excused.scalar(text("SHOW fsync")) == "off"
        db.engine.dispose()

    with server({**SETTINGS, "fsync": "on", "full_page_writes": "on"}) as url:
        durable = create_app(settings.model_copy(update={**given, "database_url": url}))
        with durable.app_context(), db.engine.connect() as connection:
            assert connection.scalar(text("SHOW synchronous_commit")) == "on"
        with durable.app_context():
            db.engine.dispose()


def test_a_writer_gets_its_turn_when_the_other_ends_and_is_refused_when_patience_ends(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    if not on_sqlite():
        pytest.skip("PostgreSQL lets writers work side by side")
    other = sqlite3.connect(str(db.engine.url.database), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.05, other.execute, ("COMMIT",)).start()

    with unit_of_work():
        assert not other.in_transaction
        assert session.connection().exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000

    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(core, "PATIENCE_MS", 20)
    with pytest.raises(OperationalError, match="locked"), unit_of_work():
        pass
    other.close()
