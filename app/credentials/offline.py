"""Verification with nothing but files: DID documents and status lists that the checker brought along."""

from dataclasses import dataclass, field
from datetime import datetime

from app.core.columns import JsonObject
from app.core.errors import InvalidError
from app.core.text import _l
from app.credentials.rules import verdict
from app.credentials.rules.document import STATUS_LIST_LIMITS, DocumentError, read_document
from app.credentials.rules.inputs import PDF_MAGIC
from app.credentials.rules.openbadge import Certificate
from app.credentials.rules.verdict import Check, CheckName, Result, Verdict
from app.credentials.verification import attached_credential


@dataclass(slots=True)
class BroughtAlong:
    """The documents that the checker trusts, by their own ids."""

    did_documents: dict[str, JsonObject] = field(default_factory=dict)
    status_lists: dict[str, JsonObject] = field(default_factory=dict)

    def did_document(self, did: str) -> JsonObject | None:
        """Return the DID document of an issuer."""
        return self.did_documents.get(did)

    def authority(self, certificate: Certificate) -> Check:
        """Leave to the checker whom they trust: bringing a DID document along is that decision."""
        del certificate
        return Check(CheckName.AUTHORITY, Result.UNCHECKED, "authority-offline")

    def revocation(self, certificate: Certificate) -> Check:
        """Read from the list that the certificate names, if it was brought along."""
        listed = self.status_lists.get(certificate.status.list_url)
        return verdict.revocation_from_list(certificate, listed, self.did_documents.get(certificate.issuer.did))

    def suspension(self, certificate: Certificate) -> Check:
        """Read from the list of suspensions, if it was brought along."""
        listed = self.status_lists.get(certificate.status.list_url + verdict.SUSPENSION_LIST.place)
        return verdict.suspension_from_list(certificate, listed, self.did_documents.get(certificate.issuer.did))

    def log(self, certificate: Certificate, raw: bytes) -> Check:
        """Leave the log unchecked: without network it cannot be asked."""
        del certificate, raw
        return Check(CheckName.LOG, Result.UNCHECKED, "log-offline")


def verify_with(raw: bytes, trusted: list[bytes], *, at: datetime) -> Verdict:
    """Verify a JSON or PDF certificate with brought-along documents; raises InvalidError for an unreadable one."""
    try:
        document = attached_credential(raw) if raw.startswith(PDF_MAGIC) else raw
    except DocumentError as error:
        return verdict.unreadable(error.code, at, error.params)
    return verdict.verify_document(document, _read(trusted), at)


def _read(trusted: list[bytes]) -> BroughtAlong:
    brought = BroughtAlong()
    for content in trusted:
        try:
            document = read_document(content, STATUS_LIST_LIMITS)
        except DocumentError as error:
            raise InvalidError(_l("A file given with --trust cannot be read.")) from error
        target = brought.did_documents if "verificationMethod" in document else brought.status_lists
        target[str(document.get("id"))] = document
    return brought
