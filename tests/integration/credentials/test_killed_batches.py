"""A job process may die at any moment: a batch ends with exactly as many certificates, leaves and notices."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, make_url, select

from app import create_app
from app.core.clock import set_clock
from app.core.db import db, session, unit_of_work
from app.core.events import Event
from app.core.jobs import Job, JobState
from app.credentials.jobs import STEPS
from app.credentials.models import (
    Batch,
    BulkChange,
    Certificate,
    CertificateRequest,
    IssuingBody,
    LogEntry,
    PublicLeaf,
    StatusList,
)
from app.credentials.queries import log_audit
from app.credentials.rules.status_list import read_bit
from app.credentials.services import batches, bulk, deciding
from app.credentials.states import (
    Act,
    BatchState,
    CertificateState,
    ChangeState,
    LogAct,
    RequestState,
    RevocationReason,
)
from app.desk.models import Notice, NoticeDelivery
from app.settings import Settings
from tests.factories.accounts import make_person
from tests.factories.credentials import ISSUED_AT, Office, make_batch, make_office, make_request
from tests.integration.credentials.runners import RunAndDie, runners_of
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


@pytest.fixture(name="alone")
def _alone(application: Flask, settings: Settings, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """Give the application on a database of its own, which other processes open too."""
    del application
    if database_url.startswith("postgresql"):
        with new_database(database_url, "killed_batches") as url:
            yield from _on(settings, url)
    else:
        path = tmp_path / "killed.db"
        shutil.copy(Path(str(make_url(database_url).database)).with_suffix(".template"), path)
        yield from _on(settings, f"sqlite:///{path}")


def _on(settings: Settings, url: str) -> Iterator[Flask]:
    app = create_app(settings.model_copy(update={"database_url": url}))
    with app.app_context():
        if not url.startswith("sqlite"):
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


@pytest.fixture(name="run_and_die")
def _run_and_die(alone: Flask, tmp_path: Path) -> Iterator[RunAndDie]:
    with runners_of(alone, tmp_path) as run:
        yield run


def count(model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.timeout(400)  # a process of its own starts on a busy machine
def test_a_batch_is_whole_wherever_its_runners_die(waiting: Office, run_and_die: RunAndDie) -> None:
    # when the runner dies while a batch is linted, at each point once
    batch = make_batch(waiting)
    ends = run_and_die((*LINTING, "nowhere"))
    assert set(ends.values()) == {-signal.SIGKILL, 0}, ends
    assert [point for point, end in ends.items() if not end] == ["nowhere"]
    linted = session.get_one(Batch, batch.id)
    assert (linted.faults, linted.linted_at is None) == (0, False)

    # and again while it is issued, at each point of each step once
    with unit_of_work():
        deciding.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=waiting.second.actor, at=ISSUED_AT)
    ends = run_and_die(POINTS)
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


TAKEN_BACK = {
    "before_sign": None,
    "before_log": None,
    "before_render": CertificateState.REVOKED,
    "before_publish": CertificateState.REVOKED,
    "mid_chunk": CertificateState.REVOKED,
    "in_publish:2": CertificateState.REVOKED,
    "before_notify": CertificateState.REVOKED,
}
"""Where a runner dies, and what becomes of a certificate whose fact is taken back then."""
STANDING = 5
CHANGING = ("before_change", "mid_change", "in_change", "mid_change:2", "in_change:2", "nowhere")


def happened_to(certificate: Certificate) -> list[str]:
    query = select(Event.kind).where(Event.subject_type == "certificate", Event.subject_code == certificate.code)
    return list(session.scalars(query.order_by(Event.id)))


def approved_change(office: Office, certificates: list[Certificate]) -> BulkChange:
    with unit_of_work():
        rows = [(line, one.code, "") for line, one in enumerate(certificates, start=2)]
        order = bulk.Order(Act.REVOKE, RevocationReason.ISSUED_IN_ERROR.value)
        body = session.get_one(IssuingBody, office.body.id)
        change = bulk.stage(body, order, rows, by=office.first.actor, at=ISSUED_AT)
    with unit_of_work():
        bulk.propose(session.merge(change), only_good=False, by=office.first.actor, at=ISSUED_AT)
    with unit_of_work():
        bulk.approve(session.merge(change), by=office.second.actor, at=ISSUED_AT)
    return change


@pytest.mark.timeout(400)  # a process of its own starts on a busy machine
def test_a_fact_taken_back_at_any_point_never_counts_and_many_are_revoked_once(
    waiting: Office, run_and_die: RunAndDie
) -> None:
    # given a batch whose facts are taken back one by one, each where its runner died
    requests = list(session.scalars(select(CertificateRequest).order_by(CertificateRequest.id)))
    requests += [make_request(waiting, make_person()) for _one in range(STANDING)]
    batch = make_batch(waiting)
    run_and_die(("nowhere",))
    with unit_of_work():
        deciding.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=waiting.second.actor, at=ISSUED_AT)
    codes = dict(zip(TAKEN_BACK, (one.code for one in requests), strict=False))
    ends = run_and_die([*TAKEN_BACK, "nowhere"], codes)
    assert [point for point, end in ends.items() if not end] == ["nowhere"], ends

    # then what was not logged is not issued, what was logged is published as revoked, and nobody hears that it stood
    found = {one.request_id: one for one in session.scalars(select(Certificate))}
    for request, (point, state) in zip(requests, TAKEN_BACK.items(), strict=False):
        certificate = found.get(request.id)
        assert (certificate and certificate.state) == state, point
        closed = session.get_one(CertificateRequest, request.id)
        assert (closed.state is RequestState.WITHDRAWN) == (certificate is None), point
        if certificate is not None and point != "before_notify":
            assert happened_to(certificate) == ["credentials.withdrawn", "credentials.revoked"], point
            assert certificate.published_at == certificate.revoked_at, point
    standing = [found[one.id] for one in requests[len(TAKEN_BACK) :]]
    assert {one.state for one in standing} == {CertificateState.PUBLISHED}
    issued = session.get_one(Batch, batch.id)
    assert (issued.state, issued.size, issued.left_out) == (BatchState.ISSUED, len(found), 2)
    told = dict(session.execute(select(Notice.kind, func.count()).group_by(Notice.kind)).all())
    assert told == {"credentials.published": STANDING, "credentials.revoked": len(found) - STANDING}
    assert [check for check in log_audit.audit() if not check.passed] == []

    # and when those that stand are revoked together by runners that die
    change = approved_change(waiting, standing)
    ends = run_and_die(CHANGING)
    assert [point for point, end in ends.items() if not end] == ["nowhere"], ends

    # then each is revoked, listed, logged and told of once
    done = session.get_one(BulkChange, change.id)
    assert (done.state, done.done, done.skipped) == (ChangeState.DONE, STANDING, 0)
    for one in standing:
        assert happened_to(one) == ["credentials.published", "credentials.revoked"]
    bits = session.scalars(select(StatusList.bits)).one()
    assert all(read_bit(bits, one.status_index) for one in session.scalars(select(Certificate)))
    revoked = select(func.count()).select_from(LogEntry).where(LogEntry.act == LogAct.REVOKE)
    assert session.scalar(revoked) == len(found)
    assert session.scalar(select(func.count()).where(Notice.kind == "credentials.revoked")) == len(found)
    assert [check for check in log_audit.audit() if not check.passed] == []
