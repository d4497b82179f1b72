"""How batches and certificates are named in events and to-dos."""

from app.core.events import Subject
from app.credentials.models import Batch, Certificate


def of_batch(batch: Batch) -> Subject:
    """Name a batch."""
    return Subject("certificate_batch", batch.code)


def of_certificate(certificate: Certificate) -> Subject:
    """Name a certificate."""
    return Subject("certificate", certificate.code)
