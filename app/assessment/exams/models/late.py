"""Tables of answers that came late or from a page that had lost the sitting, and of the decisions about them."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.models.sittings import Attempt
from app.assessment.exams.states import KeptBecause, LateState
from app.core.columns import FK, PK, BigKey, Code, Instant, JsonObject, Long, OptionalFK, OptionalInstant
from app.core.db import Base, Versioned
from app.core.events import append_only


class LateAnswer(Base):
    """One answer that came by the side door, exactly as it came; never changed.

    `client_at` is when the page says it was typed, on the server's clock as the page knew it; `received_at` is when it
    came. `merged_as` is its sequence in the history where it went there at once.
    """

    __tablename__ = "late_answer"
    __table_args__ = (
        UniqueConstraint("attempt_id", "page", "position", "sequence"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("sequence > 0", name="sequence"),
        CheckConstraint("merged_as IS NULL OR because = 'other_page'", name="merged"),
        Index("ix_late_answer_waiting", "attempt_id", "merged_as"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    attempt_id: Mapped[int] = mapped_column(BigKey, ForeignKey("attempt.id"))
    page: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    sequence: Mapped[int]
    value: Mapped[JsonObject]
    client_at: Mapped[OptionalInstant]
    received_at: Mapped[Instant]
    because: Mapped[KeptBecause]
    merged_as: Mapped[int | None]

    attempt: Mapped[Attempt] = relationship(lazy="raise_on_sql", viewonly=True)


append_only(LateAnswer)


class LateDecision(Versioned, Base):
    """Whether an answer that came late counts: proposed by one examiner, confirmed by another.

    `entered_as` is the sequence under which a counted one went into the history, `marked_in_id` the first marking that
    has read it there.
    """

    __tablename__ = "late_decision"
    __table_args__ = (
        CheckConstraint("(state = 'returned') = (proposed_by_id IS NULL AND proposed_at IS NULL)", name="proposed"),
        CheckConstraint(
            "(state = 'confirmed') = (confirmed_by_id IS NOT NULL AND confirmed_at IS NOT NULL)", name="confirmed"
        ),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("entered_as IS NULL OR (counts AND state = 'confirmed')", name="entered"),
        CheckConstraint("marked_in_id IS NULL OR entered_as IS NOT NULL", name="marked"),
    )

    id: Mapped[PK]
    late_answer_id: Mapped[FK] = mapped_column(ForeignKey("late_answer.id"), unique=True)
    state: Mapped[LateState] = mapped_column(default=LateState.PROPOSED)
    counts: Mapped[bool]
    reason: Mapped[Long]
    proposed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[OptionalInstant]
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[OptionalInstant]
    entered_as: Mapped[int | None]
    marked_in_id: Mapped[OptionalFK] = mapped_column(ForeignKey("marking_run.id"))
