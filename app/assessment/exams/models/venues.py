"""Tables of venues, their rooms, and who sits where."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.administration_states import Check
from app.assessment.exams.models.sessions import Registration
from app.core.columns import FK, PK, Code, Instant, Name, OptionalFK, OptionalInstant, OptionalName, RegionCode
from app.core.db import Base, Versioned


class ExamVenue(Base):
    """A place where exams are sat (考点), run by an organisation in a region."""

    __tablename__ = "exam_venue"
    __table_args__ = (UniqueConstraint("organisation_id", "name_zh"),)

    id: Mapped[PK]
    code: Mapped[Code]
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    address: Mapped[Name]
    created_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[Instant]

    rooms: Mapped[list["VenueRoom"]] = relationship(
        lazy="raise_on_sql", viewonly=True, order_by="VenueRoom.name", back_populates="venue"
    )


class VenueRoom(Base):
    """A room of a venue (考场) with so many seats, numbered from 1."""

    __tablename__ = "venue_room"
    __table_args__ = (UniqueConstraint("venue_id", "name"), CheckConstraint("seats > 0", name="seats"))

    id: Mapped[PK]
    code: Mapped[Code]
    venue_id: Mapped[FK] = mapped_column(ForeignKey("exam_venue.id"))
    name: Mapped[Name]
    seats: Mapped[int]

    venue: Mapped[ExamVenue] = relationship(lazy="raise_on_sql", viewonly=True, back_populates="rooms")


class SessionRoom(Base):
    """A room that a session uses; `paused_at` while the whole room stands still."""

    __tablename__ = "session_room"
    __table_args__ = (
        UniqueConstraint("session_id", "room_id"),
        CheckConstraint("(paused_at IS NULL) = (paused_by_id IS NULL)", name="paused_by"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    room_id: Mapped[FK] = mapped_column(ForeignKey("venue_room.id"))
    paused_at: Mapped[OptionalInstant]
    paused_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))

    room: Mapped[VenueRoom] = relationship(lazy="raise_on_sql", viewonly=True)


class Admission(Versioned, Base):
    """Where a candidate sits, and what the identity check found last; its history is in the events."""

    __tablename__ = "admission"
    __table_args__ = (
        UniqueConstraint("session_room_id", "seat"),
        CheckConstraint("seat > 0", name="seat"),
        CheckConstraint("(outcome IS NULL) = (checked_at IS NULL)", name="checked"),
        CheckConstraint("(checked_at IS NULL) = (checked_by_id IS NULL)", name="checked_by"),
        CheckConstraint("outcome <> 'mismatch' OR note IS NOT NULL", name="mismatch"),
    )

    id: Mapped[PK]
    registration_id: Mapped[FK] = mapped_column(ForeignKey("registration.id"), unique=True)
    session_room_id: Mapped[FK] = mapped_column(ForeignKey("session_room.id"))
    seat: Mapped[int]
    outcome: Mapped[Check | None]
    note: Mapped[OptionalName]
    checked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    checked_at: Mapped[OptionalInstant]

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql", viewonly=True)
    session_room: Mapped[SessionRoom] = relationship(lazy="raise_on_sql", viewonly=True)
