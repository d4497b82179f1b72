"""The words of the room: kinds of certificate, reasons to change one, and the lives of its records."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

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
    ISSUER_DISTRUSTED = "issuer_distrusted"


TAKES_ALONG: Mapping[RevocationReason, bool] = MappingProxyType(
    {
        RevocationReason.ISSUED_IN_ERROR: True,
        RevocationReason.FALSE_PAPERS: True,
        RevocationReason.EXAM_BREACH: True,
        RevocationReason.SUPERSEDED: False,
        RevocationReason.AWARD_WITHDRAWN: True,
        RevocationReason.HOLDER_REQUEST: False,
        RevocationReason.KEY_COMPROMISED: False,
        RevocationReason.ACCREDITATION_ENDED: True,
        RevocationReason.FACT_CORRECTED: True,
        RevocationReason.ISSUER_DISTRUSTED: False,
    }
)
"""Whether a revocation for a reason takes along what renews the certificate.

It does where the reason lies in the fact that every certificate of the chain certifies; a reason that lies in one
certificate alone leaves its renewal in force. What a certificate renews keeps to its own end either way.
"""


OF_AUTHORITY = frozenset({RevocationReason.ISSUER_DISTRUSTED})
"""What only an order of the authority on a body gives as the reason."""


class SuspensionReason(StrEnum):
    """Why a certificate does not count for a time; a closed list, shown to whoever verifies it."""

    INVESTIGATION = "investigation"
    OBJECTION = "objection"
    CONTINUING_EDUCATION = "continuing_education"
    SANCTION = "sanction"
    HOLDER_REQUEST = "holder_request"
    ACCREDITATION_SUSPENDED = "accreditation_suspended"


OF_ROOMS = frozenset({SuspensionReason.ACCREDITATION_SUSPENDED})
"""Reasons that a decision of another office brings and ends; issuers neither choose nor lift them."""


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
    BODY_ENDED = "body_ended"


NOT_OF_BODIES = frozenset({ReissueReason.SET_ASIDE, ReissueReason.BODY_ENDED})
"""Why a certificate is made anew by what the authority decided, and not because its body or its holder asks."""


class RequestState(StrEnum):
    """Where a request is: waiting for a batch, in one, declined, or taken back before it was in one."""

    OPEN = "open"
    BATCHED = "batched"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class AskStep(StrEnum):
    """Where the certificate of a fact stands that a room may ask for: to be asked for, waiting, issued, or revoked."""

    READY = "ready"
    ASKED = "asked"
    ISSUED = "issued"
    REVOKED = "revoked"


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
    SUSPENDED = "suspended"
    REVOKED = "revoked"


STANDING = frozenset({CertificateState.PUBLISHED, CertificateState.SUSPENDED})
"""States of a certificate that can still be revoked."""


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


class LogAct(StrEnum):
    """What the public log tells of a certificate, or of a key of an issuing body."""

    ISSUE = "issue"
    RESIGN = "resign"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    RETIRE_KEY = "retire_key"
    REVOKE_KEY = "revoke_key"


NEW_BYTES = frozenset({LogAct.ISSUE, LogAct.RESIGN})
"""The acts after which other bytes are published of a certificate than before."""
OF_KEYS = frozenset({LogAct.RETIRE_KEY, LogAct.REVOKE_KEY})
"""The acts on keys: from such a leaf on a key signs no more, or is distrusted since an instant."""


class KeyAct(StrEnum):
    """What is ordered of a key."""

    ROTATE = "rotate"
    COMPROMISE = "compromise"
    CERTIFY = "certify"


class BodyAct(StrEnum):
    """What the authority orders of a body: that it issue no more, or that nothing count that it issued since a day."""

    CLOSE = "close"
    DISTRUST = "distrust"


class SealLevel(StrEnum):
    """How long the seal of a PDF can be proven (ETSI EN 319 142-1, section 6): B-B, B-T or B-LT.

    As long as the key is trusted, with a time that an authority vouches for, or with that and the proof that no
    certificate of the seal was revoked.
    """

    BASIC = "b-b"
    TIMED = "b-t"
    LASTING = "b-lt"


class ProofKind(StrEnum):
    """What tells that a certificate is not revoked: a list of its authority, or an answer about it alone."""

    CRL = "crl"
    OCSP = "ocsp"


class KeyOrderState(StrEnum):
    """Where an order on a key or on a body is."""

    ASKED = "asked"
    CARRIED_OUT = "carried_out"
    REFUSED = "refused"


class DelegationState(StrEnum):
    """Where a delegation is; that its validity has run out is derived from its dates."""

    ASKED = "asked"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    ENDED = "ended"


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
            "publish_revoked",
            frozenset({CertificateState.SIGNED}),
            CertificateState.REVOKED,
            None,
            _l("Publish as revoked"),
        ),
        Move(
            "suspend",
            frozenset({CertificateState.PUBLISHED}),
            CertificateState.SUSPENDED,
            "credentials.suspend",
            _l("Suspend it"),
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
DOCUMENT = "credentials.certificate"
"""The kind of document under which a certificate is found."""
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


class SharedField(StrEnum):
    """What a holder may show of a certificate beside its kind, its state and the holder's name."""

    LATIN_NAME = "latin_name"
    LEVEL = "level"
    NUMBER = "number"
    HOURS = "hours"
    ENTRIES = "entries"
    DATES = "dates"
    ISSUER = "issuer"


