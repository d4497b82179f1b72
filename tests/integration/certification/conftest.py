"""What only the tests of certification need."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import event

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
