"""A batch is linted row by row, decided as it was seen, and walked step by step; bad rows never hold up the good."""

import inspect
import json
import secrets
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import func, select, update

from app.core import events, failpoints, jobs, post
from app.core.columns import new_code
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event, Outbox, Subject
from app.core.jobs import Job, JobState
from app.credentials import services
from app.credentials.models import Batch, Certificate, CertificateRequest, IssuingBody, StatusList
from app.credentials.queries import steps
from app.credentials.rules.drawing import draw_indexes
from app.credentials.services import batches, issuing, linting, rows, storing
from app.credentials.services.deciding import STEPS
from app.credentials.states import BatchState, CertificateKind, RequestState
from app.desk.models import Notice
from app.desk.post import send_waiting
from app.desk.queries import todos_of
from app.desk.services import tell_all
from app.settings import UnsafeSettingsError
from tests.factories.accounts import Member, make_person
from tests.factories.credentials import ISSUED_AT, Office, issue, make_batch, make_request, walk

Browser = Callable[[Member], FlaskClient]


def approve(batch: Batch, office: Office, seen: str | None = None) -> Job:
    with unit_of_work():
        row = session.get_one(Batch, batch.id)
        return services.approve_batch(row, seen=seen, vouched=True, by=office.second.actor, at=ISSUED_AT)


def leave_out(batch: Batch, office: Office) -> int:
    with unit_of_work():
        return services.leave_out_faults(session.get_one(Batch, batch.id), by=office.first.actor, at=ISSUED_AT)


def with_faults(office: Office) -> tuple[Batch, CertificateRequest, CertificateRequest]:
    """Prepare a batch with one good row and one whose name cannot be printed."""
    good, bad = make_request(office, make_person(name="张三")), make_request(office, make_person(name="李\u202e四"))
    return make_batch(office), good, bad


@pytest.fixture(name="by_job")
def _by_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "LINTED_AT_ONCE", 0)
    monkeypatch.setattr(linting, "CHUNK", 2)


@pytest.mark.usefixtures("by_job")
def test_a_large_batch_is_linted_by_a_job_and_then_put_before_a_second_person(
    office: Office, browser_of: Browser
) -> None:
    holder = make_person()
    for _one in range(3):
        make_request(office)
    make_request(office, holder)
    make_request(office, holder)
    batch = make_batch(office)
    page = f"/issuing/batches/{batch.code}"

    # while it is linted nobody can decide, and the page says how far
    assert "credentials.approve" not in [todo.kind for todo in todos_of(office.second.actor)]
    with pytest.raises(ConflictError):
        approve(batch, office)
    with pytest.raises(ConflictError):
        leave_out(batch, office)
    assert 'data-poll="' in browser_of(office.first).get(page).text
    jobs.work()

    # then what was found stands at its row, also where the pair was in two chunks
    session.expire_all()
    linted = session.get_one(Batch, batch.id)
    assert (linted.faults, linted.size, len(linted.digest or b"")) == (1, 5, 32)
    assert "credentials.approve" in [todo.kind for todo in todos_of(office.second.actor)]
    shown = browser_of(office.second).get(page).text
    assert 'data-poll="' not in shown
    assert "此人已持有" in shown or "重复" in shown


def test_rows_with_faults_are_left_out_and_wait_with_their_reason(office: Office, browser_of: Browser) -> None:
    batch, good, bad = with_faults(office)
    assert batch.faults == 1
    before = batch.digest
    with pytest.raises(InvalidError):
        approve(batch, office)

    first = browser_of(office.first)
    assert first.post(f"/issuing/batches/{batch.code}/leave-out").status_code == 302

    session.expire_all()
    left = session.get_one(Batch, batch.id)
    assert (left.size, left.faults, left.left_out) == (1, 0, 1)
    assert left.digest != before
    waiting = session.get_one(CertificateRequest, bad.id)
    assert (waiting.state, waiting.batch_id, waiting.lint_passed) == (RequestState.OPEN, None, None)
    assert [one["code"] for one in waiting.findings] == ["name-characters"]
    assert "请更正人员档案中的姓名" in first.get("/issuing").text
    approve(batch, office)
    jobs.work()
    session.expire_all()
    assert session.scalars(select(Certificate.request_id)).all() == [good.id]
    assert session.get_one(Batch, batch.id).state is BatchState.ISSUED


def test_where_nothing_would_be_left_the_batch_is_rejected(office: Office) -> None:
    make_request(office, make_person(name="李\u202e四"))
    batch = make_batch(office)

    with pytest.raises(InvalidError):
        leave_out(batch, office)


