"""Acts of the examiner who leads the marking: seeds, stopping a marker, adding the results up."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import ExamSession, MarkingTask, Script, ScriptMark, TaskMarker
from app.assessment.exams.queries import scripts as scripts_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import tasks as queries
from app.assessment.exams.rules.doublemarking import checked, total
from app.assessment.exams.services import scripts
from app.assessment.exams.services.subjects import of_script, of_session, of_task
from app.assessment.exams.states import SCRIPT, MarkerState, ScriptState, SessionState
from app.core import events, jobs
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.jobs import Job
from app.core.text import _l
from app.desk import services as desk

ADD_UP = "exams.mark"
THIRD = 3


def add_seed(
    task: MarkingTask, answer: str, points: Mapping[str, Decimal | None], *, by: Actor, at: datetime
) -> Script:
    """Add a paper whose mark is known: markers prove themselves on it, and it stays mixed into live answers.

    Raises InvalidError for an empty answer, or naming the criterion whose points cannot be.
    """
    if not answer.strip():
        raise InvalidError(_l("Write the answer of this paper."), field="answer")
    reference = checked(points, queries.criteria(task))
    found = Script(
        task_id=task.id,
        answer=answer,
        reference=reference,
        reference_points=total(reference),
        set_by_id=by.person_id,
    )
    session.add(found)
    session.flush()
    events.record("exams.seed_added", of_script(found), by=by, at=at)
    return found


def stop(task: MarkingTask, person_id: int, *, reason: str, by: Actor, at: datetime) -> int:
    """Stop a marker of a task: their marks are withdrawn and the answers marked again; return how many.

    Raises ForbiddenError for oneself, ConflictError once the results are added up.
    """
    if person_id == by.person_id:
        raise ForbiddenError(_l("Nobody stops themselves. Another examiner of your organisation does."))
    if task.session.state is not SessionState.PREPARED:
        raise ConflictError(_l("The results are added up. Correct them by a recheck or a new marking."))
    marker = queries.marker(task.id, person_id)
    if marker is None or marker.state is MarkerState.STOPPED:
        raise ConflictError(_l("This person does not mark this task."))
    _stopped(marker, reason, by, at)
    withdrawn = _withdraw(task, person_id, by=by, at=at)
    events.record("exams.marker_stopped", of_task(task), by=by, at=at, reason=reason, data={"withdrawn": withdrawn})
    if not scripts_queries.differing(task.id):
        desk.close_todos(of_task(task), kind="exams.adjudicate_answers", at=at)
    if withdrawn:
        scripts.ask(task, task.session, "exams.mark_answers", Role.MARKER, at=at)
        desk.close_todos(of_session(task.session), kind="exams.total", at=at)
    return withdrawn


def _stopped(marker: TaskMarker, reason: str, by: Actor, at: datetime) -> None:
    marker.state, marker.reason = MarkerState.STOPPED, reason
    marker.stopped_by_id, marker.stopped_at = by.person_id, at
    session.flush()


def _withdraw(task: MarkingTask, person_id: int, *, by: Actor, at: datetime) -> int:
    """Withdraw the marks of a person in a task and open the answers that stood on them; seeds stay for the figures."""
    query = (
        select(ScriptMark, Script)
        .join(Script, Script.id == ScriptMark.script_id)
        .where(
            Script.task_id == task.id,
            ScriptMark.marked_by_id == person_id,
            ScriptMark.withdrawn_at.is_(None),
            ScriptMark.slot > 0,
        )
    )
    rows = session.execute(query).all()
    for mark, script in rows:
        mark.withdrawn_at, mark.withdrawn_by_id = at, by.person_id
        if script.state is not ScriptState.OPEN:
            SCRIPT.move(script, "reopen", points=None, how=None, decided_at=None)
    session.flush()
    _drop_third_marks([script.id for _mark, script in rows], by=by, at=at)
    return len(rows)


def _drop_third_marks(script_ids: list[int], *, by: Actor, at: datetime) -> None:
    """Withdraw third marks of answers that have lost one of their two: whether they differ is open again."""
    third = select(ScriptMark).where(
        ScriptMark.script_id.in_(script_ids), ScriptMark.slot == THIRD, ScriptMark.withdrawn_at.is_(None)
    )
    for mark in session.scalars(third):
        mark.withdrawn_at, mark.withdrawn_by_id = at, by.person_id
    session.flush()


def add_up(found: ExamSession, *, by: Actor, at: datetime) -> Job:
    """Let the results be worked out, once every answer is decided; raises ConflictError before that."""
    found = sessions_queries.locked(found)
    if found.state is not SessionState.PREPARED or found.marked_at is None or scripts_queries.unfinished(found.id):
        raise ConflictError(_l("Not every answer is marked and decided yet."))
    events.record("exams.adding_up_asked", of_session(found), by=by, at=at)
    desk.close_todos(of_session(found), kind="exams.total", at=at)
    return jobs.start_job(ADD_UP, key=f"{ADD_UP}:{found.code}", by=by, args={"session": found.code})
