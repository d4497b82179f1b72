"""What follows a certificate: everyone is told which one replaced it, and some revocations take its renewal along."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.credentials import services
from app.credentials.models import Certificate
from app.credentials.services import succession
from app.credentials.states import TAKES_ALONG, CertificateState, ReissueReason, RevocationReason
from tests.factories.accounts import NATION, Member, make_member
from tests.factories.credentials import Office, issue
from tests.integration.credentials.test_succession import ask, publish
from tests.integration.credentials.test_suspension import bits
from tests.submit import submit

BEFORE_END = datetime(2029, 5, 1, tzinfo=UTC)
Browser = Callable[[Member], FlaskClient]
DATA = ReissueReason.DATA_CORRECTED


def fresh(certificate: Certificate) -> Certificate:
    session.expire_all()
    return session.get_one(Certificate, certificate.id)


@pytest.fixture
def pair(office: Office, at_time: Callable[[datetime], None]) -> tuple[Certificate, Certificate]:
    """A certificate and the one that renews it."""
    at_time(BEFORE_END)
    first = issue(office, make_member(Role.TRAINEE, NATION).person)
    with unit_of_work():
        services.ask_renewal(fresh(first), by=office.first.actor, at=BEFORE_END)
    return first, publish(office)


def revoke(certificate: Certificate, office: Office, reason: RevocationReason) -> None:
    with unit_of_work():
        services.revoke(fresh(certificate), reason=reason, note="", by=office.first.actor, at=BEFORE_END)


def test_the_table_decides_for_every_reason() -> None:
    assert set(TAKES_ALONG) == set(RevocationReason)
    alone = {reason for reason, along in TAKES_ALONG.items() if not along}
    assert alone == {
        RevocationReason.SUPERSEDED,
        RevocationReason.HOLDER_REQUEST,
        RevocationReason.KEY_COMPROMISED,
        RevocationReason.ISSUER_DISTRUSTED,
    }


@pytest.mark.parametrize("reason", [RevocationReason.FALSE_PAPERS, RevocationReason.HOLDER_REQUEST])
def test_a_reason_that_lies_in_the_fact_takes_the_renewal_along(
    pair: tuple[Certificate, Certificate], office: Office, reason: RevocationReason
) -> None:
    first, renewal = pair
    revoke(first, office, reason)

    along = TAKES_ALONG[reason]
    assert fresh(first).state is CertificateState.REVOKED
    assert fresh(renewal).state is (CertificateState.REVOKED if along else CertificateState.PUBLISHED)
    assert bits(fresh(renewal)) == (along, False)


def test_revoking_the_renewal_leaves_the_former_to_its_own_end(
    pair: tuple[Certificate, Certificate], office: Office
) -> None:
    first, renewal = pair
    revoke(renewal, office, RevocationReason.FALSE_PAPERS)

    assert fresh(first).state is CertificateState.PUBLISHED


def test_a_renewal_is_issued_after_a_revocation_whose_reason_lies_in_the_paper_alone(
    office: Office, at_time: Callable[[datetime], None]
) -> None:
    at_time(BEFORE_END)
    first = issue(office, make_member(Role.TRAINEE, NATION).person)
    with unit_of_work():
        services.ask_renewal(fresh(first), by=office.first.actor, at=BEFORE_END)
    revoke(first, office, RevocationReason.HOLDER_REQUEST)

    assert publish(office).state is CertificateState.PUBLISHED


def test_an_upheld_appeal_makes_the_last_of_the_chain_anew(
    pair: tuple[Certificate, Certificate], office: Office
) -> None:
    first, renewal = pair
    revoke(first, office, RevocationReason.FALSE_PAPERS)
    with unit_of_work():
        asked = succession.ask_after_appeal(fresh(first), by=office.first.actor, at=BEFORE_END)

    assert asked.replaces_id == renewal.id
    assert publish(office).state is CertificateState.PUBLISHED


def test_an_issuer_is_told_what_falls_before_it_falls(
    pair: tuple[Certificate, Certificate], office: Office, browser_of: Browser
) -> None:
    first, renewal = pair
    issuer, own = browser_of(office.first), f"/issuing/certificates/{first.code}"
    page = submit(issuer, f"{own}/revoke", page=own, reason="false_papers", note="查实")
    assert page.status_code == 200
    assert "两份证书均将撤销" in page.text
    assert "仅撤销本证书" in submit(issuer, f"{own}/revoke", page=own, reason="holder_request", note="").text
    assert fresh(first).state is CertificateState.PUBLISHED

    done = submit(issuer, f"{own}/revoke", page=own, reason="false_papers", note="查实", confirmed="yes")

    assert done.status_code == 302
    assert fresh(renewal).revocation_note == "查实"


def test_everyone_is_told_which_certificate_replaced_one(
    office: Office, client: FlaskClient, at_time: Callable[[datetime], None]
) -> None:
    at_time(BEFORE_END)
    first = issue(office, make_member(Role.TRAINEE, NATION).person)
    ask(first, office.first, DATA)
    assert "请查验新证书" not in client.get(f"/credentials/{first.code}").text, "nothing is published yet"
    made = publish(office)

    old, new = client.get(f"/credentials/{first.code}").text, client.get(f"/credentials/{made.code}").text

    assert "请查验新证书" in old
    assert f"/credentials/{made.code}" in old
    assert f"/credentials/{first.code}" in new
    assert "本证书替代" in new
    english = client.get(f"/credentials/{first.code}", headers={"Accept-Language": "en"}).text
    assert "Check that one instead" in english
    sent = {"text": fresh(first).credential or ""}
    assert f"/credentials/{made.code}" in submit(client, "/verify", page="/verify", **sent).text
    told = client.post("/api/v1/verify", json={"q": first.code}).get_json()
    assert (told["replaced_by"]["how"], told["replaces"]) == ("reissue", None)
    assert told["replaced_by"]["url"].endswith(f"/credentials/{made.code}")
    back = client.post("/api/v1/verify", json={"q": made.code}).get_json()
    assert back["replaced_by"] is None
    assert back["replaces"]["url"].endswith(f"/credentials/{first.code}")


def test_a_renewed_certificate_leads_to_its_renewal(pair: tuple[Certificate, Certificate], client: FlaskClient) -> None:
    first, renewal = pair
    page = client.get(f"/credentials/{first.code}").text

    assert "查看续期后的证书" in page
    assert client.post("/api/v1/verify", json={"q": first.code}).get_json()["replaced_by"]["how"] == "renewal"
    assert renewal.code in page
