"""Writes of equating: a conversion is computed and proposed by one person, decided by another."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from app.accounts.states import Role
from app.assessment.exams.models import ExamSession, ScoreEquating
from app.assessment.exams.queries import equating as queries
from app.assessment.exams.rules.equating import COMMON_ITEMS, Convert, NotEnoughError, equated
from app.assessment.exams.services.subjects import named, of_equating
from app.assessment.exams.states import EQUATING, Method, SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk

CENT = Decimal("0.01")
FEWEST_COMMON = 2


@dataclass(frozen=True, slots=True)
class Way:
    """How scores are converted: the method, the weight of the new group, the moments that smoothing keeps."""

    method: Method
    weight: Decimal
    degree: int


def propose(found: ExamSession, base: ExamSession, way: Way, *, reason: str, by: Actor, at: datetime) -> ScoreEquating:
    """Compute the conversion of a released session's scores onto a base session's scale, and propose it.

    Raises InvalidError naming the field where the sessions are not released, are one, share too few items for the
    method, or their scores do not spread.
    """
    if found.id == base.id:
        raise InvalidError(_l("Choose another session as the base."), field="base")
    if {found.state, base.state} != {SessionState.RELEASED}:
        raise InvalidError(_l("Both sessions need released results."), field="base")
    common = queries.shared_items(found, base)
    if way.method in COMMON_ITEMS and len(common) < FEWEST_COMMON:
        raise InvalidError(
            _l("The papers have %(count)d items in common; this method needs two at least.", count=len(common)),
            field="method",
        )
    proposed = ScoreEquating(
        session_id=found.id,
        base_id=base.id,
        method=way.method,
        weight=way.weight,
        degree=way.degree,
        common_items=len(common),
        table=_table(found, base, way, common),
        reason=reason,
        proposed_by_id=by.person_id,
        proposed_at=at,
    )
    session.add(proposed)
    session.flush()
    events.record("exams.equating_proposed", of_equating(proposed), by=by, at=at, reason=reason)
    desk.open_todo(
        "exams.decide_equating",
        of_equating(proposed),
        url=f"/exams/equatings/{proposed.code}",
        at=at,
        role=Role.EXAMINER,
        organisation_id=found.organisation_id,
        region_code=found.region_code,
        not_person_id=by.person_id,
        params=named(found, "session"),
    )
    return proposed


def _table(found: ExamSession, base: ExamSession, way: Way, common: dict[int, int]) -> list[list[str]]:
    step, best = queries.scale_of(found)
    _step, base_best = queries.scale_of(base)
    new, old = queries.group_of(found, set(common)), queries.group_of(base, set(common.values()))
    try:
        convert = equated(
            new,
            old,
            way.method,
            step=float(step),
            best=(float(best), float(base_best)),
            weight=float(way.weight),
            degree=way.degree,
        )
    except NotEnoughError as error:
        raise InvalidError(
            _l("The scores are too few or do not spread enough for this method."), field="method"
        ) from error
    return [_line(step * place, convert) for place in range(int(best / step) + 1)] if step else []


def _line(score: Decimal, convert: Convert) -> list[str]:
    equal = Decimal(repr(convert(float(score)))).quantize(CENT, ROUND_HALF_UP)
    return [f"{score:.2f}", f"{equal:.2f}"]


def settle(found: ScoreEquating, *, confirm: bool, by: Actor, at: datetime) -> None:
    """Confirm or reject a conversion as the second person; raises ForbiddenError for who proposed it."""
    if by.person_id == found.proposed_by_id:
        raise ForbiddenError(_l("You proposed this conversion. Another examiner of your organisation decides on it."))
    if confirm:
        EQUATING.move(found, "decide", decided_by_id=by.person_id, decided_at=at)
    else:
        EQUATING.move(found, "reject")
    session.flush()
    kind = "exams.equating_decided" if confirm else "exams.equating_rejected"
    events.record(kind, of_equating(found), by=by, at=at, data={"method": found.method.value})
    desk.close_todos(of_equating(found), at=at)
