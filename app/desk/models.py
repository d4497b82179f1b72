"""Tables of to-dos."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import (
    PK,
    BigKey,
    Code,
    Instant,
    JsonObject,
    OptionalDay,
    OptionalInstant,
    OptionalShort,
    Short,
)
from app.core.db import Base


class Todo(Base):
    """One thing that waits: for a person, or for whoever holds a role in an organisation or region.

    Opened and closed by lifecycle moves, never by hand.
    """

    __tablename__ = "todo"
    __table_args__ = (
        CheckConstraint("person_id IS NOT NULL OR role IS NOT NULL", name="addressee"),
        Index("ix_todo_subject", "subject_type", "subject_code"),
        Index("ix_todo_person", "person_id", "closed_at"),
        Index("ix_todo_role", "role", "closed_at"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[Short]
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    person_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("person.id"))
    role: Mapped[OptionalShort]
    organisation_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organisation.id"))
    region_code: Mapped[str | None] = mapped_column(String(6), ForeignKey("region.code"))
    not_person_id: Mapped[int | None] = mapped_column(BigKey)
    url: Mapped[str] = mapped_column(String(300))
    label: Mapped[JsonObject]
    due_on: Mapped[OptionalDay]
    opened_at: Mapped[Instant]
    closed_at: Mapped[OptionalInstant]
