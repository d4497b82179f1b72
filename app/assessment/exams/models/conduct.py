"""Tables of what goes wrong in a room: the incident log, conduct records and what they void."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.administration_states import ConductState, IncidentKind
from app.assessment.exams.models.sessions import ExamSession, Registration
from app.assessment.exams.models.venues import SessionRoom
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    Long,
    Name,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalShort,
    Short,
)
from app.core.db import Base, Versioned
from app.core.events import append_only
from app.core.files import StoredFile


class Incident(Base):
    """An entry of the incident log: what happened when and where, and what was done; append-only."""

    __tablename__ = "exam_incident"
    __table_args__ = (Index("ix_exam_incident_session_at", "session_id", "happened_at"),)

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    kind: Mapped[IncidentKind]
    happened_at: Mapped[Instant]
    session_room_id: Mapped[OptionalFK] = mapped_column(ForeignKey("session_room.id"))
    registration_id: Mapped[OptionalFK] = mapped_column(ForeignKey("registration.id"))
    description: Mapped[Long]
    action: Mapped[Long]
    reported_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    reported_at: Mapped[Instant]

    session_room: Mapped[SessionRoom | None] = relationship(lazy="raise_on_sql", viewonly=True)
    registration: Mapped[Registration | None] = relationship(lazy="raise_on_sql", viewonly=True)
    files: Mapped[list["IncidentFile"]] = relationship(lazy="raise_on_sql", viewonly=True, order_by="IncidentFile.id")


class IncidentFile(Base):
    """A picture or paper that belongs to an incident."""

    __tablename__ = "incident_file"
    __table_args__ = (UniqueConstraint("incident_id", "file_id"),)

    id: Mapped[PK]
    incident_id: Mapped[FK] = mapped_column(ForeignKey("exam_incident.id"))
    file_id: Mapped[FK] = mapped_column(ForeignKey("stored_file.id"))
    name: Mapped[Name]

    file: Mapped[StoredFile] = relationship(lazy="raise_on_sql", viewonly=True)


class ConductRecord(Versioned, Base):
    """A record of a candidate's conduct (违纪违规情况记录): written by one invigilator, signed by another.

    `conduct` and `consequence` are codes of the rule pack `exam_conduct`; the restriction it brought runs from the
    decision until `restricted_until`, without end where the pack sets none.
    """

    __tablename__ = "conduct_record"
    __table_args__ = (
        CheckConstraint("witnessed_by_id <> recorded_by_id", name="two_people"),
        CheckConstraint("(state = 'recorded') = (witnessed_at IS NULL)", name="witnessed"),
        CheckConstraint("(proposed_by_id IS NULL) = (proposed_at IS NULL)", name="proposed_by"),
        CheckConstraint("state IN ('recorded', 'signed', 'dismissed') OR hear_until IS NOT NULL", name="heard"),
        CheckConstraint("(statement IS NULL) = (stated_at IS NULL)", name="stated"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    registration_id: Mapped[FK] = mapped_column(ForeignKey("registration.id"))
    rule_pack: Mapped[Short]
    conduct: Mapped[Short]
    description: Mapped[Long]
    state: Mapped[ConductState] = mapped_column(default=ConductState.RECORDED)
    recorded_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[Instant]
    witnessed_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    witnessed_at: Mapped[OptionalInstant]
    consequence: Mapped[OptionalShort]
    proposed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[OptionalInstant]
    hear_until: Mapped[OptionalDay]
    statement: Mapped[OptionalLong]
    stated_at: Mapped[OptionalInstant]
    restriction_id: Mapped[OptionalFK] = mapped_column(ForeignKey("restriction.id"))

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)
    registration: Mapped[Registration] = relationship(lazy="raise_on_sql", viewonly=True)


class ConductVoid(Base):
    """A sitting whose result is void by a conduct record; `undone_at` where an appeal took that back."""

    __tablename__ = "conduct_void"
    __table_args__ = (UniqueConstraint("conduct_id", "attempt_id"),)

    id: Mapped[PK]
    conduct_id: Mapped[FK] = mapped_column(ForeignKey("conduct_record.id"))
    attempt_id: Mapped[FK] = mapped_column(ForeignKey("attempt.id"))
    undone_at: Mapped[OptionalInstant]


append_only(Incident)
append_only(IncidentFile)
