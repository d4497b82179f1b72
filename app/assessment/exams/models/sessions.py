"""Tables of exam sessions and their candidates."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.assessment.exams.models.papers import Paper
from app.assessment.exams.states import SessionState
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonObject,
    Name,
    OptionalFK,
    OptionalInstant,
    RegionCode,
    Short,
)
from app.core.db import Base, Versioned
from app.rulebook.models import RulePack


class ExamSession(Versioned, Base):
    """One exam at one time (考试场次): a frozen paper, a window, an organisation, a region.

    `prepared_at` and `marked_at` are when the work was asked for; the state says when it was done. Without a venue it
    is sat online. `rehearsal` (演练) is not counted; `extends` lets extra time run past the close of the window.
    """

    __tablename__ = "exam_session"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="window"),
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("(prepared_at IS NULL) = (prepared_by_id IS NULL)", name="prepared_by"),
        CheckConstraint("state = 'planned' OR prepared_at IS NOT NULL", name="prepared"),
        CheckConstraint("(marked_at IS NULL) = (marked_by_id IS NULL)", name="marked_by"),
        CheckConstraint("state IN ('planned', 'prepared') OR marked_at IS NOT NULL", name="marked"),
        CheckConstraint(
            "(state IN ('proposed', 'released')) = (proposed_by_id IS NOT NULL AND proposed_at IS NOT NULL)",
            name="proposed",
        ),
        CheckConstraint(
            "(state = 'released') = (released_by_id IS NOT NULL AND released_at IS NOT NULL)",
            name="released",
        ),
        CheckConstraint("released_by_id IS NULL OR released_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("(registers_from IS NULL) = (registers_until IS NULL)", name="registers"),
        CheckConstraint("registers_until > registers_from", name="registration_window"),
        CheckConstraint("venue_id IS NOT NULL OR NOT identity_check", name="identity_check"),
        Index("ix_exam_session_state_window", "state", "closes_at"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    level: Mapped[Short]
    paper_id: Mapped[FK] = mapped_column(ForeignKey("paper.id"))
    rule_pack: Mapped[Short]
    opens_at: Mapped[Instant]
    closes_at: Mapped[Instant]
    minutes: Mapped[int]
    state: Mapped[SessionState] = mapped_column(default=SessionState.PLANNED)
    created_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]
    prepared_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    prepared_at: Mapped[OptionalInstant]
    marked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    marked_at: Mapped[OptionalInstant]
    proposed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[OptionalInstant]
    released_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[OptionalInstant]
    venue_id: Mapped[OptionalFK] = mapped_column(ForeignKey("exam_venue.id"))
    registers_from: Mapped[OptionalInstant]
    registers_until: Mapped[OptionalInstant]
    identity_check: Mapped[bool] = mapped_column(default=False)
    rehearsal: Mapped[bool] = mapped_column(default=False)
    extends: Mapped[bool] = mapped_column(default=True)

    paper: Mapped[Paper] = relationship(lazy="raise_on_sql", viewonly=True)
    pack: Mapped[RulePack] = relationship(
        primaryjoin="foreign(ExamSession.rule_pack) == RulePack.code", lazy="select", viewonly=True
    )


class Registration(Base):
    """A candidate of a session, with the verdict that let them in; `code` is the ticket number (准考证号).

    `ticket_hash` is the SHA-256 of the secret on the ticket issued last; a withdrawn one sits no exam.
    """

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        UniqueConstraint("session_id", "number"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    number: Mapped[int]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    enrolment_id: Mapped[FK] = mapped_column(ForeignKey("enrolment.id"))
    verdict: Mapped[JsonObject]
    rule_pack: Mapped[Short]
    registered_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    registered_at: Mapped[Instant]
    withdrawn_at: Mapped[OptionalInstant]
    ticket_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    ticket_at: Mapped[OptionalInstant]

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)
    person: Mapped[Person] = relationship(foreign_keys="Registration.person_id", lazy="raise_on_sql", viewonly=True)
