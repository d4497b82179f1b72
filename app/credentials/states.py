"""The words of the room: kinds of certificate, reasons to revoke, and the lives of its records."""

from enum import StrEnum

from app.core.states import Lifecycle, Move
from app.core.text import _l


class CertificateKind(StrEnum):
    """What a certificate certifies."""

    COURSE_COMPLETION = "course_completion"
    EXAM_PASS = "exam_pass"  # noqa: S105 - a kind of certificate, not a password
    CAPABILITY = "capability"
    TITLE = "title"
    CREDIT_REPORT = "credit_report"
    ACCREDITATION = "accreditation"
    CONTINUING_EDUCATION = "continuing_education"


OF_LEVELS = frozenset({CertificateKind.COURSE_COMPLETION, CertificateKind.EXAM_PASS, CertificateKind.CAPABILITY})
"""Kinds that certify one of the levels of technology managers."""
OF_ORGANISATIONS = frozenset({CertificateKind.ACCREDITATION})
"""Kinds whose holder is an organisation; every other kind certifies a person."""
ONCE = OF_LEVELS
"""Kinds of which a person holds one standing certificate a level; of the others each source has its own."""


class RevocationReason(StrEnum):
    """Why a certificate was revoked; a closed list, shown to whoever verifies it."""

    ISSUED_IN_ERROR = "issued_in_error"
    FALSE_PAPERS = "false_papers"
    EXAM_BREACH = "exam_breach"
    SUPERSEDED = "superseded"
    AWARD_WITHDRAWN = "award_withdrawn"
    HOLDER_REQUEST = "holder_request"
    KEY_COMPROMISED = "key_compromised"
    ACCREDITATION_ENDED = "accreditation_ended"
    FACT_CORRECTED = "fact_corrected"


class RequestState(StrEnum):
    """Where a request for a certificate is: waiting for a batch, in one, or taken back before it was in one."""

    OPEN = "open"
    BATCHED = "batched"
    WITHDRAWN = "withdrawn"


class TemplateState(StrEnum):
    """Where a version of a template is; one confirmed version of a kind and level is current."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    RETIRED = "retired"


class BatchState(StrEnum):
    """Where a batch is; it is issued when every certificate in it is published."""

    PREPARED = "prepared"
    APPROVED = "approved"
    REJECTED = "rejected"
    ISSUED = "issued"


class CertificateState(StrEnum):
    """Where a certificate is; that it has expired is derived from its dates."""

    STORED = "stored"
    SIGNED = "signed"
    PUBLISHED = "published"
    REVOKED = "revoked"


class LogAct(StrEnum):
    """What the public log tells of a certificate."""

    ISSUE = "issue"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"


BATCH = Lifecycle[BatchState](
    "certificate_batch",
    BatchState.PREPARED,
    (
        Move(
            "approve",
            frozenset({BatchState.PREPARED}),
            BatchState.APPROVED,
            "credentials.approve",
            _l("Approve the batch"),
        ),
        Move(
            "reject",
            frozenset({BatchState.PREPARED}),
            BatchState.REJECTED,
            "credentials.approve",
            _l("Reject the batch"),
        ),
        Move("finish", frozenset({BatchState.APPROVED}), BatchState.ISSUED, None, _l("Issue the batch")),
    ),
)

CERTIFICATE = Lifecycle[CertificateState](
    "certificate",
    CertificateState.STORED,
    (
        Move("sign", frozenset({CertificateState.STORED}), CertificateState.SIGNED, None, _l("Sign")),
        Move("publish", frozenset({CertificateState.SIGNED}), CertificateState.PUBLISHED, None, _l("Publish")),
        Move(
            "revoke",
            frozenset({CertificateState.PUBLISHED}),
            CertificateState.REVOKED,
            "credentials.revoke",
            _l("Revoke"),
        ),
    ),
)

TEMPLATE = Lifecycle[TemplateState](
    "certificate_template",
    TemplateState.DRAFT,
    (
        Move(
            "confirm",
            frozenset({TemplateState.DRAFT}),
            TemplateState.CONFIRMED,
            "credentials.confirm_template",
            _l("Confirm the version"),
        ),
        Move(
            "discard",
            frozenset({TemplateState.DRAFT}),
            TemplateState.RETIRED,
            "credentials.design",
            _l("Discard the draft"),
        ),
        Move("retire", frozenset({TemplateState.CONFIRMED}), TemplateState.RETIRED, None, _l("Replace the version")),
    ),
)