def test_faults_cannot_be_approved_even_by_the_schema(office: Office) -> None:
    batch, _good, _bad = with_faults(office)

    force = update(Batch).where(Batch.id == batch.id)
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(
            force.values(state=BatchState.APPROVED, approved_by_id=office.second.person.id, approved_at=ISSUED_AT)
        )


def test_what_was_seen_is_what_is_approved(office: Office) -> None:
    """Two tabs: rows are left out in one, the other approves what it still shows."""
    batch, _good, _bad = with_faults(office)
    seen = (batch.digest or b"").hex()
    leave_out(batch, office)

    with pytest.raises(ConflictError):
        approve(batch, office, seen)
    session.expire_all()
    approve(batch, office, (session.get_one(Batch, batch.id).digest or b"").hex())
    with pytest.raises(ConflictError):
        leave_out(batch, office)


def test_a_body_whose_authority_ended_prepares_approves_and_signs_nothing(office: Office) -> None:
    make_request(office)
    batch = make_batch(office)
    make_request(office)
    with unit_of_work():
        session.execute(update(IssuingBody).values(closed_at=ISSUED_AT))
    session.expire_all()

    with pytest.raises(ForbiddenError):
        make_batch(office)
    with pytest.raises(ForbiddenError):
        approve(batch, office)


def test_of_a_body_that_ends_after_the_approval_nothing_is_signed(office: Office) -> None:
    """What was approved waits again and says why; where nobody comes after the body, it waits there."""
    request = make_request(office)
    job = approve(make_batch(office), office)
    with unit_of_work():
        session.execute(update(IssuingBody).values(closed_at=ISSUED_AT))

    jobs.work()

    session.expire_all()
    assert session.get_one(Job, job.id).state is JobState.DONE
    assert session.scalars(select(Certificate.state)).all() == []
    found = session.get_one(CertificateRequest, request.id)
    assert (found.state, found.body_id) == (RequestState.OPEN, office.body.id)
    assert [one["code"] for one in found.findings] == ["body-ended"]


def test_two_batches_with_the_same_fact_issue_it_once(office: Office) -> None:
    """Both were linted before either was stored; the second is caught when it is linted again."""
    holder = make_person()
    make_request(office, holder)
    first = make_batch(office)
    make_request(office, holder)
    with unit_of_work():
        second = services.prepare_batch(
            session.merge(office.body), kind=CertificateKind.CAPABILITY, by=office.first.actor, at=ISSUED_AT
        )
        assert (second.linted_at, second.digest) == (None, None), "preparing lints nothing"
        services.lint_batch(second, by=office.first.actor, at=ISSUED_AT)
    assert second.faults == 0
    approve(first, office)
    approve(second, office)

    jobs.work()

    session.expire_all()
    assert session.scalar(select(func.count()).select_from(Certificate)) == 1
    assert session.get_one(Batch, second.id).left_out == 1
    waiting = session.scalars(select(CertificateRequest).where(CertificateRequest.state == RequestState.OPEN)).one()
    assert [one["code"] for one in waiting.findings] == ["duplicate"]


def test_each_holder_is_told_once_on_the_site_and_by_mail(office: Office) -> None:
    people = [make_person(email=f"holder{place}@demo.example") for place in range(3)]
    for one in people:
        make_request(office, one)
    approve(make_batch(office), office)
    jobs.work()
    session.expire_all()

    happened = session.scalars(select(Event).where(Event.kind == "credentials.published")).all()
    assert session.scalar(select(func.count()).select_from(Notice)) == 3
    assert not session.scalars(select(Outbox).where(Outbox.event_id.in_([one.id for one in happened]))).all()
    with unit_of_work():
        assert tell_all(happened) == 0
    send_waiting()
    send_waiting()
    assert len(post.in_memory()) == 3


def test_a_chunk_that_was_computed_before_somebody_changed_a_row_is_computed_again(office: Office) -> None:
    certificate = issue(office)
    stale = rows.Changed(certificate.id, certificate.version - 1, {"number": "TM370000000000"})

    with pytest.raises(rows.MovedOnError), unit_of_work():
        rows.write([stale])
    with unit_of_work():
        rows.write([])
    assert session.get_one(Certificate, certificate.id).number != "TM370000000000"


def test_a_batch_is_not_closed_before_every_certificate_is_published(office: Office) -> None:
    make_request(office)
    batch = make_batch(office)
    approve(batch, office)

    with pytest.raises(issuing.UnfinishedError), unit_of_work():
        issuing.finish(session.get_one(Batch, batch.id), at=ISSUED_AT)


