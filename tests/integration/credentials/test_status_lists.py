"""Both lists of a body are published in two forms, kept fresh outside of requests, and never hide a revocation."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openbadgeslib.ob3 import OB3VerificationError
from openbadgeslib.ob3.did import pem_for_kid
from openbadgeslib.ob3.status import check_credential_status
from sqlalchemy import select

from app.core import clock
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError
from app.credentials import queries, services
from app.credentials.models import Certificate, StatusList, SuspensionList
from app.credentials.rules import contexts
from app.credentials.rules.document import STATUS_LIST_LIMITS, read_document
from app.credentials.rules.jwt import read_jwt, verify_jwt
from app.credentials.rules.proof import verify_proof
from app.credentials.rules.status_list import LENGTH, LIFETIME, SUSPENSION, decode_list, read_bit, read_list, set_bits
from app.credentials.services import status_lists
from app.credentials.services.status_lists import beside, keep_signed, mark_revoked, to_sign
from app.credentials.states import RevocationReason, SuspensionReason
from app.credentials.upkeep import keep_lists
from tests.factories.accounts import make_person
from tests.factories.credentials import Office, issue
from tests.unit.credentials.test_independent import _verify
from tests.unit.credentials.test_independent import pytestmark as needs_node

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
EMPTY = set_bits([])


@pytest.fixture(autouse=True)
def _in_november(at_time: Callable[[datetime], None]) -> None:
    at_time(AT)


@pytest.fixture
def certificate(office: Office) -> Certificate:
    return issue(office, make_person(name="张䶮"))


def revoke(certificate: Certificate, office: Office) -> None:
    with unit_of_work():
        found = session.get_one(Certificate, certificate.id)
        services.revoke(found, reason=RevocationReason.FALSE_PAPERS, note="", by=office.first.actor, at=AT)


def suspend(certificate: Certificate, office: Office) -> None:
    with unit_of_work():
        found = session.get_one(Certificate, certificate.id)
        reason = SuspensionReason.OBJECTION
        services.suspend(found, reason=reason, until=None, note="", by=office.first.actor, at=AT)


def paths(certificate: Certificate) -> tuple[str, str]:
    session.expire_all()
    listed = session.get_one(StatusList, certificate.status_list_id)
    return listed.path, f"{listed.path}/suspension"


def test_every_form_of_both_lists_is_published_and_proven(
    client: FlaskClient, certificate: Certificate, office: Office
) -> None:
    revoke(certificate, office)
    other = issue(office)
    suspend(other, office)
    did = queries.did_document(office.body)

    for path, purpose, own in zip(paths(certificate), ("revocation", SUSPENSION), (certificate, other), strict=True):
        sent = client.get(path)
        document = read_document(sent.data, STATUS_LIST_LIMITS)
        verify_proof(document, did)
        as_jwt = client.get(f"{path}.jwt")
        from_jwt = verify_jwt(as_jwt.text, did, STATUS_LIST_LIMITS)
        assert (sent.mimetype, as_jwt.mimetype) == ("application/vc", "application/vc+jwt")
        for one in (document, from_jwt):
            bits = read_list(one, f"http://localhost:8000{path}", purpose)
            assert len(bits) * 8 == LENGTH
            assert [index for index in range(LENGTH) if read_bit(bits, index)] == [own.status_index]


@pytest.mark.one_database
def test_the_jwt_says_that_it_is_a_credential(client: FlaskClient, certificate: Certificate) -> None:
    header, document = read_jwt(client.get(f"{paths(certificate)[0]}.jwt").text, STATUS_LIST_LIMITS)

    assert (header["alg"], header["typ"]) == ("ES256", "vc+jwt")
    assert document["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]


def test_a_list_tells_how_old_it_is_and_how_long_it_may_be_kept(
    client: FlaskClient, certificate: Certificate, run_jobs: Callable[[], int]
) -> None:
    run_jobs()

    sent = client.get(paths(certificate)[0])
    again = client.get(paths(certificate)[0], headers={"If-None-Match": sent.headers["ETag"]})
    since = client.get(paths(certificate)[0], headers={"If-Modified-Since": sent.headers["Last-Modified"]})

    document = json.loads(sent.data)
    signed = datetime.fromisoformat(document["validFrom"])
    assert timedelta(0) <= clock.real_now() - signed < timedelta(minutes=10)
    assert datetime.fromisoformat(document["validUntil"]) - signed == LIFETIME
    assert document["credentialSubject"]["ttl"] == 60_000
    assert sent.headers["Cache-Control"] == "public, max-age=60"
    assert sent.headers["Access-Control-Allow-Origin"] == "*"
    assert parsedate_to_datetime(sent.headers["Last-Modified"]) == signed
    assert (again.status_code, since.status_code) == (304, 304)


def test_a_day_later_a_list_gets_its_next_edition(
    certificate: Certificate, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the domain clock says: verifiers elsewhere live by the real one."""
    run_jobs()
    keep_lists()
    session.expire_all()
    listed = session.get_one(StatusList, certificate.status_list_id)
    first, text = listed.signed_at, listed.credential
    assert first
    keep_lists()
    session.expire_all()
    assert session.get_one(StatusList, listed.id).credential == text
    later = first + timedelta(days=1, minutes=1)
    monkeypatch.setattr(status_lists, "real_now", lambda: later)

    keep_lists()

    session.expire_all()
    kept = session.get_one(StatusList, listed.id)
    assert kept.signed_at == later
    assert kept.credential != text
    assert session.scalars(select(SuspensionList.signed_at)).one() == later
    assert to_sign() == []


