"""A batch certifies facts that an office decided; for what only a file says, whoever approves vouches."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError
from app.core.events import Event
from app.credentials import services
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.queries import steps
from app.credentials.queries.certified import declared
from app.credentials.states import BatchState, CertificateKind, RequestState
from app.desk.queries import todos_of
from tests.factories.accounts import Member, make_person
from tests.factories.cases import restrict
from tests.factories.certification import DECIDED, decided, make_award, make_exam
from tests.factories.credentials import ISSUED_AT, Office, fields, make_batch, make_office, make_request, walk
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]


def approve(batch: Batch, office: Office, *, vouched: bool = False) -> None:
    with unit_of_work():
        found = session.get_one(Batch, batch.id)
        services.approve_batch(found, vouched=vouched, by=office.second.actor, at=DECIDED)


def findings(batch: Batch) -> list[str]:
    rows = steps.request_page(batch.id, 1).rows
    return [one["code"] for row in rows for one in row.findings]


def told(kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == kind)))


def test_every_kind_of_certificate_has_a_room_that_keeps_its_facts(app: Flask) -> None:
    del app
    assert {one.kind for one in declared().values()} == set(CertificateKind)


def test_a_row_that_only_a_file_asks_for_is_issued_where_the_approver_vouches(
    office: Office, run_jobs: Callable[[], int]
) -> None:
    make_request(office)
    batch = make_batch(office)
    assert (findings(batch), batch.faults, batch.not_kept) == (["fact-not-kept"], 0, 1)

    with pytest.raises(InvalidError) as refused:
        approve(batch, office)
    assert refused.value.field == "vouched"
    approve(batch, office, vouched=True)
    run_jobs()

    session.expire_all()
    assert session.get_one(Batch, batch.id).state is BatchState.ISSUED
    assert [one.data["vouched_for"] for one in told("credentials.batch_approved")] == [1]


def test_the_schema_refuses_an_approval_for_which_nobody_vouched(office: Office) -> None:
    make_request(office)
    batch = make_batch(office)
    state = {"state": BatchState.APPROVED, "approved_by_id": office.second.person.id, "approved_at": ISSUED_AT}
    with pytest.raises(ConflictError, match="vouched"), unit_of_work():
        session.execute(update(Batch).where(Batch.id == batch.id).values(state))


def test_the_page_says_what_rests_on_a_file_and_asks_to_vouch_for_it(office: Office, browser_of: Browser) -> None:
    make_request(office)
    path = f"/issuing/batches/{make_batch(office).code}"
    second = browser_of(office.second)
    page = second.get(path).text
    assert "1行仅凭申请文件" in page

    refused = submit(second, f"{path}/approve", page=path)

    assert refused.status_code == 422
    assert 'href="#vouched"' in refused.text
    assert submit(second, f"{path}/approve", page=path, vouched="y").status_code == 302


def test_a_level_that_was_awarded_needs_nobody_to_vouch(app: Flask, run_jobs: Callable[[], int]) -> None:
    del app
    exam, office = make_exam(), make_office()
    decided(make_award(exam))
    batch = make_batch(office)
    assert (findings(batch), batch.not_kept) == ([], 0)

    approve(batch, office)
    run_jobs()

    assert len(session.scalars(select(Certificate)).all()) == 1


WRONG: dict[str, dict[str, Any]] = {
    "fact-unknown": {"source_code": "award-of-nobody"},
    "fact-holder": {"person_id": True},
    "fact-level": {"fields": {"level": "senior"}},
    "fact-number": {"fields": {"number": "TM3799999999"}},
}


@pytest.mark.parametrize("code", sorted(WRONG))
def test_a_row_that_says_something_else_than_the_office_is_a_fault(app: Flask, code: str) -> None:
    del app
    exam, office = make_exam(), make_office()
    decided(make_award(exam))
    changes = dict(WRONG[code])
    with unit_of_work():
        request = session.scalars(select(CertificateRequest)).one()
        changes = {"person_id": make_person().id} if "person_id" in changes else changes
        changes = {"fields": {**request.fields, **changes["fields"]}} if "fields" in changes else changes
        session.execute(update(CertificateRequest).values(changes))

    batch = make_batch(office)

    assert code in findings(batch)
    assert batch.faults == 1


def test_another_kind_than_the_office_decided_is_a_fault(app: Flask) -> None:
    del app
    exam, office = make_exam(), make_office()
    decided(make_award(exam))
    with unit_of_work():
        session.execute(update(CertificateRequest).values(kind=CertificateKind.EXAM_PASS))

    assert findings(make_batch(office, CertificateKind.EXAM_PASS)) == ["fact-unknown"]


def test_what_ended_between_approval_and_signing_is_not_signed(app: Flask, run_jobs: Callable[[], int]) -> None:
    del app
    exam, office = make_exam(), make_office()
    stays, ends = decided(make_award(exam)), decided(make_award(exam))
    batch = make_batch(office)
    approve(batch, office)
    with unit_of_work():
        session.execute(update(Award).where(Award.id == ends.id).values(state=AwardState.WITHDRAWN, reason="x"))

    run_jobs()

    session.expire_all()
    assert [one.person_id for one in session.scalars(select(Certificate))] == [stays.person_id]
    waits = session.scalars(select(CertificateRequest).where(CertificateRequest.person_id == ends.person_id)).one()
    assert (waits.state, waits.findings) == (RequestState.OPEN, [{"code": "fact-ended", "params": {}}])


@pytest.mark.parametrize("step", ["approve", "store", "lint", "sign"])
def test_who_is_restricted_after_the_approval_gets_nothing_and_the_others_do(
    office: Office, run_jobs: Callable[[], int], step: str
) -> None:
    barred, free = make_person(name="张三"), make_person(name="李四")
    for one in (barred, free):
        make_request(office, one)
    batch = make_batch(office)
    approve(batch, office, vouched=True)
    if step != "approve":
        walk(batch, step)

    restrict("credentials.issue", barred)
    run_jobs()

    session.expire_all()
    done = session.get_one(Batch, batch.id)
    assert [one.person_id for one in session.scalars(select(Certificate))] == [free.id]
    assert (done.state, done.size, done.left_out) == (BatchState.ISSUED, 1, 1)
    waits = session.scalars(select(CertificateRequest).where(CertificateRequest.person_id == barred.id)).one()
    assert (waits.state, [one["code"] for one in waits.findings]) == (RequestState.OPEN, ["restricted"])
    assert [one.data for one in told("credentials.rows_kept_out")] == [{"count": 1, "findings": ["restricted"]}]
    assert "credentials.prepare" in [one.kind for one in todos_of(office.first.actor)]


def test_the_page_of_the_batch_tells_how_many_were_kept_out(
    office: Office, run_jobs: Callable[[], int], browser_of: Browser
) -> None:
    barred = make_person(name="张三")
    for one in (barred, make_person(name="李四")):
        make_request(office, one)
    batch = make_batch(office)
    approve(batch, office, vouched=True)
    restrict("credentials.issue", barred)
    run_jobs()

    page = browser_of(office.first).get(f"/issuing/batches/{batch.code}").text

    assert "1行未予发证，仍在等待" in page
    assert "张三" in browser_of(office.first).get("/issuing").text


def test_a_file_may_name_the_decision_that_a_row_certifies(app: Flask, office: Office, tmp_path: Path) -> None:
    person = make_person()
    rows = [
        {"person": person.code, "fields": fields(), "source": {"type": "award", "code": "award-of-nobody"}},
        {"person": make_person().code, "fields": fields()},
    ]
    path = tmp_path / "request.json"
    path.write_text(json.dumps({"body": office.body.slug, "kind": "capability", "certificates": rows}, default=str))
    run = app.test_cli_runner().invoke
    answer = run(args=["credentials", "batch", "--request", str(path), "--by", office.first.person.code, "--json"])

    told = json.loads(answer.stdout)

    assert told["not_kept"] == 1
    assert [[one["code"] for one in row["findings"]] for row in told["findings"]] == [["fact-unknown"]]
