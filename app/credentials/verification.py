"""Verification against our own records: an upload, an address, a number; nothing is ever fetched."""

import io
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from app.core.columns import JsonObject
from app.core.config import settings
from app.credentials import queries
from app.credentials.models import Certificate, IssuingBody
from app.credentials.rules import verdict
from app.credentials.rules.document import CREDENTIAL_LIMITS, DocumentError
from app.credentials.rules.instants import write_instant
from app.credentials.rules.openbadge import Certificate as Facts
from app.credentials.rules.verdict import Check, CheckName, Result, Verdict
from app.credentials.states import CertificateState

PATH = "/credentials/"
ENDINGS = (".json", ".pdf")
CREDENTIAL_NAME = "credential.json"
PDF_MAGIC = b"%PDF-"
UPLOAD_LIMIT = 4 * 1024 * 1024
LONGEST_REFERENCE = 300


class OwnRecords:
    """What this installation knows: its issuing bodies, their keys, and what it revoked."""

    def __init__(self) -> None:
        self._bodies: dict[str, IssuingBody | None] = {}
        self._records: dict[str, Certificate | None] = {}

    def _body(self, issuer: str) -> IssuingBody | None:
        if issuer not in self._bodies:
            self._bodies[issuer] = queries.body_by_did(issuer)
        return self._bodies[issuer]

    def did_document(self, did: str) -> JsonObject | None:
        """Return the DID document of one of our bodies."""
        body = self._body(did)
        return queries.did_document(body) if body else None

    def authority(self, certificate: Facts) -> Check:
        """Tell whether the issuer is one of our bodies; a closed one keeps what it issued before."""
        body = self._body(certificate.issuer.did)
        if body is None:
            params = {"issuer": certificate.issuer.did}
            return Check(CheckName.AUTHORITY, Result.FAIL, "issuer-not-ours", params)
        if body.closed_at is not None and certificate.valid_from > body.closed_at:
            return Check(CheckName.AUTHORITY, Result.FAIL, "issuer-closed", {"on": write_instant(body.closed_at)})
        return Check(CheckName.AUTHORITY, Result.PASS, "issuer-ours")

    def _record(self, certificate: Facts) -> Certificate | None:
        code = code_of(certificate.url)
        if code and code not in self._records:
            self._records[code] = queries.by_code(code)
        return self._records[code] if code else None

    def revocation(self, certificate: Facts) -> Check:
        """Tell from the register itself whether a certificate is revoked, since when and why."""
        record = self._record(certificate)
        if record is None:
            return Check(CheckName.REVOCATION, Result.UNKNOWN, "not-in-register")
        if record.revoked_at is not None and record.revoked_for is not None:
            params = {"on": write_instant(record.revoked_at), "reason": record.revoked_for.value}
            return Check(CheckName.REVOCATION, Result.FAIL, "revoked", params)
        return Check(CheckName.REVOCATION, Result.PASS, "not-revoked")

    def suspension(self, certificate: Facts) -> Check:
        """Tell from the register itself whether a certificate is suspended."""
        if self._record(certificate) is None:
            return Check(CheckName.SUSPENSION, Result.UNKNOWN, "not-in-register")
        return Check(CheckName.SUSPENSION, Result.PASS, "not-suspended")

    def log(self, certificate: Facts, raw: bytes) -> Check:
        """Leave the log unchecked while none is kept."""
        del certificate, raw
        return Check(CheckName.LOG, Result.UNCHECKED, "log-unchecked")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check found: the verdict, and our own record where there is one."""

    verdict: Verdict
    record: Certificate | None


def verify_document(raw: bytes, *, at: datetime) -> Answer:
    """Verify an uploaded credential: JSON, or a PDF that carries one."""
    try:
        document = attached_credential(raw) if raw.startswith(PDF_MAGIC) else raw
    except DocumentError as error:
        return Answer(verdict.unreadable(error.code, at, error.params), None)
    found = verdict.verify_document(document, OwnRecords(), at)
    code = code_of(found.certificate.url) if found.certificate else None
    return Answer(found, queries.by_code(code) if code else None)


def verify_certificate(certificate: Certificate, *, at: datetime) -> Verdict:
    """Verify one of our own certificates from the bytes that are published."""
    return verdict.verify_document((certificate.credential or "").encode(), OwnRecords(), at)


def verify_reference(reference: str, *, at: datetime) -> Answer | None:
    """Verify by number, code or address; None where nothing was issued here under it.

    An address under another host is never followed: it was not issued here.
    """
    reference = reference.strip()[:LONGEST_REFERENCE]
    code = code_of(reference) if "/" in reference else reference
    record = queries.by_reference(code) if code else None
    return Answer(verify_certificate(record, at=at), record) if record else None


def code_of(url: str) -> str | None:
    """Return the code in the address of one of our certificates, None for any other address."""
    ours, given = urlsplit(settings().public_url), urlsplit(url)
    if (given.scheme, given.netloc) != (ours.scheme, ours.netloc) or not given.path.startswith(PATH):
        return None
    code = given.path.removeprefix(PATH)
    for ending in ENDINGS:
        code = code.removesuffix(ending)
    return code or None


def attached_credential(raw: bytes) -> bytes:
    """Return the credential inside a PDF; raises DocumentError where there is none that we can read."""
    try:
        content = _attachment(PdfReader(io.BytesIO(raw), strict=False))
    except DocumentError:
        raise
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError, ArithmeticError) as error:
        raise DocumentError("pdf-broken") from error
    if content is None:
        raise DocumentError("pdf-without-credential")
    if len(content) > CREDENTIAL_LIMITS.size:
        raise DocumentError("too-large", limit=str(CREDENTIAL_LIMITS.size))
    return content


def _attachment(reader: PdfReader) -> bytes | None:
    if reader.is_encrypted:
        raise DocumentError("pdf-encrypted")
    found = next((one for one in reader.attachment_list if one.name == CREDENTIAL_NAME), None)
    return bytes(found.content) if found else None


def standing(certificate: Certificate, at: datetime) -> str:
    """Return the word for a certificate's state at an instant: valid, expired, revoked or not yet valid."""
    if certificate.state is CertificateState.REVOKED:
        return "revoked"
    if certificate.expired(at):
        return "expired"
    return "not_yet" if at < certificate.valid_from else "valid"
