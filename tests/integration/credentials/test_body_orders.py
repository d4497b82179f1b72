"""The authority ends a body, or withdraws its trust since a day: two people, a reason, and what follows from it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import Event
from app.credentials import queries, services
from app.credentials.models import Batch, BodyOrder, Certificate, CertificateRequest, Delegation, IssuingBody
from app.credentials.offline import verify_with
from app.credentials.queries import body_orders as reads
from app.credentials.rules.qr_check import verify_qr
from app.credentials.rules.templates import first_instant
from app.credentials.rules.verdict import CheckName, Result
from app.credentials.services import body_orders, delegations, succession, trust
from app.credentials.states import (
    BatchState,
    BodyAct,
    CertificateState,
    DelegationState,
    KeyOrderState,
    ReissueReason,
    RequestState,
    RevocationReason,
)
from app.credentials.verification import verify_certificate
from app.credentials.wording import sentence_of
from app.desk.models import Notice
from tests.factories.accounts import NATION, Member, make_member
from tests.factories.credentials import ISSUED_AT, Office, issue, make_batch, make_office, make_request
from tests.factories.delegations import ask as ask_delegation
from tests.factories.delegations import delegate
from tests.submit import submit

SINCE = date(2026, 6, 1)
LATER = ISSUED_AT + timedelta(days=30)
REASON = "冒用印章，违规发证。"


@pytest.fixture(autouse=True)
def _in_june(at_time: Callable[[datetime], None]) -> None:
    at_time(ISSUED_AT)


@pytest.fixture
def below(office: Office) -> Office:
    """Give a body to which the authority delegated everything."""
    made = make_office(slug="below", platform=False)
    delegate(office, made.body)
    return made


def ask(
    office: Office,
    below: Office,
    act: BodyAct = BodyAct.CLOSE,
    since: date | None = None,
    at: datetime = LATER,
) -> BodyOrder:
    with unit_of_work():
        return body_orders.ask(
            session.get_one(IssuingBody, below.body.id),
            act,
            reason=REASON,
            since=first_instant(since) if since else None,
            by=office.first.actor,
            at=at,
        )


def carry_out(office: Office, order: BodyOrder, at: datetime = LATER) -> None:
    with unit_of_work():
        body_orders.carry_out(session.get_one(BodyOrder, order.id), by=office.second.actor, at=at)
    session.expire_all()


def end(office: Office, below: Office, at: datetime = LATER) -> None:
    carry_out(office, ask(office, below, at=at), at)


def distrust(office: Office, below: Office, since: date = SINCE) -> None:
    carry_out(office, ask(office, below, BodyAct.DISTRUST, since))


def test_a_body_is_ended_on_the_word_of_two_with_the_reason_on_record(office: Office, below: Office) -> None:
    order = ask(office, below)
    with pytest.raises(ForbiddenError), unit_of_work():
        body_orders.carry_out(session.get_one(BodyOrder, order.id), by=office.first.actor, at=LATER)
    with pytest.raises(ConflictError):
        ask(office, below)
    assert session.get_one(IssuingBody, below.body.id).closed_at is None

    carry_out(office, order)

    assert session.get_one(IssuingBody, below.body.id).closed_at == LATER
    told = session.scalars(select(Event).where(Event.kind == "credentials.body_ended")).one()
    assert (told.subject_code, told.reason, told.actor_id) == ("below", REASON, office.second.person.id)
    with pytest.raises(ConflictError):
        ask(office, below)
    with pytest.raises(ConflictError), unit_of_work():
        body_orders.refuse(session.get_one(BodyOrder, order.id), by=office.second.actor, at=LATER)


def test_the_schema_keeps_the_two_people_apart(office: Office, below: Office) -> None:
    order = ask(office, below)
    values = {"state": "carried_out", "decided_by_id": BodyOrder.asked_by_id, "decided_at": LATER}
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(update(BodyOrder).where(BodyOrder.id == order.id).values(values))


def test_only_the_authority_ends_bodies_and_never_itself(office: Office, below: Office) -> None:
    with pytest.raises(NotFoundError):
        ask(below, below)
    with pytest.raises(ConflictError):
        ask(office, office)


def test_a_refused_order_changes_nothing(office: Office, below: Office) -> None:
    order = ask(office, below)
    with unit_of_work():
        body_orders.refuse(session.get_one(BodyOrder, order.id), by=office.second.actor, at=LATER)
    assert session.get_one(BodyOrder, order.id).state is KeyOrderState.REFUSED
    assert issue(below).state is CertificateState.PUBLISHED


def test_what_an_ended_body_issued_before_stays_valid_everywhere(office: Office, below: Office) -> None:
    certificate = issue(below)

    end(office, below)

    found = session.get_one(Certificate, certificate.id)
    assert verify_certificate(found, at=LATER + timedelta(days=1)).valid
    by_phone = verify_qr(found.qr or "", trust.phone_trust(at=LATER), LATER).verdict
    assert by_phone.check(CheckName.AUTHORITY).result is Result.PASS
    given = session.scalars(select(Delegation)).one()
    assert (given.state, given.ended_at, given.end_reason) == (DelegationState.ENDED, LATER, REASON)


def test_an_ended_body_is_given_no_delegation(office: Office, below: Office) -> None:
    asked = ask_delegation(office, below.body)
    end(office, below)
    with pytest.raises(ConflictError), unit_of_work():
        delegations.approve_delegation(session.get_one(Delegation, asked.id), by=office.second.actor, at=LATER)


def test_what_waits_at_an_ended_body_goes_to_the_body_after_it(office: Office, below: Office) -> None:
    make_request(below)
    batch = make_batch(below)
    waiting = make_request(below)

    end(office, below)

    assert session.get_one(Batch, batch.id).state is BatchState.REJECTED
    states = session.execute(select(CertificateRequest.body_id, CertificateRequest.state)).all()
    assert [tuple(one) for one in states] == [(office.body.id, RequestState.OPEN)] * 2
    assert make_batch(office).size == 2
    assert session.get_one(CertificateRequest, waiting.id).state is RequestState.BATCHED


def test_a_batch_at_work_loses_what_was_not_signed_to_the_body_after_it(
    office: Office, below: Office, run_jobs: Callable[[], int]
) -> None:
    request = make_request(below)
    batch = make_batch(below)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=below.second.actor, at=ISSUED_AT)

    end(office, below)
    run_jobs()
    session.expire_all()

    assert session.scalars(select(Certificate)).all() == []
    assert session.get_one(Batch, batch.id).state is BatchState.ISSUED
    found = session.get_one(CertificateRequest, request.id)
    assert (found.state, found.body_id) == (RequestState.OPEN, office.body.id)
    assert found.findings == [{"code": "body-ended", "params": {}}]


def test_a_certificate_of_an_ended_body_is_made_anew_by_the_body_after_it(office: Office, below: Office) -> None:
    certificate = issue(below)
    end(office, below)

    with unit_of_work():
        asked = succession.ask_reissue(
            session.get_one(Certificate, certificate.id),
            because=ReissueReason.DATA_CORRECTED,
            by=below.first.actor,
            at=LATER,
        )

    assert asked.body_id == office.body.id
    assert make_batch(office).faults == 0


def test_what_a_distrusted_body_issued_since_is_revoked_and_its_holders_are_told(
    office: Office, below: Office, run_jobs: Callable[[], int]
) -> None:
    holder = make_member(Role.TRAINEE, NATION)
    certificate = issue(below, holder.person)
    run_jobs()

    distrust(office, below)
    run_jobs()
    session.expire_all()

    found = session.get_one(Certificate, certificate.id)
    assert (found.state, found.revoked_for) == (CertificateState.REVOKED, RevocationReason.ISSUER_DISTRUSTED)
    assert (found.revoked_by_id, found.revocation_note) == (office.second.person.id, REASON)
    kinds = session.scalars(select(Notice.kind).where(Notice.person_id == holder.person.id)).all()
    assert "credentials.revoked" in kinds
    order = session.scalars(select(BodyOrder)).one()
    job = reads.job_of(order)
    assert job is not None
    assert (job.done, job.total) == (1, 1)


def test_whoever_verifies_reads_that_the_body_is_not_trusted_and_why(
    app: Flask, office: Office, below: Office, tmp_path: Path
) -> None:
    """With network and without: from our records, on a phone, and by a trust bundle."""
    certificate = issue(below)

    distrust(office, below)

    found = session.get_one(Certificate, certificate.id)
    check = verify_certificate(found, at=LATER).check(CheckName.AUTHORITY)
    assert (check.result, check.code) == (Result.FAIL, "issuer-distrusted")
    assert (check.params["reason"], check.params["on"]) == (REASON, "2026-05-31T16:00:00Z")
    by_phone = verify_qr(found.qr or "", trust.phone_trust(at=LATER), LATER).verdict
    assert by_phone.check(CheckName.AUTHORITY) == check
    with unit_of_work():
        packed = trust.build(at=LATER)[1]
    for raw in (found.credential or "", found.qr or ""):
        by_bundle = verify_with(raw.encode(), [packed.content], at=LATER).verdict
        assert by_bundle.check(CheckName.AUTHORITY) == check
    assert "自2026年6月1日起不再信任" in (said := sentence_of(check))
    assert REASON in said
    (tmp_path / "credential.json").write_text(found.credential or "")
    (tmp_path / "trust.zip").write_bytes(packed.content)
    words = ["credentials", "verify", f"{tmp_path}/credential.json", "--offline", "--trust", f"{tmp_path}/trust.zip"]
    assert said in app.test_cli_runner().invoke(args=words).stdout


def test_an_ended_body_that_is_trusted_is_told_so_without_network(office: Office, below: Office) -> None:
    certificate = issue(below, valid_from="2026-08-01")
    end(office, below)

    found = session.get_one(Certificate, certificate.id)
    with unit_of_work():
        packed = trust.build(at=LATER)[1]
    for raw in (found.credential or "", found.qr or ""):
        check = verify_with(raw.encode(), [packed.content], at=LATER).verdict.check(CheckName.AUTHORITY)
        assert (check.result, check.code) == (Result.FAIL, "issuer-closed")


def test_what_the_body_issued_before_that_day_still_counts(
    office: Office, below: Office, run_jobs: Callable[[], int], client: FlaskClient
) -> None:
    certificate = issue(below)

    distrust(office, below, since=date(2026, 6, 2))
    run_jobs()
    session.expire_all()

    found = session.get_one(Certificate, certificate.id)
    assert found.state is CertificateState.PUBLISHED
    assert verify_certificate(found, at=LATER).valid
    assert client.get(f"/credentials/{found.code}").status_code == 200


def test_what_was_backdated_is_revoked_too(office: Office, below: Office, run_jobs: Callable[[], int]) -> None:
    """What counts is when the public log tells of it, not from when it says it holds."""
    certificate = issue(below, valid_from="2025-06-01", valid_until="2028-05-31")

    distrust(office, below)
    run_jobs()
    session.expire_all()

    assert session.get_one(Certificate, certificate.id).revoked_for is RevocationReason.ISSUER_DISTRUSTED


def test_trust_is_withdrawn_from_an_ended_body_too_but_not_for_days_to_come(office: Office, below: Office) -> None:
    certificate = issue(below)
    end(office, below, at=ISSUED_AT + timedelta(days=3))
    for since in (None, date(2026, 6, 20), date(2030, 1, 1)):
        with pytest.raises(InvalidError):
            ask(office, below, BodyAct.DISTRUST, since)

    distrust(office, below)

    assert session.get_one(IssuingBody, below.body.id).closed_at == datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC)
    found = session.get_one(Certificate, certificate.id)
    assert verify_certificate(found, at=LATER).check(CheckName.AUTHORITY).code == "issuer-distrusted"
    assert queries.body_by_did(below.body.did) is not None


def test_pages_of_the_authority(
    office: Office, below: Office, browser_of: Callable[[Member], FlaskClient], run_jobs: Callable[[], int]
) -> None:
    certificate = issue(below)
    first, second, stranger = browser_of(office.first), browser_of(office.second), browser_of(below.first)
    url = "/issuing/authority/bodies/below/end"
    assert stranger.get(url).status_code == 404
    assert "终止" in first.get("/issuing/authority").text
    assert submit(first, url, act="close").status_code == 422
    without = submit(first, url, act="distrust", reason=REASON)
    assert without.status_code == 422
    assert "不得晚于今天" in without.text
    asked = submit(first, url, act="distrust", since="2026-06-01", reason=REASON)
    assert asked.status_code == 302
    order = reads.orders()[0]
    page = f"/issuing/authority/orders/{order.code}"
    for act in ("", "/carry-out", "/refuse"):
        opened = stranger.get if not act else stranger.post
        told = {
            opened(f"/issuing/authority/orders/{code}{act}", headers={"Accept": "application/json"}).text
            for code in (order.code, "none")
        }
        assert len(told) == 1
    assert "carry-out" not in first.get(page).text
    assert "拟撤销证书" in second.get(page).text
    assert submit(second, f"{page}/carry-out", page=page).status_code == 302
    run_jobs()
    done = second.get(page).text
    assert "已撤销证书" in done
    assert submit(first, url, act="close", reason=REASON).status_code == 409
    shown = stranger.get(f"/credentials/{certificate.code}").text
    assert REASON in shown


def test_an_order_is_refused_on_its_page(
    office: Office, below: Office, browser_of: Callable[[Member], FlaskClient]
) -> None:
    order = ask(office, below)
    page = f"/issuing/authority/orders/{order.code}"
    second = browser_of(office.second)
    assert submit(second, f"{page}/refuse", page=page).status_code == 302
    session.expire_all()
    assert session.get_one(BodyOrder, order.id).state is KeyOrderState.REFUSED
    assert "carry-out" not in second.get(page).text
