"""Migrations: linear, up, down and up again, and no difference from the models, on both databases."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text

from app import create_app
from app.core.db import db, session
from app.settings import ROOT, Settings
from tests.postgres import new_database

VALUES = re.compile(r"(?<=[(\[])'[^'(]*'[^'(]*(, '[^'(]*'[^',(\])]*)+(?=[)\]])")
TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


@pytest.fixture
def empty(settings: Settings, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Give the application on a database of its own without any table."""
    if database_url.startswith("postgresql"):
        with new_database(database_url, "migrated") as url:
            yield from _on(settings, url)
    else:
        yield from _on(settings, f"sqlite:///{tmp_path}/empty.db")


def _on(settings: Settings, url: str) -> Iterator[Flask]:
    app = create_app(settings.model_copy(update={"database_url": url}))
    with app.app_context():
        yield app
        session.remove()
        db.engine.dispose()


def _triggers() -> set[str]:
    with db.engine.connect() as connection:
        return set(connection.execute(text(TRIGGERS[db.engine.dialect.name])).scalars())


def _conditions() -> dict[tuple[str, str | None], str]:
    """Return every CHECK by table and name, which `compare_metadata` does not look at, as the database tells it.

    The order in which a list names its values means nothing: states added later stand elsewhere in a new table.
    """
    found = inspect(db.engine).get_multi_check_constraints()
    return {
        (table, check["name"]): VALUES.sub(_in_order, " ".join(check["sqltext"].split()))
        for (_schema, table), checks in found.items()
        for check in checks
    }


def _in_order(listed: re.Match[str]) -> str:
    return ", ".join(sorted(listed[0].split(", ")))


def _difference() -> list[object]:
    """Return what the migrated tables lack, or have beyond the models."""
    with db.engine.connect() as connection:
        found: list[object] = compare_metadata(MigrationContext.configure(connection), db.metadata)
    return found


def test_the_migrations_are_one_line() -> None:
    scripts = ScriptDirectory(str(ROOT / "migrations"))

    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1


@pytest.mark.timeout(400)
@pytest.mark.usefixtures("empty")
def test_what_went_down_comes_up_again_as_the_tables_of_the_models_with_their_triggers_and_conditions() -> None:
    db.create_all()
    wanted, conditions = _triggers(), _conditions()
    db.drop_all()
    assert wanted
    assert conditions["job", "ck_job_progress"]
    assert _triggers() == set()

    upgrade()
    assert (_difference(), _triggers()) == ([], wanted)
    assert _conditions() == conditions
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
    assert _triggers() == set()

    upgrade()
    assert (_difference(), _triggers()) == ([], wanted)
    assert _conditions() == conditions
    assert inspect(db.engine).has_table("certificate")
