"""Tables of results and their corrections."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.models.sittings import Attempt
from app.assessment.exams.models.standards import ScoreEquating
from app.assessment.exams.states import CorrectionState
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonObject,
    OptionalFK,
    OptionalInstant,
    OptionalScore,
    Score,
    Short,
)
from app.core.db import Base, Versioned

EQUATED = "(equating_id IS NULL) = (raw_score IS NULL) AND (equating_id IS NULL) = (raw_max IS NULL)"


class Result(Base):
    """What an attempt scored under the key of the frozen paper; seen by the candidate after release.

    `by_module` maps module to {"score": "12.00", "max": "20.00"}; `key_hash` is the paper's content hash. Where a
    conversion holds, score, full score and cut are those of the reference paper's scale, and `raw_score` of `raw_max`
    are the points of the paper sat; modules always count those.
    """

    __tablename__ = "result"
    __table_args__ = (
        CheckConstraint("score >= 0 AND score <= max_score", name="score"),
        CheckConstraint("passed = (score >= cut_score)", name="passed"),
        CheckConstraint(EQUATED, name="equated"),
        CheckConstraint("raw_score >= 0 AND raw_score <= raw_max", name="raw_score"),
    )

    id: Mapped[PK]
    attempt_id: Mapped[FK] = mapped_column(ForeignKey("attempt.id"), unique=True)
    score: Mapped[Score]
    max_score: Mapped[Score]
    cut_score: Mapped[Score]
    by_module: Mapped[JsonObject]
    passed: Mapped[bool]
    key_hash: Mapped[Short]
    marked_at: Mapped[Instant]
    voided: Mapped[bool] = mapped_column(default=False)
    equating_id: Mapped[OptionalFK] = mapped_column(ForeignKey("score_equating.id"))
    raw_score: Mapped[OptionalScore]
    raw_max: Mapped[OptionalScore]

    attempt: Mapped[Attempt] = relationship(lazy="raise_on_sql", viewonly=True)
    equating: Mapped[ScoreEquating | None] = relationship(lazy="raise_on_sql", viewonly=True)


class ResultCorrection(Versioned, Base):
    """New points for a released result after an upheld recheck: proposed by one examiner, confirmed by another.

    `by_module` maps module to the points proposed; `was` is the score before, once confirmed.
    """

    __tablename__ = "result_correction"
    __table_args__ = (
        CheckConstraint("(state = 'opened') = (proposed_by_id IS NULL AND by_module IS NULL)", name="proposed"),
        CheckConstraint(
            "(state = 'confirmed') = (confirmed_by_id IS NOT NULL AND confirmed_at IS NOT NULL AND was IS NOT NULL)",
            name="confirmed",
        ),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> proposed_by_id", name="two_people"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    result_id: Mapped[FK] = mapped_column(ForeignKey("result.id"))
    case_code: Mapped[Short] = mapped_column(unique=True)
    state: Mapped[CorrectionState] = mapped_column(default=CorrectionState.OPENED)
    opened_at: Mapped[Instant]
    by_module: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    proposed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[OptionalInstant]
    was: Mapped[OptionalScore]
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[OptionalInstant]

    result: Mapped[Result] = relationship(lazy="raise_on_sql", viewonly=True)
