"""The words of the room: kinds of certificate, reasons to change one, and the lives of its records."""

from enum import StrEnum

from app.core.states import Lifecycle, Move
from app.core.text import _l


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


class SuspensionReason(StrEnum):
    """Why a certificate does not count for a time; a closed list, shown to whoever verifies it."""

    INVESTIGATION = "investigation"
    OBJECTION = "objection"
    CONTINUING_EDUCATION = "continuing_education"
    SANCTION = "sanction"
    HOLDER_REQUEST = "holder_request"


class Succession(StrEnum):
    """How a certificate follows another: it takes its place, or goes on where its period ends."""

    REISSUE = "reissue"
    RENEWAL = "renewal"


class ReissueReason(StrEnum):
    """Why a certificate is made anew for the rest of its period."""

    NAME_CHANGED = "name_changed"
    DATA_CORRECTED = "data_corrected"
    KEY_REPLACED = "key_replaced"
    SET_ASIDE = "set_aside"


class RequestState(StrEnum):
    """Where a request for a certificate is: waiting for a batch, in one, or declined with a reason."""

    OPEN = "open"
    BATCHED = "batched"
    DECLINED = "declined"


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
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class Act(StrEnum):
    """What is done to many certificates at once."""

    REVOKE = "revoke"
    SUSPEND = "suspend"
    REISSUE = "reissue"


class ChangeState(StrEnum):
    """Where a change of many certificates is: checked, proposed, decided by a second person, done."""

    CHECKING = "checking"
    CHECKED = "checked"
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    DISCARDED = "discarded"
    DONE = "done"


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
            "suspend",
            frozenset({CertificateState.PUBLISHED}),
            CertificateState.SUSPENDED,
            "credentials.suspend",
            _l("Suspend"),
        ),
        Move(
            "reinstate",
            frozenset({CertificateState.SUSPENDED}),
            CertificateState.PUBLISHED,
            "credentials.suspend",
            _l("Reinstate"),
        ),
        Move(
            "revoke",
            frozenset({CertificateState.PUBLISHED, CertificateState.SUSPENDED}),
            CertificateState.REVOKED,
            "credentials.revoke",
            _l("Revoke"),
        ),
    ),
)

BULK = "credentials.bulk"
CHANGE = Lifecycle[ChangeState](
    "certificate_change",
    ChangeState.CHECKING,
    (
        Move("check", frozenset({ChangeState.CHECKING}), ChangeState.CHECKED, None, _l("Check the rows")),
        Move("propose", frozenset({ChangeState.CHECKED}), ChangeState.PROPOSED, BULK, _l("Propose the change")),
        Move("approve", frozenset({ChangeState.PROPOSED}), ChangeState.APPROVED, BULK, _l("Approve the change")),
        Move("reject", frozenset({ChangeState.PROPOSED}), ChangeState.REJECTED, BULK, _l("Reject the change")),
        Move(
            "discard",
            frozenset({ChangeState.CHECKING, ChangeState.CHECKED, ChangeState.PROPOSED}),
            ChangeState.DISCARDED,
            BULK,
            _l("Discard the change"),
        ),
        Move("finish", frozenset({ChangeState.APPROVED}), ChangeState.DONE, None, _l("Carry out the change")),
    ),
)
