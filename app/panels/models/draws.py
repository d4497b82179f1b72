"""Tables of panels: subjects, conflict facts, shares of the seed, seats and recusals."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation, Person
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonList,
    Long,
    Name,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    RegionCode,
    Short,
)
from app.core.db import Base, Versioned
from app.core.events import Subject, append_only
from app.panels.models.pools import PoolExpert
from app.panels.states import Conflict, Field, PanelState, SeatState

HASH_LENGTH = 64


class Panel(Versioned, Base):
    """A small group of experts drawn from a pool for one or several subjects.

    `population` lists the eligible experts by code, with unit and region; it is frozen with its digest
    before any secret is revealed. `attempt` counts how often the seed was committed to.
    """

    __tablename__ = "panel"
    __table_args__ = (
        CheckConstraint("seats > 0", name="seats"),
        CheckConstraint("per_unit > 0 AND regions > 0 AND regions <= seats", name="quotas"),
        CheckConstraint(
            "(state = 'planned') = (population_sha256 IS NULL AND published_at IS NULL)",
            name="published",
        ),
        CheckConstraint("(state = 'drawn') = (seed IS NOT NULL AND drawn_at IS NOT NULL)", name="drawn"),
        CheckConstraint("attempt > 0", name="attempt"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    pool_id: Mapped[FK] = mapped_column(ForeignKey("expert_pool.id"))
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    state: Mapped[PanelState] = mapped_column(default=PanelState.PLANNED, index=True)
    name_zh: Mapped[Name]
    name_en: Mapped[Name]
    field: Mapped[Field | None]
    seats: Mapped[int]
    per_unit: Mapped[int]
    regions: Mapped[int]
    attempt: Mapped[int] = mapped_column(default=1)
    rule_code: Mapped[str] = mapped_column(String(26))
    planned_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    planned_at: Mapped[Instant]
    population: Mapped[JsonList]
    population_sha256: Mapped[str | None] = mapped_column(String(HASH_LENGTH))
    published_at: Mapped[OptionalInstant]
    seed: Mapped[str | None] = mapped_column(String(HASH_LENGTH))
    drawn_at: Mapped[OptionalInstant]

    organisation: Mapped[Organisation] = relationship(lazy="joined", viewonly=True)


class PanelCase(Base):
    """One subject before a panel, named by the room above; `position` is its order."""

    __tablename__ = "panel_case"
    __table_args__ = (
        UniqueConstraint("panel_id", "subject_type", "subject_code"),
        Index("ix_panel_case_subject", "subject_type", "subject_code"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    panel_id: Mapped[FK] = mapped_column(ForeignKey("panel.id"))
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    label_zh: Mapped[Name]
    label_en: Mapped[Name]
    position: Mapped[int]

    panel: Mapped[Panel] = relationship(lazy="joined", viewonly=True)

    @property
    def subject(self) -> Subject:
        """Return what the case is about, as the room above names it."""
        return Subject(self.subject_type, self.subject_code)


class ConflictFact(Base):
    """A reason against an expert judging a subject, as known when it was stored; append-only."""

    __tablename__ = "conflict_fact"
    __table_args__ = (UniqueConstraint("case_id", "expert_id", "kind", "source"),)

    id: Mapped[PK]
    case_id: Mapped[FK] = mapped_column(ForeignKey("panel_case.id"))
    expert_id: Mapped[FK] = mapped_column(ForeignKey("pool_expert.id"))
    kind: Mapped[Conflict]
    source: Mapped[Name]
    recorded_at: Mapped[Instant]


class SeedShare(Versioned, Base):
    """One person's part of the seed: the hash first, the secret only after the population stands."""

    __tablename__ = "seed_share"
    __table_args__ = (
        UniqueConstraint("panel_id", "attempt", "person_id"),
        UniqueConstraint("panel_id", "commitment"),
        CheckConstraint("(secret IS NULL) = (revealed_at IS NULL)", name="revealed"),
    )

    id: Mapped[PK]
    panel_id: Mapped[FK] = mapped_column(ForeignKey("panel.id"))
    attempt: Mapped[int]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    office: Mapped[bool]
    commitment: Mapped[str] = mapped_column(String(HASH_LENGTH))
    committed_at: Mapped[Instant]
    secret: Mapped[str | None] = mapped_column(String(200))
    revealed_at: Mapped[OptionalInstant]

    person: Mapped[Person] = relationship(lazy="joined", viewonly=True)


