"""Tables of restrictions and their lifting."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, and_
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.core.columns import (
    FK,
    PK,
    Code,
    Day,
    Instant,
    Long,
    OptionalDay,
    OptionalFK,
    OptionalName,
    RegionCode,
    Short,
)
from app.core.db import Base
from app.core.events import append_only
from app.core.shredding import TextKey, opened

RESTRICTION_TYPE = "restriction"


class Restriction(Base):
    """What a person or body may not do (限制), from when to when, by which decision; append-only."""

    __tablename__ = "restriction"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="whom"),
        CheckConstraint("case_id IS NOT NULL OR determination IS NOT NULL", name="decision"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="period"),
        CheckConstraint("person_id IS NULL OR person_id <> imposed_by_id", name="not_own"),
        Index("ix_restriction_person", "person_id", "kind"),
        Index("ix_restriction_organisation", "organisation_id", "kind"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[Short]
    person_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    starts_on: Mapped[Day]
    ends_on: Mapped[OptionalDay]
    case_id: Mapped[OptionalFK] = mapped_column(ForeignKey("case_record.id"))
    determination: Mapped[OptionalName]
    reason_kept: Mapped[Long] = mapped_column("reason")
    imposed_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    imposed_at: Mapped[Instant]

    person: Mapped[Person | None] = relationship(
        foreign_keys="Restriction.person_id", lazy="raise_on_sql", viewonly=True
    )
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql", viewonly=True)
    lift: Mapped["RestrictionLift | None"] = relationship(lazy="raise_on_sql", viewonly=True, uselist=False)
    text_key: Mapped[TextKey | None] = relationship(
        primaryjoin=lambda: and_(
            foreign(Restriction.code) == TextKey.subject_code, TextKey.subject_type == RESTRICTION_TYPE
        ),
        lazy="select",
        viewonly=True,
    )

    @property
    def reason(self) -> str:
        """Return why it was imposed, or that this was erased."""
        return self.opened(self.reason_kept)

    def opened(self, kept: str) -> str:
        """Return a text of the restriction as it was written, or that it was erased."""
        return opened(kept, self.text_key.wrapped_key if self.text_key else None, RESTRICTION_TYPE, self.code)


class RestrictionLift(Base):
    """The lifting of a restriction from a day on, with the reason; append-only."""

    __tablename__ = "restriction_lift"

    id: Mapped[PK]
    restriction_id: Mapped[FK] = mapped_column(ForeignKey("restriction.id"), unique=True)
    lifted_on: Mapped[Day]
    reason: Mapped[Long]
    lifted_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[Instant]


append_only(Restriction)
append_only(RestrictionLift)
