"""Reads of answers that came late or from another page, within the organisation that held the exam."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.assessment.exams.access import held_by
from app.assessment.exams.models import AnswerSave, Attempt, ExamSession, LateAnswer, LateDecision, Result
from app.assessment.exams.rules.merging import Known
from app.assessment.exams.states import LateState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


@dataclass(frozen=True, slots=True)
class Row:
    """One answer at the side door with what was decided about it, if anything."""

    answer: LateAnswer
    decision: LateDecision | None

    @property
    def undecided(self) -> bool:
        """Tell whether a first examiner may propose something."""
        proposed = self.decision is not None and self.decision.state is not LateState.RETURNED
        return self.answer.merged_as is None and not proposed

    @property
    def open(self) -> bool:
        """Tell whether it still waits for one of the two."""
        confirmed = self.decision is not None and self.decision.state is LateState.CONFIRMED
        return self.answer.merged_as is None and not confirmed


class Proposed(NamedTuple):
    """An answer whose decision waits for a second examiner."""

    answer: LateAnswer
    decision: LateDecision


class Waiting(NamedTuple):
    """A sitting with answers that came by the side door: how many, and how many still wait."""

    attempt: Attempt
    came: int
    waiting: int


def sitting(code: str, actor: Actor) -> Attempt:
    """Return a sitting with session and registration; raises NotFoundError outside of the actor's organisation."""
    query = (
        select(Attempt)
        .join(Attempt.session)
        .options(contains_eager(Attempt.session), joinedload(Attempt.registration))
        .where(Attempt.code == code, held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such sitting of your organisation."))
    return found


def of_sitting(attempt_id: int) -> list[Row]:
    """Return what came by the side door of a sitting, by place, with the decisions."""
    query = (
        select(LateAnswer, LateDecision)
        .outerjoin(LateDecision, LateDecision.late_answer_id == LateAnswer.id)
        .where(LateAnswer.attempt_id == attempt_id)
        .order_by(LateAnswer.position, LateAnswer.sequence, LateAnswer.id)
    )
    return [Row(answer, decision) for answer, decision in session.execute(query)]


def proposed(attempt_id: int) -> list[Proposed]:
    """Return the answers of a sitting whose decision waits for a second examiner."""
    return [
        Proposed(row.answer, row.decision)
        for row in of_sitting(attempt_id)
        if row.decision is not None and row.decision.state is LateState.PROPOSED
    ]


def last_known(attempt_id: int) -> dict[int, Known]:
    """Return for each place of a sitting its last answer and when that was typed."""
    newest = (
        select(AnswerSave.position, func.max(AnswerSave.sequence).label("sequence"))
        .where(AnswerSave.attempt_id == attempt_id)
        .group_by(AnswerSave.position)
        .subquery()
    )
    query = (
        select(AnswerSave.position, AnswerSave.sequence, AnswerSave.client_at, AnswerSave.saved_at)
        .join(newest, (AnswerSave.position == newest.c.position) & (AnswerSave.sequence == newest.c.sequence))
        .where(AnswerSave.attempt_id == attempt_id)
    )
    return {place: Known(sequence, typed or saved) for place, sequence, typed, saved in session.execute(query)}


def in_session(found: ExamSession) -> list[Waiting]:
    """Return the sittings of a session that answers came for by the side door, those that wait first."""
    waiting = func.count(LateAnswer.id).filter(LateAnswer.merged_as.is_(None), _not_confirmed())
    counted = (
        select(LateAnswer.attempt_id, func.count(LateAnswer.id).label("came"), waiting.label("waiting"))
        .join(Attempt, Attempt.id == LateAnswer.attempt_id)
        .outerjoin(LateDecision, LateDecision.late_answer_id == LateAnswer.id)
        .where(Attempt.session_id == found.id)
        .group_by(LateAnswer.attempt_id)
        .subquery()
    )
    query = (
        select(Attempt, counted.c.came, counted.c.waiting)
        .join(counted, counted.c.attempt_id == Attempt.id)
        .options(joinedload(Attempt.registration))
        .order_by(counted.c.waiting.desc(), Attempt.id)
    )
    return [Waiting(*row) for row in session.execute(query)]


def acknowledged(attempt_id: int, places: Iterable[int]) -> dict[tuple[int, int], dict[str, Any]]:
    """Return what the history of a sitting holds at some places, by place and sequence."""
    rows = session.execute(
        select(AnswerSave.position, AnswerSave.sequence, AnswerSave.value).where(
            AnswerSave.attempt_id == attempt_id, AnswerSave.position.in_(set(places))
        )
    )
    return {(position, sequence): value for position, sequence, value in rows}


def undecided(session_id: int) -> int:
    """Return how many late answers of a session still wait for a decision."""
    return session.scalar(undecided_of(session_id)) or 0


def undecided_of(session_id: int) -> Select[int]:
    """Count the late answers of a session that still wait for a decision."""
    return select(func.count()).select_from(_undecided(session_id).subquery())


def _undecided(session_id: int) -> Select[int]:
    return (
        select(LateAnswer.id)
        .join(Attempt, Attempt.id == LateAnswer.attempt_id)
        .outerjoin(LateDecision, LateDecision.late_answer_id == LateAnswer.id)
        .where(Attempt.session_id == session_id, LateAnswer.merged_as.is_(None), _not_confirmed())
    )


def unread(session_id: int) -> int:
    """Return how many late answers that count no marking of a session has read yet."""
    return session.scalar(unread_of(session_id)) or 0


def unread_of(session_id: int) -> Select[int]:
    """Count the late answers of a session that two people let count and that are in no result yet."""
    return select(func.count()).select_from(unread_decisions(session_id).subquery())


def unread_decisions(session_id: int) -> Select[LateDecision]:
    """Select the decisions whose answers came to count after the results of their session were added up."""
    return (
        select(LateDecision)
        .join(LateAnswer, LateAnswer.id == LateDecision.late_answer_id)
        .join(Result, Result.attempt_id == LateAnswer.attempt_id)
        .join(Attempt, Attempt.id == LateAnswer.attempt_id)
        .where(
            Attempt.session_id == session_id, LateDecision.entered_as.is_not(None), LateDecision.marked_in_id.is_(None)
        )
    )


def waiting() -> Select[str, int, str]:
    """Select the sittings with an undecided late answer: code, organisation, region."""
    return (
        select(Attempt.code, ExamSession.organisation_id, ExamSession.region_code)
        .join(LateAnswer, LateAnswer.attempt_id == Attempt.id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .outerjoin(LateDecision, LateDecision.late_answer_id == LateAnswer.id)
        .where(LateAnswer.merged_as.is_(None), _not_confirmed())
        .distinct()
    )


def _not_confirmed() -> ColumnElement[bool]:
    return LateDecision.id.is_(None) | (LateDecision.state != LateState.CONFIRMED)
