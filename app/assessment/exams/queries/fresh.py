"""Reads of answers that an upheld recheck lets somebody mark afresh."""

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.access import held_by
from app.assessment.exams.models import Attempt, ExamSession, FreshMark, MarkingTask, Script, ScriptMark
from app.assessment.exams.queries.scripts import mine, taught_by
from app.assessment.exams.states import ScriptState
from app.core.access import Actor
from app.core.db import session

FIRST = 4
"""The slot of the first fresh mark of a script; those below belong to the marking itself."""


def next_script(actor: Actor) -> Script | None:
    """Return an answer of the actor's organisation to be marked afresh, by somebody who never marked it."""
    held = select(ExamSession.id).where(held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
    taken = _begun().where(ScriptMark.script_id == Script.id).exists()
    query = (
        select(Script)
        .join(FreshMark, FreshMark.script_id == Script.id)
        .join(Attempt, Attempt.id == Script.attempt_id)
        .where(
            FreshMark.mark_id.is_(None),
            Attempt.session_id.in_(held),
            ~taken,
            ~mine(actor.person_id),
            ~taught_by(actor.person_id),
        )
        .order_by(Script.code)
        .limit(1)
    )
    return session.scalars(query.with_for_update(of=Script, skip_locked=True)).first()


def _begun() -> Select[ScriptMark]:
    return select(ScriptMark).where(
        ScriptMark.slot >= FIRST, ScriptMark.done_at.is_(None), ScriptMark.withdrawn_at.is_(None)
    )


def begun(person_id: int) -> ScriptMark | None:
    """Return the fresh mark that a person has begun and not given."""
    return session.scalars(_begun().where(ScriptMark.marked_by_id == person_id).limit(1)).first()


def next_slot(script_id: int) -> int:
    """Return the slot of a further fresh mark of a script."""
    used = session.scalar(select(func.max(ScriptMark.slot)).where(ScriptMark.script_id == script_id))
    return max((used or 0) + 1, FIRST)


def waits_for(actor: Actor) -> bool:
    """Tell whether an answer waits for a fresh mark that this person may give, or has begun to give."""
    return begun(actor.person_id) is not None or next_script(actor) is not None


def scripts_of(attempt_id: int, correction_id: int) -> list[tuple[Script, MarkingTask, FreshMark | None]]:
    """Return the scripts of a sitting with their tasks, and the fresh mark that a correction asked for."""
    query = (
        select(Script, MarkingTask, FreshMark)
        .join(MarkingTask, MarkingTask.id == Script.task_id)
        .outerjoin(FreshMark, (FreshMark.script_id == Script.id) & (FreshMark.correction_id == correction_id))
        .options(joinedload(FreshMark.mark))
        .where(Script.attempt_id == attempt_id, Script.state != ScriptState.SET_ASIDE)
        .order_by(MarkingTask.position, MarkingTask.part)
    )
    return [(script, task, fresh) for script, task, fresh in session.execute(query)]


def marked_by(attempt_id: int) -> set[int]:
    """Return the ids of all who ever gave a mark of a sitting's answers."""
    query = (
        select(ScriptMark.marked_by_id)
        .join(Script, Script.id == ScriptMark.script_id)
        .where(Script.attempt_id == attempt_id, ScriptMark.done_at.is_not(None))
    )
    return set(session.scalars(query))
