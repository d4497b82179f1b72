"""Tables of scoring: a round of a panel, who scores what, points with reasons, corrections."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    Long,
    OptionalFK,
    OptionalInstant,
    OptionalScore,
    Score,
    Short,
)
from app.core.db import Base, Versioned
from app.panels.models.pools import PoolExpert


class ScoringRound(Versioned, Base):
    """The one round in which a panel scores its cases by a pinned rubric."""

    __tablename__ = "scoring_round"
    __table_args__ = (CheckConstraint("per_case > 0", name="per_case"),)

    id: Mapped[PK]
    code: Mapped[Code]
    panel_id: Mapped[FK] = mapped_column(ForeignKey("panel.id"), unique=True)
    rubric_code: Mapped[str] = mapped_column(String(26))
    per_case: Mapped[int]
    opened_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[Instant]
    complete_at: Mapped[OptionalInstant]


class Assignment(Versioned, Base):
    """A case that an expert scores; withdrawn when they are recused from it."""

    __tablename__ = "panel_assignment"
    __table_args__ = (
        UniqueConstraint("case_id", "expert_id"),
        CheckConstraint("(submitted_at IS NULL) = (total IS NULL)", name="submitted"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    round_id: Mapped[FK] = mapped_column(ForeignKey("scoring_round.id"))
    case_id: Mapped[FK] = mapped_column(ForeignKey("panel_case.id"))
    expert_id: Mapped[FK] = mapped_column(ForeignKey("pool_expert.id"))
    given_at: Mapped[Instant]
    submitted_at: Mapped[OptionalInstant]
    total: Mapped[OptionalScore]
    withdrawn_at: Mapped[OptionalInstant]

    expert: Mapped[PoolExpert] = relationship(lazy="joined", viewonly=True)


class PanelScore(Base):
    """The points of one dimension with their reason; changed by an approved correction only."""

    __tablename__ = "panel_score"
    __table_args__ = (UniqueConstraint("assignment_id", "dimension"),)

    id: Mapped[PK]
    assignment_id: Mapped[FK] = mapped_column(ForeignKey("panel_assignment.id"))
    dimension: Mapped[Short]
    points: Mapped[Score]
    reason: Mapped[Long]


class ScoreCorrection(Versioned, Base):
    """A change of a submitted score: asked for by the expert, decided on by the chair; the trace stays."""

    __tablename__ = "score_correction"
    __table_args__ = (
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),
        CheckConstraint("(decided_by_id IS NULL) = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(decided_by_id IS NULL) = (approved IS NULL)", name="answer"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    assignment_id: Mapped[FK] = mapped_column(ForeignKey("panel_assignment.id"))
    dimension: Mapped[Short]
    points_before: Mapped[Score]
    points_after: Mapped[Score]
    reason: Mapped[Long]
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    approved: Mapped[bool | None]
