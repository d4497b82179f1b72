"""Certificates in words that the steps of their issue share, and the end of a batch."""

from datetime import datetime

from app.core import events
from app.core.db import session
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.queries import steps as reads
from app.credentials.services import subjects
from app.credentials.states import BATCH

subject = subjects.of_certificate


class UnfinishedError(RuntimeError):
    """A batch whose every step was walked holds another number of published certificates than was approved."""


def source_data(certificate: Certificate, request: CertificateRequest | None = None) -> dict[str, str]:
    """Return what an event says of a certificate: its kind, number, the record it certifies, and whom it follows."""
    request = request or session.get_one(CertificateRequest, certificate.request_id)
    return {
        "kind": certificate.kind.value,
        "number": certificate.number or "",
        "source_type": request.source_type,
        "source_code": request.source_code,
        **_followed(certificate),
    }


def _followed(certificate: Certificate) -> dict[str, str]:
    """Return how a certificate follows another, and its last day; nothing for the first of its kind."""
    if certificate.succession is None:
        return {}
    last = certificate.fields.get("valid_until")
    return {"succession": certificate.succession.value, **({"valid_until": str(last)} if last else {})}


def finish(batch: Batch, *, at: datetime) -> None:
    """Close a batch in which every certificate is published and its holder told; raises UnfinishedError."""
    done = reads.published(batch.id)
    if done != batch.size:
        msg = f"{done} of {batch.size} certificates of batch {batch.code} are published"
        raise UnfinishedError(msg)
    BATCH.move(batch, "finish", issued_at=at)
    session.flush()
    events.record("credentials.batch_issued", subjects.of_batch(batch), by=None, at=at, data={"count": batch.size})
