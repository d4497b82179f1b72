"""Tables of the review of papers: what is said about a paper before two people sign it."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.comment_states import CommentState
from app.assessment.exams.models.papers import Paper
from app.core.columns import FK, PK, Code, Instant, OptionalFK, OptionalInstant, OptionalShort, WrappedKey
from app.core.db import Base, Versioned
from app.core.events import append_only


class PaperComment(Versioned, Base):
    """A reviewer's comment on a place of a paper, or on the whole where `position` is None.

    Somebody else answers it. Who made it resolves it, or a third person who did not give the answer. What was said is
    in its lines, encrypted under the key of the comment.
    """

    __tablename__ = "paper_comment"
    __table_args__ = (
        CheckConstraint("position IS NULL OR position > 0", name="position"),
        CheckConstraint("(state <> 'open') OR answered_by_id IS NULL", name="open"),
        CheckConstraint("(state <> 'answered') OR answered_by_id IS NOT NULL", name="answered"),
        CheckConstraint("(answered_by_id IS NULL) = (answered_at IS NULL)", name="answered_at"),
        CheckConstraint("answered_by_id IS NULL OR answered_by_id <> commented_by_id", name="answered_by_another"),
        CheckConstraint(
            "(state = 'resolved') = (resolved_by_id IS NOT NULL AND resolved_at IS NOT NULL)", name="resolved"
        ),
        CheckConstraint(
            "resolved_by_id IS NULL OR resolved_by_id = commented_by_id OR "
            "(answered_by_id IS NOT NULL AND resolved_by_id <> answered_by_id)",
            name="two_people",
        ),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    paper_id: Mapped[FK] = mapped_column(ForeignKey("paper.id"))
    position: Mapped[int | None]
    state: Mapped[CommentState] = mapped_column(default=CommentState.OPEN)
    wrapped_key: Mapped[WrappedKey]
    commented_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    commented_at: Mapped[Instant]
    answered_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[OptionalInstant]
    resolved_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    resolved_at: Mapped[OptionalInstant]

    paper: Mapped[Paper] = relationship(lazy="raise_on_sql", viewonly=True)


class PaperCommentLine(Base):
    """One thing said under a comment, in order; append-only.

    Sealed are the words, the item they were about, and the places whose items the speaker wrote: each of them would
    tell what a sealed paper holds. `asked_with` is the number of the form that said it, so that a repeated request says
    nothing twice.
    """

    __tablename__ = "paper_comment_line"
    __table_args__ = (
        UniqueConstraint("comment_id", "number"),
        CheckConstraint("number > 0", name="number"),
        Index("uq_paper_comment_line_asked_with", "asked_with", unique=True),
    )

    id: Mapped[PK]
    comment_id: Mapped[FK] = mapped_column(ForeignKey("paper_comment.id"))
    number: Mapped[int]
    said_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    said_at: Mapped[Instant]
    sealed: Mapped[bytes]
    asked_with: Mapped[OptionalShort]


append_only(PaperCommentLine)
