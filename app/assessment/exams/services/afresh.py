"""Fresh marks after an upheld recheck: somebody new marks the answer, and two people let that mark count."""

from datetime import datetime
from fractions import Fraction

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import FreshMark, ResultCorrection, Script, ScriptMark
from app.assessment.exams.queries import fresh as queries
from app.assessment.exams.queries import marking as runs
from app.assessment.exams.queries.modules import level_told
from app.assessment.exams.rules.marking import Decided, Marked, Terms
from app.assessment.exams.services.grading import grade, terms_of
from app.assessment.exams.services.subjects import of_script
from app.assessment.exams.states import SCRIPT, CorrectionState, DecidedHow, RunState
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, NotFoundError
from app.core.text import _l
from app.desk import services as desk

MARK = "exams.mark"
"""The restriction from marking."""


def ask(correction: ResultCorrection, script_code: str, *, by: Actor, at: datetime) -> FreshMark:
    """Let an answer of a corrected result be marked afresh; asked twice it is asked once.

    Raises NotFoundError for an answer of another sitting, ConflictError once points are proposed.
    """
    if correction.state is not CorrectionState.OPENED:
        raise ConflictError(_l("Points are proposed already. Send them back before an answer is marked afresh."))
    rows = queries.scripts_of(correction.result.attempt_id, correction.id)
    found = next((row for row in rows if row[0].code == script_code), None)
    if found is None:
        raise NotFoundError(_l("This sitting has no such answer."))
    script, _task, known = found
    if known is not None:
        return known
    fresh = FreshMark(script_id=script.id, correction_id=correction.id, asked_by_id=by.person_id, asked_at=at)
    session.add(fresh)
    session.flush()
    events.record("exams.fresh_mark_asked", of_script(script), by=by, at=at, data={"correction": correction.code})
    held = correction.result.attempt.session
    desk.open_todo(
        "exams.mark_afresh",
        of_script(script),
        url="/exams/marking",
        at=at,
        role=Role.MARKER,
        organisation_id=held.organisation_id,
        region_code=held.region_code,
        params=level_told(held),
    )
    return fresh


def claim(*, by: Actor, at: datetime) -> ScriptMark:
    """Give a marker who never marked it an answer to mark afresh; raises ConflictError where none is left."""
    restrictions.refuse_if_restricted(MARK, person_id=by.person_id, on=day_of(at))
    begun = queries.begun(by.person_id)
    if begun is not None:
        return begun
    script = queries.next_script(by)
    if script is None:
        raise ConflictError(_l("No answer waits for a fresh mark that you may give."))
    mark = ScriptMark(
        script_id=script.id,
        marked_by_id=by.person_id,
        slot=queries.next_slot(script.id),
        claimed_at=at,
        draft={"points": {}, "remark": ""},
    )
    session.add(mark)
    session.flush()
    return mark


def given(mark: ScriptMark, script: Script, *, at: datetime) -> None:
    """Put a fresh mark beside the correction that asked for it; it counts once two people confirm the points."""
    fresh = session.scalars(
        select(FreshMark).where(FreshMark.script_id == script.id, FreshMark.mark_id.is_(None)).limit(1)
    ).first()
    if fresh is not None:
        fresh.mark_id = mark.id
        session.flush()
    desk.close_todos(of_script(script), kind="exams.mark_afresh", at=at)


def suggested(correction: ResultCorrection) -> Marked | None:
    """Return the marks of the sitting with the fresh ones in place, None without any."""
    shares = _shares(correction)
    if not shares:
        return None
    attempt = correction.result.attempt
    latest = next((run for run in runs.runs_of(attempt.session_id) if run.state is RunState.APPLIED), None)
    terms = terms_of(latest) if latest else Terms()
    return grade(attempt.session, [attempt], terms, fresh={attempt.id: shares})[attempt.id]


def _shares(correction: ResultCorrection) -> Decided:
    return {
        (task.position, task.part): Fraction(fresh.mark.total) / Fraction(task.points)
        for _script, task, fresh in queries.scripts_of(correction.result.attempt_id, correction.id)
        if fresh is not None and fresh.mark is not None and fresh.mark.total is not None
    }


def let_count(correction: ResultCorrection, *, by: Actor, at: datetime) -> None:
    """Let the fresh marks be the decisive ones from now on, as the correction is confirmed."""
    for script, _task, fresh in queries.scripts_of(correction.result.attempt_id, correction.id):
        if fresh is None or fresh.mark is None:
            continue
        SCRIPT.move(script, "mark_afresh", points=fresh.mark.total, how=DecidedHow.FRESH, decided_at=at)
        session.flush()
        events.record("exams.script_decided", of_script(script), by=by, at=at, data={"how": "fresh"})
