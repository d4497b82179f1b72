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
from app.credentials.models.trust import TrustBundle

__all__ = [
    "ERASED",
    "Batch",
    "Certificate",
    "CertificateRequest",
    "IssuingBody",
    "SigningKey",
    "StatusList",
    "TrustBundle",
]
