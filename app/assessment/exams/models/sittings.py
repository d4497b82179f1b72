"""Tables of sittings and their answers."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import SignInSession
from app.assessment.exams.models.sessions import ExamSession, Registration
from app.assessment.exams.states import SubmittedHow
from app.core.columns import (
    FK,
    PK,
    BigKey,
    Code,
    Instant,
    JsonList,
    JsonObject,
    OptionalInstant,
)
from app.core.db import Base
from app.core.events import OwnEvent, append_only, writes_own


class Attempt(Base):
    """One candidate's sitting (作答), prepared before the window opens.

    `order` lists the places as shown: [paper position, option keys in the order shown]. `holder` names the page
    that took the sitting over last: only that page writes. `deadline_at` is the deadline in force; `paused_at` is set
    while the sitting stands still: nothing is started or taken then, and the deadline moves when it goes on.
    `seen_at` is when its page was last heard of, the one that waits for the start included.
    `held_seconds` is how long pauses kept somebody from starting; their own window closes so much later.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        CheckConstraint("(started_at IS NULL) = (deadline_at IS NULL)", name="started"),
        CheckConstraint("submitted_at IS NULL OR started_at IS NOT NULL", name="submitted_after_start"),
        CheckConstraint("(submitted_at IS NULL) = (submitted_how IS NULL)", name="submitted_how"),
        CheckConstraint("extra_minutes >= 0", name="extra"),
        CheckConstraint("held_seconds >= 0", name="held"),
        CheckConstraint("places > 0", name="places"),
        Index("ix_attempt_open", "session_id", "submitted_at", "deadline_at"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    registration_id: Mapped[FK] = mapped_column(ForeignKey("registration.id"), unique=True)
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    order: Mapped[JsonList]
    places: Mapped[int]
    extra_minutes: Mapped[int] = mapped_column(default=0)
    held_seconds: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[OptionalInstant]
    deadline_at: Mapped[OptionalInstant]
    paused_at: Mapped[OptionalInstant]
    seen_at: Mapped[OptionalInstant]
    holder: Mapped[str | None] = mapped_column(String(40))
    submitted_at: Mapped[OptionalInstant]
    submitted_how: Mapped[SubmittedHow | None]

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)
    registration: Mapped[Registration] = relationship(lazy="raise_on_sql", viewonly=True)


class AnswerSave(Base):
    """One saved answer; the history is never overwritten, the highest sequence of a place counts.

    `position` is the place as shown to this candidate; `value` is the response by type of item (for choices
    {"choice": [letters as shown]}) with "review": bool. `merged` flags an answer that came by another way than the page
    that held the sitting: from a page that had lost it, or late and counted by two people.
    """

    __tablename__ = "answer_save"
    __table_args__ = (
        UniqueConstraint("attempt_id", "position", "sequence"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("sequence > 0", name="sequence"),
    )

    id: Mapped[PK]
    attempt_id: Mapped[int] = mapped_column(BigKey, ForeignKey("attempt.id"))
    position: Mapped[int]
    sequence: Mapped[int]
    value: Mapped[JsonObject]
    client_at: Mapped[OptionalInstant]
    saved_at: Mapped[Instant]
    merged: Mapped[bool] = mapped_column(default=False)


append_only(AnswerSave)

TICKET_USED = OwnEvent(
    table="sign_in_session",
    kind="exams.ticket_used",
    subject_type="attempt",
    subject="only_code",
    at="entered_at",
    recorded_at="started_at",
    data={"session": "code"},
)
writes_own(SignInSession, TICKET_USED)
