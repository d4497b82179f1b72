"""Reads of equating: conversions of one's body, and the scores of two sessions with those on their common items."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.access import held_by
from app.assessment.exams.models import Attempt, ExamSession, Result, ScoreEquating
from app.assessment.exams.queries.papers import SheetItem, sheet_of
from app.assessment.exams.queries.sittings import responses
from app.assessment.exams.rules.equating import Group
from app.assessment.exams.rules.marking import mark_attempt
from app.assessment.exams.rules.order import from_json
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.items.states import WRITTEN, ItemType

BLOCK = 500
BY_MARKERS = WRITTEN | {ItemType.CASE}


def _equatings(actor: Actor) -> Select[ScoreEquating]:
    return (
        select(ScoreEquating)
        .join(ScoreEquating.session)
        .options(joinedload(ScoreEquating.session), joinedload(ScoreEquating.base))
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


def scale_of(found: ExamSession) -> tuple[Decimal, Decimal]:
    """Return the smallest points of an item on a session's paper, and the full score."""
    points = [item.points for item in sheet_of(found.paper_id)]
    return min(points, default=Decimal(0)), sum(points, Decimal(0))


def group_of(found: ExamSession, places: set[int]) -> Group:
    """Return the scores of a session's candidates: the whole paper, and those on some of its places."""
    anchor = [item for item in sheet_of(found.paper_id) if item.position in places]
    query = (
        select(Attempt, Result.score)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.session_id == found.id, Result.voided.is_(False))
        .order_by(Attempt.id)
    )
    rows = session.execute(query).all()
    common = _anchor_scores(found.paper_id, [attempt for attempt, _score in rows], anchor) if anchor else {}
    return Group([float(score) for _attempt, score in rows], [common.get(one.id, 0.0) for one, _score in rows])


def _anchor_scores(paper_id: int, attempts: list[Attempt], anchor: list[SheetItem]) -> Mapping[int, float]:
    keyed = [item.keyed() for item in anchor]
    types = {item.position: item.version.type for item in sheet_of(paper_id)}
    told = {}
    for start in range(0, len(attempts), BLOCK):
        block = attempts[start : start + BLOCK]
        given = responses(block, types)
        for one in block:
            marked = mark_attempt(keyed, from_json(one.order), given[one.id], Decimal(0))
            told[one.id] = float(marked.score)
    return told
