"""Writes of equating: a conversion is computed and proposed by one person, decided by another."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from app.accounts.states import Role
from app.assessment.exams.models import ExamSession, ScoreEquating
from app.assessment.exams.queries import equating as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.rules.equating import COMMON_ITEMS, Convert, NotEnoughError, equated
from app.assessment.exams.rules.scales import held
from app.assessment.exams.services import regrading
from app.assessment.exams.services.subjects import named, of_equating
from app.assessment.exams.states import EQUATING, Method, RunState, SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l, pick
from app.desk import services as desk

FEWEST_COMMON = 2


@dataclass(frozen=True, slots=True)
class Way:
    """How scores are converted: the method, the weight of the new group, the moments that smoothing keeps."""

    method: Method
    weight: Decimal
    degree: int


def propose(found: ExamSession, base: ExamSession, way: Way, *, reason: str, by: Actor, at: datetime) -> ScoreEquating:
    """Compute the conversion of a marked session's scores onto a base session's scale, and propose to report them so.

    Whose result changes is worked out as a job. Raises InvalidError naming the field where the base does not serve, the
    papers share too few items for the method or the scores do not spread; ConflictError while the session is not
    marked, its release waits, another new marking is open, or others' scores stand on its scale.
    """
    found = sessions_queries.locked(found)
    _check(found, base)
    common = queries.shared_items(found, base)
    if way.method in COMMON_ITEMS and len(common) < FEWEST_COMMON:
        raise InvalidError(
            _l("The papers have %(count)d items in common; this method needs two at least.", count=len(common)),
            field="method",
        )
    scale = queries.scale_of(base)
    proposed = ScoreEquating(
        session_id=found.id,
        base_id=base.id,
        method=way.method,
        weight=way.weight,
        degree=way.degree,
        common_items=len(common),
        table=_table(found, base, way, common),
        full_score=scale.best,
        cut_score=scale.cut_score,
        reason=reason,
        proposed_by_id=by.person_id,
        proposed_at=at,
    )
    session.add(proposed)
    session.flush()
    events.record("exams.equating_proposed", of_equating(proposed), by=by, at=at, reason=reason)
    regrading.equate(found, proposed, reason=reason, by=by, at=at)
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


def _check(found: ExamSession, base: ExamSession) -> None:
    if found.rehearsal:
        raise ConflictError(_l("A rehearsal is not counted, so nothing of it is released."))
    if found.id == base.id:
        raise InvalidError(_l("Choose another session as the base."), field="base")
    if base.state is not SessionState.RELEASED or base.level != found.level:
        raise InvalidError(_l("Choose a base session of this level whose results are released."), field="base")
    other = queries.in_force(base.id)
    if other is not None:
        name = pick(other.base.name_zh, other.base.name_en)
        raise InvalidError(
            _l("Scores of this session stand on the scale of “%(session)s”. Choose that one.", session=name),
            field="base",
        )
    leaning = queries.leaning_on(found.id)
    if leaning is not None:
        name = pick(leaning.name_zh, leaning.name_en)
        raise ConflictError(
            _l("Scores of “%(session)s” stand on the scale of this session, so it keeps its own.", session=name)
        )


def _table(found: ExamSession, base: ExamSession, way: Way, common: dict[int, int]) -> list[list[str]]:
    step, best, _cut = queries.scale_of(found)
    _step, base_best, _base_cut = queries.scale_of(base)
    if way.method is Method.IDENTITY and best != base_best:
        raise InvalidError(
            _l("Points count as they are only where both papers have the same full score."), field="method"
        )
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
    steps = [step * place for place in range(int(best / step) + 1)] if step else []
    return [_line(score, convert, base_best) for score in dict.fromkeys([*steps, best])]


def _line(score: Decimal, convert: Convert, best: Decimal) -> list[str]:
    """Table one score; a figure beyond the scale of the base paper is the end of it."""
    return [f"{score:.2f}", f"{held(Fraction(repr(convert(float(score)))), best):.2f}"]


def settle(found: ScoreEquating, *, confirm: bool, by: Actor, at: datetime) -> None:
    """Confirm a conversion as the second person, so that results are reported by it, or reject it.

    Raises ForbiddenError for who proposed it, ConflictError while whose result changes is still being worked out.
    """
    if by.person_id == found.proposed_by_id:
        raise ForbiddenError(_l("You proposed this conversion. Another examiner of your organisation decides on it."))
    run = queries.run_of(found.id)
    if run is not None and run.state is RunState.COUNTING:
        raise ConflictError(_l("Whose result changes is still being worked out. Load the page again in a moment."))
    if confirm and run is None:
        raise ConflictError(
            _l("This conversion was proposed before conversions counted. Reject it and propose it anew.")
        )
    if confirm:
        EQUATING.move(found, "decide", decided_by_id=by.person_id, decided_at=at)
    else:
        EQUATING.move(found, "reject")
    if run is not None and confirm:
        regrading.carry_out(run, by=by, at=at)
    elif run is not None:
        regrading.put_aside(run, reason=None, by=by, at=at)
    session.flush()
    kind = "exams.equating_decided" if confirm else "exams.equating_rejected"
    events.record(kind, of_equating(found), by=by, at=at, data={"method": found.method.value})
    desk.close_todos(of_equating(found), at=at)
