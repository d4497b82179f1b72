"""Tables of standard setting and equating: what a panel estimates, what two people decide."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.models.papers import Blueprint, Paper
from app.assessment.exams.models.sessions import ExamSession
from app.assessment.exams.states import EquatingState, Method, StudyState
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonList,
    Long,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalScore,
    RegionCode,
    Score,
    Weight,
)
from app.core.db import Base, Versioned
from app.core.events import append_only


class StandardStudy(Versioned, Base):
    """A modified Angoff panel on a paper: rounds of estimates, and the cut score for its blueprint.

    The judges are who is seated on the panel drawn for it in the panels room. A decision drafts the blueprint anew
    with the cut score (`successor_id`).
    """

    __tablename__ = "standard_study"
    __table_args__ = (
        CheckConstraint("round >= 0", name="round"),
        CheckConstraint("state NOT IN ('proposed', 'decided') OR round >= 2", name="two_rounds"),
        CheckConstraint(
            "(state IN ('proposed', 'decided')) = "
            "(proposed_by_id IS NOT NULL AND proposed_at IS NOT NULL AND cut_score IS NOT NULL AND reason IS NOT NULL)",
            name="proposed",
        ),
        CheckConstraint("(state = 'decided') = (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)", name="decided"),
        CheckConstraint("(state = 'decided') = (successor_id IS NOT NULL)", name="successor"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    blueprint_id: Mapped[FK] = mapped_column(ForeignKey("blueprint.id"))
    paper_id: Mapped[FK] = mapped_column(ForeignKey("paper.id"))
    session_id: Mapped[OptionalFK] = mapped_column(ForeignKey("exam_session.id"))
    organisation_id: Mapped[FK] = mapped_column(ForeignKey("organisation.id"))
    region_code: Mapped[RegionCode] = mapped_column(ForeignKey("region.code"), index=True)
    state: Mapped[StudyState] = mapped_column(default=StudyState.PLANNED)
    round: Mapped[int] = mapped_column(default=0)
    planned_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    planned_at: Mapped[Instant]
    cut_score: Mapped[OptionalScore]
    reason: Mapped[OptionalLong]
    proposed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[OptionalInstant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    successor_id: Mapped[OptionalFK] = mapped_column(ForeignKey("blueprint.id"))

    blueprint: Mapped[Blueprint] = relationship(
        foreign_keys="StandardStudy.blueprint_id", lazy="raise_on_sql", viewonly=True
    )
    paper: Mapped[Paper] = relationship(lazy="raise_on_sql", viewonly=True)


class StandardEstimate(Base):
    """How many of a hundred minimally competent candidates a judge expects to answer an item right; append-only."""

    __tablename__ = "standard_estimate"
    __table_args__ = (
        UniqueConstraint("study_id", "round", "expert_id", "position"),
        CheckConstraint("round > 0", name="round"),
        CheckConstraint("position > 0", name="position"),
        CheckConstraint("estimate >= 0 AND estimate <= 10000", name="estimate"),
    )

    id: Mapped[PK]
    study_id: Mapped[FK] = mapped_column(ForeignKey("standard_study.id"))
    round: Mapped[int]
    expert_id: Mapped[FK] = mapped_column(ForeignKey("pool_expert.id"))
    position: Mapped[int]
    estimate: Mapped[Score]
    given_at: Mapped[Instant]


class ScoreEquating(Versioned, Base):
    """The conversion of a session's scores onto the scale of a base session's paper; decided by two people.

    `table` lists [score, equated score] as exact decimals in text; `full_score` and `cut_score` are those of the scale.
    Without them a conversion was decided for information only, before conversions counted. Where the base's own scores
    are converted, `through` is that decision: the table leads on to its scale.
    """

    __tablename__ = "score_equating"
    __table_args__ = (
        CheckConstraint("session_id <> base_id", name="two_sessions"),
        CheckConstraint("through_id <> id", name="through"),
        CheckConstraint("weight >= 0 AND weight <= 1000000", name="weight"),
        CheckConstraint("degree >= 0 AND degree <= 6", name="degree"),
        CheckConstraint("(full_score IS NULL) = (cut_score IS NULL)", name="scale"),
        CheckConstraint("cut_score >= 0 AND cut_score <= full_score", name="cut_score"),
        CheckConstraint("(state = 'decided') = (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)", name="decided"),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> proposed_by_id", name="two_people"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    base_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    method: Mapped[Method]
    weight: Mapped[Weight] = mapped_column(default=Decimal("0.5"))
    degree: Mapped[int] = mapped_column(default=0)
    through_id: Mapped[OptionalFK] = mapped_column(ForeignKey("score_equating.id"))
    common_items: Mapped[int]
    table: Mapped[JsonList]
    full_score: Mapped[OptionalScore]
    cut_score: Mapped[OptionalScore]
    state: Mapped[EquatingState] = mapped_column(default=EquatingState.PROPOSED)
    reason: Mapped[Long]
    proposed_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]

    session: Mapped[ExamSession] = relationship(
        foreign_keys="ScoreEquating.session_id", lazy="raise_on_sql", viewonly=True
    )
    base: Mapped[ExamSession] = relationship(foreign_keys="ScoreEquating.base_id", lazy="raise_on_sql", viewonly=True)
    through: Mapped["ScoreEquating | None"] = relationship(
        foreign_keys="ScoreEquating.through_id",
        remote_side="ScoreEquating.id",
        lazy="raise_on_sql",
        viewonly=True,
    )

    @property
    def reference(self) -> ExamSession:
        """Return the session on whose paper's scale scores are reported."""
        return self.base if self.through is None else self.through.base


append_only(StandardEstimate)
