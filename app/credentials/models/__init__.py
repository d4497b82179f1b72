"""Tables of the credentials room."""

from app.credentials.models.lookups import CertificateCheck, CheckedRow
from app.credentials.models.records import (
    ERASED,
    Batch,
    Certificate,
    CertificateRequest,
    IssuingBody,
    SigningKey,
    StatusList,
)
from app.credentials.models.sharing import SharedCertificate, ShareLink, ShareView
from app.credentials.models.trust import TrustBundle

__all__ = [
    "ERASED",
    "Batch",
    "Certificate",
    "CertificateCheck",
    "CertificateRequest",
    "CheckedRow",
    "IssuingBody",
    "ShareLink",
    "ShareView",
    "SharedCertificate",
    "SigningKey",
    "StatusList",
    "TrustBundle",
]
