"""Tables of training bases."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.bases.states import BaseState
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonList,
    Name,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    RegionCode,
)
from app.core.db import Base, Versioned


class TrainingBase(Versioned, Base):
    """An organisation that trains technology managers, and its accreditation."""

    __tablename__ = "training_base"
    __table_args__ = (
        CheckConstraint(
            "state IN ('applied', 'refused') OR (accredited_on IS NOT NULL AND accredited_until IS NOT NULL)",
            name="accredited",
        ),
        CheckConstraint("(state = 'applied') = (decided_by_id IS NULL AND decided_at IS NULL)", name="decided"),
        CheckConstraint("state = 'applied' OR reason IS NOT NULL", name="reason"),
        CheckConstraint("accredited_until >= accredited_on", name="period"),
        CheckConstraint("capacity > 0", name="capacity"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> applied_by_id", name="two_people"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"), unique=True)
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    state: Mapped[BaseState] = mapped_column(default=BaseState.APPLIED, index=True)
    levels: Mapped[JsonList]
    address_zh: Mapped[Name]
    address_en: Mapped[Name]
    capacity: Mapped[int]
    applied_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    applied_at: Mapped[Instant]
    accredited_on: Mapped[OptionalDay]
    accredited_until: Mapped[OptionalDay]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    reason: Mapped[OptionalLong]

    organisation: Mapped[Organisation] = relationship(lazy="joined", viewonly=True)

    def holds_on(self, day: date) -> bool:
        """Tell whether the base may train on a day: accredited, and within its period."""
        return (
            self.state is BaseState.ACCREDITED
            and self.accredited_on is not None
            and self.accredited_until is not None
            and self.accredited_on <= day <= self.accredited_until
        )