class PanelSeat(Versioned, Base):
    """The place that the draw gave an expert of the population: 1 is the first of the order.

    `recusal_number` counts those who left after the draw, so that replacements can be recomputed in their order.
    """

    __tablename__ = "panel_seat"
    __table_args__ = (
        UniqueConstraint("panel_id", "expert_id"),
        UniqueConstraint("panel_id", "place"),
        CheckConstraint("(state = 'recused') = (recused_at IS NOT NULL)", name="recused"),
        CheckConstraint("(recused_at IS NULL) = (recusal_number IS NULL)", name="numbered"),
        UniqueConstraint("panel_id", "recusal_number"),
        CheckConstraint("state <> 'recused' OR reason IS NOT NULL", name="reason"),
    )

    id: Mapped[PK]
    panel_id: Mapped[FK] = mapped_column(ForeignKey("panel.id"))
    expert_id: Mapped[FK] = mapped_column(ForeignKey("pool_expert.id"))
    place: Mapped[int]
    state: Mapped[SeatState] = mapped_column(default=SeatState.SUBSTITUTE)
    first: Mapped[bool]
    seated_at: Mapped[OptionalInstant]
    recused_at: Mapped[OptionalInstant]
    recusal_number: Mapped[int | None]
    was_seated: Mapped[bool] = mapped_column(default=False)
    replaced_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("panel_seat.id"))
    reason: Mapped[OptionalLong]

    expert: Mapped[PoolExpert] = relationship(lazy="joined", viewonly=True)


class SeatReturn(Base):
    """An expert who is back in the order of a draw, since another person was meant; append-only.

    It keeps what the seat said of the recusal that ended, and by code who took seats that had stood empty, in order.
    Both numbers count recusals and returns of a panel together, so that all of them can be recomputed in their order.
    """

    __tablename__ = "seat_return"
    __table_args__ = (
        UniqueConstraint("panel_id", "number"),
        CheckConstraint("number > recusal_number", name="order"),
    )

    id: Mapped[PK]
    panel_id: Mapped[FK] = mapped_column(ForeignKey("panel.id"))
    seat_id: Mapped[FK] = mapped_column(ForeignKey("panel_seat.id"))
    recusal_number: Mapped[int]
    recused_at: Mapped[Instant]
    was_seated: Mapped[bool]
    replaced_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("panel_seat.id"))
    number: Mapped[int]
    seated: Mapped[JsonList]
    at: Mapped[Instant]

    seat: Mapped[PanelSeat] = relationship(foreign_keys=[seat_id], lazy="joined", viewonly=True)


class Recusal(Base):
    """A person who must not see or judge one subject, whatever their role (回避); append-only."""

    __tablename__ = "recusal"
    __table_args__ = (UniqueConstraint("subject_type", "subject_code", "person_id"),)

    id: Mapped[PK]
    person_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    kind: Mapped[Conflict]
    reason: Mapped[Long]
    by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Instant]

    person: Mapped[Person] = relationship(foreign_keys="Recusal.person_id", lazy="joined", viewonly=True)


class RecusalFinding(Base):
    """What was found about a recusal that rests on a name alone: is it the same person? The latest counts; append-only.

    `by_id` is empty where a declaration or another record answered, not a person of the office.
    """

    __tablename__ = "recusal_finding"

    id: Mapped[PK]
    recusal_id: Mapped[FK] = mapped_column(ForeignKey("recusal.id"))
    same: Mapped[bool]
    reason: Mapped[Long]
    by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Instant]


append_only(ConflictFact)
append_only(SeatReturn)
append_only(Recusal)
append_only(RecusalFinding)
