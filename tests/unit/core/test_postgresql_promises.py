"""What a connection of PostgreSQL must promise, asked of one that answers as a server would."""

from collections.abc import Mapping
from typing import Self

import pytest
from sqlalchemy import create_engine, event

from app.core import db

GOOD = {
    "synchronous_commit": "on",
    "transaction_isolation": "read committed",
    "fsync": "on",
    "full_page_writes": "on",
}


class Connection:
    """A connection to a server with these settings; tells whether it is still open, and in no transaction."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = settings
        self.asked: list[str] = []
        self.closed = self.in_transaction = False

    def cursor(self) -> Self:
        self.in_transaction = True
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Leave the cursor; the connection stays."""

    def execute(self, statement: str) -> None:
        self.asked = [name for name in self.settings if f"current_setting('{name}')" in statement]

    def fetchone(self) -> tuple[str, ...]:
        return tuple(self.settings[name] for name in self.asked)

    def rollback(self) -> None:
        self.in_transaction = False

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("commit", ["on", "local", "remote_apply", "remote_write"])
def test_a_connection_whose_commits_reach_the_disk_is_taken(commit: str) -> None:
    connection = Connection(GOOD | {"synchronous_commit": commit})

    db._assert_postgresql(connection, None)
    db._assert_server_durable(connection, None)

    assert (connection.closed, connection.in_transaction) == (False, False)


@pytest.mark.parametrize(
    ("lax", "said"),
    [
        ({"synchronous_commit": "off"}, "synchronous_commit = off"),
        ({"transaction_isolation": "serializable"}, "isolates transactions as serializable"),
        ({"transaction_isolation": "repeatable read"}, "isolates transactions as repeatable read"),
    ],
)
def test_a_connection_that_promises_less_is_closed_and_refused(lax: dict[str, str], said: str) -> None:
    connection = Connection(GOOD | lax)

    with pytest.raises(RuntimeError, match=said):
        db._assert_postgresql(connection, None)

    assert connection.closed


@pytest.mark.parametrize(
    ("lax", "said"),
    [
        ({"fsync": "off"}, "with fsync = off:"),
        ({"full_page_writes": "off"}, "with full_page_writes = off:"),
        ({"fsync": "off", "full_page_writes": "off"}, "with fsync = off, full_page_writes = off:"),
    ],
)
def test_a_server_that_lets_the_disk_lag_behind_names_each_setting(lax: dict[str, str], said: str) -> None:
    connection = Connection(GOOD | lax)

    with pytest.raises(RuntimeError, match=said):
        db._assert_server_durable(connection, None)

    assert connection.closed


@pytest.mark.parametrize("durable", [True, False])
def test_every_connection_of_postgresql_is_asked_and_outside_of_tests_its_server_too(durable: bool) -> None:
    engine = create_engine("postgresql+psycopg://nobody@localhost/none")

    db._listen(engine, durable=durable)

    assert event.contains(engine, "connect", db._assert_postgresql)
    assert event.contains(engine, "connect", db._assert_server_durable) is durable
    assert not event.contains(engine, "begin", db._begin_sqlite)
