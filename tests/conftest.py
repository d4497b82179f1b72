"""One application a session, one clean database a test, requests apart from the test's own session."""

import base64
import contextvars
import gc
import itertools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import HealthCheck
from hypothesis import settings as pace
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.util import LRUCache
from werkzeug.test import TestResponse

from app import create_app
from app.accounts.states import Role
from app.core import clock, jobs, post
from app.core.db import db, session, unit_of_work
from app.core.signing import Algorithm, files
from app.settings import Settings
from tests.factories.accounts import Member, make_member, open_session
from tests.page_lint import lint_page
from tests.postgres import server
from tests.tables import TABLE
from tests.worlds import worlds

# No property depends on how fast the machine is
pace.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
pace.load_profile("untimed")

# Each statement of the suite is compiled once, not again whenever 500 others came between
STATEMENTS = 3000
# The collector of garbage looks seldom: as usual it takes a tenth of all time, and next to nothing it finds
gc.set_threshold(50_000, 20, 20)

FIRST_DATABASE = os.environ.get("TEST_DATABASE", "sqlite") == "sqlite"
MEMORY, ROOM = Path("/dev/shm"), 4 << 30
RSA_KEYS = 4
FIELD_KEY = base64.urlsafe_b64encode(b"k" * 32).decode()


class PageClient(FlaskClient):
    """A client whose requests see nothing of the test's own context, and whose pages are linted."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:  # noqa: ANN401 - werkzeug builds the request of anything
        """Send a request as its own process would, then let the test see what it wrote."""
        lint = kwargs.pop("lint", True)
        if has_app_context():
            session.rollback()
        response = contextvars.Context().run(super().open, *args, **kwargs)
        if has_app_context():
            session.rollback()
        page = response.mimetype == "text/html" and response.location is None
        # A page reads the same over either database
        if FIRST_DATABASE and lint and page and not response.direct_passthrough:
            lang = "en" if 'lang="en"' in response.text[:300] else "zh"
            findings = findings_of(response.text, lang)
            assert not findings, f"{response.request.path}: {findings}"
        return response


@lru_cache(maxsize=256)
def findings_of(html: str, lang: str) -> list[str]:
    """Lint a page, unless it was linted a moment ago."""
    return lint_page(html, lang)


def pytest_configure(config: pytest.Config) -> None:
    """Keep all that tests write in memory where the machine has room there: thousands of commits wait for no disk."""
    if hasattr(config, "workerinput") or not _takes_all(MEMORY):
        return
    folder = tempfile.TemporaryDirectory(prefix="jijing-", dir=MEMORY)
    Path(folder.name).chmod(0o711)  # a PostgreSQL within it runs as somebody else where the tests run as root
    tempfile.tempdir = os.environ["TMPDIR"] = folder.name
    config.add_cleanup(folder.cleanup)


def _takes_all(folder: Path) -> bool:
    """Whether a folder has room, and lets programs be started from it as a test's PostgreSQL may be."""
    if not folder.is_dir() or shutil.disk_usage(folder).free < ROOM:
        return False
    return not os.statvfs(folder).f_flag & os.ST_NOEXEC


def pytest_collection_finish() -> None:
    """Let the collector look no more at the thousands of tests, which live to the end."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the tables that tests have handed in."""
    reports = [one for name in ("passed", "failed") for one in terminalreporter.getreports(name)]
    for name, text_ in (pair for one in reports for pair in one.user_properties):
        if name == TABLE:
            terminalreporter.section("table", sep="-")
            terminalreporter.write_line(str(text_))


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Stand in for pytest-flask's fixture: one request for a whole test would carry its actor into every other."""


@pytest.fixture(scope="session", autouse=True)
def _few_rsa_keys() -> Iterator[None]:
    """Draw RSA keys from four that are made once: each takes some tenths of a second, and a test needs few."""
    made: list[files.PrivateKey] = []
    turn, make = itertools.count(), files.new_private_key

    def draw(algorithm: Algorithm) -> files.PrivateKey:
        if algorithm is not Algorithm.RSA:
            return make(algorithm)
        if len(made) < RSA_KEYS:
            made.append(make(algorithm))
            return made[-1]
        return made[next(turn) % RSA_KEYS]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(files, "new_private_key", draw)
        yield


