"""Tables of employers' checks: a list of certificates, why it was checked, and what the register answered."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.core.columns import (
    FK,
    PK,
    BigKey,
    Code,
    Instant,
    JsonObject,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalName,
    OptionalShort,
    Short,
)
from app.core.db import Base
from app.credentials.states import CheckPurpose, RowOutcome


class CertificateCheck(Base):
    """A list that an employer had checked; its rows are deleted on `forget_at`, what the sheet says of them stays.

    `digest` is the SHA-256 of the answered rows, `sheet` the signed result (a JWS). Times are domain time.
    """

    __tablename__ = "certificate_check"
    __table_args__ = (
        CheckConstraint("done >= 0 AND done <= total", name="progress"),
        CheckConstraint("(finished_at IS NULL) = (digest IS NULL)", name="finished"),
        CheckConstraint("finished_at IS NULL OR done = total", name="complete"),
        CheckConstraint("sheet IS NULL OR finished_at IS NOT NULL", name="signed_when_finished"),
        CheckConstraint("forgotten_at IS NULL OR finished_at IS NOT NULL", name="forgotten_when_finished"),
        CheckConstraint("forget_at > asked_at", name="kept_for_a_while"),
        Index("ix_certificate_check_forget", "forgotten_at", "forget_at"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    role: Mapped[Short]
    region_code: Mapped[OptionalShort]
    purpose: Mapped[CheckPurpose]
    words: Mapped[Name]
    consent: Mapped[Name]
    file_name: Mapped[Name]
    asked_with: Mapped[Short] = mapped_column(unique=True)
    staged_file_id: Mapped[OptionalFK] = mapped_column(ForeignKey("staged_file.id"))
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    counts: Mapped[JsonObject] = mapped_column(default=dict)
    asked_at: Mapped[Instant]
    forget_at: Mapped[Instant]
    finished_at: Mapped[OptionalInstant]
    digest: Mapped[OptionalShort]
    sheet: Mapped[OptionalLong]
    forgotten_at: Mapped[OptionalInstant]

    organisation: Mapped[Organisation] = relationship(lazy="joined", viewonly=True)


class CheckPaper(Base):
    """A part of a signed result as a PDF with a seal, encrypted since it names people; deleted with the rows.

    It prints the rows behind the first `after` ones, as far as the `upto`-th, and carries the signed result whole.
    """

    __tablename__ = "check_paper"
    __table_args__ = (
        UniqueConstraint("check_id", "part"),
        UniqueConstraint("check_id", "after"),
        CheckConstraint("part >= 1 AND after >= 0 AND upto > after", name="rows"),
    )

    id: Mapped[PK]
    check_id: Mapped[int] = mapped_column(BigKey, ForeignKey("certificate_check.id"))
    part: Mapped[int]
    after: Mapped[int]
    upto: Mapped[int]
    staged_file_id: Mapped[FK] = mapped_column(ForeignKey("staged_file.id"))


class CheckedRow(Base):
    """One row of a list with its answer as it was given: later changes of the certificate do not change it.

    `told` holds what the answer says beside its outcome: kind, level, end of validity, and of a withdrawn
    certificate the day and the reason. It never holds a name.
    """

    __tablename__ = "checked_row"
    __table_args__ = (
        UniqueConstraint("check_id", "line"),
        CheckConstraint("near IS NULL OR outcome = 'not_found'", name="near"),
        Index("ix_checked_row_outcome", "check_id", "outcome", "line"),
    )

    id: Mapped[PK]
    check_id: Mapped[int] = mapped_column(BigKey, ForeignKey("certificate_check.id"))
    line: Mapped[int]
    given: Mapped[Name]
    name: Mapped[OptionalName]
    outcome: Mapped[RowOutcome]
    name_fits: Mapped[bool | None]
    near: Mapped[OptionalShort]
    certificate_id: Mapped[OptionalFK] = mapped_column(ForeignKey("certificate.id"))
    told: Mapped[JsonObject]
