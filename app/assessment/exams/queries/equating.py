"""Reads of equating: conversions of one's body, and the scores of two sessions with those on their common items."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from app.assessment.exams.access import held_by
from app.assessment.exams.models import Attempt, ExamSession, MarkingRun, Result, ScoreEquating
from app.assessment.exams.queries import marking
from app.assessment.exams.queries.papers import SheetItem, sheet_of
from app.assessment.exams.queries.sittings import responses
from app.assessment.exams.rules.equating import Group
from app.assessment.exams.rules.marking import Terms, cut_of, mark_attempt
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.rules.regrading import from_json as rulings_of
from app.assessment.exams.states import RunState, SessionState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.items.states import WRITTEN, ItemType

BLOCK = 500
BY_MARKERS = WRITTEN | {ItemType.CASE}


WITH_REFERENCE = (
    joinedload(ScoreEquating.base),
    joinedload(ScoreEquating.through).joinedload(ScoreEquating.base),
)
"""What a page needs to name the paper whose scale scores stand on."""


class PaperScale(NamedTuple):
    """The scale that points of a paper make: the smallest points of an item, the full score, the cut score."""

    step: Decimal
    best: Decimal
    cut_score: Decimal


def _equatings(actor: Actor) -> Select[ScoreEquating]:
    return (
        select(ScoreEquating)
        .join(ScoreEquating.session)
        .options(joinedload(ScoreEquating.session), *WITH_REFERENCE)
        .where(held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
    )


def equatings_of(found: ExamSession, actor: Actor) -> list[ScoreEquating]:
    """Return the conversions of a session's scores, latest first."""
    query = _equatings(actor).where(ScoreEquating.session_id == found.id)
    return list(session.scalars(query.order_by(ScoreEquating.id.desc())))


def equating(code: str, actor: Actor) -> ScoreEquating:
    """Return one conversion; raises NotFoundError."""
    found = session.scalar(_equatings(actor).where(ScoreEquating.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such conversion of scores of your organisation."))
    return found


def shared_items(one: ExamSession, other: ExamSession) -> dict[int, int]:
    """Return the places that hold the same item version with the same points: place of one to place of the other.

    Items that a marker decides are left out: their points depend on who marked them.
    """
    places = {(item.version.id, item.points): item.position for item in sheet_of(other.paper_id)}
    return {
        item.position: places[item.version.id, item.points]
        for item in sheet_of(one.paper_id)
        if (item.version.id, item.points) in places and item.version.type not in BY_MARKERS
    }


def scale_of(found: ExamSession) -> PaperScale:
    """Return the scale of a session's paper as it was marked last: what left the total is no part of it."""
    sheet, terms = sheet_of(found.paper_id), _terms(found.id)
    points = [item.points for item in sheet if not terms.leaves(item.position)]
    best, whole = sum(points, Decimal(0)), sum((item.points for item in sheet), Decimal(0))
    return PaperScale(min(points, default=Decimal(0)), best, cut_of(found.paper.blueprint.cut_score, best, whole))


def _terms(session_id: int) -> Terms:
    last = marking.last_applied(session_id)
    return Terms(rulings_of(last.rulings), last.void_policy) if last else Terms()


def in_force(session_id: int) -> ScoreEquating | None:
    """Return the conversion by which a session's scores are reported, with its base; None where they stand as are."""
    last = marking.last_applied(session_id)
    if last is None or last.equating_id is None:
        return None
    query = select(ScoreEquating).options(*WITH_REFERENCE).where(ScoreEquating.id == last.equating_id)
    return session.scalars(query).one()


def waits(session_id: int) -> bool:
    """Tell whether a conversion of a session's scores is not decided yet, or is being carried into the results."""
    query = select(MarkingRun.id).where(
        MarkingRun.session_id == session_id, MarkingRun.equates, MarkingRun.state.in_(marking.OPEN_RUNS)
    )
    return session.scalar(query.limit(1)) is not None


def leaning_on(session_id: int) -> ExamSession | None:
    """Return a session whose scores are reported on the scale of this one, None where there is none."""
    query = (
        select(ExamSession)
        .join(MarkingRun, MarkingRun.session_id == ExamSession.id)
        .join(ScoreEquating, ScoreEquating.id == MarkingRun.equating_id)
        .where(ScoreEquating.base_id == session_id, MarkingRun.state.in_((*marking.OPEN_RUNS, RunState.APPLIED)))
        .order_by(ExamSession.id)
    )
    return session.scalars(query.limit(1)).first()


def run_of(equating_id: int) -> MarkingRun | None:
    """Return the marking that carries a conversion into the results; None where it was decided before they counted."""
    query = select(MarkingRun).where(MarkingRun.equating_id == equating_id, MarkingRun.equates)
    return session.scalars(query.options(joinedload(MarkingRun.session))).one_or_none()


def unequated_of(session_id: int) -> Select[int]:
    """Count a session that sat another paper than an earlier released one, without a decision on one scale."""
    other = aliased(ExamSession)
    earlier = select(other.id).where(
        other.organisation_id == ExamSession.organisation_id,
        other.level == ExamSession.level,
        other.state == SessionState.RELEASED,
        other.id != ExamSession.id,
        other.paper_id != ExamSession.paper_id,
    )
    decided = select(MarkingRun.id).where(
        MarkingRun.session_id == ExamSession.id, MarkingRun.equates, MarkingRun.state == RunState.APPLIED
    )
    query = select(func.count()).select_from(ExamSession)
    return query.where(
        ExamSession.id == session_id,
        earlier.correlate(ExamSession).exists(),
        ~decided.correlate(ExamSession).exists(),
    )


def outdated_of(session_id: int) -> Select[int]:
    """Count the marking in force where scores were marked anew after their conversion was computed."""
    later = aliased(MarkingRun)
    last = select(func.max(later.number)).where(later.session_id == session_id, later.state == RunState.APPLIED)
    query = select(func.count()).select_from(MarkingRun)
    return query.where(
        MarkingRun.session_id == session_id,
        MarkingRun.number == last.scalar_subquery(),
        MarkingRun.equating_id.is_not(None),
        ~MarkingRun.equates,
    )


def group_of(found: ExamSession, places: set[int]) -> Group:
    """Return what a session's candidates reached on its own paper: the whole of it, and some of its places."""
    anchor = [item for item in sheet_of(found.paper_id) if item.position in places]
    query = (
        select(Attempt, func.coalesce(Result.raw_score, Result.score))
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.session_id == found.id, Result.voided.is_(False))
        .order_by(Attempt.id)
    )
    rows = session.execute(query).all()
    common = _anchor_scores(found, [attempt for attempt, _score in rows], anchor) if anchor else {}
    return Group([float(score) for _attempt, score in rows], [common.get(one.id, 0.0) for one, _score in rows])


def _anchor_scores(found: ExamSession, attempts: list[Attempt], anchor: list[SheetItem]) -> Mapping[int, float]:
    keyed = [item.keyed() for item in anchor]
    types = {item.position: item.version.type for item in sheet_of(found.paper_id)}
    terms = _terms(found.id)
    told = {}
    for start in range(0, len(attempts), BLOCK):
        block = attempts[start : start + BLOCK]
        given = responses(block, types)
        for one in block:
            marked = mark_attempt(keyed, from_json(one.order), given[one.id], Decimal(0), terms=terms)
            told[one.id] = float(marked.score)
    return told
