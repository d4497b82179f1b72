"""Items that may not stand together on a paper."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import FK, PK, Code, Instant, Name
from app.core.db import Base


class ItemEnemy(Base):
    """Two items of which one gives the other away, or which ask the same: never both on one paper.

    The lower id comes first, so that a pair is declared once.
    """

    __tablename__ = "item_enemy"
    __table_args__ = (
        UniqueConstraint("low_id", "high_id"),
        CheckConstraint("low_id < high_id", name="ordered"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    bank_id: Mapped[FK] = mapped_column(ForeignKey("item_bank.id"))
    low_id: Mapped[FK] = mapped_column(ForeignKey("item.id"))
    high_id: Mapped[FK] = mapped_column(ForeignKey("item.id"))
    reason: Mapped[Name]
    declared_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[Instant]
