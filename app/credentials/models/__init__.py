"""Tables of the credentials room."""

from app.credentials.models.changes import BulkChange, BulkRow, CertificateSuspension
from app.credentials.models.records import (
    ERASED,
    Batch,
    Certificate,
    CertificateRequest,
    IssuingBody,
    SigningKey,
    StatusList,
    SuspensionList,
)
from app.credentials.models.trust import TrustBundle

__all__ = [
    "ERASED",
    "Batch",
    "BulkChange",
    "BulkRow",
    "Certificate",
    "CertificateRequest",
    "CertificateSuspension",
    "IssuingBody",
    "SigningKey",
    "StatusList",
    "SuspensionList",
    "TrustBundle",
]
