"""A school for every test of the courses room."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import event

from app.core.db import db
from tests.factories.courses import DURING, School, make_school


@pytest.fixture
def school(app: Flask, at_time: Callable[[datetime], None]) -> School:
    """Give an accredited base with a course, in the middle of its cohorts' time."""
    del app
    at_time(DURING)
    return make_school()


@pytest.fixture
def count_statements(app: Flask) -> Iterator[Callable[[], list[str]]]:
    """Give a list that fills with the statements sent from each call on."""
    del app
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    def start() -> list[str]:
        sent.clear()
        if not event.contains(db.engine, "before_cursor_execute", note):
            event.listen(db.engine, "before_cursor_execute", note)
        return sent

    yield start
    if event.contains(db.engine, "before_cursor_execute", note):
        event.remove(db.engine, "before_cursor_execute", note)