class CheckPurpose(StrEnum):
    """What an employer checks certificates for; a closed list, shown to whom it looked up."""

    RECRUITMENT = "recruitment"
    POSITION = "position"
    PROJECT = "project"
    TENDER = "tender"
    STAFF_REPORT = "staff_report"
    PARTNER = "partner"


class RowOutcome(StrEnum):
    """What the register answers to one row of a list."""

    VALID = "valid"
    NAME_DIFFERS = "name_differs"
    NOT_FOUND = "not_found"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    UNREADABLE = "unreadable"


KEY_ORDER = Lifecycle[KeyOrderState](
    "key_order",
    KeyOrderState.ASKED,
    (
        Move(
            "carry_out",
            frozenset({KeyOrderState.ASKED}),
            KeyOrderState.CARRIED_OUT,
            "credentials.keys",
            _l("Carry out the order"),
        ),
        Move(
            "refuse",
            frozenset({KeyOrderState.ASKED}),
            KeyOrderState.REFUSED,
            "credentials.keys",
            _l("Refuse the order"),
        ),
    ),
)

BODY_ORDER = Lifecycle[KeyOrderState](
    "body_order",
    KeyOrderState.ASKED,
    (
        Move(
            "carry_out",
            frozenset({KeyOrderState.ASKED}),
            KeyOrderState.CARRIED_OUT,
            "credentials.delegate",
            _l("Carry out the order"),
        ),
        Move(
            "refuse",
            frozenset({KeyOrderState.ASKED}),
            KeyOrderState.REFUSED,
            "credentials.delegate",
            _l("Refuse the order"),
        ),
    ),
)

DELEGATION = Lifecycle[DelegationState](
    "delegation",
    DelegationState.ASKED,
    (
        Move(
            "approve",
            frozenset({DelegationState.ASKED}),
            DelegationState.IN_FORCE,
            "credentials.delegate",
            _l("Sign the delegation"),
        ),
        Move(
            "refuse",
            frozenset({DelegationState.ASKED}),
            DelegationState.REFUSED,
            "credentials.delegate",
            _l("Refuse the delegation"),
        ),
        Move(
            "end",
            frozenset({DelegationState.IN_FORCE}),
            DelegationState.ENDED,
            "credentials.delegate",
            _l("End the delegation"),
        ),
    ),
)
