"""Tables of answer similarity: comparisons of a session, the pairs they list, the opinions of the expert group."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.models.sessions import ExamSession
from app.assessment.exams.models.sittings import Attempt
from app.assessment.exams.models.statistics import Real
from app.assessment.exams.statistics_states import Control, PairState
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonObject,
    Long,
    OptionalFK,
    OptionalInstant,
    Short,
    Weight,
)
from app.core.db import Base, Versioned
from app.core.events import append_only


class SimilarityRun(Base):
    """One comparison of all pairs of a session; the same answers are compared once under a rule; append-only."""

    __tablename__ = "similarity_run"
    __table_args__ = (
        UniqueConstraint("session_id", "digest", "rule_pack"),
        CheckConstraint("listed >= 0 AND listed <= pairs", name="listed"),
        CheckConstraint("experts >= 2", name="experts"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    digest: Mapped[Short]
    persons: Mapped[int]
    pairs: Mapped[int]
    listed: Mapped[int]
    level: Mapped[Weight]
    needed: Mapped[int]
    control: Mapped[Control]
    experts: Mapped[int]
    rule_pack: Mapped[Short]
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    computed_at: Mapped[Instant]

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)


class SimilarityPair(Versioned, Base):
    """Two sittings whose answers agree beyond chance: evidence, until two people of the expert group agree what it is.

    Nobody who asked for the comparison decides. `evidence` is {"answered", "places": [{"position", "keys",
    "seconds"}], "within"}: equal wrong answers, those in one's own words under "said", with the seconds between the two
    savings, and how many lie within a minute. `round` counts how often the pair came before the group; from the second
    time `change` says what a new marking changed: {"run", "listed", figures by name as [before, after]}, while figures
    and evidence stay those of the confirmation.
    """

    __tablename__ = "similarity_pair"
    __table_args__ = (
        UniqueConstraint("run_id", "first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="pair"),
        CheckConstraint("(state = 'listed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint(
            "state = 'listed' OR (decided_by_id IS NOT NULL AND seconded_by_id IS NOT NULL)", name="two_experts"
        ),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> seconded_by_id", name="two_people"),
        CheckConstraint(
            "decided_by_id IS NULL OR (decided_by_id <> flagged_by_id AND seconded_by_id <> flagged_by_id)",
            name="not_who_flagged",
        ),
        CheckConstraint("round >= 1", name="round"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    run_id: Mapped[FK] = mapped_column(ForeignKey("similarity_run.id"))
    first_id: Mapped[FK] = mapped_column(ForeignKey("attempt.id"))
    second_id: Mapped[FK] = mapped_column(ForeignKey("attempt.id"))
    matches: Mapped[int]
    expected: Mapped[Real]
    same_wrong: Mapped[int]
    p_gbt: Mapped[Real]
    p_omega: Mapped[Real]
    p_k2: Mapped[Real]
    evidence: Mapped[JsonObject]
    flagged_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    state: Mapped[PairState] = mapped_column(default=PairState.LISTED, index=True)
    round: Mapped[int] = mapped_column(default=1)
    change: Mapped[JsonObject] = mapped_column(default=dict)
    seconded_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]

    run: Mapped[SimilarityRun] = relationship(lazy="raise_on_sql", viewonly=True)
    first: Mapped[Attempt] = relationship(foreign_keys="SimilarityPair.first_id", lazy="raise_on_sql", viewonly=True)
    second: Mapped[Attempt] = relationship(foreign_keys="SimilarityPair.second_id", lazy="raise_on_sql", viewonly=True)


class SimilarityOpinion(Base):
    """What one member of the expert group says of a pair, with the reason; once each and round, append-only."""

    __tablename__ = "similarity_opinion"
    __table_args__ = (
        UniqueConstraint("pair_id", "round", "given_by_id"),
        CheckConstraint("round >= 1", name="round"),
    )

    id: Mapped[PK]
    pair_id: Mapped[FK] = mapped_column(ForeignKey("similarity_pair.id"))
    round: Mapped[int] = mapped_column(default=1)
    similar: Mapped[bool]
    reason: Mapped[Long]
    given_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[Instant]


append_only(SimilarityRun)
append_only(SimilarityOpinion)
