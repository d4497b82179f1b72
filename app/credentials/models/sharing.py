"""Tables of share links: what a holder shows to whom has the link, and when somebody looked."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import FK, PK, BigKey, Code, Digest, Instant, JsonList, Name, OptionalFK, OptionalInstant, Short
from app.core.db import Base
from app.credentials.models.records import Certificate


class ShareLink(Base):
    """A link under which chosen fields of chosen certificates are shown; the row holds the digest of its secret.

    It is a person's, or an organisation's and then of whoever administers it.

    `asked_with` is the number of the form that made it, so that a repeated request makes no second one. All times
    are security time: a link is a key, and no key lives longer because somebody moved the domain clock.
    """

    __tablename__ = "share_link"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="holder"),
        CheckConstraint("expires_at > created_at", name="expiry"),
        CheckConstraint("revoked_at IS NULL OR revoked_at >= created_at", name="revoked"),
        CheckConstraint("views >= 0", name="views"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    person_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    secret: Mapped[Digest] = mapped_column(unique=True)
    asked_with: Mapped[Short] = mapped_column(unique=True)
    label: Mapped[Name]
    fields: Mapped[JsonList]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    revoked_at: Mapped[OptionalInstant]
    views: Mapped[int] = mapped_column(default=0)


class SharedCertificate(Base):
    """One certificate that a link shows."""

    __tablename__ = "shared_certificate"
    __table_args__ = (UniqueConstraint("share_link_id", "certificate_id"),)

    id: Mapped[PK]
    share_link_id: Mapped[int] = mapped_column(BigKey, ForeignKey("share_link.id"))
    certificate_id: Mapped[FK] = mapped_column(ForeignKey("certificate.id"))

    certificate: Mapped[Certificate] = relationship(lazy="raise_on_sql", viewonly=True)


class ShareView(Base):
    """One look at a shared page: when, in security time, and with what kind of program; nothing of the reader."""

    __tablename__ = "share_view"
    __table_args__ = (Index("ix_share_view_link", "share_link_id", "id"),)

    id: Mapped[PK]
    share_link_id: Mapped[int] = mapped_column(BigKey, ForeignKey("share_link.id"))
    at: Mapped[Instant]
    client: Mapped[Short]
