"""Tables of the credentials room."""

from app.credentials.models.records import (
    ERASED,
    Batch,
    Certificate,
    CertificateRequest,
    IssuingBody,
    SigningKey,
    StatusList,
)
from app.credentials.models.templates import ANY_LEVEL, CertificateTemplate

__all__ = [
    "ANY_LEVEL",
    "ERASED",
    "Batch",
    "Certificate",
    "CertificateRequest",
    "CertificateTemplate",
    "IssuingBody",
    "SigningKey",
    "StatusList",
]
