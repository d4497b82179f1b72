"""Tables of statistics: runs pinned to a session's key and answers, items, groups, persons, and flagged items.

Estimates are real numbers, not decimals of account: they are kept as such.
"""

from typing import Annotated

from sqlalchemy import CheckConstraint, Double, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.models.sessions import ExamSession
from app.assessment.exams.models.sittings import Attempt
from app.assessment.exams.statistics_states import DifClass, FlagState, Grouping, Model
from app.core.columns import (
    FK,
    PK,
    Code,
    Instant,
    JsonList,
    JsonObject,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    Short,
)
from app.core.db import Base, Versioned
from app.core.events import append_only
from app.items.models import ItemVersion

Real = Annotated[float, mapped_column(Double)]
OptionalReal = Annotated[float | None, mapped_column(Double)]


class StatisticsRun(Base):
    """One computation over a session: the same key, answers and model are never computed twice; append-only.

    `summary` has `bins` ([low, high, persons] by score), and what a reader must know: `complete`, `unbounded` and
    `left_out` count, `converged` tells.
    """

    __tablename__ = "statistics_run"
    __table_args__ = (
        UniqueConstraint("session_id", "digest", "model"),
        CheckConstraint("persons > 1", name="persons"),
        CheckConstraint("items > 1", name="items"),
        CheckConstraint("(model = 'ctt') = (log_likelihood IS NULL)", name="log_likelihood"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    key_hash: Mapped[Short]
    digest: Mapped[Short]
    model: Mapped[Model]
    persons: Mapped[int]
    items: Mapped[int]
    alpha: Mapped[OptionalReal]
    mean: Mapped[OptionalReal]
    sd: Mapped[OptionalReal]
    sem: Mapped[OptionalReal]
    log_likelihood: Mapped[OptionalReal]
    summary: Mapped[JsonObject]
    rule_pack: Mapped[Short]
    asked_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    computed_at: Mapped[Instant]

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)


class ItemStatistic(Base):
    """Classical statistics of one place of the paper in a run; append-only.

    `options` lists {"key", "right", "count", "share", "mean", "rest", "curve"}: `curve` is the share that chose it in
    each fifth of the candidates by total, weakest first. `flags` lists the codes of what a reviewer should look at.
    """

    __tablename__ = "item_statistic"
    __table_args__ = (UniqueConstraint("run_id", "position"),)

    id: Mapped[PK]
    run_id: Mapped[FK] = mapped_column(ForeignKey("statistics_run.id"))
    position: Mapped[int]
    item_version_id: Mapped[FK] = mapped_column(ForeignKey("item_version.id"))
    facility: Mapped[OptionalReal]
    discrimination: Mapped[OptionalReal]
    point_biserial: Mapped[OptionalReal]
    point_biserial_rest: Mapped[OptionalReal]
    alpha_if_deleted: Mapped[OptionalReal]
    options: Mapped[JsonList]
    flags: Mapped[JsonList]

    version: Mapped[ItemVersion] = relationship(lazy="raise_on_sql", viewonly=True)


class ItemCalibration(Base):
    """Parameters of an item version as one run estimated them (D = 1, standard normal ability); append-only."""

    __tablename__ = "item_calibration"
    __table_args__ = (
        UniqueConstraint("run_id", "item_version_id"),
        CheckConstraint("c >= 0 AND c < 1", name="c"),
    )

    id: Mapped[PK]
    run_id: Mapped[FK] = mapped_column(ForeignKey("statistics_run.id"))
    item_version_id: Mapped[FK] = mapped_column(ForeignKey("item_version.id"))
    model: Mapped[Model]
    persons: Mapped[int]
    a: Mapped[Real]
    b: Mapped[Real]
    c: Mapped[Real]
    se_a: Mapped[OptionalReal]
    se_b: Mapped[OptionalReal]
    se_c: Mapped[OptionalReal]
    outfit: Mapped[OptionalReal]
    infit: Mapped[OptionalReal]


class ItemDif(Base):
    """How an item treats one group against the largest one at equal score (Mantel-Haenszel); append-only.

    `focal` and `reference` are codes: m and f, a region's code, an organisation's short name.
    """

    __tablename__ = "item_dif"
    __table_args__ = (
        UniqueConstraint("run_id", "position", "grouping", "focal"),
        CheckConstraint("focal <> reference", name="groups"),
    )

    id: Mapped[PK]
    run_id: Mapped[FK] = mapped_column(ForeignKey("statistics_run.id"))
    position: Mapped[int]
    grouping: Mapped[Grouping]
    focal: Mapped[Short]
    reference: Mapped[Short]
    focal_persons: Mapped[int]
    reference_persons: Mapped[int]
    delta: Mapped[Real]
    error: Mapped[Real]
    chi_square: Mapped[Real]
    p: Mapped[Real]
    dif_class: Mapped[DifClass]


class PersonFit(Base):
    """A sitting that fits the model badly, as evidence and never as a verdict; append-only."""

    __tablename__ = "person_fit"
    __table_args__ = (UniqueConstraint("run_id", "attempt_id"),)

    id: Mapped[PK]
    run_id: Mapped[FK] = mapped_column(ForeignKey("statistics_run.id"))
    attempt_id: Mapped[FK] = mapped_column(ForeignKey("attempt.id"))
    ability: Mapped[Real]
    error: Mapped[Real]
    lz: Mapped[Real]
    outfit: Mapped[OptionalReal]
    infit: Mapped[OptionalReal]

    attempt: Mapped[Attempt] = relationship(lazy="raise_on_sql", viewonly=True)


class ItemFlag(Versioned, Base):
    """An item that its statistics send back to review: it is kept, revised or retired, with a reason.

    `reasons` lists the codes of `item_statistic.flags`. One that is sent back for revision closes with the version that
    reviewers approve anew, or with the retirement of the item.
    """

    __tablename__ = "item_flag"
    __table_args__ = (
        UniqueConstraint("session_id", "key_hash", "item_version_id"),
        CheckConstraint(
            "(state = 'open') = (decided_by_id IS NULL AND decided_at IS NULL AND reason IS NULL)", name="decided"
        ),
        CheckConstraint(
            "state = 'open' OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL AND reason IS NOT NULL)",
            name="decided_with_reason",
        ),
        CheckConstraint("(state = 'revised') = (closed_version_id IS NOT NULL)", name="revised"),
        CheckConstraint("state <> 'revised' OR closed_at IS NOT NULL", name="closed"),
        CheckConstraint("closed_at IS NULL OR state IN ('revised', 'retired')", name="closed_by"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    run_id: Mapped[FK] = mapped_column(ForeignKey("statistics_run.id"))
    key_hash: Mapped[Short]
    position: Mapped[int]
    item_version_id: Mapped[FK] = mapped_column(ForeignKey("item_version.id"))
    reasons: Mapped[JsonList]
    state: Mapped[FlagState] = mapped_column(default=FlagState.OPEN, index=True)
    opened_at: Mapped[Instant]
    decided_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[OptionalInstant]
    reason: Mapped[OptionalLong]
    closed_at: Mapped[OptionalInstant]
    closed_version_id: Mapped[OptionalFK] = mapped_column(ForeignKey("item_version.id"))

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)
    item_version: Mapped[ItemVersion] = relationship(
        foreign_keys="ItemFlag.item_version_id", lazy="raise_on_sql", viewonly=True
    )


for _model in (StatisticsRun, ItemStatistic, ItemCalibration, ItemDif, PersonFit):
    append_only(_model)