@pytest.fixture(scope="session")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("instance")


@pytest.fixture(scope="session")
def database_url(_folder: Path) -> Iterator[str]:
    """Give the URL of the database under test: SQLite first, PostgreSQL for TEST_DATABASE=postgresql."""
    if not FIRST_DATABASE:
        with server() as url:
            yield url
    else:
        yield f"sqlite:///{_folder}/test.db"


@pytest.fixture(scope="session")
def settings(_folder: Path, database_url: str) -> Settings:
    """Give settings that touch nothing outside the test's folder."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        secret_key=SecretStr("demo-for-tests"),
        field_keys=SecretStr(FIELD_KEY),
        key_store=str(_folder / "keys"),
        store_url=f"file:{_folder}/files",
        public_url="http://localhost:8000",
        mail_url=SecretStr("memory:"),
        sms_url=SecretStr("memory:"),
        testing=True,
        demo=True,
    )


@pytest.fixture(scope="session")
def application(settings: Settings) -> Iterator[Flask]:
    """Build the application and its schema once."""
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = PageClient
    with app.app_context():
        db.engine._compiled_cache = LRUCache(STATEMENTS)
        upgrade()
        db.engine.dispose()
        if db.engine.dialect.name == "sqlite":
            path = Path(str(db.engine.url.database))
            _fold_wal(path)
            shutil.copy(path, path.with_suffix(".template"))
        else:
            _prepare_emptying()
    yield app
    with app.app_context():
        db.engine.dispose()


def _fold_wal(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.fixture(name="app")
def _app(application: Flask, request: pytest.FixtureRequest) -> Iterator[Flask]:
    patch = request.getfixturevalue("monkeypatch") if "monkeypatch" in request.fixturenames else None
    with application.app_context():
        _empty()
        post.empty_memory()
        worlds.begin(patch)
        yield application
        worlds.end()
        session.remove()


def _empty() -> None:
    """Bring the database back to its empty schema."""
    if db.engine.dialect.name == "sqlite":
        db.engine.dispose()
        path = Path(str(db.engine.url.database))
        # A file of its own each time: a connection that a test forgot holds on to the one before
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        shutil.copy(path.with_suffix(".template"), path)
        return
    with db.engine.begin() as connection:
        connection.execute(text("SELECT empty_tables()"))


def _prepare_emptying() -> None:
    """Give PostgreSQL a function that empties what is filled, in one call whose plans it keeps; no trigger fires."""
    each = "".join(
        f'IF EXISTS (SELECT FROM "{name}") THEN DELETE FROM "{name}"; END IF; '
        for name in (table.name for table in db.metadata.sorted_tables)
    )
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION empty_tables() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica "
            f"AS $$ BEGIN {each} END $$"
        )


@pytest.fixture(scope="module")
def kept_app(application: Flask) -> Iterator[Flask]:
    """Give the application on a database that the tests of a module share, which must only read what one of them made.

    A module asks for it as its own `app`.
    """
    with application.app_context():
        _empty()
        post.empty_memory()
        yield application
        session.remove()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a browser of a stranger."""
    return app.test_client()


@pytest.fixture
def browser_of(app: Flask) -> Callable[[Member], FlaskClient]:
    """Give the browser of a signed-in member, second factor shown."""

    def signed_in(member: Member) -> FlaskClient:
        client = app.test_client()
        token = open_session(member)
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return client

    return signed_in


@pytest.fixture
def sign_in(app: Flask, browser_of: Callable[[Member], FlaskClient]) -> Callable[..., FlaskClient]:
    """Give the browser of a new person with a role: `sign_in(Role.BASE, region, organisation)`."""
    del app

    def as_role(role: Role, *scope: Any, **given: Any) -> FlaskClient:  # noqa: ANN401 - as make_member
        return browser_of(make_member(role, *scope, **given))

    return as_role


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Give what the job runner does: everything that is due."""
    del app

    def until_nothing_is_due() -> int:
        done = 0
        while some := jobs.work():
            done += some
        return done

    return until_nothing_is_due


@pytest.fixture
def at_time(app: Flask) -> Callable[[datetime], None]:
    """Give a way to move domain time."""
    del app

    def move(instant: datetime) -> None:
        with worlds.step("clock", instant), unit_of_work():
            clock.set_clock(instant)

    return move
