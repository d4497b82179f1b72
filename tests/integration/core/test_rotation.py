"""After a rotation every wrapped key of every room opens under the new key alone."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import LargeBinary, select

from app.assessment.exams.models import PaperSeal
from app.assessment.exams.queries import papers
from app.core import rotation
from app.core.config import settings
from app.core.crypto import unwrap_key
from app.core.db import Base, session, unit_of_work
from tests.factories.exams import make_frozen_paper, make_house
from tests.rotation import NEW, with_keys

NO_SECRETS = {"passkey.public_key", "throttle.key"}


def binary_keys() -> Iterator[str]:
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, LargeBinary) and column.name.endswith("key"):
                yield f"{table.name}.{column.name}"


def test_every_column_that_holds_a_wrapped_key_is_marked(app: Flask) -> None:
    del app
    marked = {f"{column.table.name}.{column.name}" for column in rotation.wrapped_columns()}

    assert set(binary_keys()) - NO_SECRETS == marked


def test_a_sealed_paper_opens_under_the_new_key_alone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    del app
    make_frozen_paper(make_house())
    old = settings().field_keys.get_secret_value()
    before = unwrap_key(session.scalars(select(PaperSeal.wrapped_key)).one())
    session.rollback()
    with_keys(monkeypatch, NEW, old)
    (column,) = (one for one in rotation.wrapped_columns() if one.table.name == PaperSeal.__tablename__)

    with unit_of_work():
        last, count = rotation.rewrap(column, 0, 10)
        assert rotation.rewrap(column, last or 0, 10) == (None, 0)

    with_keys(monkeypatch, NEW)
    found = session.scalars(select(PaperSeal)).one()
    assert count == 1
    assert unwrap_key(found.wrapped_key) == before
    assert papers.seal_of(found.paper_id) is not None