def test_a_full_list_is_left_in_the_middle_of_a_chunk(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "FULL", 2)
    for _one in range(5):
        make_request(office)
    approve(make_batch(office), office)

    jobs.work()

    assert session.scalars(select(StatusList.used).order_by(StatusList.id)).all() == [2, 2, 1]


def test_issuing_sends_as_many_statements_for_many_certificates_as_for_two(
    office: Office, count_statements: Callable[[], list[str]]
) -> None:
    def statements(people: int) -> int:
        for _one in range(people):
            make_request(office)
        approve(make_batch(office), office)
        sent.clear()
        jobs.work()
        return len(sent)

    sent = count_statements()
    statements(1)  # opens the status list

    assert statements(2) == statements(9)
    assert session.scalar(select(func.count()).select_from(Notice)) == 12


def test_the_page_of_a_batch_shows_its_steps_and_pages_its_rows(
    office: Office, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "PER_PAGE", 2)
    for _one in range(3):
        make_request(office)
    batch = make_batch(office)
    browser = browser_of(office.first)
    approve(batch, office)
    page = f"/issuing/batches/{batch.code}"

    running = browser.get(page).text
    assert "记入公开日志" in running
    assert "0 / 21" in running
    jobs.work()
    second = browser.get(f"{page}?page=2").text
    assert second.count('href="/credentials/') == 1


@pytest.mark.usefixtures("by_job")
def test_the_command_waits_for_the_lint_of_a_large_batch(office: Office, app: Flask, tmp_path: Path) -> None:
    holder = make_person(name="李\u202e四")
    make_request(office, holder)
    make_request(office)
    asked = tmp_path / "request.json"
    asked.write_text(json.dumps({"body": office.body.slug, "kind": "capability"}), "utf-8")
    code = office.first.person.code

    answer = app.test_cli_runner().invoke(
        args=["credentials", "batch", "--request", str(asked), "--by", code, "--json"]
    )

    told = json.loads(answer.stdout)
    assert told["size"] == 2
    assert [one["findings"][0]["code"] for one in told["findings"]] == ["name-characters"]


def test_a_failpoint_does_nothing_where_none_is_set_and_production_refuses_one(app: Flask) -> None:
    failpoints.reach("in_sign")
    settings = app.extensions["settings"]

    demo = settings.model_copy(update={"failpoint": "in_sign"})
    demo.refuse_unsafe()
    production = {"demo": False, "testing": False, "secret_key": SecretStr("x" * 40)}
    with pytest.raises(UnsafeSettingsError, match="FAILPOINT"):
        demo.model_copy(update=production).refuse_unsafe()


def test_events_in_bulk_tell_who_listens_save_whom_the_caller_tells(office: Office) -> None:
    about = [(Subject("certificate", new_code()), {"kind": "capability"}) for _one in range(2)]

    with unit_of_work():
        events.record_many("credentials.published", about, by=None, at=ISSUED_AT)
    with pytest.raises(RuntimeError):
        events.record_many("credentials.published", about, by=None, at=ISSUED_AT)

    told = select(Outbox.subscriber).join(Event, Event.id == Outbox.event_id)
    assert session.scalars(told.where(Event.kind == "credentials.published")).all().count("desk.notices") == 2
    assert office.body.slug == "sample-centre"


@pytest.mark.parametrize("step", ["sign", "publish"])
def test_in_the_middle_of_a_batch_its_page_says_how_far_it_is(office: Office, browser_of: Browser, step: str) -> None:
    for _one in range(3):
        make_request(office)
    batch = make_batch(office)
    approve(batch, office)
    job = walk(batch, step)

    page = browser_of(office.first).get(f"/issuing/batches/{batch.code}").text

    assert 0 < job.done < job.total == 3 * len(STEPS)
    assert f'<progress value="{job.done}" max="{job.total}"' in page
    assert "data-poll" in page
    jobs.work()
    assert "<progress" not in browser_of(office.first).get(f"/issuing/batches/{batch.code}").text


def test_places_in_the_status_list_are_drawn_not_counted(office: Office) -> None:
    """Neighbours in a list would tell who was certified together; the system's own randomness draws."""
    assert inspect.signature(draw_indexes).parameters["draw"].default is secrets.randbelow
    for _one in range(6):
        make_request(office)
    approve(make_batch(office), office)
    jobs.work()

    places = list(session.scalars(select(Certificate.status_index).order_by(Certificate.id)))
    assert max(places) - min(places) > 1000
    assert 1 not in {after - before for before, after in pairwise(places)}
