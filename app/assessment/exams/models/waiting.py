"""Table of the waiting list of full sessions."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.assessment.exams.administration_states import WaitState
from app.assessment.exams.models.sessions import ExamSession
from app.core.columns import FK, PK, Code, Instant, OptionalFK, OptionalInstant, Short
from app.core.db import Base, Versioned

LIVE = "state IN ('waiting', 'offered')"


class WaitingPlace(Versioned, Base):
    """A person who waits for a seat of a full session; the seat that becomes free is offered until `answer_until`.

    The order is `rank`, `applied_at`, `id`; `rank` is what the rule pack made of the applicant when they applied.
    """

    __tablename__ = "waiting_place"
    __table_args__ = (
        CheckConstraint("rank >= 0", name="rank"),
        CheckConstraint("(offered_at IS NULL) = (answer_until IS NULL)", name="offer"),
        CheckConstraint("state NOT IN ('offered', 'declined', 'lapsed') OR offered_at IS NOT NULL", name="offered"),
        CheckConstraint("(state = 'accepted') = (registration_id IS NOT NULL)", name="accepted"),
        CheckConstraint("(state IN ('waiting', 'offered')) = (ended_at IS NULL)", name="ended"),
        Index(
            "uq_waiting_place_live",
            "session_id",
            "person_id",
            unique=True,
            sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        Index("ix_waiting_place_order", "session_id", "state", "rank", "applied_at", "id"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    enrolment_id: Mapped[FK] = mapped_column(ForeignKey("enrolment.id"))
    rule_pack: Mapped[Short]
    rank: Mapped[int]
    applied_at: Mapped[Instant]
    state: Mapped[WaitState] = mapped_column(default=WaitState.WAITING)
    offered_at: Mapped[OptionalInstant]
    answer_until: Mapped[OptionalInstant]
    ended_at: Mapped[OptionalInstant]
    registration_id: Mapped[OptionalFK] = mapped_column(ForeignKey("registration.id"))

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)
    person: Mapped[Person] = relationship(lazy="raise_on_sql", viewonly=True)
