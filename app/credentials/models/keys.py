"""Tables of orders on keys and on bodies, of credentials that another signature replaced, and of delegations."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonList,
    Long,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalShort,
    Short,
)
from app.core.db import Base, Versioned
from app.credentials.models.records import IssuingBody, SigningKey
from app.credentials.states import BodyAct, DelegationState, KeyAct, KeyOrderState, ProofKind, SealLevel

ASKED = text("state = 'asked'")


class KeyOrder(Versioned, Base):
    """To rotate a key, to distrust it from an instant on, or to seal under the certificate of an authority.

    Asked by one issuer, carried out by another. `chain` is that certificate in PEM with those who certified it,
    `sources` where it is asked whether one of them is revoked.
    """

    __tablename__ = "key_order"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("(state = 'asked') = (decided_by_id IS NULL)", name="decided_by"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(act = 'compromise') = (since IS NOT NULL)", name="since"),
        CheckConstraint("(act = 'certify') = (chain IS NOT NULL)", name="chain"),
        CheckConstraint("sources IS NULL OR act = 'certify'", name="sources"),
        Index("uq_key_order_asked", "key_id", unique=True, sqlite_where=ASKED, postgresql_where=ASKED),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    body_id: Mapped[FK] = mapped_column(ForeignKey("issuing_body.id"))
    key_id: Mapped[FK] = mapped_column(ForeignKey("signing_key.id"))
    act: Mapped[KeyAct]
    since: Mapped[OptionalInstant]
    chain: Mapped[OptionalLong]
    sources: Mapped[OptionalLong]
    reason: Mapped[Long]
    state: Mapped[KeyOrderState] = mapped_column(default=KeyOrderState.ASKED)
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]

    body: Mapped[IssuingBody] = relationship(lazy="joined", viewonly=True)
    key: Mapped[SigningKey] = relationship(lazy="joined", viewonly=True)


class SealProof(Base):
    """What an authority says of one certificate in the chain of a seal key: that it is not revoked, and until when.

    `fingerprint` is the SHA-256 of the certificate. `fault` is the code of why the last question brought nothing; what
    was kept before counts until its own end. `revoked_at` is set where the authority says that it is revoked.
    """

    __tablename__ = "seal_proof"
    __table_args__ = (
        UniqueConstraint("key_id", "fingerprint"),
        CheckConstraint(
            "(content IS NULL) = (kind IS NULL) AND (content IS NULL) = (begins_at IS NULL) "
            "AND (content IS NULL) = (ends_at IS NULL)",
            name="content",
        ),
        CheckConstraint("content IS NOT NULL OR fault IS NOT NULL", name="told"),
        CheckConstraint("revoked_at IS NULL OR (content IS NULL AND fault = 'revoked')", name="revoked"),
    )

    id: Mapped[PK]
    key_id: Mapped[FK] = mapped_column(ForeignKey("signing_key.id"))
    fingerprint: Mapped[Short]
    kind: Mapped[ProofKind | None]
    content: Mapped[bytes | None]
    begins_at: Mapped[OptionalInstant]
    ends_at: Mapped[OptionalInstant]
    fault: Mapped[OptionalShort]
    revoked_at: Mapped[OptionalInstant]
    asked_at: Mapped[Instant]


class EarlierCredential(Base):
    """What was published of a certificate before it was signed anew: the same facts under a key that is distrusted."""

    __tablename__ = "earlier_credential"
    __table_args__ = (UniqueConstraint("certificate_id", "order_id"),)

    id: Mapped[PK]
    certificate_id: Mapped[FK] = mapped_column(ForeignKey("certificate.id"))
    order_id: Mapped[FK] = mapped_column(ForeignKey("key_order.id"))
    credential: Mapped[Long]
    key_id: Mapped[Short]
    signed_at: Mapped[Instant]
    jwt: Mapped[OptionalLong]
    jwt_key_id: Mapped[OptionalShort]
    pdf_file_id: Mapped[OptionalFK] = mapped_column(ForeignKey("stored_file.id"))
    replaced_at: Mapped[Instant]


class EarlierPaper(Base):
    """The PDF of a certificate before proofs were added to its seal: the longer one begins with the same bytes.

    `pdf_file_id` is None once the data of the holder was erased.
    """

    __tablename__ = "earlier_paper"
    __table_args__ = (
        UniqueConstraint("certificate_id", "pdf_file_id"),
        CheckConstraint("seal_level <> 'b-lt'", name="incomplete"),
    )

    id: Mapped[PK]
    certificate_id: Mapped[FK] = mapped_column(ForeignKey("certificate.id"))
    pdf_file_id: Mapped[OptionalFK] = mapped_column(ForeignKey("stored_file.id"))
    seal_level: Mapped[SealLevel]
    replaced_at: Mapped[Instant]


class BodyOrder(Versioned, Base):
    """To end the authority of a body, or to trust nothing that it issued `since` an instant.

    Asked by one issuer of the authority, carried out by another. Whoever verifies a certificate of a distrusted body
    reads the reason.
    """

    __tablename__ = "body_order"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("(state = 'asked') = (decided_by_id IS NULL)", name="decided_by"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(act = 'distrust') = (since IS NOT NULL)", name="since"),
        Index("uq_body_order_asked", "body_id", unique=True, sqlite_where=ASKED, postgresql_where=ASKED),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    body_id: Mapped[FK] = mapped_column(ForeignKey("issuing_body.id"))
    act: Mapped[BodyAct]
    since: Mapped[OptionalInstant]
    reason: Mapped[Long]
    state: Mapped[KeyOrderState] = mapped_column(default=KeyOrderState.ASKED)
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]

    body: Mapped[IssuingBody] = relationship(lazy="joined", viewonly=True)


class Delegation(Versioned, Base):
    """What the authority lets a body issue: asked by one of its people, signed on the word of another."""

    __tablename__ = "delegation"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("(state = 'asked') = (decided_by_id IS NULL)", name="decided_by"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(state IN ('in_force', 'ended')) = (credential IS NOT NULL)", name="signed"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL AND ended_by_id IS NOT NULL)", name="ended"),
        CheckConstraint("valid_until IS NULL OR valid_until > valid_from", name="validity"),
        Index("uq_delegation_asked", "body_id", unique=True, sqlite_where=ASKED, postgresql_where=ASKED),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    body_id: Mapped[FK] = mapped_column(ForeignKey("issuing_body.id"))
    kinds: Mapped[JsonList]
    levels: Mapped[JsonList]
    valid_from: Mapped[Instant]
    valid_until: Mapped[OptionalInstant]
    state: Mapped[DelegationState] = mapped_column(default=DelegationState.ASKED)
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    credential: Mapped[OptionalLong]
    ended_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[OptionalInstant]
    end_reason: Mapped[OptionalLong]

    body: Mapped[IssuingBody] = relationship(lazy="joined", viewonly=True)
