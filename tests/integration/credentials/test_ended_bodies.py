"""What follows from the end of an issuing body at every door: lists, delegations, batches at work, what comes after."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError, InvalidError
from app.credentials import services
from app.credentials.forms.changes import REASONS_OF
from app.credentials.models import Batch, Certificate, CertificateRequest, CheckedRow, Delegation, IssuingBody
from app.credentials.queries import delegations as reads
from app.credentials.rules.bulk import REASONS
from app.credentials.services import batches, delegations, succession
from app.credentials.states import (
    Act,
    BatchState,
    CertificateKind,
    CertificateState,
    DelegationState,
    ReissueReason,
    RequestState,
    RevocationReason,
)
from app.credentials.verification import verify_certificate
from app.desk.models import Todo
from tests.factories.accounts import NATION, SHANDONG, Member, make_member, make_person
from tests.factories.bases import make_accredited
from tests.factories.credentials import ISSUED_AT, Office, issue, make_batch, make_office, make_request
from tests.factories.delegations import delegate
from tests.integration.credentials.test_body_orders import LATER, SINCE, distrust, end
from tests.integration.credentials.test_lists import anyone, checked, employer
from tests.integration.credentials.test_result_paper import text_of
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]


@pytest.fixture(autouse=True)
def _in_june(at_time: Callable[[datetime], None]) -> None:
    at_time(ISSUED_AT)


@pytest.fixture
def below(office: Office) -> Office:
    """Give a body to which the authority delegated everything."""
    made = make_office(slug="below", platform=False)
    delegate(office, made.body)
    return made


def test_a_list_with_a_certificate_of_a_distrusted_body_is_answered(
    office: Office, below: Office, client: FlaskClient, browser_of: Browser
) -> None:
    """The page, the stored check, its files: each says the day, and none the reason, which the pages give."""
    certificate = issue(below)
    distrust(office, below)
    said = "授权方自2026年6月1日起不再信任该机构签发的证书。"

    assert said in anyone(client, f"{certificate.number}\n").text

    browser = browser_of(employer())
    check = checked(browser, f"{certificate.number}\n")
    assert session.scalars(select(CheckedRow)).one().told["fault"] == "issuer-distrusted"
    for form in ("", ".csv"):
        answer = browser.get(f"/employer/checks/{check.code}{form}")
        assert answer.status_code == 200
        assert said in answer.get_data(as_text=True), form


@pytest.mark.usefixtures("with_paper")
def test_a_signed_result_says_on_paper_that_the_body_is_not_trusted(
    office: Office, below: Office, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.setattr("app.credentials.paper.available", lambda: False)
        certificate = issue(below)
    distrust(office, below)
    browser = browser_of(employer())
    check = checked(browser, f"{certificate.number}\n")

    pdf = browser.get(f"/employer/checks/{check.code}.pdf")

    assert pdf.status_code == 200
    assert "不再信任该机构签发的证书" in text_of(pdf.data)


def test_trust_withdrawn_later_takes_back_the_end_of_delegations_that_ended_before(
    office: Office, below: Office
) -> None:
    """An endorsement that ended with the body, on a day that is not trusted now, ends before that day."""
    end(office, below, at=ISSUED_AT + timedelta(days=3))

    distrust(office, below)

    given = session.scalars(select(Delegation)).one()
    closed_at = session.get_one(IssuingBody, below.body.id).closed_at
    assert (given.state, given.ended_at) == (DelegationState.ENDED, closed_at)
    assert [one.valid_until for one in reads.endorsements_of(below.body)] == [closed_at]


def test_an_endorsement_signed_again_never_holds_longer_than_it_was_given_for(office: Office, below: Office) -> None:
    given = delegate(office, below.body, last_day=SINCE - timedelta(days=31))
    end(office, below)
    before = {one.url: one.valid_until for one in reads.endorsements_of(below.body)}

    with unit_of_work():
        delegations.sign_again(session.get_one(Delegation, given.id), at=LATER)

    assert {one.url: one.valid_until for one in reads.endorsements_of(below.body)} == before


def test_that_a_body_is_not_trusted_is_no_reason_of_its_issuers(office: Office, browser_of: Browser) -> None:
    certificate = issue(office)
    reason = RevocationReason.ISSUER_DISTRUSTED
    url = f"/issuing/certificates/{certificate.code}"
    browser = browser_of(office.first)

    assert reason.value not in browser.get(url).text
    assert submit(browser, f"{url}/revoke", page=url, reason=reason.value, confirmed="y").status_code == 422
    assert reason not in REASONS_OF[Act.REVOKE]
    assert reason not in REASONS[Act.REVOKE]
    found = session.get_one(Certificate, certificate.id)
    with pytest.raises(InvalidError), unit_of_work():
        services.revoke(found, reason=reason, note="", by=office.first.actor, at=LATER)
    session.expire_all()
    assert session.get_one(Certificate, certificate.id).state is CertificateState.PUBLISHED


def test_whoever_prepared_a_batch_at_the_body_may_carry_out_its_end(office: Office, below: Office) -> None:
    """They issue for both; the batch is put back in the name of who asked for the end."""
    organisation = session.get_one(Organisation, below.body.organisation_id)
    both = make_member(Role.ISSUER, NATION, organisation, person=office.second.person)
    make_request(below)
    batch = make_batch(Office(below.body, both, below.second))

    end(office, below)

    found = session.get_one(Batch, batch.id)
    assert (found.state, found.approved_by_id) == (BatchState.REJECTED, office.first.person.id)


def test_a_batch_that_is_looked_at_when_its_body_ends_is_put_before_nobody(
    office: Office, below: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "LINTED_AT_ONCE", 0)
    make_request(below)
    batch = make_batch(below)

    end(office, below)
    jobs.work()
    session.expire_all()

    found = session.get_one(Batch, batch.id)
    assert (found.state, found.linted_at) == (BatchState.REJECTED, None)
    waiting = select(Todo.kind).where(Todo.subject_code == batch.code)
    assert session.scalars(waiting).all() == []


def test_no_body_gets_what_it_may_not_certify(office: Office) -> None:
    """Two bodies of a province: the first ends, and the second, nearer than the authority, lacks the level."""
    first, second = (make_office(slug=slug, platform=False, region=SHANDONG) for slug in ("first", "second"))
    delegate(office, first.body)
    delegate(office, second.body, levels=("junior",))
    certificate = issue(first, level="intermediate")
    junior, senior = make_request(first), make_request(first, level="senior")

    end(office, first)

    went = {one.id: one.body_id for one in session.scalars(select(CertificateRequest))}
    assert (went[junior.id], went[senior.id]) == (second.body.id, office.body.id)
    with unit_of_work():
        found = session.get_one(Certificate, certificate.id)
        anew = succession.ask_reissue(found, because=ReissueReason.DATA_CORRECTED, by=first.first.actor, at=LATER)
    assert anew.body_id == office.body.id


def test_what_the_authority_does_not_cover_is_left_out_of_a_batch_and_says_why(
    office: Office, browser_of: Browser
) -> None:
    some = make_office(slug="some", platform=False)
    delegate(office, some.body, levels=("junior",))
    covered, other = make_request(some), make_request(some, level="senior")

    batch = make_batch(some)

    session.expire_all()
    assert batch.size == 1
    assert session.get_one(CertificateRequest, covered.id).batch_id == batch.id
    left = session.get_one(CertificateRequest, other.id)
    assert (left.state, left.findings) == (RequestState.OPEN, [{"code": "scope-level", "params": {}}])
    assert "请向授权方申请相应授权" in browser_of(some.first).get("/issuing").text
    with pytest.raises(ForbiddenError):
        make_batch(some)


def test_what_nobody_may_certify_goes_on_once_a_body_is_opened(app: Flask) -> None:
    """Without an authority of the platform there may be no body after the only one."""
    del app
    request = make_request(make_office(slug="only", platform=False))
    with unit_of_work():
        session.execute(update(IssuingBody).values(closed_at=ISSUED_AT))
    session.expire_all()

    opened = make_office(slug="opened", platform=False)
    session.expire_all()

    assert session.get_one(CertificateRequest, request.id).body_id == opened.body.id


def test_a_batch_that_ends_after_its_body_leaves_nothing_waiting_there(office: Office, below: Office) -> None:
    """A row that changed after the lint leaves the batch before any step asks whether the body ended."""
    request = make_request(below)
    batch = make_batch(below)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=below.second.actor, at=ISSUED_AT)
    end(office, below)
    with unit_of_work():
        session.execute(update(CertificateRequest).values(linted_digest=b"another"))

    jobs.work()
    session.expire_all()

    found = session.get_one(CertificateRequest, request.id)
    assert (found.state, found.body_id) == (RequestState.OPEN, office.body.id)


def test_what_an_ended_body_issued_ahead_is_issued_anew_by_the_body_after_it(office: Office, below: Office) -> None:
    holder = make_person()
    ahead = issue(below, holder, valid_from="2026-08-01", valid_until="2029-07-31")
    running = issue(below)

    end(office, below)

    asked = session.scalars(select(CertificateRequest).where(CertificateRequest.replaces_id.is_not(None))).one()
    assert (asked.replaces_id, asked.body_id, asked.because) == (ahead.id, office.body.id, ReissueReason.BODY_ENDED)
    batch = make_batch(office)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), vouched=True, by=office.second.actor, at=LATER)
    jobs.work()
    session.expire_all()
    states = {one.id: one.state for one in session.scalars(select(Certificate))}
    assert (states[ahead.id], states[running.id]) == (CertificateState.REVOKED, CertificateState.PUBLISHED)
    new = session.scalars(select(Certificate).where(Certificate.replaces_id == ahead.id)).one()
    assert verify_certificate(new, at=new.valid_from).valid


def test_an_organisation_of_a_distrusted_body_is_certified_anew_and_reads_so(
    office: Office, below: Office, browser_of: Browser
) -> None:
    """An accreditation is the authority's own decision and stands: nobody has to appeal."""
    base = make_accredited()
    jobs.work()
    with unit_of_work():
        session.execute(update(CertificateRequest).values(body_id=below.body.id))
    session.expire_all()
    batch = make_batch(below, CertificateKind.ACCREDITATION)
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, batch.id), by=below.second.actor, at=ISSUED_AT)
    jobs.work()
    certificate = session.scalars(select(Certificate)).one()
    person = issue(below)

    distrust(office, below)
    jobs.work()
    session.expire_all()

    assert session.get_one(Certificate, person.id).state is CertificateState.REVOKED
    asked = session.scalars(select(CertificateRequest).where(CertificateRequest.replaces_id.is_not(None))).one()
    assert (asked.replaces_id, asked.body_id) == (certificate.id, office.body.id)
    held = make_member(Role.BASE, base.region_code, session.get_one(Organisation, base.organisation_id))
    assert "与贵单位无关" in browser_of(held).get(f"/organisation/certificates/{certificate.code}").text
    again = make_batch(office, CertificateKind.ACCREDITATION)
    assert again.faults == 0
    with unit_of_work():
        services.approve_batch(session.get_one(Batch, again.id), by=office.second.actor, at=LATER)
    jobs.work()
    new = session.scalars(select(Certificate).where(Certificate.replaces_id == certificate.id)).one()
    assert new.state is CertificateState.PUBLISHED


def test_that_a_body_ended_is_no_reason_of_issuers_to_make_anew(office: Office) -> None:
    certificate = issue(office)
    assert ReissueReason.BODY_ENDED not in REASONS_OF[Act.REISSUE]
    with pytest.raises(ForbiddenError), unit_of_work():
        succession.ask_reissue(certificate, because=ReissueReason.BODY_ENDED, by=office.first.actor, at=LATER)
