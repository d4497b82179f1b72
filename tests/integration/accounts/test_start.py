"""A production start refuses what only a demo may have."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from app import create_app
from app.accounts.models import Account
from app.core import clock
from app.core.clock import real_now
from app.core.db import db, session, unit_of_work
from app.settings import Settings, UnsafeSettingsError
from tests.factories.accounts import make_account, make_person


def of(settings: Settings, **changes: object) -> Settings:
    return Settings(_env_file=None, **{**settings.model_dump(), **changes})


@pytest.fixture
def demo(settings: Settings, tmp_path: Path) -> Settings:
    return of(settings, database_url=f"sqlite:///{tmp_path}/start.db")


@pytest.fixture
def production(demo: Settings) -> Settings:
    return of(demo, demo=False, testing=False, secret_key=SecretStr("a real secret"))


def test_an_empty_database_may_start(production: Settings) -> None:
    create_app(production)


def test_a_clean_database_may_start(demo: Settings, production: Settings) -> None:
    with create_app(demo).app_context():
        db.create_all()
        make_account(make_person())
    create_app(production)


def test_a_demo_account_may_not(demo: Settings, production: Settings) -> None:
    with create_app(demo).app_context():
        db.create_all()
        make_account(make_person())
        with unit_of_work():
            session.query(Account).update({"demo": True})
    with pytest.raises(UnsafeSettingsError, match="demo accounts"):
        create_app(production)
    create_app(demo)


def test_a_moved_clock_may_not(demo: Settings, production: Settings) -> None:
    with create_app(demo).app_context():
        db.create_all()
        with unit_of_work():
            clock.set_clock(real_now() + timedelta(days=3))
    with pytest.raises(UnsafeSettingsError, match="clock"):
        create_app(production)
