"""The words of the room: kinds of certificate, reasons to revoke, and the states of its records."""

from enum import StrEnum


class CertificateKind(StrEnum):
    """What a certificate certifies."""

    COURSE_COMPLETION = "course_completion"
    EXAM_PASS = "exam_pass"  # noqa: S105 - a kind of certificate, not a password
    CAPABILITY = "capability"


class RevocationReason(StrEnum):
    """Why a certificate was revoked; a closed list, shown to whoever verifies it."""

    ISSUED_IN_ERROR = "issued_in_error"
    FALSE_PAPERS = "false_papers"
    EXAM_BREACH = "exam_breach"
    SUPERSEDED = "superseded"
    AWARD_WITHDRAWN = "award_withdrawn"
    HOLDER_REQUEST = "holder_request"
    KEY_COMPROMISED = "key_compromised"
