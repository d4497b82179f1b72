"""Certificates, issuers and trust that the tests of the engine share."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from app.core.signing import Signer
from app.credentials.rules import did, openbadge, proof, status_list, verdict
from app.credentials.rules.document import JsonObject
from app.credentials.rules.openbadge import (
    Achievement,
    Bilingual,
    Certificate,
    Holder,
    Issuer,
    StatusEntry,
)
from app.credentials.rules.template_files import shipped_template
from app.credentials.states import CertificateKind

BASE = "http://localhost:8000"
DID = did.did_web(BASE)
LIST_URL = f"{BASE}/status/4f2kq7"
SUSPENSIONS_URL = f"{LIST_URL}/suspension"
ISSUED = datetime(2026, 6, 1, tzinfo=UTC)
ENDS = datetime(2029, 6, 1, tzinfo=UTC)
DURING = datetime(2026, 11, 23, tzinfo=UTC)
REVOKED_INDEX = 4711
STATEMENTS = {kind: shipped_template(kind).wording.statement for kind in CertificateKind}
ACHIEVEMENT = Achievement(
    url=f"{BASE}/achievements/capability-junior",
    kind=CertificateKind.CAPABILITY,
    name=Bilingual("初级技术经纪人能力等级证书", "Capability certificate, junior level"),
    description=Bilingual("达到初级能力要求。", "Meets the junior requirements."),
    criteria=Bilingual("修满学时并通过考试。", "Complete the class hours and pass the exam."),
    level="junior",
)


def certificate(
    *,
    name: str = "张䶮",
    name_latin: str | None = "Zhang Yan",
    index: int = 94_567,
    achievement: Achievement = ACHIEVEMENT,
    valid_until: datetime | None = ENDS,
    number: str | None = "JJ-2026-000001",
    hours: Decimal | None = Decimal("80.0"),
    issuer: str = DID,
    statement: str | None = None,
) -> Certificate:
    """Return a certificate of the junior level, valid for three years."""
    return Certificate(
        url=f"{BASE}/credentials/7m3x9kq2c4v8b1n5d6f0g7h2jp",
        holder=Holder(name, name_latin),
        issuer=Issuer(issuer, Bilingual("示例省技术转移中心", "Sample Provincial Centre"), BASE),
        achievement=achievement,
        valid_from=ISSUED,
        valid_until=valid_until,
        status=StatusEntry(LIST_URL, index),
        statement=statement or STATEMENTS[achievement.kind],
        number=number,
        hours=hours,
    )


def signed(facts: Certificate, signer: Signer) -> JsonObject:
    """Return the signed credential of a certificate."""
    return proof.sign_document(openbadge.build_credential(facts), signer, created=ISSUED)


def signed_list(
    signer: Signer, *, url: str = LIST_URL, issuer: str = DID, revoked: tuple[int, ...] = (REVOKED_INDEX,)
) -> JsonObject:
    """Return a signed status list in which one index is revoked."""
    bits = status_list.set_bits(list(revoked))
    document = status_list.list_credential(url=url, issuer=issuer, bits=bits, valid_from=DURING)
    return proof.sign_document(document, signer, created=DURING)


def suspension_list(signer: Signer, *, url: str = SUSPENSIONS_URL, purpose: str = "suspension") -> JsonObject:
    """Return a signed list in which the same index is suspended."""
    bits = status_list.set_bits([REVOKED_INDEX])
    document = status_list.list_credential(url=url, issuer=DID, bits=bits, valid_from=DURING)
    document["credentialSubject"]["statusPurpose"] = purpose
    return proof.sign_document(document, signer, created=DURING)


def did_document_of(signer: Signer, issuer: str = DID) -> JsonObject:
    """Return the DID document that lists a signer's key."""
    return did.did_document(issuer, [did.IssuerKey(signer.public_key)])


@dataclass
class SampleTrust:
    """A verifier that knows some DID documents and one status list."""

    did_documents: dict[str, JsonObject]
    status_list: JsonObject | None = None
    suspensions: JsonObject | None = None
    issuers: set[str] = field(default_factory=lambda: {DID})

    def did_document(self, issuer: str) -> JsonObject | None:
        """Return the DID document of an issuer."""
        return self.did_documents.get(issuer)

    def authority(self, facts: Certificate) -> verdict.Check:
        """Accept the listed issuers."""
        known = facts.issuer.did in self.issuers
        result = verdict.Result.PASS if known else verdict.Result.FAIL
        return verdict.Check(verdict.CheckName.AUTHORITY, result, "sample")

    def revocation(self, facts: Certificate) -> verdict.Check:
        """Read the one list."""
        own = self.did_documents.get(facts.issuer.did)
        return verdict.revocation_from_list(facts, self.status_list, own)

    def suspension(self, facts: Certificate) -> verdict.Check:
        """Read the list of suspensions, where there is one."""
        own = self.did_documents.get(facts.issuer.did)
        return verdict.suspension_from_list(facts, self.suspensions, own)

    def log(self, facts: Certificate, raw: bytes) -> verdict.Check:
        """Leave the log aside."""
        del facts, raw
        return verdict.Check(verdict.CheckName.LOG, verdict.Result.UNCHECKED, "sample")


def as_bytes(document: JsonObject) -> bytes:
    """Return a document as it would be uploaded."""
    return json.dumps(document, ensure_ascii=False).encode()