def test_an_edition_that_nobody_followed_up_is_not_handed_out(
    client: FlaskClient, certificate: Certificate, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_jobs()
    path = paths(certificate)[0]
    old = client.get(path).text
    later = clock.real_now() + timedelta(days=3)
    monkeypatch.setattr(status_lists, "real_now", lambda: later)

    assert client.get(path).text != old


def test_a_reader_never_gets_a_list_that_hides_a_revocation(
    client: FlaskClient, certificate: Certificate, office: Office, run_jobs: Callable[[], int]
) -> None:
    """Kept signed before the act, signed for the reader right after it, kept signed again by the job."""
    run_jobs()
    path, parallel = paths(certificate)
    assert decode_list(client.get(path).get_json(force=True)["credentialSubject"]["encodedList"]) == EMPTY
    suspend(certificate, office)
    revoke(certificate, office)

    for _moment in ("at once", "after the job"):
        for one in (path, parallel):
            bits = decode_list(client.get(one).get_json(force=True)["credentialSubject"]["encodedList"])
            assert read_bit(bits, certificate.status_index)
            as_jwt = read_jwt(client.get(f"{one}.jwt").text, STATUS_LIST_LIMITS)[1]
            assert decode_list(as_jwt["credentialSubject"]["encodedList"]) == bits
        run_jobs()


def test_without_its_key_an_old_list_is_refused_rather_than_sent(
    client: FlaskClient, certificate: Certificate, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoke(certificate, office)
    monkeypatch.setattr(status_lists, "signer_of", _no_key)

    assert client.get(paths(certificate)[0]).status_code == 403
    with unit_of_work():
        listed = session.get_one(StatusList, certificate.status_list_id)
        with pytest.raises(ForbiddenError):
            keep_signed(listed, at=AT)


def _no_key(*_given: object) -> None:
    raise ForbiddenError("no key")


def test_many_bits_are_set_at_once(certificate: Certificate) -> None:
    with unit_of_work():
        mark_revoked(certificate.status_list_id, [0, 7, 8, LENGTH - 1], at=AT)

    session.expire_all()
    bits = session.get_one(StatusList, certificate.status_list_id).bits
    assert [index for index in range(LENGTH) if read_bit(bits, index)] == [0, 7, 8, LENGTH - 1]


def test_two_acts_at_once_lose_no_bit(app: Flask, certificate: Certificate) -> None:
    """Eight writers change one list together; every bit of theirs is in it."""
    indexes = list(range(100, 108))

    def write(index: int) -> None:
        with app.app_context(), unit_of_work():
            mark_revoked(certificate.status_list_id, [index], at=AT)

    session.rollback()
    threads = [threading.Thread(target=write, args=(index,)) for index in indexes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    session.expire_all()
    bits = session.get_one(StatusList, certificate.status_list_id).bits
    assert [index for index in range(LENGTH) if read_bit(bits, index)] == indexes


def test_a_list_from_before_suspensions_gets_its_parallel_one(client: FlaskClient, certificate: Certificate) -> None:
    with unit_of_work():
        session.delete(beside(certificate.status_list_id))

    bits = client.get(paths(certificate)[1]).get_json(force=True)["credentialSubject"]["encodedList"]
    assert decode_list(bits) == EMPTY
    keep_lists()

    session.expire_all()
    assert beside(certificate.status_list_id) is not None
    assert client.get("/status/nobody/suspension").status_code == 404
    assert client.get("/status/nobody.jwt").status_code == 404


@pytest.mark.one_database
@needs_node
def test_the_checker_of_digital_bazaar_reads_the_published_list(
    client: FlaskClient, certificate: Certificate, office: Office, tmp_path: Path
) -> None:
    """It accepts a list with `ttl` and an end, and finds the revocation in it."""
    assert contexts.folder().is_dir()
    credential, did = json.loads(str(certificate.credential)), queries.did_document(office.body)
    listed = client.get(paths(certificate)[0]).get_json(force=True)
    code, answer = _verify(tmp_path, credential, did, listed)
    assert (code, answer["statusVerified"]) == (0, True)

    revoke(certificate, office)

    listed = client.get(paths(certificate)[0]).get_json(force=True)
    code, answer = _verify(tmp_path, credential, did, listed)
    assert (answer["verified"], answer["statusVerified"], answer["error"]) == (True, False, "revoked")


@pytest.mark.one_database
def test_openbadgeslib_reads_the_list_as_jwt(client: FlaskClient, certificate: Certificate, office: Office) -> None:
    """It checks the list's own signature and window, and finds the revocation and the suspension."""
    did = queries.did_document(office.body)
    kid = read_jwt(client.get(f"{paths(certificate)[0]}.jwt").text, STATUS_LIST_LIMITS)[0]["kid"]
    key = pem_for_kid(did, office.body.did, kid)
    sent = {path: f"{path}.jwt" for path in paths(certificate)}

    def check(entry: dict[str, Any]) -> None:
        badge: Any = _Badge(office.body.did, [entry])
        check_credential_status(badge, download, verify_list=True, list_pubkey_pem=key)

    def download(url: str) -> bytes:
        return client.get(sent[url.removeprefix("http://localhost:8000")]).data

    revocation = certificate.document["credentialStatus"]
    url = f"{revocation['statusListCredential']}/suspension"
    suspension = {**revocation, "statusPurpose": SUSPENSION, "statusListCredential": url}
    check(revocation)
    check(suspension)

    suspend(certificate, office)
    revoke(certificate, office)

    for entry in (revocation, suspension):
        with pytest.raises(OB3VerificationError):
            check(entry)


class _Badge:
    """What openbadgeslib asks of a credential when it checks its status."""

    def __init__(self, issuer: str, status: list[dict[str, Any]]) -> None:
        self.issuer = type("Issuer", (), {"id": issuer})()
        self.credential_status = status
