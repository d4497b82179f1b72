"""Writes of equating: a conversion is computed and proposed by one person, decided by another."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial

from app.accounts.states import Role
from app.assessment.exams.models import ExamSession, ScoreEquating
from app.assessment.exams.queries import equating as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.rules.equating import COMMON_ITEMS, Convert, NotEnoughError, equated
from app.assessment.exams.rules.scales import Scale, tabled
from app.assessment.exams.services import regrading
from app.assessment.exams.services.subjects import named, of_equating
from app.assessment.exams.services.versions import scale_of
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

    Where the base's own scores are converted, that table leads on to their scale, and no further. Whose result changes
    is worked out as a job. Raises InvalidError naming the field where the base does not serve, the papers share too few
    items for the method or the scores do not spread; ConflictError while the session is not marked, its release waits,
    another new marking is open, or others' scores stand on its scale.
    """
    found, base = _both_locked(found, base)
    _check(found, base)
    through = _link(base)
    common = queries.shared_items(found, base)
    if way.method in COMMON_ITEMS and len(common) < FEWEST_COMMON:
        raise InvalidError(
            _l("The papers have %(count)d items in common; this method needs two at least.", count=len(common)),
            field="method",
        )
    onward = scale_of(through) if through else None
    scale = onward or queries.scale_of(base)
    proposed = ScoreEquating(
        session_id=found.id,
        base_id=base.id,
        method=way.method,
        weight=way.weight,
        degree=way.degree,
        through_id=through.id if through else None,
        common_items=len(common),
        table=_table(found, base, way, common=common, onward=onward),
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


def _both_locked(found: ExamSession, base: ExamSession) -> tuple[ExamSession, ExamSession]:
    """Lock both sessions, always in the same order: the base may be about to be converted itself."""
    for one in sorted({found.id: found, base.id: base}.items()):
        sessions_queries.locked(one[1])
    return found, base


def _check(found: ExamSession, base: ExamSession) -> None:
    if found.rehearsal:
        raise ConflictError(_l("A rehearsal is not counted, so nothing of it is released."))
    if found.id == base.id:
        raise InvalidError(_l("Choose another session as the base."), field="base")
    if base.state is not SessionState.RELEASED or base.level != found.level:
        raise InvalidError(_l("Choose a base session of this level whose results are released."), field="base")
    if queries.waits(base.id):
        raise InvalidError(
            _l("A conversion of this session's own scores is not decided yet. Choose it once that is done."),
            field="base",
        )
    leaning = queries.leaning_on(found.id)
    if leaning is not None:
        name = pick(leaning.name_zh, leaning.name_en)
        raise ConflictError(
            _l("Scores of “%(session)s” stand on the scale of this session, so it keeps its own.", session=name)
        )


def _link(base: ExamSession) -> ScoreEquating | None:
    """Return the conversion that a base's own scores stand on, None where they stand as they are.

    Raises InvalidError where that one leads on already: each link adds the error of its groups, and two is the most.
    """
    through = queries.in_force(base.id)
    if through is None or through.through_id is None:
        return through
    between, reference = (pick(one.name_zh, one.name_en) for one in (through.base, through.reference))
    raise InvalidError(
        _l(
            "Scores of this session reach their scale by way of two conversions, and each adds its error. Choose "
            "“%(between)s” or “%(reference)s”.",
            between=between,
            reference=reference,
        ),
        field="base",
    )


def _table(
    found: ExamSession, base: ExamSession, way: Way, *, common: dict[int, int], onward: Scale | None
) -> list[list[str]]:
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
    line = partial(_line, convert=convert, best=base_best, onward=onward)
    return [line(score) for score in dict.fromkeys([*steps, best])]


def _line(score: Decimal, *, convert: Convert, best: Decimal, onward: Scale | None) -> list[str]:
    """Table one score; a figure beyond the scale of the base paper is the end of it."""
    return [f"{score:.2f}", f"{tabled(Fraction(repr(convert(float(score)))), best, onward):.2f}"]


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
