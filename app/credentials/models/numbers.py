"""Whose each number is that certificates carry."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import PK, OptionalFK, Short
from app.core.db import Base


class HeldNumber(Base):
    """A number and the one holder whose certificates may carry it, from the first batch with such a row on.

    It is theirs as long as a row in a batch, issued ones among them, carries it.
    """

    __tablename__ = "certificate_number"
    __table_args__ = (CheckConstraint("(person_id IS NULL) <> (organisation_id IS NULL)", name="holder"),)

    id: Mapped[PK]
    number: Mapped[Short] = mapped_column(unique=True)
    person_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[OptionalFK] = mapped_column(ForeignKey("organisation.id"))
