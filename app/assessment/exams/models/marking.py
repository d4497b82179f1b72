"""Tables of marking: runs and what they change, versions of results, scripts before markers, their marks."""

from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.assessment.exams.models.results import EQUATED
from app.assessment.exams.models.sessions import ExamSession
from app.assessment.exams.models.sittings import Attempt
from app.assessment.exams.models.standards import ScoreEquating
from app.assessment.exams.states import DecidedHow, LowerPolicy, MarkerState, RunState, ScriptState, VoidPolicy
from app.core.columns import (
    FK,
    PK,
    BigKey,
    Code,
    Instant,
    JsonObject,
    Long,
    OptionalFK,
    OptionalInstant,
    OptionalLong,
    OptionalScore,
    ScaledDecimal,
    Score,
    Short,
)
from app.core.db import Base, Versioned
from app.core.events import append_only
from app.core.triggers import made_with


class MarkingRun(Versioned, Base):
    """One marking of a whole session: the first, or a new one under rulings that a second person confirms.

    `rulings` maps the position of an item to {"void": true} or {"key": ["A", "C"]} and holds all that are in force;
    `key_hash` covers the frozen paper and them. `equating_id` is the conversion under which scores are reported; a run
    that `equates` is the decision on it.
    """

    __tablename__ = "marking_run"
    __table_args__ = (
        UniqueConstraint("session_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
        CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> asked_by_id", name="two_people"),
        CheckConstraint(
            "number = 1 OR state NOT IN ('applying', 'applied') OR confirmed_by_id IS NOT NULL", name="second_person"
        ),
        CheckConstraint("(state = 'applied') = (applied_at IS NOT NULL)", name="applied"),
        CheckConstraint("number = 1 OR reason IS NOT NULL", name="reason"),
        CheckConstraint("NOT equates OR (equating_id IS NOT NULL AND number > 1)", name="equates"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    number: Mapped[int]
    state: Mapped[RunState] = mapped_column(default=RunState.COUNTING)
    rulings: Mapped[JsonObject]
    void_policy: Mapped[VoidPolicy]
    lower_policy: Mapped[LowerPolicy]
    rule_pack: Mapped[Short]
    key_hash: Mapped[Short]
    equating_id: Mapped[OptionalFK] = mapped_column(ForeignKey("score_equating.id"))
    equates: Mapped[bool] = mapped_column(default=False, server_default=false())
    reason: Mapped[OptionalLong]
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[OptionalInstant]
    applied_at: Mapped[OptionalInstant]

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)
    equating: Mapped[ScoreEquating | None] = relationship(lazy="raise_on_sql", viewonly=True)


class MarkingChange(Base):
    """Whose result a new marking changes, as the second person saw it; append-only.

    `kept` says that the new figures would be worse and the earlier result stays.
    """

    __tablename__ = "marking_change"
    __table_args__ = (UniqueConstraint("run_id", "attempt_id"),)

    id: Mapped[PK]
    run_id: Mapped[FK] = mapped_column(ForeignKey("marking_run.id"))
    attempt_id: Mapped[FK] = mapped_column(ForeignKey("attempt.id"))
    was: Mapped[Score]
    now: Mapped[Score]
    was_passed: Mapped[bool]
    now_passed: Mapped[bool]
    kept: Mapped[bool]


class ResultVersion(Base):
    """What a result said from when on, and the two people who changed it; append-only.

    The first version is the first marking; every later one names who proposed and who confirmed it. `raw_score` of
    `raw_max` are the points of the paper sat where a conversion brought them onto another scale.
    """

    __tablename__ = "result_version"
    __table_args__ = (
        UniqueConstraint("result_id", "number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("score >= 0 AND score <= max_score", name="score"),
        CheckConstraint("passed = (score >= cut_score)", name="passed"),
        CheckConstraint("number = 1 OR coalesce(proposed_by_id <> confirmed_by_id, FALSE)", name="two_people"),
        CheckConstraint("number = 1 OR (run_id IS NULL) <> (correction_id IS NULL)", name="cause"),
        CheckConstraint(EQUATED, name="equated"),
        CheckConstraint("raw_score >= 0 AND raw_score <= raw_max", name="raw_score"),
    )

    id: Mapped[PK]
    result_id: Mapped[FK] = mapped_column(ForeignKey("result.id"))
    number: Mapped[int]
    score: Mapped[Score]
    max_score: Mapped[Score]
    cut_score: Mapped[Score]
    by_module: Mapped[JsonObject]
    passed: Mapped[bool]
    key_hash: Mapped[Short]
    equating_id: Mapped[OptionalFK] = mapped_column(ForeignKey("score_equating.id"))
    raw_score: Mapped[OptionalScore]
    raw_max: Mapped[OptionalScore]
    run_id: Mapped[OptionalFK] = mapped_column(ForeignKey("marking_run.id"))
    correction_id: Mapped[OptionalFK] = mapped_column(ForeignKey("result_correction.id"))
    proposed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    confirmed_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    at: Mapped[Instant]


class MarkingTask(Base):
    """One answer of a paper that people mark: an item, or a part of a case; what a marker chooses by.

    `part` counts the sub-items of a case from 1, 0 is the item itself; `points` are those of its rubric.
    """

    __tablename__ = "marking_task"
    __table_args__ = (
        UniqueConstraint("session_id", "position", "part"),
        CheckConstraint("part >= 0", name="part"),
        CheckConstraint("points > 0", name="points"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    session_id: Mapped[FK] = mapped_column(ForeignKey("exam_session.id"))
    position: Mapped[int]
    part: Mapped[int]
    points: Mapped[Score]
    item_version_id: Mapped[FK] = mapped_column(ForeignKey("item_version.id"))

    session: Mapped[ExamSession] = relationship(lazy="raise_on_sql", viewonly=True)


class TaskMarker(Versioned, Base):
    """A marker of a task: calibrating, live or stopped."""

    __tablename__ = "task_marker"
    __table_args__ = (
        UniqueConstraint("task_id", "marked_by_id"),
        CheckConstraint("state <> 'live' OR live_at IS NOT NULL", name="live"),
        CheckConstraint(
            "(state = 'stopped') = (stopped_by_id IS NOT NULL AND stopped_at IS NOT NULL AND reason IS NOT NULL)",
            name="stopped",
        ),
        CheckConstraint("stopped_by_id IS NULL OR stopped_by_id <> marked_by_id", name="not_oneself"),
    )

    id: Mapped[PK]
    task_id: Mapped[FK] = mapped_column(ForeignKey("marking_task.id"))
    marked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    state: Mapped[MarkerState] = mapped_column(default=MarkerState.CALIBRATING)
    joined_at: Mapped[Instant]
    live_at: Mapped[OptionalInstant]
    stopped_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))
    stopped_at: Mapped[OptionalInstant]
    reason: Mapped[OptionalLong]


class Script(Versioned, Base):
    """One answer under a random code, as markers see it; of a sitting, or a seed whose mark is known.

    `answer` is the text when marking began. Where a late answer that counts reads otherwise, a script that somebody
    took is set aside as it is and another takes its place, so one at most stands for a sitting. `points` are of the
    rubric: the exact mean of two marks has three decimals and is turned into points of the item, and rounded, only when
    results are added up. `reference` maps criteria to the points a seed is worth.
    """

    __tablename__ = "script"
    __table_args__ = (
        Index(
            "uq_script_standing",
            "task_id",
            "attempt_id",
            unique=True,
            sqlite_where=text("state <> 'set_aside'"),
            postgresql_where=text("state <> 'set_aside'"),
        ),
        CheckConstraint("(attempt_id IS NULL) = (reference IS NOT NULL)", name="seed"),
        CheckConstraint("(reference IS NULL) = (reference_points IS NULL AND set_by_id IS NULL)", name="reference"),
        CheckConstraint(
            "(state = 'decided') = (points IS NOT NULL AND how IS NOT NULL AND decided_at IS NOT NULL)", name="decided"
        ),
        Index("ix_script_task_state", "task_id", "state", "code"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    task_id: Mapped[FK] = mapped_column(ForeignKey("marking_task.id"))
    attempt_id: Mapped[OptionalFK] = mapped_column(ForeignKey("attempt.id"))
    answer: Mapped[Long]
    state: Mapped[ScriptState] = mapped_column(default=ScriptState.OPEN)
    points: Mapped[Decimal | None] = mapped_column(ScaledDecimal(3))
    how: Mapped[DecidedHow | None]
    decided_at: Mapped[OptionalInstant]
    reference: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    reference_points: Mapped[OptionalScore]
    set_by_id: Mapped[OptionalFK] = mapped_column(ForeignKey("person.id"))

    task: Mapped[MarkingTask] = relationship(lazy="raise_on_sql", viewonly=True)
    attempt: Mapped[Attempt | None] = relationship(lazy="raise_on_sql", viewonly=True)


class ScriptMark(Versioned, Base):
    """One person's mark of a script; nobody marks a script twice, and a mark that is done never changes.

    `slot` is 1 or 2 for the two markers, 3 for the adjudicator, 4 and up for fresh ones after rechecks, 0 on a seed.
    `draft` holds what the page kept last: {"points": {criterion: text}, "remark": text}; `sequence` counts it.
    """

    __tablename__ = "script_mark"
    __table_args__ = (
        UniqueConstraint("script_id", "marked_by_id"),
        Index(
            "ix_script_mark_slot",
            "script_id",
            "slot",
            unique=True,
            sqlite_where=text("slot > 0 AND withdrawn_at IS NULL"),
            postgresql_where=text("slot > 0 AND withdrawn_at IS NULL"),
        ),
        CheckConstraint("slot BETWEEN 0 AND 9", name="slot"),
        CheckConstraint("sequence >= 0", name="sequence"),
        CheckConstraint("(done_at IS NULL) = (total IS NULL AND points IS NULL)", name="done"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn"),
    )

    id: Mapped[PK]
    script_id: Mapped[FK] = mapped_column(ForeignKey("script.id"))
    marked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    slot: Mapped[int]
    claimed_at: Mapped[Instant]
    draft: Mapped[JsonObject]
    sequence: Mapped[int] = mapped_column(default=0)
    points: Mapped[JsonObject | None] = mapped_column(JSON(none_as_null=True))
    total: Mapped[OptionalScore]
    remark: Mapped[OptionalLong]
    done_at: Mapped[OptionalInstant]
    withdrawn_at: Mapped[OptionalInstant]
    withdrawn_by_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("person.id"), index=True)

    script: Mapped[Script] = relationship(lazy="raise_on_sql", viewonly=True)


class FreshMark(Base):
    """A decided answer that an upheld recheck lets somebody mark afresh; `mark_id` is their mark once it is given."""

    __tablename__ = "fresh_mark"
    __table_args__ = (UniqueConstraint("script_id", "correction_id"), UniqueConstraint("mark_id"))

    id: Mapped[PK]
    script_id: Mapped[FK] = mapped_column(ForeignKey("script.id"))
    correction_id: Mapped[FK] = mapped_column(ForeignKey("result_correction.id"))
    asked_by_id: Mapped[FK] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[Instant]
    mark_id: Mapped[OptionalFK] = mapped_column(ForeignKey("script_mark.id"))

    mark: Mapped[ScriptMark | None] = relationship(lazy="raise_on_sql", viewonly=True)


append_only(MarkingChange)
append_only(ResultVersion)

UNWRITTEN = (
    "(NEW.score <> OLD.score OR NEW.max_score <> OLD.max_score OR NEW.cut_score <> OLD.cut_score "
    "OR coalesce(NEW.raw_score, -1) <> coalesce(OLD.raw_score, -1) "
    "OR coalesce(NEW.equating_id, 0) <> coalesce(OLD.equating_id, 0)) "
    "AND NOT EXISTS (SELECT 1 FROM result_version AS v WHERE v.result_id = NEW.id AND v.score = NEW.score "
    "AND v.max_score = NEW.max_score AND v.cut_score = NEW.cut_score "
    "AND coalesce(v.raw_score, -1) = coalesce(NEW.raw_score, -1) "
    "AND coalesce(v.equating_id, 0) = coalesce(NEW.equating_id, 0) AND v.number = "
    "(SELECT max(w.number) FROM result_version AS w WHERE w.result_id = NEW.id))"
)
REMARKED = "OLD.done_at IS NOT NULL AND (NEW.total IS NULL OR NEW.total <> OLD.total OR NEW.done_at IS NULL)"


class Guard(NamedTuple):
    """A trigger that refuses an update of a table under a condition."""

    table: str
    name: str
    condition: str
    refusal: str

    def ddl(self, dialect: str) -> list[str]:
        """Return the statements that make the trigger."""
        if dialect == "sqlite":
            refuse = f"BEGIN SELECT RAISE(ABORT, '{self.refusal}'); END"
            return [f"CREATE TRIGGER {self.name} BEFORE UPDATE ON {self.table} WHEN {self.condition} {refuse}"]
        function = (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger AS $$ BEGIN IF {self.condition} THEN "
            f"RAISE EXCEPTION '{self.refusal}' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$ "
            "LANGUAGE plpgsql"
        )
        made = f"CREATE TRIGGER {self.name} BEFORE UPDATE ON {self.table} FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        return [function, made]


GUARDS = (
    Guard("result", "result_history", UNWRITTEN, "a result changes only with its version and two people"),
    Guard("script_mark", "script_mark_final", REMARKED, "a mark that is done never changes"),
)
"""Scores and marks never change without a trace; the migration makes the same triggers."""


for _model, _guard in zip((ResultVersion, ScriptMark), GUARDS, strict=True):
    made_with(_model, _guard.ddl)
