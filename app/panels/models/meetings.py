"""Tables of meetings: agenda, attendance as it happened, and minutes that are signed, sealed and archived."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonObject,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    RegionCode,
    Short,
)
from app.core.db import Base, Versioned
from app.core.events import Subject, append_only
from app.panels.models.draws import HASH_LENGTH
from app.panels.models.pools import Committee, PoolExpert
from app.panels.states import MeetingState


class Meeting(Versioned, Base):
    """A closed meeting of a filed committee; `members` and `quorum` are pinned when it is called."""

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("quorum > 0 AND quorum <= members", name="quorum"),
        CheckConstraint("state = 'called' OR opened_at IS NOT NULL", name="opened"),
        CheckConstraint("state IN ('called', 'open') OR closed_at IS NOT NULL", name="closed"),
        CheckConstraint("(signed_by_id IS NULL) = (minutes_sha256 IS NULL)", name="signed"),
        CheckConstraint("(state IN ('signed', 'sealed')) = (signed_by_id IS NOT NULL)", name="minutes"),
        CheckConstraint("(state = 'sealed') = (sealed_by_id IS NOT NULL)", name="sealed"),
        CheckConstraint("sealed_by_id IS NULL OR sealed_by_id <> signed_by_id", name="two_people"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    committee_id: Mapped[FK] = mapped_column(ForeignKey("committee.id"))
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    state: Mapped[MeetingState] = mapped_column(default=MeetingState.CALLED, index=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    place: Mapped[Name]
    starts_at: Mapped[Instant]
    members: Mapped[int]
    quorum: Mapped[int]
    called_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    called_at: Mapped[Instant]
    opened_at: Mapped[OptionalInstant]
    closed_at: Mapped[OptionalInstant]
    minutes_sha256: Mapped[str | None] = mapped_column(String(HASH_LENGTH))
    signed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[OptionalInstant]
    sealed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    sealed_at: Mapped[OptionalInstant]

    committee: Mapped[Committee] = relationship(lazy="joined", viewonly=True)


class AgendaItem(Versioned, Base):
    """One subject of a meeting: what was said of it, and the result of the vote as the ballot gave it."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("meeting_id", "subject_type", "subject_code"),
        CheckConstraint("(result IS NULL) = (result_at IS NULL)", name="result"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    meeting_id: Mapped[FK] = mapped_column(ForeignKey("meeting.id"))
    position: Mapped[int]
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    label_zh: Mapped[Name]
    label_en: Mapped[Name]
    opinion: Mapped[OptionalLong]
    result: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    result_at: Mapped[OptionalInstant]

    meeting: Mapped[Meeting] = relationship(lazy="joined", viewonly=True)

    @property
    def subject(self) -> Subject:
        """Return what the item is about."""
        return Subject(self.subject_type, self.subject_code)


class Attendance(Base):
    """An expert who came or left, at a time, by their own hand; append-only."""

    __tablename__ = "meeting_attendance"

    id: Mapped[PK]
    meeting_id: Mapped[FK] = mapped_column(ForeignKey("meeting.id"))
    expert_id: Mapped[FK] = mapped_column(ForeignKey("pool_expert.id"))
    entering: Mapped[bool]
    at: Mapped[Instant]

    expert: Mapped[PoolExpert] = relationship(lazy="joined", viewonly=True)


append_only(Attendance)
