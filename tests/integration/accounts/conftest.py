"""What only the tests of accounts need."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from app.core import clock
from app.core.db import db


@pytest.fixture
def count_statements(app: Flask) -> Iterator[Callable[[], list[str]]]:
    """Give a list that fills with the statements sent from now on."""
    del app
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    def start() -> list[str]:
        event.listen(db.engine, "before_cursor_execute", note)
        return sent

    yield start
    if event.contains(db.engine, "before_cursor_execute", note):
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def time_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no second pass: on a busy machine a door that is shut for two has opened again before the next try."""
    now = clock.real_now()
    monkeypatch.setattr(clock, "real_now", lambda: now)
