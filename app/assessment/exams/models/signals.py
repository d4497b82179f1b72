"""Tables of what a sitting's page reports about itself, and of the browser that a session asks for."""

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.assessment.exams.signal_kinds import SignalKind
from app.core.columns import (
    FK,
    PK,
    BigKey,
    Instant,
    JsonObject,
    OptionalInstant,
    OptionalWrappedKey,
    Short,
)
from app.core.db import Base
from app.core.events import append_only


class SittingSignal(Base):
    """Something that happened around a paper: evidence for people to read, never a verdict.

    `number` counts within one page of the sitting, so that a batch sent twice is kept once; the server's own
    observation of a new network address has the numbers below zero.

    The address of that kind lies sealed under a key of its row, which rotations wrap anew and an erasure destroys; the
    index tells within one sitting whether an address is the one noted last (decision 0065).
    """

    __tablename__ = "sitting_signal"
    __table_args__ = (
        UniqueConstraint("attempt_id", "page", "number"),
        CheckConstraint("number <> 0", name="number"),
        CheckConstraint("(kind = 'address') = (address_sealed IS NOT NULL)", name="address"),
        CheckConstraint("(address_key IS NULL) = (address_index IS NULL)", name="address_index"),
        CheckConstraint("address_key IS NULL OR address_sealed IS NOT NULL", name="address_key"),
    )

    id: Mapped[PK]
    attempt_id: Mapped[int] = mapped_column(BigKey, ForeignKey("attempt.id"))
    page: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    kind: Mapped[SignalKind]
    address_sealed: Mapped[bytes | None]
    address_key: Mapped[OptionalWrappedKey]
    address_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    detail: Mapped[JsonObject]
    client_at: Mapped[OptionalInstant]
    received_at: Mapped[Instant]


append_only(SittingSignal, shreds=("address_key", "address_index"))


class SebConfiguration(Base):
    """What Safe Exam Browser must be set to for a session; a session without such a row asks for no browser.

    `settings` are the keys of the configuration file, `config_key` is their digest as Safe Exam Browser computes it.
    """

    __tablename__ = "seb_configuration"
    __table_args__ = (CheckConstraint("length(config_key) = 64", name="config_key"),)

    id: Mapped[PK]
    session_id: Mapped[int] = mapped_column(BigKey, ForeignKey("exam_session.id"), unique=True)
    settings: Mapped[JsonObject]
    config_key: Mapped[Short]
    required_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    required_at: Mapped[Instant]
