"""Versions of a result: the only way a score changes, with the two people who changed it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select

from app.assessment.exams.models import MarkingRun, Result, ResultCorrection, ResultVersion
from app.assessment.exams.rules.marking import Marked
from app.core.columns import JsonObject
from app.core.db import session


@dataclass(frozen=True, slots=True)
class Figures:
    """What a result says from now on."""

    score: Decimal
    max_score: Decimal
    cut_score: Decimal
    by_module: JsonObject
    key_hash: str

    @classmethod
    def of(cls, marked: Marked, key_hash: str) -> "Figures":
        """Return the figures of a marking under a key."""
        return cls(marked.score, marked.best, marked.cut_score, marked.modules_json(), key_hash)


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
    session.add_all(_version(one, 1, _figures(one), Cause(run=run), at=at) for one in results)
    session.flush()


def change(result: Result, now: Figures, cause: Cause, *, at: datetime) -> None:
    """Let a result say something else: its version first, as the schema demands, then the result."""
    last = session.scalar(select(func.max(ResultVersion.number)).where(ResultVersion.result_id == result.id))
    if last is None:
        session.add(_version(result, 1, _figures(result), Cause(), at=result.marked_at))
        last = 1
    session.add(_version(result, last + 1, now, cause, at=at))
    session.flush()
    result.score, result.max_score, result.cut_score = now.score, now.max_score, now.cut_score
    result.by_module, result.key_hash = now.by_module, now.key_hash
    result.passed = now.score >= now.cut_score
    session.flush()


def _figures(result: Result) -> Figures:
    return Figures(result.score, result.max_score, result.cut_score, result.by_module, result.key_hash)


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
        run_id=cause.run.id if cause.run else None,
        correction_id=cause.correction.id if cause.correction else None,
        proposed_by_id=proposed,
        confirmed_by_id=confirmed,
        at=at,
    )
