"""A job process may die at any moment: a batch ends with exactly as many certificates, leaves and notices."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from pydantic import SecretStr
from sqlalchemy import func, select

from app import create_app
from app.core.clock import set_clock
from app.core.db import db, session, unit_of_work
from app.core.events import Event
from app.core.jobs import Job, JobState
from app.credentials.jobs import STEPS
from app.credentials.models import Batch, Certificate, LogEntry, PublicLeaf, StatusList
from app.credentials.queries import log_audit
from app.credentials.services import batches, deciding
from app.credentials.states import BatchState, CertificateState
from app.desk.models import Notice, NoticeDelivery
from app.settings import ROOT, Settings
from tests.factories.accounts import make_person
from tests.factories.credentials import ISSUED_AT, Office, make_batch, make_office, make_request
from tests.postgres import new_database

PEOPLE = 7
LINTING = ("in_look", "in_look:2", "after_look:3")
ISSUING = (
    "after_approve",
    *(point for step in STEPS for point in (f"before_{step.name}:2", f"in_{step.name}", f"after_{step.name}:2")),
    "in_finish",
)
WITHIN = {"in_log": "mid_log", "in_publish": "mid_chunk"}
POINTS = [WITHIN.get(point, point) for point in ISSUING] + ["nowhere"]


def _told(settings: Settings) -> dict[str, object]:
    given = {name: getattr(settings, name) for name in ("database_url", "secret_key", "field_keys", "key_store")}
    given |= {"store_url": settings.store_url, "public_url": settings.public_url, "testing": True, "demo": True}
    return {key: one.get_secret_value() if isinstance(one, SecretStr) else one for key, one in given.items()}


@pytest.fixture(name="alone")
def _alone(settings: Settings, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Give the application on a database of its own, which other processes open too."""
    if database_url.startswith("postgresql"):
        with new_database(database_url, "killed_batches") as url:
            yield from _on(settings, url)
    else:
        yield from _on(settings, f"sqlite:///{tmp_path}/killed.db")


def _on(settings: Settings, url: str) -> Iterator[Flask]:
    app = create_app(settings.model_copy(update={"database_url": url}))
    with app.app_context():
        upgrade()
        yield app
        session.remove()
        db.engine.dispose()


@pytest.fixture(name="waiting")
def _waiting(alone: Flask, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Give an office where people wait, each row to be linted by a job."""
    del alone
    with unit_of_work():
        set_clock(ISSUED_AT)
    monkeypatch.setattr(batches, "LINTED_AT_ONCE", 0)
    office = make_office()
    for _one in range(PEOPLE):
        make_request(office, make_person())
    return office


def run_and_die(app: Flask, points: tuple[str, ...] | list[str]) -> dict[str, int]:
    session.rollback()
    db.engine.dispose()
    task = {"settings": _told(app.extensions["settings"]), "points": list(points)}
    command = [sys.executable, "-m", "tests.integration.credentials.dying", json.dumps(task)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    session.expire_all()
    return dict(json.loads(done.stdout.splitlines()[-1]))


def count(model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.timeout(400)  # a process of its own starts on a busy machine
def test_a_batch_is_whole_wherever_its_runners_die(alone: Flask, waiting: Office) -> None:
    # when the runner dies while a batch is linted, at each point once
    batch = make_batch(waiting)
    ends = run_and_die(alone, (*LINTING, "nowhere"))
    assert set(ends.values()) == {-signal.SIGKILL, 0}, ends
    assert [point for point, end in ends.items() if not end] == ["nowhere"]
    linted = session.get_one(Batch, batch.id)
    assert (linted.faults, linted.linted_at is None) == (0, False)

    # and again while it is issued, at each point of each step once
    with unit_of_work():
        deciding.approve_batch(session.get_one(Batch, batch.id), by=waiting.second.actor, at=ISSUED_AT)
    ends = run_and_die(alone, POINTS)
    assert [point for point, end in ends.items() if not end] == ["nowhere"], ends
    assert {end for end in ends.values() if end} == {-signal.SIGKILL}

    # then everything is there once
    assert session.get_one(Batch, batch.id).state is BatchState.ISSUED
    assert session.scalars(select(Job.state)).all() == [JobState.DONE, JobState.DONE]
    issued = session.scalars(select(Certificate)).all()
    assert [one.state for one in issued] == [CertificateState.PUBLISHED] * PEOPLE
    assert len({one.request_id for one in issued}) == PEOPLE
    assert len({one.status_index for one in issued}) == PEOPLE
    assert session.scalars(select(StatusList.used)).all() == [PEOPLE]
    assert (count(LogEntry), count(PublicLeaf)) == (PEOPLE, PEOPLE)
    assert (count(Notice), count(NoticeDelivery)) == (PEOPLE, PEOPLE)
    published = select(func.count()).select_from(Event).where(Event.kind == "credentials.published")
    assert session.scalar(published) == PEOPLE
    assert [check for check in log_audit.audit() if not check.passed] == []
