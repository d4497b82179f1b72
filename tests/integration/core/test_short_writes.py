"""A short write is durable when it returns, alone or under one commit with what waits in the same process."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import IntegrityError, OperationalError

from app.core import db as core
from app.core.db import db, session, unit_of_work
from app.core.jobs import Job
from app.core.short_writes import SHARED, short_write

WHOSE: ContextVar[str] = ContextVar("whose")
INSERT = text(
    "INSERT INTO job (code, kind, key, args, state, done, total, cursor, result, attempts, due_at, started_at)"
    " VALUES (:key, 'x', :key, '{}', 'queued', 0, 0, 0, '{}', 0, '2026-01-01', '2026-01-01')"
)


def adding(key: str, *, found: str | None = "done") -> Callable[[Connection], str | None]:
    def work(connection: Connection) -> str | None:
        connection.execute(INSERT, {"key": key})
        return found

    return work


def kept() -> list[str]:
    session.rollback()
    return list(session.scalars(db.select(Job.key).order_by(Job.id)))


def test_what_returns_is_durable_and_what_answers_none_or_raises_leaves_nothing(app: Flask) -> None:
    del app

    assert short_write(adding("kept")) == "done"
    assert short_write(adding("dropped", found=None)) is None
    with pytest.raises(IntegrityError):
        short_write(lambda connection: connection.execute(INSERT, [{"key": "failed"}, {"key": "failed"}]))

    assert kept() == ["kept"]


def test_within_a_unit_of_work_it_would_wait_for_itself(app: Flask) -> None:
    del app
    with unit_of_work(), pytest.raises(RuntimeError, match="wait for itself"):
        short_write(adding("never"))

    assert kept() == []


@pytest.fixture
def on_sqlite(app: Flask) -> Path:
    del app
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL lets writers work side by side")
    return Path(str(db.engine.url.database))


@contextmanager
def somebody_writes(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("COMMIT")
    other.close()


def asked(pool: ThreadPoolExecutor, work: Callable[[Connection], str | None]) -> Future[str | None]:
    return pool.submit(copy_context().run, short_write, work)


@pytest.fixture
def commits(on_sqlite: Path) -> Iterator[list[Connection]]:
    del on_sqlite
    found: list[Connection] = []
    count = found.append
    event.listen(db.engine, "commit", count)
    yield found
    event.remove(db.engine, "commit", count)


def test_those_who_wait_share_a_commit_and_only_what_failed_is_taken_back(
    on_sqlite: Path, commits: list[Connection]
) -> None:
    works = [adding("one"), adding("dropped", found=None), adding("one"), adding("two")]
    with ThreadPoolExecutor(SHARED) as pool:
        with somebody_writes(on_sqlite):
            first = asked(pool, adding("zero"))
            waiting = [asked(pool, work) for work in works]
            threading.Event().wait(0.1)
        assert first.result() == "done"
        assert [waiting[at].result() for at in (0, 1, 3)] == ["done", None, "done"]
        assert isinstance(waiting[2].exception(), IntegrityError)

    assert len(commits) == 2
    assert sorted(kept()) == ["one", "two", "zero"]


def test_more_than_may_share_a_commit_take_another(on_sqlite: Path, commits: list[Connection]) -> None:
    keys = [f"{at:02}" for at in range(SHARED + 3)]
    with ThreadPoolExecutor(len(keys)) as pool:
        with somebody_writes(on_sqlite):
            first = asked(pool, adding("first"))
            waiting = [asked(pool, adding(key)) for key in keys]
            threading.Event().wait(0.2)
        assert {one.result() for one in (first, *waiting)} == {"done"}

    assert len(commits) == 3
    assert sorted(kept()) == [*keys, "first"]


def test_each_works_in_the_context_of_who_asked(on_sqlite: Path) -> None:
    def work(connection: Connection) -> str:
        connection.execute(INSERT, {"key": WHOSE.get()})
        return WHOSE.get()

    def ask(pool: ThreadPoolExecutor, name: str) -> Future[str | None]:
        WHOSE.set(name)
        return asked(pool, work)

    names = ["甲", "乙", "丙"]
    with ThreadPoolExecutor(len(names)) as pool:
        with somebody_writes(on_sqlite):
            waiting = [ask(pool, name) for name in names]
        assert [one.result() for one in waiting] == names

    assert sorted(kept()) == sorted(names)


def test_nobody_is_told_of_success_where_the_shared_commit_fails(
    on_sqlite: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core, "PATIENCE_MS", 50)
    with ThreadPoolExecutor(3) as pool, somebody_writes(on_sqlite):
        waiting = [asked(pool, adding(str(at))) for at in range(3)]
        assert all(isinstance(one.exception(), OperationalError) for one in waiting)
    assert kept() == []

    assert short_write(adding("after")) == "done"


def test_an_interrupt_before_the_commit_reaches_everybody_in_the_group(on_sqlite: Path) -> None:
    def interrupted(connection: Connection) -> None:
        del connection
        raise KeyboardInterrupt

    with ThreadPoolExecutor(2) as pool:
        with somebody_writes(on_sqlite):
            first = asked(pool, adding("first"))
            threading.Event().wait(0.05)
            waiting = [asked(pool, adding(str(at))) for at in range(2)]
            threading.Event().wait(0.05)
            event.listen(db.engine, "commit", interrupted)
        found = [one.exception() for one in (first, *waiting)]
        event.remove(db.engine, "commit", interrupted)

    assert {type(one) for one in found} == {KeyboardInterrupt}
    assert kept() == []
