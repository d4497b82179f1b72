"""Verification from our own records: whose certificate it is, and what a PDF may hold."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfWriter

from app.core.db import session, unit_of_work
from app.core.errors import InvalidError, UnavailableError
from app.core.signing import create_key
from app.credentials import verification
from app.credentials.models import IssuingBody
from app.credentials.rules.document import DocumentError
from app.credentials.rules.openbadge import read_certificate
from app.credentials.rules.verdict import CheckName, Result, Verdict
from app.credentials.services import bodies, opening
from app.settings import Settings
from tests.factories.credentials import Office, issue
from tests.unit.credentials import samples

pytestmark = pytest.mark.one_database

DURING = datetime(2026, 11, 23, tzinfo=UTC)


def codes(found: Verdict) -> dict[CheckName, tuple[Result, str]]:
    return {one.name: (one.result, one.code) for one in found.checks}


def test_a_strangers_certificate_is_not_ours(office: Office, tmp_path: Path) -> None:
    del office
    facts = samples.certificate(issuer="did:web:stranger.example")
    document = samples.signed(facts, create_key(tmp_path, "stranger"))

    answer = verification.verify_document(samples.as_bytes(document), at=DURING)

    assert codes(answer.verdict)[CheckName.SIGNATURE] == (Result.UNKNOWN, "issuer-unknown")
    assert codes(answer.verdict)[CheckName.AUTHORITY] == (Result.FAIL, "issuer-not-ours")
    assert answer.record is None


def test_a_signed_certificate_outside_the_register_is_undecided(office: Office) -> None:
    """As after a restore that lost the last minutes: the signature holds, the status is unknown."""
    facts = samples.certificate(issuer=office.body.did)
    document = samples.signed(facts, bodies.signer_of(office.body))

    answer = verification.verify_document(samples.as_bytes(document), at=DURING)

    assert codes(answer.verdict)[CheckName.REVOCATION] == (Result.UNKNOWN, "not-in-register")
    assert not answer.verdict.valid
    assert not answer.verdict.failed


def test_a_closed_body_keeps_what_it_issued_before(office: Office) -> None:
    certificate = issue(office)
    before = read_certificate(certificate.document).valid_from - timedelta(days=1)
    for closed_at, valid in ((DURING, True), (before, False)):
        with unit_of_work():
            session.get_one(IssuingBody, office.body.id).closed_at = closed_at

        assert verification.verify_certificate(certificate, at=DURING).valid is valid


def test_a_certificate_that_begins_tomorrow(office: Office) -> None:
    certificate = issue(office)
    early = certificate.valid_from - timedelta(days=1)

    assert verification.standing(certificate, early) == "not_yet"
    found = verification.verify_certificate(certificate, at=early)
    assert codes(found)[CheckName.VALIDITY] == (Result.FAIL, "not-yet-valid")


def pdf(attachment: bytes | None = None, *, name: str = "credential.json", password: str = "") -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    if attachment is not None:
        writer.add_attachment(name, attachment)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    writer.write(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (pdf(), "pdf-without-credential"),
        (pdf(b"{}", name="other.json"), "pdf-without-credential"),
        (pdf(b"x" * 70_000), "too-large"),
        (pdf(b"{}", password="secret"), "pdf-encrypted"),
        (pdf(b"{}")[:300], "pdf-broken"),
        (b"%PDF-1.7\n" + b"<<" * 5000, "pdf-broken"),
    ],
    ids=["bare", "other", "large", "encrypted", "truncated", "nested"],
)
def test_a_pdf_without_a_readable_credential_is_named(raw: bytes, code: str) -> None:
    with pytest.raises(DocumentError) as refused:
        verification.attached_credential(raw)
    assert refused.value.code == code
    assert verification.attached_credential(pdf(b"{}")) == b"{}"


def test_settings_decide_the_identity(office: Office, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opening._did_of("centre", platform=True) == office.body.did
    monkeypatch.setattr(settings, "issuer_did", "did:web:authority.example")
    assert opening._did_of("centre", platform=True) == "did:web:authority.example"
    monkeypatch.setattr(settings, "public_url", "http://127.0.0.1:8000")
    with pytest.raises(InvalidError):
        opening._did_of("centre", platform=False)


def test_a_key_token_is_not_taken_for_a_folder(
    office: Office, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "key_store", "pkcs11:token=jijing?module-path=/nowhere/module.so")
    with pytest.raises(UnavailableError):
        bodies.signer_of(office.body)
