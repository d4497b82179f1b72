"""Tables of what happens to certificates after their issue: suspensions, and changes of many at once."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalName,
    OptionalShort,
)
from app.core.db import Base, Versioned
from app.core.staging import StagedFile
from app.credentials.models.records import Certificate, IssuingBody
from app.credentials.states import Act, ChangeState, SuspensionReason


class CertificateSuspension(Base):
    """One time in which a certificate did not count: since when, why, until when, and who ended it.

    What lets a certificate count again takes two people: whoever suspended it does not reinstate it. One that
    ended with its day was ended by nobody.
    """

    __tablename__ = "certificate_suspension"
    __table_args__ = (
        CheckConstraint("ended_by_id IS NULL OR ended_by_id <> suspended_by_id", name="two_people"),
        CheckConstraint("ended_by_id IS NULL OR ended_at IS NOT NULL", name="ended"),
        CheckConstraint("ended_by_id IS NULL OR end_reason IS NOT NULL", name="reason"),
        Index(
            "uq_certificate_suspension_open",
            "certificate_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[PK]
    certificate_id: Mapped[FK] = mapped_column(ForeignKey("certificate.id"))
    reason: Mapped[SuspensionReason]
    note: Mapped[OptionalLong]
    suspended_at: Mapped[Instant]
    suspended_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    until: Mapped[OptionalInstant]
    ended_at: Mapped[OptionalInstant]
    ended_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    end_reason: Mapped[OptionalLong]

    suspended_by: Mapped[Person] = relationship(foreign_keys=[suspended_by_id], lazy="raise_on_sql", viewonly=True)


class BulkChange(Versioned, Base):
    """One act on many certificates: prepared by one issuer, approved by another, then carried out by a job.

    `only_good` says whether rows with problems are left out (chosen when it is proposed) or none may have one.
    """

    __tablename__ = "certificate_change"
    __table_args__ = (
        CheckConstraint("approved_by_id IS NULL OR approved_by_id <> prepared_by_id", name="two_people"),
        CheckConstraint(
            "state NOT IN ('approved', 'rejected', 'done') OR (approved_by_id IS NOT NULL AND approved_at IS NOT NULL)",
            name="decided",
        ),
        CheckConstraint("(state = 'checking') = (staged_file_id IS NOT NULL)", name="staged"),
        CheckConstraint("state <> 'rejected' OR refusal IS NOT NULL", name="refusal"),
        CheckConstraint("(state IN ('done', 'discarded', 'rejected')) = (ended_at IS NOT NULL)", name="ended"),
        CheckConstraint("act = 'suspend' OR until IS NULL", name="until"),
        CheckConstraint("done + skipped <= good", name="progress"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    body_id: Mapped[FK] = mapped_column(ForeignKey("issuing_body.id"))
    act: Mapped[Act]
    reason: Mapped[OptionalShort]
    note: Mapped[OptionalLong]
    until: Mapped[OptionalInstant]
    file_name: Mapped[OptionalName]
    digest: Mapped[OptionalShort]
    staged_file_id: Mapped[OptionalFK] = mapped_column(ForeignKey("staged_file.id"))
    state: Mapped[ChangeState] = mapped_column(default=ChangeState.CHECKING)
    total: Mapped[int]
    checked: Mapped[int] = mapped_column(default=0)
    good: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    only_good: Mapped[bool] = mapped_column(default=False)
    prepared_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    prepared_at: Mapped[Instant]
    approved_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[OptionalInstant]
    refusal: Mapped[OptionalLong]
    ended_at: Mapped[OptionalInstant]

    body: Mapped[IssuingBody] = relationship(lazy="joined", viewonly=True)
    staged: Mapped[StagedFile | None] = relationship(lazy="raise_on_sql", viewonly=True)


class BulkRow(Base):
    """One row of a change: what was given, which certificate it is, what stands against it, when it was done."""

    __tablename__ = "certificate_change_row"
    __table_args__ = (
        UniqueConstraint("change_id", "line"),
        CheckConstraint("problem IS NOT NULL OR certificate_id IS NOT NULL", name="known"),
        CheckConstraint("done_at IS NULL OR problem IS NULL", name="done"),
        Index(
            "uq_certificate_change_row_once",
            "change_id",
            "certificate_id",
            unique=True,
            sqlite_where=text("problem IS NULL"),
            postgresql_where=text("problem IS NULL"),
        ),
        Index("ix_certificate_change_row_left", "change_id", "done_at", "line"),
    )

    id: Mapped[PK]
    change_id: Mapped[FK] = mapped_column(ForeignKey("certificate_change.id"))
    line: Mapped[int]
    reference: Mapped[Name]
    reason: Mapped[OptionalShort]
    certificate_id: Mapped[OptionalFK] = mapped_column(ForeignKey("certificate.id"))
    problem: Mapped[OptionalShort]
    done_at: Mapped[OptionalInstant]
    skipped_for: Mapped[OptionalShort]

    certificate: Mapped[Certificate | None] = relationship(lazy="raise_on_sql", viewonly=True)
