"""Tables of the credentials room."""

from app.credentials.models.changes import BulkChange, BulkRow, CertificateSuspension
from app.credentials.models.keys import BodyOrder, Delegation, EarlierCredential, EarlierPaper, KeyOrder, SealProof
from app.credentials.models.log import PUBLIC_LOG, LogEntry, PublicLeaf
from app.credentials.models.lookups import CertificateCheck, CheckedRow, CheckPaper
from app.credentials.models.numbers import HeldNumber
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
from app.credentials.models.sharing import SharedCertificate, ShareLink, ShareView
from app.credentials.models.templates import ANY_LEVEL, CertificateTemplate
from app.credentials.models.trust import TrustBundle

__all__ = [
    "ANY_LEVEL",
    "ERASED",
    "PUBLIC_LOG",
    "Batch",
    "BodyOrder",
    "BulkChange",
    "BulkRow",
    "Certificate",
    "CertificateCheck",
    "CertificateRequest",
    "CertificateSuspension",
    "CertificateTemplate",
    "CheckPaper",
    "CheckedRow",
    "Delegation",
    "EarlierCredential",
    "EarlierPaper",
    "HeldNumber",
    "IssuingBody",
    "KeyOrder",
    "LogEntry",
    "PublicLeaf",
    "SealProof",
    "ShareLink",
    "ShareView",
    "SharedCertificate",
    "SigningKey",
    "StatusList",
    "SuspensionList",
    "TrustBundle",
]
