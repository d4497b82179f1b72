"""Tables of the credentials room."""

from app.credentials.models.log import PUBLIC_LOG, LogEntry, PublicLeaf
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
from app.credentials.models.trust import TrustBundle

__all__ = [
    "ANY_LEVEL",
    "ERASED",
    "PUBLIC_LOG",
    "Batch",
    "Certificate",
    "CertificateRequest",
    "CertificateTemplate",
    "IssuingBody",
    "LogEntry",
    "PublicLeaf",
    "SigningKey",
    "StatusList",
    "TrustBundle",
]
