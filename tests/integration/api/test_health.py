"""Liveness, readiness and figures for whoever runs the machine."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from app.core import clock, events, jobs
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.events import Subject
from app.core.jobs import Job, JobState, RunnerBeat
from app.settings import Settings


def beat(ago: timedelta) -> None:
    with unit_of_work():
        session.merge(RunnerBeat(id=1, at=real_now() - ago))


def test_the_process_answers(client: FlaskClient) -> None:
    response = client.get("/healthz")

    assert (response.status_code, response.text, response.mimetype) == (200, "ok\n", "text/plain")


def test_without_a_job_runner_the_machine_is_not_ready(client: FlaskClient) -> None:
    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json == {"ready": False, "database": True, "jobs": False, "keys": True}


def test_with_a_fresh_beat_of_the_runner_it_is(client: FlaskClient) -> None:
    jobs.beat()

    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json == {"ready": True, "database": True, "jobs": True, "keys": True}


@pytest.mark.parametrize(("ago", "status"), [(timedelta(minutes=2, seconds=50), 200), (timedelta(minutes=3), 503)])
def test_a_runner_silent_for_three_minutes_is_missed(client: FlaskClient, ago: timedelta, status: int) -> None:
    beat(ago)

    assert client.get("/readyz").status_code == status


def test_without_keys_or_database_it_is_not_ready(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(timedelta(0))
    monkeypatch.setitem(settings.__dict__, "field_key_list", ())
    assert client.get("/readyz").json == {"ready": False, "database": True, "jobs": True, "keys": False}

    def broken() -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(jobs, "last_work", broken)
    assert client.get("/readyz").json == {"ready": False, "database": False, "jobs": False, "keys": False}


def test_figures_are_counts_and_nothing_of_any_person(app: Flask, client: FlaskClient) -> None:
    del app
    with unit_of_work():
        events.record("test.happened", Subject("thing", "t"), by=None, at=clock.now())
        session.add(Job(kind="k", key="1", args={}, state=JobState.QUEUED))
        session.add(Job(kind="k", key="2", args={}, state=JobState.FAILED, ended_at=real_now(), error="王敏"))

    text = client.get("/metrics").text

    figures = dict(line.split() for line in text.splitlines() if not line.startswith("#"))
    assert figures == {
        "jijing_events": "1.0",
        "jijing_outbox_waiting": "0.0",
        "jijing_jobs_queued": "1.0",
        "jijing_jobs_failed": "1.0",
    }
    assert "王敏" not in text
