"""Liveness, readiness and figures for whoever runs the machine."""

import logging
from datetime import timedelta

from flask import Blueprint, Response, jsonify
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.core import jobs
from app.core.access import public
from app.core.clock import real_now
from app.core.config import key_store, settings
from app.core.db import session
from app.core.events import Event, Outbox
from app.core.jobs import Job, JobState
from app.core.sealing import AUDIT_LOG
from app.core.signing import KeyStoreError

log = logging.getLogger("jijing.health")
bp = Blueprint("health", __name__)
BEAT_LIMIT = timedelta(minutes=3)


@bp.get("/healthz")
@public
def healthz() -> Response:
    """Say that the process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Say whether database, job runner and keys are in place; 503 names what is not."""
    parts = {"database": True, "jobs": False, "keys": bool(settings().field_key_list) and _key_store_opens()}
    try:
        beat = jobs.last_work()
        parts["jobs"] = beat is not None and real_now() - beat < BEAT_LIMIT
    except SQLAlchemyError:
        parts["database"] = False
    ready = all(parts.values())
    return jsonify(ready=ready, **parts), 200 if ready else 503


def _key_store_opens() -> bool:
    """Tell whether signing keys can be reached; a token that is out of its slot or locked is named in the log."""
    try:
        key_store().has(AUDIT_LOG.key_name)
    except KeyStoreError as error:
        log.warning("the key store cannot be opened: %s", error)
        return False
    return True


@bp.get("/metrics")
@public
def metrics() -> Response:
    """Give counts for Prometheus; numbers only, nothing of any person."""
    registry = CollectorRegistry()
    for name, text, value in (
        ("jijing_events", "Events recorded", _count(Event)),
        ("jijing_outbox_waiting", "Deliveries that wait", _count(Outbox, Outbox.done_at.is_(None))),
        ("jijing_jobs_queued", "Jobs that wait", _count(Job, Job.state == JobState.QUEUED)),
        ("jijing_jobs_failed", "Jobs that failed", _count(Job, Job.state == JobState.FAILED)),
    ):
        Gauge(name, text, registry=registry).set(value)
    return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4")


def _count(model: type[Event | Outbox | Job], *conditions: object) -> int:
    query = select(func.count()).select_from(model).where(*conditions)  # type: ignore[arg-type]
    return session.scalar(query) or 0
