"""Tables of frozen papers of which an item was retired since."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.models.papers import Paper
from app.assessment.exams.states import PaperFate
from app.core.columns import FK, PK, Code, Instant, OptionalFK, OptionalInstant, OptionalLong
from app.core.db import Base, Versioned

OPEN = "decided_at IS NULL"


class PaperDoubt(Versioned, Base):
    """A frozen paper that nobody has sat and of which an item was retired: its examiners keep it or set it aside.

    Which item it is stands nowhere here: a sealed paper gives nothing away to who reads the table.
    """

    __tablename__ = "paper_doubt"
    __table_args__ = (
        CheckConstraint("(fate IS NULL) = (decided_at IS NULL)", name="fate"),
        CheckConstraint("(fate IS NULL) = (decided_by_id IS NULL)", name="decided_by"),
        CheckConstraint("(fate IS NULL) = (reason IS NULL)", name="reason"),
        Index("uq_paper_doubt_open", "paper_id", unique=True, sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    paper_id: Mapped[FK] = mapped_column(ForeignKey("paper.id"))
    opened_at: Mapped[Instant]
    fate: Mapped[PaperFate | None]
    reason: Mapped[OptionalLong]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]

    paper: Mapped[Paper] = relationship(lazy="raise_on_sql", viewonly=True)
