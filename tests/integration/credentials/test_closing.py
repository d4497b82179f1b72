"""What would follow a revoked certificate is not issued: it is closed with the reason, wherever its batch stands."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.states import Role
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import Event, Subject
from app.core.jobs import Job
from app.credentials import jobs as issuing
from app.credentials import services
from app.credentials.models import Batch, Certificate, CertificateRequest, LogEntry
from app.credentials.services import signing
from app.credentials.states import (
    BatchState,
    CertificateKind,
    CertificateState,
    LogAct,
    ReissueReason,
    RequestState,
    RevocationReason,
)
from app.desk.models import Notice
from app.desk.queries import todos_of
from tests.factories.accounts import NATION, Member, make_member, make_person
from tests.factories.credentials import Office, issue, make_batch, make_request, walk
from tests.integration.credentials.test_succession import AT, fresh, publish, rename, renew

Browser = Callable[[Member], FlaskClient]


@pytest.fixture(autouse=True)
def _in_november(at_time: Callable[[datetime], None]) -> None:
    at_time(AT)


@pytest.fixture
def holder() -> Member:
    return make_member(Role.TRAINEE, NATION, person=make_person(name="王小明"))


@pytest.fixture
def certificate(office: Office, holder: Member) -> Certificate:
    return issue(office, holder.person, source="fact-1")


@pytest.fixture
def other(office: Office) -> CertificateRequest:
    """Give another person's request, which goes into the same batch and must not suffer."""
    return make_request(office, make_person(name="李梅"))


def revoke(certificate: Certificate, office: Office, reason: RevocationReason = RevocationReason.FALSE_PAPERS) -> None:
    with unit_of_work():
        services.revoke(fresh(certificate), reason=reason, note="", by=office.first.actor, at=AT)


def approve(batch: Batch, office: Office, seen: str | None = None) -> None:
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), seen=seen, vouched=True, by=office.second.actor, at=AT)


def again(request: CertificateRequest) -> CertificateRequest:
    session.expire_all()
    return session.get_one(CertificateRequest, request.id)


def closed(request: CertificateRequest) -> tuple[RequestState, RevocationReason | None, int | None]:
    found = again(request)
    return found.state, found.withdrawn_for, found.closed_in_id


def issued_for(request: CertificateRequest) -> list[CertificateState]:
    return list(session.scalars(select(Certificate.state).where(Certificate.request_id == request.id)))


def counted(kind: str) -> int:
    return session.scalar(select(func.count()).select_from(Event).where(Event.kind == kind)) or 0


def test_a_renewal_that_waits_is_closed_and_its_holder_told(
    office: Office, holder: Member, certificate: Certificate, browser_of: Browser, run_jobs: Callable[[], int]
) -> None:
    request = renew(certificate, holder)
    assert [one.kind for one in todos_of(office.first.actor)] == ["credentials.prepare"]

    revoke(certificate, office)

    assert closed(request) == (RequestState.WITHDRAWN, RevocationReason.FALSE_PAPERS, None)
    assert todos_of(office.first.actor) == []
    with pytest.raises(ConflictError):
        make_batch(office)
    run_jobs()
    told = session.scalars(select(Notice.kind).where(Notice.person_id == holder.person.id)).all()
    assert {"credentials.revoked", "credentials.request_closed"} <= set(told)
    for browser, page in (
        (browser_of(holder), "/my/certificates/{}/change"),
        (browser_of(office.first), "/issuing/certificates/{}"),
    ):
        text = browser.get(page.format(certificate.code)).text
        assert "终止原因" in text
        assert "已撤回" in text


def test_before_the_approval_it_leaves_the_batch_and_who_approves_looks_again(
    office: Office, holder: Member, certificate: Certificate, other: CertificateRequest, browser_of: Browser
) -> None:
    request = renew(certificate, holder)
    batch = make_batch(office)
    seen = (batch.digest or b"").hex()
    assert batch.size == 2

    revoke(certificate, office)

    session.expire_all()
    assert closed(request) == (RequestState.WITHDRAWN, RevocationReason.FALSE_PAPERS, batch.id)
    assert (session.get_one(Batch, batch.id).size, session.get_one(Batch, batch.id).faults) == (1, 0)
    page = browser_of(office.second).get(f"/issuing/batches/{batch.code}").text
    for said in ("已移出批次", "王小明", "以虚假材料取得", "移出1行"):
        assert said in page
    with pytest.raises(ConflictError):
        approve(batch, office, seen)
    approve(batch, office)
    jobs.work()
    assert issued_for(request) == []
    assert issued_for(again(other)) == [CertificateState.PUBLISHED]
    assert session.get_one(Batch, batch.id).state is BatchState.ISSUED


