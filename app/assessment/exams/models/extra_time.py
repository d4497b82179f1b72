"""Tables of extra time and of changes made while editing is frozen: each asked by one person, decided by another."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.administration_states import AskState
from app.assessment.exams.models.sessions import ExamSession, Registration
from app.core.columns import FK, PK, Code, Instant, JsonObject, Long, OptionalFK, OptionalInstant
from app.core.db import Base, Versioned


class ExtraTime(Versioned, Base):
    """Minutes added to the sittings of one or many candidates (补时), for a reason.

    Where `percent` is set, the minutes are that share of the session's own: they follow when those change.
    """

    __tablename__ = "extra_time"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 1 AND 600", name="minutes"),
        CheckConstraint("percent BETWEEN 1 AND 100", name="percent"),
        CheckConstraint("decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("state NOT IN ('approved', 'refused') OR decided_at IS NOT NULL", name="decision"),
        CheckConstraint("(state = 'revoked') = (revoked_by_id IS NOT NULL AND revoked_at IS NOT NULL)", name="revoked"),
        Index("ix_extra_time_session_state", "session_id", "state"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    minutes: Mapped[int]
    percent: Mapped[int | None]
    reason: Mapped[Long]
    state: Mapped[AskState] = mapped_column(default=AskState.ASKED)
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    revoked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    revoked_at: Mapped[OptionalInstant]

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)


class ExtraTimeFor(Base):
    """A candidate whom a grant of extra time concerns."""

    __tablename__ = "extra_time_for"
    __table_args__ = (UniqueConstraint("extra_time_id", "registration_id"),)

    id: Mapped[PK]
    extra_time_id: Mapped[FK] = mapped_column(ForeignKey("extra_time.id"))
    registration_id: Mapped[FK] = mapped_column(ForeignKey("registration.id"))

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql", viewonly=True)


class SessionChange(Versioned, Base):
    """A change of a session while its editing is frozen: an emergency act of two people.

    `given` holds the new values by column: {"closes_at": "2026-03-02T04:00:00+00:00", "minutes": 90}.
    """

    __tablename__ = "session_change"
    __table_args__ = (
        CheckConstraint("decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint(
            "(state = 'asked') = (decided_by_id IS NULL) AND (decided_by_id IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("state <> 'revoked'", name="state"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    given: Mapped[JsonObject]
    reason: Mapped[Long]
    state: Mapped[AskState] = mapped_column(default=AskState.ASKED)
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)
