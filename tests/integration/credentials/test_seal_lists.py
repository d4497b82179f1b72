"""A key that certifies itself publishes whether its certificate stands; a certificate that ends is on desks in time."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import run

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from flask.testing import FlaskClient
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.dss import DocumentSecurityStore
from sqlalchemy import select, update

from app.core import clock, jobs
from app.core.db import session, unit_of_work
from app.core.errors import UnavailableError
from app.core.events import Event
from app.core.signing import Algorithm, self_signed
from app.credentials import seal_jobs
from app.credentials.desk import expected
from app.credentials.models import SigningKey
from app.credentials.queries import seals
from app.credentials.services import bodies
from app.credentials.services import keys as orders
from app.credentials.states import KeyAct, SealLevel
from app.desk.models import Notice
from app.desk.queries import todos_of
from app.settings import Settings
from tests.authority import Issuer, certify, make_issuer, pem
from tests.factories.accounts import Member
from tests.factories.credentials import ISSUED_AT, Office
from tests.factories.seals import certified, seal_key, sealed

pytestmark = [pytest.mark.usefixtures("timed"), pytest.mark.one_database]

Browser = Callable[[Member], FlaskClient]
PAGE = "/issuing/keys"


@pytest.fixture(name="below", scope="module")
def _below(root: Issuer) -> Issuer:
    return make_issuer("电子认证机构", root)


def own_list(app: Flask, key: SigningKey, office: Office) -> x509.CertificateRevocationList:
    answer = app.test_client().get(seals.list_path(office.body.slug, key.key_id))
    assert (answer.status_code, answer.mimetype) == (200, "application/pkix-crl")
    return x509.load_der_x509_crl(answer.data)


def test_a_key_publishes_what_it_says_of_its_own_certificate_and_puts_it_into_files(
    app: Flask, office: Office, tmp_path: Path
) -> None:
    key = seal_key(office)
    found = x509.load_der_x509_certificate(key.certificate or b"")
    points = found.extensions.get_extension_for_class(x509.CRLDistributionPoints).value

    told = own_list(app, key, office)

    assert [name.value for point in points for name in point.full_name or ()] == [
        f"http://localhost:8000{seals.list_path(office.body.slug, key.key_id)}"
    ]
    assert (told.issuer, len(told)) == (found.subject, 0)
    public = found.public_key()
    assert isinstance(public, RSAPublicKey)
    assert told.is_signature_valid(public)
    pdf, level = sealed(office)
    assert level is SealLevel.LASTING
    kept = DocumentSecurityStore.read_dss(PdfFileReader(io.BytesIO(pdf)))
    assert told.public_bytes(Encoding.DER) in [one.get_object().data for one in kept.crls]
    assert openssl(tmp_path, found, told) == ""
    assert app.test_client().get(seals.list_path(office.body.slug, "nobody")).status_code == 404
    assert app.test_client().get(seals.list_path("nobody", key.key_id)).status_code == 404


def openssl(folder: Path, certificate: x509.Certificate, told: x509.CertificateRevocationList) -> str:
    """Return what OpenSSL has against a certificate that certifies itself, in the light of a list."""
    (folder / "own.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "own.crl").write_bytes(told.public_bytes(Encoding.PEM))
    command = ["openssl", "verify", "-crl_check", "-CAfile", "own.pem", "-CRLfile", "own.crl", "own.pem"]
    return run(command, cwd=folder, capture_output=True, text=True, check=False).stderr


def test_a_compromised_key_says_so_itself_and_for_good(app: Flask, office: Office, tmp_path: Path) -> None:
    key = seal_key(office)
    found = x509.load_der_x509_certificate(key.certificate or b"")
    since = datetime(2026, 6, 1, 1, tzinfo=UTC)
    with unit_of_work():
        order = orders.ask_key_order(
            key, KeyAct.COMPROMISE, reason="x", since=since, by=office.first.actor, at=ISSUED_AT
        )
    with unit_of_work():
        orders.carry_out(session.merge(order), by=office.second.actor, at=ISSUED_AT)

    told = own_list(app, session.get_one(SigningKey, key.id), office)

    entry = told.get_revoked_certificate_by_serial_number(found.serial_number)
    assert entry is not None
    assert entry.revocation_date_utc == since
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason is x509.ReasonFlags.key_compromise
    assert told.next_update_utc is not None
    assert told.next_update_utc > found.not_valid_after_utc - timedelta(days=365)
    assert "revoked" in openssl(tmp_path, found, told)
    assert len(own_list(app, seal_key(office), office)) == 0, "that of the next key"
    before = told.public_bytes(Encoding.DER)
    seal_jobs.keep_own_lists()
    assert own_list(app, session.get_one(SigningKey, key.id), office).public_bytes(Encoding.DER) == before


def test_a_list_is_followed_each_day_also_by_a_key_that_seals_no_more(app: Flask, office: Office) -> None:
    old = seal_key(office)
    with unit_of_work():
        bodies.rotate_key(office.body, Algorithm.RSA, by=None, at=ISSUED_AT)
    signer = bodies.open_key(session.get_one(SigningKey, old.id))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "real_now", lambda: datetime.now(UTC) - timedelta(days=8))
        stale = bodies.own_list(office.body, signer)
    with unit_of_work():
        session.execute(update(SigningKey).where(SigningKey.algorithm == Algorithm.RSA).values(revocation_list=stale))
    assert sealed(office)[1] is SealLevel.TIMED, "a list that ran out proves nothing"

    seal_jobs.keep_own_lists()

    now = datetime.now(UTC)
    for key_id in (old.id, seal_key(office).id):
        told = own_list(app, session.get_one(SigningKey, key_id), office)
        assert told.next_update_utc is not None
        assert now < told.next_update_utc
    assert sealed(office)[1] is SealLevel.LASTING


def test_a_key_from_before_lists_names_its_own_within_the_hour(app: Flask, office: Office) -> None:
    key = seal_key(office)
    begins, name = datetime.now(UTC) - timedelta(days=9), office.body.name_zh
    signer = bodies.open_key(key)
    older = self_signed(signer, common_name=name, organisation=name, begins=begins, ends=begins + timedelta(days=3650))
    with unit_of_work():
        found = session.get_one(SigningKey, key.id)
        found.certificate, found.revocation_list = older, None
    assert app.test_client().get(seals.list_path(office.body.slug, key.key_id)).status_code == 404
    assert sealed(office)[1] is SealLevel.TIMED

    seal_jobs.keep_own_lists()

    assert sealed(office)[1] is SealLevel.LASTING
    assert len(own_list(app, seal_key(office), office)) == 0
    made = session.scalars(select(Event.kind).where(Event.kind == "credentials.seal_renewed")).all()
    seal_jobs.keep_own_lists()
    assert len(made) == len(session.scalars(select(Event).where(Event.kind == "credentials.seal_renewed")).all()) == 1


def test_a_key_that_cannot_be_opened_keeps_its_last_list(
    app: Flask, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = seal_key(office)
    before = own_list(app, key, office).public_bytes(Encoding.DER)

    def refuse(_key: SigningKey) -> None:
        raise UnavailableError("gone")

    monkeypatch.setattr("app.credentials.services.seal_lists.open_key", refuse)
    monkeypatch.setattr("app.credentials.services.seal_lists.REFRESH", timedelta(0))
    seal_jobs.keep_own_lists()

    assert own_list(app, seal_key(office), office).public_bytes(Encoding.DER) == before


# The end of a certificate


def test_issuers_have_the_end_of_a_seal_on_their_desks_until_another_chain_is_there(
    office: Office, below: Issuer, root: Issuer, browser_of: Browser
) -> None:
    request = x509.load_pem_x509_csr(bodies.request_of(seal_key(office)))
    now = datetime.now(UTC)
    short, later = (certify(request.public_key(), below, ends=now + timedelta(days=days)) for days in (59, 200))
    certified(office, pem(short, below.certificate, root.certificate))
    for _twice in range(2):
        seal_jobs.look_at_ends()
    jobs.work()

    waiting = todos_of(office.second.actor)
    assert [one.kind for one in waiting] == ["credentials.seal_ends"]
    assert waiting[0].due_on == short.not_valid_after_utc.astimezone(clock.SHANGHAI).date()
    told = session.scalars(select(Notice.person_id).where(Notice.kind == "credentials.seal_ending")).all()
    assert sorted(told) == sorted([office.first.person.id, office.second.person.id]), "each once"
    assert waiting[0].label["body_zh"] == "示例认证中心"
    assert "签章证书将于" in browser_of(office.first).get(PAGE).text
    assert {one.kind for one in expected()} == {"credentials.seal_ends"}

    certified(office, pem(later, below.certificate, root.certificate))

    assert todos_of(office.second.actor) == []
    seal_jobs.look_at_ends()
    assert todos_of(office.second.actor) == []
    assert expected() == set()


def test_a_rotated_key_takes_the_end_from_the_desks(
    office: Office, below: Issuer, root: Issuer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "seal_warning_days", 30)
    request = x509.load_pem_x509_csr(bodies.request_of(seal_key(office)))
    ends = datetime.now(UTC) + timedelta(days=29)
    certified(office, pem(certify(request.public_key(), below, ends=ends), below.certificate, root.certificate))
    seal_jobs.look_at_ends()
    assert len(todos_of(office.first.actor)) == 1

    with unit_of_work():
        order = orders.ask_key_order(seal_key(office), KeyAct.ROTATE, reason="x", by=office.first.actor, at=ISSUED_AT)
    with unit_of_work():
        orders.carry_out(session.merge(order), by=office.second.actor, at=ISSUED_AT)

    assert todos_of(office.first.actor) == []