def waits_for(office: Office) -> list[object]:
    return [one.label.get("count") for one in todos_of(office.second.actor) if one.kind == "credentials.approve"]


@pytest.mark.parametrize("faulty", [False, True])
def test_the_desk_says_how_many_are_left(
    office: Office, holder: Member, certificate: Certificate, other: CertificateRequest, faulty: bool
) -> None:
    del other  # whose row stays
    if faulty:
        make_request(office, holder.person)  # the holder has that level already
    else:
        renew(certificate, holder)
    batch = make_batch(office)
    assert waits_for(office) == ["2"]

    if faulty:
        with unit_of_work():
            services.leave_out_faults(session.get_one(Batch, batch.id), by=office.first.actor, at=AT)
    else:
        revoke(certificate, office)

    session.expire_all()
    assert waits_for(office) == ["1"]


def test_a_batch_of_nothing_else_can_only_be_rejected(
    office: Office, holder: Member, certificate: Certificate, browser_of: Browser
) -> None:
    request = renew(certificate, holder)
    batch = make_batch(office)
    revoke(certificate, office)

    page = browser_of(office.second).get(f"/issuing/batches/{batch.code}").text

    assert "本批次已无可发证的行" in page
    assert f"/issuing/batches/{batch.code}/approve" not in page
    with pytest.raises(ConflictError):
        approve(batch, office)
    with unit_of_work():
        services.reject_batch(session.get_one(Batch, batch.id), reason="x", by=office.second.actor, at=AT)
    assert closed(request)[0] is RequestState.WITHDRAWN


@pytest.mark.parametrize("step", ["approve", "store", "lint", "sign"])
def test_in_a_running_batch_it_leaves_before_the_log(
    office: Office, holder: Member, certificate: Certificate, other: CertificateRequest, step: str
) -> None:
    request = renew(certificate, holder)
    batch = make_batch(office)
    approve(batch, office)
    if step != "approve":
        walk(batch, step)
        assert len(issued_for(request)) == 1

    revoke(certificate, office)
    jobs.work()

    assert closed(request) == (RequestState.WITHDRAWN, RevocationReason.FALSE_PAPERS, batch.id)
    assert issued_for(request) == []
    assert issued_for(other) == [CertificateState.PUBLISHED]
    found = session.get_one(Batch, batch.id)
    assert (found.state, found.size, found.left_out) == (BatchState.ISSUED, 1, 1)
    logged = session.scalar(select(func.count()).select_from(LogEntry).where(LogEntry.act == LogAct.ISSUE))
    assert logged == 2, "the first certificate and the other person's"
    assert counted("credentials.request_closed") == counted("credentials.rows_closed") == 1


@pytest.mark.parametrize("step", ["log", "render"])
def test_what_the_public_log_tells_of_is_published_as_revoked(
    office: Office,
    holder: Member,
    certificate: Certificate,
    browser_of: Browser,
    run_jobs: Callable[[], int],
    step: str,
) -> None:
    request = renew(certificate, holder)
    batch = make_batch(office)
    approve(batch, office)
    walk(batch, step)
    before = counted("credentials.published")

    revoke(certificate, office)
    run_jobs()

    found = session.scalars(select(Certificate).where(Certificate.request_id == request.id)).one()
    assert (found.state, found.revoked_for) == (CertificateState.REVOKED, RevocationReason.FALSE_PAPERS)
    assert found.published_at == found.revoked_at
    assert counted("credentials.published") == before, "nobody hears that it was issued"
    assert session.get_one(Batch, batch.id).state is BatchState.ISSUED
    acts = session.scalars(select(LogEntry.act).where(LogEntry.certificate_id == found.id).order_by(LogEntry.id))
    assert list(acts) == [LogAct.ISSUE, LogAct.REVOKE]
    told = session.scalars(select(Notice.kind).where(Notice.person_id == holder.person.id)).all()
    assert "credentials.followed" not in told
    assert "以虚假材料取得" in browser_of(holder).get(f"/credentials/{found.code}").text
    assert "公布时即已撤销" in browser_of(office.first).get(f"/issuing/batches/{batch.code}").text


