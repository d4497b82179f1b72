"""Versions of a result: the only way a score changes, with the two people who changed it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from app.assessment.exams.models import MarkingRun, Result, ResultCorrection, ResultVersion, ScoreEquating
from app.assessment.exams.rules.marking import Marked
from app.assessment.exams.rules.regrading import Figures as Points
from app.assessment.exams.rules.scales import Scale
from app.core.columns import JsonObject
from app.core.db import session


@dataclass(frozen=True, slots=True)
class Basis:
    """A conversion in force: scores are reported on its scale."""

    equating_id: int
    scale: Scale


def basis_of(equating_id: int | None) -> Basis | None:
    """Return the conversion that scores stand on, None where they are reported as they are."""
    if equating_id is None:
        return None
    found = session.get_one(ScoreEquating, equating_id)
    return Basis(found.id, scale_of(found))


def scale_of(found: ScoreEquating) -> Scale:
    """Return the scale that a conversion leads to."""
    return Scale.of(found.table, found.full_score or Decimal(0), found.cut_score or Decimal(0))


@dataclass(frozen=True, slots=True)
class Figures:
    """What a result says from now on; `raw_score` of `raw_max` are the points of the paper sat under a conversion."""

    score: Decimal
    max_score: Decimal
    cut_score: Decimal
    by_module: JsonObject
    key_hash: str
    equating_id: int | None = None
    raw_score: Decimal | None = None
    raw_max: Decimal | None = None

    @classmethod
    def of(cls, marked: Marked, key_hash: str, basis: Basis | None) -> "Figures":
        """Return the figures of a marking under a key, on the scale of the conversion in force."""
        points = Points(marked.score, marked.best, marked.cut_score)
        return cls.reported(points, marked.modules_json(), key_hash, basis)

    @classmethod
    def reported(cls, points: Points, by_module: JsonObject, key_hash: str, basis: Basis | None) -> "Figures":
        """Return the figures for the points of the paper sat."""
        if basis is None:
            return cls(points.score, points.best, points.cut_score, by_module, key_hash)
        scale, score = basis.scale, basis.scale.equal(points.score, points.best)
        raw = (basis.equating_id, points.score, points.best)
        return cls(score, scale.best, scale.cut_score, by_module, key_hash, *raw)

    @property
    def points(self) -> Points:
        """Return what decides between two results."""
        return Points(self.score, self.max_score, self.cut_score)

    def says_otherwise(self, than: "Figures") -> bool:
        """Tell whether anything but the key differs."""
        return replace(self, key_hash=than.key_hash) != than


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a result changes: a confirmed marking run, or a confirmed correction after a recheck."""

    run: MarkingRun | None = None
    correction: ResultCorrection | None = None

    def hands(self) -> tuple[int | None, int | None]:
        """Return who proposed and who confirmed."""
        if self.run is not None:
            return self.run.asked_by_id, self.run.confirmed_by_id
        if self.correction is not None:
            return self.correction.proposed_by_id, self.correction.confirmed_by_id
        return None, None


def open_history(results: Iterable[Result], run: MarkingRun, *, at: datetime) -> None:
    """Write the first version of new results; they must be flushed."""
    session.add_all(_version(one, 1, figures_of(one), Cause(run=run), at=at) for one in results)
    session.flush()


def change(result: Result, now: Figures, cause: Cause, *, at: datetime) -> None:
    """Let a result say something else: its version first, as the schema demands, then the result."""
    last = session.scalar(select(func.max(ResultVersion.number)).where(ResultVersion.result_id == result.id))
    if last is None:
        session.add(_version(result, 1, figures_of(result), Cause(), at=result.marked_at))
        last = 1
    session.add(_version(result, last + 1, now, cause, at=at))
    session.flush()
    result.score, result.max_score, result.cut_score = now.score, now.max_score, now.cut_score
    result.by_module, result.key_hash = now.by_module, now.key_hash
    result.equating_id, result.raw_score, result.raw_max = now.equating_id, now.raw_score, now.raw_max
    result.passed = now.score >= now.cut_score
    session.flush()


def figures_of(result: Result) -> Figures:
    """Return what a result says now."""
    raw = (result.equating_id, result.raw_score, result.raw_max)
    return Figures(result.score, result.max_score, result.cut_score, result.by_module, result.key_hash, *raw)


def _version(result: Result, number: int, said: Figures, cause: Cause, *, at: datetime) -> ResultVersion:
    proposed, confirmed = cause.hands() if number > 1 else (None, None)
    return ResultVersion(
        result_id=result.id,
        number=number,
        score=said.score,
        max_score=said.max_score,
        cut_score=said.cut_score,
        by_module=said.by_module,
        passed=said.score >= said.cut_score,
        key_hash=said.key_hash,
        equating_id=said.equating_id,
        raw_score=said.raw_score,
        raw_max=said.raw_max,
        run_id=cause.run.id if cause.run else None,
        correction_id=cause.correction.id if cause.correction else None,
        proposed_by_id=proposed,
        confirmed_by_id=confirmed,
        at=at,
    )
