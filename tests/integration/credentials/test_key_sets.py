"""Every body signs with one key of each algorithm, from a folder or from a token."""

import pytest
from cryptography import x509
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, UnavailableError
from app.core.signing import Algorithm, TokenStore, open_store
from app.credentials import queries, services
from app.credentials.models import Certificate, SigningKey
from app.credentials.rules import did
from app.credentials.rules.jwt import verify_jwt
from app.credentials.services import bodies
from app.credentials.verification import verify_certificate
from app.settings import Settings
from tests.factories.credentials import ISSUED_AT, Office, issue, make_office
from tests.tokens import MODULE, PIN, soft_token


def test_a_body_opens_with_a_key_of_each_algorithm(office: Office) -> None:
    document = queries.did_document(office.body)

    for algorithm in Algorithm:
        signer = bodies.signer_of(office.body, algorithm)
        method = did.method_id(office.body.did, signer.public_key)
        assert signer.public_key.algorithm is algorithm
        assert did.find_key(document, office.body.did, method) == signer.public_key
    assert [one["type"] for one in document["verificationMethod"]] == ["Multikey", "Multikey", "JsonWebKey"]
    assert bodies.signer_of(office.body).public_key.algorithm is Algorithm.ED25519


def test_a_body_has_one_current_key_of_an_algorithm(office: Office) -> None:
    with pytest.raises(ConflictError), unit_of_work():
        bodies.make_key(office.body, Algorithm.P256, by=None, at=ISSUED_AT)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_each_algorithm_rotates_alone(office: Office, algorithm: Algorithm) -> None:
    before = {one: bodies.signer_of(office.body, one).key_id for one in Algorithm}

    with unit_of_work():
        services.rotate_key(session.merge(office.body), algorithm, by=None, at=ISSUED_AT)

    after = {one: bodies.signer_of(office.body, one).key_id for one in Algorithm}
    assert {one for one in Algorithm if before[one] != after[one]} == {algorithm}
    assert len(queries.did_document(office.body)["assertionMethod"]) == 4


def test_a_body_from_before_key_sets_gets_what_it_lacks(office: Office) -> None:
    with unit_of_work():
        for key in session.scalars(select(SigningKey).where(SigningKey.algorithm != Algorithm.ED25519)):
            session.delete(key)
    with pytest.raises(UnavailableError):
        bodies.signer_of(office.body, Algorithm.P256)

    with unit_of_work():
        made = bodies.complete_keys(session.merge(office.body), by=None, at=ISSUED_AT)
        again = bodies.complete_keys(session.merge(office.body), by=None, at=ISSUED_AT)

    assert {one.algorithm for one in made} == {Algorithm.P256, Algorithm.RSA}
    assert again == []


def test_the_seal_carries_the_certificate_of_its_key(office: Office) -> None:
    seal = bodies.seal_of(office.body)

    found = x509.load_der_x509_certificate(seal.certificate)
    assert seal.signer.public_key.verify(seal.signer.sign(b"pdf"), b"pdf")
    assert seal.signer.public_key.spki in seal.certificate
    assert found.not_valid_before_utc < ISSUED_AT


def test_a_certificate_is_published_as_jwt(office: Office, client: FlaskClient) -> None:
    """The same bytes before and after rotation, readable from any site, whatever becomes of the key."""
    certificate = issue(office)
    before = client.get(f"/credentials/{certificate.code}.jwt")
    with unit_of_work():
        services.rotate_key(session.merge(office.body), Algorithm.P256, by=None, at=ISSUED_AT)
    after = client.get(f"/credentials/{certificate.code}.jwt")

    document = verify_jwt(after.text, queries.did_document(office.body))
    assert document == certificate.document
    assert before.text == after.text == certificate.jwt
    assert after.mimetype == "application/jwt"
    assert after.headers["Access-Control-Allow-Origin"] == "*"
    page = client.get(f"/credentials/{certificate.code}").text
    assert f"/credentials/{certificate.code}.jwt" in page


def test_a_certificate_from_before_has_no_jwt(office: Office, client: FlaskClient) -> None:
    code = issue(office).code
    with unit_of_work():
        session.execute(update(Certificate).values(jwt=None, jwt_key_id=None))

    answer = client.get(f"/credentials/{code}.jwt")

    assert answer.status_code == 503
    assert "JSON" in answer.text
    assert f"/credentials/{code}.jwt" not in client.get(f"/credentials/{code}").text


@pytest.mark.skipif(not MODULE, reason="SoftHSM is not installed")
def test_a_body_issues_from_a_token(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else changes when KEY_STORE names a token: the log seals and certificates verify."""
    del app
    monkeypatch.setattr(settings, "key_store", f"{soft_token()}&pin-value={PIN}")

    office = make_office()
    certificate = issue(office)

    assert isinstance(open_store(settings.key_store), TokenStore)
    assert verify_certificate(certificate, at=ISSUED_AT).valid
    assert all(bodies.signer_of(office.body, algorithm) for algorithm in Algorithm)
    seal = bodies.seal_of(office.body)
    assert seal.signer.public_key.verify(seal.signer.sign(b"pdf"), b"pdf")


def test_readiness_tells_a_key_store_that_does_not_open(
    client: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/readyz").json["keys"] is True  # type: ignore[index]

    monkeypatch.setattr(settings, "key_store", "pkcs11:token=x?module-path=/nowhere/module.so&pin-value=1")

    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["keys"] is False  # type: ignore[index]
