"""Tables of issuing bodies, their keys and status lists, of batches and certificates."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.core.columns import (
    FK,
    PK,
    BigKey,
    Code,
    Instant,
    JsonList,
    JsonObject,
    Long,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalShort,
    Short,
)
from app.core.db import Base, Versioned
from app.core.files import StoredFile
from app.core.signing import Algorithm
from app.credentials.models.lists import PublishedBits
from app.credentials.models.templates import CertificateTemplate
from app.credentials.states import (
    BatchState,
    CertificateKind,
    CertificateState,
    ReissueReason,
    RequestState,
    RevocationReason,
    SealLevel,
    Succession,
    SuspensionReason,
)

FIRST = text("replaces_id IS NULL AND state <> 'declined'")
INCOMPLETE, UNTIMED = text("seal_level = 'b-t'"), text("seal_level = 'b-b'")
REQUEST_FILE = "request_file"
"""The type of the source of a row of a request file that names none."""
ERASED = ""
"""What stands in the credential of a person whose data was erased: nobody is shown it any more."""


def holder_name(person: Person | None, organisation: Organisation | None) -> str:
    """Return the name of the holder of a certificate: a person, or an organisation by its Chinese name."""
    if person is not None:
        return person.name
    return organisation.name_zh if organisation is not None else ""


class IssuingBody(Base):
    """An organisation that issues certificates under a DID of its own, fixed at its first issue."""

    __tablename__ = "issuing_body"

    id: Mapped[PK]
    code: Mapped[Code]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"), unique=True)
    slug: Mapped[Short] = mapped_column(unique=True)
    did: Mapped[Name] = mapped_column(unique=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    opened_at: Mapped[Instant]
    closed_at: Mapped[OptionalInstant]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql", viewonly=True)


class SigningKey(Base):
    """The public half of a key of an issuing body; `store_name` finds the private half in the key store.

    A body signs with one key of each algorithm. A retired key signs no more and goes on proving what it
    signed; a compromised one is revoked from the instant on which it is distrusted. `certificate` is the
    X.509 certificate in DER that readers of PDF files ask for; only RSA keys seal PDF files. `chain` holds in PEM
    who certified it, up to the root; None where the key certifies itself. `sources` are the addresses that are asked
    whether a certificate of the chain is revoked, one a line with its kind; `revocation_list` is what the key itself
    says of the certificate that it made of itself.
    """

    __tablename__ = "signing_key"
    __table_args__ = (
        CheckConstraint("revoked_at IS NULL OR retired_at IS NOT NULL", name="revoked_is_retired"),
        CheckConstraint("(algorithm = 'RS256') = (certificate IS NOT NULL)", name="certificate"),
        CheckConstraint("chain IS NULL OR certificate IS NOT NULL", name="chain"),
        CheckConstraint("sources IS NULL OR chain IS NOT NULL", name="sources"),
        CheckConstraint("revocation_list IS NULL OR certificate IS NOT NULL", name="revocation_list"),
        Index(
            "uq_signing_key_current",
            "body_id",
            "algorithm",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[PK]
    body_id: Mapped[FK] = mapped_column(ForeignKey("issuing_body.id"))
    key_id: Mapped[Name] = mapped_column(unique=True)
    store_name: Mapped[Short] = mapped_column(unique=True)
    algorithm: Mapped[Algorithm]
    public_multibase: Mapped[Long]
    certificate: Mapped[bytes | None]
    chain: Mapped[OptionalLong]
    sources: Mapped[OptionalLong]
    revocation_list: Mapped[bytes | None]
    created_at: Mapped[Instant]
    retired_at: Mapped[OptionalInstant]
    revoked_at: Mapped[OptionalInstant]


class StatusList(PublishedBits, Versioned, Base):
    """The published list of who is revoked; a certificate keeps its index for life, here and in the suspensions."""

    __tablename__ = "status_list"
    __table_args__ = (CheckConstraint("(credential IS NULL) = (signed_at IS NULL)", name="signed"),)

    id: Mapped[PK]
    body_id: Mapped[FK] = mapped_column(ForeignKey("issuing_body.id"))
    code: Mapped[Code]
    purpose: Mapped[Short]
    used: Mapped[int] = mapped_column(default=0)

    body: Mapped[IssuingBody] = relationship(lazy="joined", viewonly=True)

    @property
    def path(self) -> str:
        """Return the path of its address."""
        return f"/status/{self.code}"


class SuspensionList(PublishedBits, Versioned, Base):
    """The published list of who is suspended, parallel to a status list: the same indexes, another purpose."""

    __tablename__ = "suspension_list"
    __table_args__ = (CheckConstraint("(credential IS NULL) = (signed_at IS NULL)", name="signed"),)

    id: Mapped[PK]
    status_list_id: Mapped[FK] = mapped_column(ForeignKey("status_list.id"), unique=True)

    beside: Mapped[StatusList] = relationship(lazy="joined", innerjoin=True, viewonly=True)

    @property
    def body(self) -> IssuingBody:
        """Return whose list it is."""
        return self.beside.body

    @property
    def path(self) -> str:
        """Return the path of its address."""
        return f"{self.beside.path}/suspension"


class Batch(Versioned, Base):
    """Certificates that are approved together by a second person.

    `faults` counts the rows with findings, `left_out` those that went back to wait; `digest` pins what was linted.
    `not_kept` counts the rows whose fact no room of the system keeps: they are issued only where the approver vouched.
    """

    __tablename__ = "certificate_batch"
    __table_args__ = (
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> prepared_by_id", name="two_people"),
        CheckConstraint("(state = 'prepared') = (approved_by_id IS NULL AND approved_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'issued') = (issued_at IS NOT NULL)", name="issued"),
        CheckConstraint("state <> 'rejected' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("state IN ('prepared', 'rejected') OR linted_at IS NOT NULL", name="linted_before_approved"),
        CheckConstraint("faults = 0 OR state IN ('prepared', 'rejected')", name="approved_without_faults"),
        CheckConstraint("not_kept = 0 OR vouched OR state IN ('prepared', 'rejected')", name="vouched"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    body_id: Mapped[FK] = mapped_column(ForeignKey("issuing_body.id"))
    kind: Mapped[CertificateKind]
    state: Mapped[BatchState] = mapped_column(default=BatchState.PREPARED)
    size: Mapped[int]
    linted_at: Mapped[OptionalInstant]
    faults: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    not_kept: Mapped[int] = mapped_column(default=0)
    vouched: Mapped[bool] = mapped_column(default=False)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    prepared_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    prepared_at: Mapped[Instant]
    approved_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[OptionalInstant]
    reason: Mapped[OptionalLong]
    issued_at: Mapped[OptionalInstant]

    body: Mapped[IssuingBody] = relationship(lazy="joined", viewonly=True)


class CertificateRequest(Base):
    """A decided fact that waits to be certified, once per source; or a certificate to be made anew, once each.

    `lint_passed` is None until its batch was linted; `findings` say why it did not pass, also while it waits again, and
    `linted_digest` is the SHA-256 of what was looked at: whatever changed since is not signed. One that is withdrawn
    says why; `closed_in_id` names the batch that it was in then. `requested_by_id` is who asked to make a certificate
    anew, or by a request file; a row of a file that the office takes back is declined, and its source is free again.
    """

    __tablename__ = "certificate_request"
    __table_args__ = (
        CheckConstraint("lint_passed IS NULL OR linted_digest IS NOT NULL", name="linted"),
        CheckConstraint("(state = 'batched') = (batch_id IS NOT NULL)", name="batched"),
        CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="holder"),
        CheckConstraint("(kind = 'accreditation') = (organisation_id IS NOT NULL)", name="holder_of_kind"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_for IS NULL)", name="withdrawn_for"),
        CheckConstraint("state = 'batched' OR (state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn"),
        CheckConstraint("closed_in_id IS NULL OR state = 'withdrawn'", name="closed_in"),
        CheckConstraint("(replaces_id IS NULL) = (succession IS NULL)", name="follows"),
        CheckConstraint("(succession = 'reissue') = (because IS NOT NULL)", name="because"),
        CheckConstraint(
            "(state = 'declined') = (declined_at IS NOT NULL AND declined_because IS NOT NULL)", name="declined"
        ),
        Index("ix_certificate_request_waiting", "body_id", "state"),
        Index(
            "uq_certificate_request_source",
            "kind",
            "source_type",
            "source_code",
            unique=True,
            sqlite_where=FIRST,
            postgresql_where=FIRST,
        ),
        Index(
            "uq_certificate_request_successor",
            "replaces_id",
            unique=True,
            sqlite_where=text("state NOT IN ('declined', 'withdrawn')"),
            postgresql_where=text("state NOT IN ('declined', 'withdrawn')"),
        ),
        Index("ix_certificate_request_linted", "batch_id", "lint_passed", "id"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[CertificateKind]
    body_id: Mapped[FK] = mapped_column(ForeignKey("issuing_body.id"))
    person_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    source_type: Mapped[Short]
    source_code: Mapped[Short]
    fields: Mapped[JsonObject]
    number: Mapped[OptionalShort] = mapped_column(index=True)
    """The number among `fields`, by which it is found whose it is."""
    state: Mapped[RequestState] = mapped_column(default=RequestState.OPEN)
    batch_id: Mapped[OptionalFK] = mapped_column(ForeignKey("certificate_batch.id"))
    template_version_id: Mapped[OptionalFK] = mapped_column(ForeignKey("certificate_template.id"))
    """Pinned when the request goes into a batch: what is approved is what is issued."""
    requested_at: Mapped[Instant]
    lint_passed: Mapped[bool | None]
    findings: Mapped[JsonList] = mapped_column(default=list)
    linted_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    withdrawn_at: Mapped[OptionalInstant]
    withdrawn_for: Mapped[RevocationReason | None]
    closed_in_id: Mapped[OptionalFK] = mapped_column(ForeignKey("certificate_batch.id"))
    requested_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    replaces_id: Mapped[OptionalFK] = mapped_column(ForeignKey("certificate.id", use_alter=True))
    succession: Mapped[Succession | None]
    because: Mapped[ReissueReason | None]
    declined_at: Mapped[OptionalInstant]
    declined_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    declined_because: Mapped[OptionalLong]

    person: Mapped[Person | None] = relationship(
        foreign_keys="CertificateRequest.person_id", lazy="raise_on_sql", viewonly=True
    )
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql", viewonly=True)
    template: Mapped[CertificateTemplate | None] = relationship(lazy="joined")
    body: Mapped[IssuingBody] = relationship(lazy="raise_on_sql", viewonly=True)

    @property
    def holder_name(self) -> str:
        """Return the name of the person or organisation, which must be loaded."""
        return holder_name(self.person, self.organisation)

    @property
    def by_file(self) -> bool:
        """Tell whether a request file asked for it, so that its office takes it back and no room."""
        return self.replaces_id is None and (self.requested_by_id is not None or self.source_type == REQUEST_FILE)


class Certificate(Versioned, Base):
    """One certificate: stored, linted, signed, logged, rendered, published, perhaps suspended or revoked.

    `document` is what was approved and linted, `credential` the same with its proof and `jwt` the same as a
    JWT, both byte for byte what is published. `qr` is the address that its QR code prints, with a proof of its own.
    `replaces_id` names the one whose place it took (`reissue`) or whose period it continues (`renewal`).
    What was suspended when it was revoked keeps its suspension, so that no cached list calls it good.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("status_list_id", "status_index"),
        CheckConstraint(
            "(state = 'stored') = (credential IS NULL AND signed_at IS NULL AND key_id IS NULL)", name="signed"
        ),
        CheckConstraint(
            "(jwt IS NULL) = (jwt_key_id IS NULL) AND (jwt IS NULL OR signed_at IS NOT NULL)", name="jwt_signed"
        ),
        CheckConstraint("state = 'stored' OR linted_at IS NOT NULL", name="linted_before_signed"),
        CheckConstraint(
            "(published_at IS NOT NULL) = (state IN ('published', 'suspended', 'revoked'))", name="published"
        ),
        CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL AND revoked_for IS NOT NULL)", name="revoked"),
        CheckConstraint("state <> 'suspended' OR suspended_at IS NOT NULL", name="suspended"),
        CheckConstraint("suspended_at IS NULL OR state IN ('suspended', 'revoked')", name="suspended_still"),
        CheckConstraint(
            "(suspended_at IS NULL) = (suspended_for IS NULL) AND (suspended_at IS NULL) = (suspended_by_id IS NULL)",
            name="suspended_whole",
        ),
        CheckConstraint("suspended_until IS NULL OR suspended_until > suspended_at", name="suspended_until"),
        CheckConstraint("(replaces_id IS NULL) = (succession IS NULL)", name="follows"),
        CheckConstraint("replaces_id IS NULL OR replaces_id <> id", name="replaces_another"),
        CheckConstraint("pdf_file_id IS NULL OR rendered_at IS NOT NULL", name="rendered"),
        CheckConstraint("seal_level IS NULL OR rendered_at IS NOT NULL", name="sealed"),
        CheckConstraint("sealed_under IS NULL OR seal_level IS NOT NULL", name="sealed_under"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="validity"),
        CheckConstraint("published_at IS NULL OR logged_at IS NOT NULL", name="logged_before_published"),
        CheckConstraint("logged_at IS NULL OR state <> 'stored'", name="signed_before_logged"),
        CheckConstraint("notified_at IS NULL OR published_at IS NOT NULL", name="published_before_told"),
        CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="holder"),
        CheckConstraint("(kind = 'accreditation') = (organisation_id IS NOT NULL)", name="holder_of_kind"),
        Index("ix_certificate_batch_state", "batch_id", "state"),
        Index(
            "ix_certificate_suspended_until",
            "suspended_until",
            sqlite_where=text("suspended_until IS NOT NULL"),
            postgresql_where=text("suspended_until IS NOT NULL"),
        ),
        Index("ix_certificate_batch_order", "batch_id", "id"),
        Index("ix_certificate_incomplete", "id", sqlite_where=INCOMPLETE, postgresql_where=INCOMPLETE),
        Index("ix_certificate_untimed", "id", sqlite_where=UNTIMED, postgresql_where=UNTIMED),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    request_id: Mapped[FK] = mapped_column(ForeignKey("certificate_request.id"), unique=True)
    batch_id: Mapped[int] = mapped_column(BigKey, ForeignKey("certificate_batch.id"))
    body_id: Mapped[FK] = mapped_column(ForeignKey("issuing_body.id"))
    kind: Mapped[CertificateKind]
    person_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    template_version_id: Mapped[OptionalFK] = mapped_column(ForeignKey("certificate_template.id"))
    """The version it was issued under; None where it is older than templates with versions."""
    level: Mapped[OptionalShort]
    number: Mapped[OptionalShort] = mapped_column(index=True)
    fields: Mapped[JsonObject]
    valid_from: Mapped[Instant]
    valid_until: Mapped[OptionalInstant]
    state: Mapped[CertificateState] = mapped_column(default=CertificateState.STORED)
    status_list_id: Mapped[int] = mapped_column(BigKey, ForeignKey("status_list.id"))
    status_index: Mapped[int]
    document: Mapped[JsonObject]
    stored_at: Mapped[Instant]
    linted_at: Mapped[OptionalInstant]
    credential: Mapped[OptionalLong]
    key_id: Mapped[OptionalShort]
    signed_at: Mapped[OptionalInstant]
    jwt: Mapped[OptionalLong]
    jwt_key_id: Mapped[OptionalShort]
    qr: Mapped[OptionalLong]
    logged_at: Mapped[OptionalInstant]
    pdf_file_id: Mapped[OptionalFK] = mapped_column(ForeignKey("stored_file.id"))
    seal_level: Mapped[SealLevel | None]
    """How its PDF is sealed; None without a PDF, and for one from before this was kept."""
    sealed_under: Mapped[OptionalShort]
    """The SHA-256 of the certificate under which its PDF was sealed; None where it was not looked for yet."""
    rendered_at: Mapped[OptionalInstant]
    published_at: Mapped[OptionalInstant]
    notified_at: Mapped[OptionalInstant]
    revoked_at: Mapped[OptionalInstant]
    revoked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    revoked_for: Mapped[RevocationReason | None]
    revocation_note: Mapped[OptionalLong]
    suspended_at: Mapped[OptionalInstant]
    suspended_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    suspended_for: Mapped[SuspensionReason | None]
    suspended_until: Mapped[OptionalInstant]
    replaces_id: Mapped[OptionalFK] = mapped_column(ForeignKey("certificate.id"))
    succession: Mapped[Succession | None]

    person: Mapped[Person | None] = relationship(
        foreign_keys="Certificate.person_id", lazy="raise_on_sql", viewonly=True
    )
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql", viewonly=True)
    former: Mapped["Certificate | None"] = relationship(
        primaryjoin="foreign(Certificate.replaces_id) == remote(Certificate.id)", lazy="raise_on_sql", viewonly=True
    )
    template: Mapped[CertificateTemplate | None] = relationship(lazy="raise_on_sql", viewonly=True)
    body: Mapped[IssuingBody] = relationship(lazy="joined", viewonly=True)
    status_list: Mapped[StatusList] = relationship(lazy="raise_on_sql", viewonly=True)
    pdf_file: Mapped[StoredFile | None] = relationship(lazy="raise_on_sql", viewonly=True)

    @property
    def holder_name(self) -> str:
        """Return the name of the person or organisation, which must be loaded."""
        return holder_name(self.person, self.organisation)

    def expired(self, at: datetime) -> bool:
        """Tell whether the validity has run out at an instant."""
        return self.valid_until is not None and at >= self.valid_until

    def suspended(self, at: datetime) -> bool:
        """Tell whether it does not count at an instant; one until a day counts again from the next day on."""
        ended = self.suspended_until is not None and at >= self.suspended_until
        return self.state is CertificateState.SUSPENDED and not ended
