"""What follows from the end of an issuing body at every door: lists, delegations, batches at work, what comes after."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import InvalidError
from app.credentials import services
from app.credentials.forms.changes import REASONS_OF
from app.credentials.models import Batch, Certificate, CheckedRow, Delegation, IssuingBody
from app.credentials.queries import delegations as reads
from app.credentials.rules.bulk import REASONS
from app.credentials.services import batches, delegations
from app.credentials.states import Act, BatchState, CertificateState, DelegationState, RevocationReason
from app.desk.models import Todo
from tests.factories.accounts import NATION, Member, make_member
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