def test_a_renewal_asked_for_while_its_former_was_revoked_never_counts(
    office: Office, holder: Member, certificate: Certificate
) -> None:
    """The revocation did not see the request, nor the request the revocation."""
    request = renew(certificate, holder)
    batch = make_batch(office)
    approve(batch, office)
    walk(batch, "render")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.credentials.services.revocation.close_following", lambda *_given, **_named: None)
        revoke(certificate, office)

    jobs.work()

    found = session.scalars(select(Certificate).where(Certificate.request_id == request.id)).one()
    assert found.state is CertificateState.REVOKED
    happened = session.scalars(select(Event).where(Event.subject_code == found.code)).all()
    assert [(one.kind, one.data["with"]) for one in happened] == [("credentials.revoked", certificate.code)]


def test_who_was_to_be_told_of_an_issue_is_told_of_its_revocation_alone(
    office: Office, holder: Member, run_jobs: Callable[[], int]
) -> None:
    request = make_request(office, holder.person)
    batch = make_batch(office)
    approve(batch, office)
    walk(batch, "notify", written=False)
    with unit_of_work():
        services.withdraw(again(request), reason=RevocationReason.FACT_CORRECTED, at=AT)

    run_jobs()

    assert issued_for(again(request)) == [CertificateState.REVOKED]
    told = session.scalars(select(Notice.kind).where(Notice.person_id == holder.person.id)).all()
    assert told == ["credentials.revoked"]
    assert session.get_one(Batch, batch.id).state is BatchState.ISSUED


def test_a_row_that_was_signed_while_it_was_closed_is_not_kept(
    office: Office, holder: Member, certificate: Certificate, other: CertificateRequest
) -> None:
    """The runner computes, the revocation comes, the runner writes, dies, and another one goes on."""
    request = renew(certificate, holder)
    batch = make_batch(office)
    approve(batch, office)
    job = walk(batch, "sign", written=False)
    work = issuing.next_work(session.get_one(Job, job.id))
    assert (work.step, len(work.rows)) == ("sign", 2)
    revoke(certificate, office)

    dying = issuing.Step("sign", signing.sign_next, _die, drops=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(issuing.BY_NAME, "sign", dying)
        with pytest.raises(RuntimeError), unit_of_work():
            issuing.issue(session.get_one(Job, job.id), work)
    assert closed(request)[2] is None
    with unit_of_work():
        issuing.issue(session.get_one(Job, job.id), work)
    jobs.work()

    assert closed(request)[2] == batch.id
    assert (issued_for(request), issued_for(other)) == ([], [CertificateState.PUBLISHED])
    assert counted("credentials.rows_closed") == 1


def _die(*_given: object) -> None:
    raise RuntimeError


def test_a_name_change_that_waits_is_closed_and_a_renewal_of_a_lost_paper_is_not(
    office: Office, holder: Member, certificate: Certificate
) -> None:
    request = renew(certificate, holder)
    revoke(certificate, office, RevocationReason.HOLDER_REQUEST)
    assert again(request).state is RequestState.OPEN, "the reason lies in that one certificate"
    assert publish(office).state is CertificateState.PUBLISHED

    second = issue(office, make_person(name="赵四"))
    with unit_of_work():
        asked = services.ask_reissue(fresh(second), because=ReissueReason.DATA_CORRECTED, by=office.first.actor, at=AT)
    revoke(second, office, RevocationReason.HOLDER_REQUEST)
    assert closed(asked)[0] is RequestState.WITHDRAWN


def test_a_closed_renewal_is_not_given_back_with_the_fact(
    office: Office, holder: Member, certificate: Certificate
) -> None:
    """An issuer revoked the certificate; the fact never fell, so giving it back changes nothing."""
    request = renew(certificate, holder)
    revoke(certificate, office)

    with unit_of_work():
        services.give_back(Subject("request_file", "fact-1"), kind=CertificateKind.CAPABILITY, at=AT)

    assert closed(request)[0] is RequestState.WITHDRAWN


def test_a_successor_that_was_taken_back_in_its_batch_takes_nobodys_place(
    office: Office, holder: Member, certificate: Certificate
) -> None:
    rename(holder)
    with unit_of_work():
        request = services.ask_reissue(fresh(certificate), because=ReissueReason.NAME_CHANGED, by=holder.actor, at=AT)
    batch = make_batch(office)
    approve(batch, office)
    walk(batch, "log")
    with unit_of_work():
        services.withdraw(again(request), reason=RevocationReason.ISSUED_IN_ERROR, at=AT)
    jobs.work()

    assert issued_for(again(request)) == [CertificateState.REVOKED]
    assert fresh(certificate).state is CertificateState.PUBLISHED
