"""A roster survives kill -9 at any moment: nobody, or everybody, and each once."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.accounts.models import Invitation, Person
from app.accounts.staged import PeopleRow
from app.core import jobs
from app.core.clock import set_clock
from app.core.db import db, session, unit_of_work
from app.core.events import Event
from app.courses import services
from app.courses.models import Enrolment
from app.courses.queries import cohorts, rosters
from app.settings import ROOT, Settings
from tests.factories.courses import BEFORE, School, document_number, make_cohort, make_school, roster_rows, xlsx
from tests.postgres import new_database

pytestmark = pytest.mark.one_database

ROWS = 1200
WORKER = """
from pydantic import SecretStr
from app import create_app
from app.core import jobs
from app.settings import Settings
import os

app = create_app(Settings(
    _env_file=None, database_url=os.environ["URL"], secret_key=SecretStr("demo-for-tests"),
    field_keys=SecretStr(os.environ["KEY"]), testing=True, demo=True,
))
with app.app_context():
    while jobs.work():
        pass
"""


@pytest.fixture
def alone(application: Flask, settings: Settings, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Give the application on a database of its own, which other processes may open too."""
    if database_url.startswith("postgresql"):
        with new_database(database_url, "killed") as url:
            yield from _on(settings, url, upgrade)
    else:
        with application.app_context():
            template = Path(str(db.engine.url.database)).with_suffix(".template")
        shutil.copy(template, tmp_path / "killed.db")
        yield from _on(settings, f"sqlite:///{tmp_path}/killed.db")


def _on(settings: Settings, url: str, prepare: Callable[[], object] = int) -> Iterator[Flask]:
    app = create_app(settings.model_copy(update={"database_url": url}))
    with app.app_context():
        prepare()
        yield app
        session.remove()
        db.engine.dispose()


@pytest.fixture(name="school")
def _school(alone: Flask) -> School:
    del alone
    with unit_of_work():
        set_clock(BEFORE)
    return make_school()


@pytest.fixture
def worker(alone: Flask) -> Callable[[Callable[[], bool]], None]:
    """Give a job runner in a process of its own that is killed as soon as something has happened."""
    settings = alone.extensions["settings"]
    environment = {**os.environ, "URL": settings.database_url, "KEY": settings.field_keys.get_secret_value()}

    def until(happened: Callable[[], bool]) -> None:
        process = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environment)
        while process.poll() is None and not happened():
            session.rollback()
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        session.rollback()
        session.expire_all()

    return until


def _work() -> None:
    while jobs.work():
        pass


def count(model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def _stage(school: School) -> tuple[str, str]:
    cohort = make_cohort(school, capacity=ROWS)
    read = services.read_roster(xlsx(roster_rows(ROWS)), "名单.xlsx")
    with unit_of_work():
        found = cohorts.own_cohort(cohort.code, school.base.actor)
        return cohort.code, services.stage_roster(found, read, by=school.base.actor, at=BEFORE).code


@pytest.mark.timeout(400)  # two processes are started, which takes long on a busy machine
def test_a_killed_roster_goes_on_where_it_stopped(school: School, worker: Callable[[Callable[[], bool]], None]) -> None:
    cohort_code, code = _stage(school)
    people = count(Person)

    # when the check is killed with some blocks done
    worker(lambda: count(PeopleRow) > 0)
    assert count(PeopleRow) > 0
    assert (count(Person), count(Enrolment)) == (people, 0), "to every reader nothing has happened"
    _work()

    # then it ends complete, each row once and none of it readable in the database
    assert sorted(session.scalars(select(PeopleRow.line))) == list(range(2, ROWS + 2))
    kept = [bytes(value) for value in session.scalars(select(PeopleRow.identity_sealed)) if value]
    assert len(kept) == ROWS
    assert not any(document_number(0).encode() in value for value in kept)

    # and when what follows the taking over is killed
    with unit_of_work():
        found = cohorts.own_cohort(cohort_code, school.base.actor)
        roster = rosters.roster(found, code)
        assert services.commit_roster(found, roster, only_good=False, by=school.base.actor, at=BEFORE) == ROWS
    assert (count(Person), count(Enrolment)) == (people + ROWS, 0), "cut off before anybody has a place"
    seen: list[int] = []

    def somebody_invited() -> bool:
        seen.append(count(Enrolment))
        return count(Invitation) > 0

    worker(somebody_invited)
    assert set(seen) == {0, ROWS}, "everybody at once"
    assert count(Invitation) > 0
    _work()

    # then everybody has one link and one event
    assert count(Invitation) == ROWS
    invited = select(func.count()).select_from(Event).where(Event.kind == "courses.invited")
    assert session.scalar(invited) == ROWS
