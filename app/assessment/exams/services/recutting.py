"""Late answers that count after the answers went to the markers: what they were given is never silently changed."""

from dataclasses import dataclass
from datetime import datetime

from app.accounts.states import Role
from app.assessment.exams.models import Attempt, ExamSession, MarkingTask, Script, ScriptMark
from app.assessment.exams.queries import scripts as queries
from app.assessment.exams.services import regrading, scripts
from app.assessment.exams.services.subjects import of_attempt, of_script, of_session
from app.assessment.exams.states import SCRIPT, SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.desk import services as desk

NEW, REPLACED, SET_ASIDE = "new", "replaced", "set_aside"


@dataclass(frozen=True, slots=True)
class Slot:
    """One task of one sitting: the script that stands, if any, and every mark that was ever begun on it."""

    task: MarkingTask
    attempt: Attempt
    script: Script | None
    marks: list[ScriptMark]


def follow(held: ExamSession, attempt: Attempt, *, by: Actor, at: datetime) -> None:
    """Let answers that came to count after the marking was asked for reach the markers and the result.

    Scripts that read otherwise now are cut again. Once the results are added up a new marking is proposed; it waits
    until the markers are done.
    """
    if held.marked_at is None:
        return
    _recut(held, attempt, by=by, at=at)
    if held.state is SessionState.MARKED:
        regrading.mark_late(held, at=at)


def _recut(held: ExamSession, attempt: Attempt, *, by: Actor, at: datetime) -> None:
    texts = scripts.texts_of(held, [attempt])[attempt.id]
    standing = queries.of_sitting(attempt.id)
    taken = queries.ever_taken(one.id for one in standing.values())
    outcome: dict[str, int] = {NEW: 0, REPLACED: 0, SET_ASIDE: 0}
    changed = []
    for task in queries.tasks_of(held.id):
        known, text = standing.get(task.id), texts.get(task.id, "")
        if (known.answer if known else "") != text:
            marks = taken.get(known.id, []) if known is not None else []
            outcome[_one(Slot(task, attempt, known, marks), text, by=by, at=at)] += 1
            changed.append(task)
    session.flush()
    if changed:
        events.record("exams.scripts_recut", of_attempt(attempt.code), by=by, at=at, data=outcome)
        _ask(changed, held, at=at)


def _one(slot: Slot, text: str, *, by: Actor, at: datetime) -> str:
    """Put one answer before the markers as it reads now; a script that somebody ever took stays as it was, aside."""
    if slot.script is not None and text and not slot.marks:
        slot.script.answer = text
        return REPLACED
    if slot.script is not None:
        _set_aside(slot.script, slot.marks, by=by, at=at)
    if text:
        session.add(Script(task_id=slot.task.id, attempt_id=slot.attempt.id, answer=text))
    return SET_ASIDE if slot.script is not None else NEW


def _set_aside(script: Script, marks: list[ScriptMark], *, by: Actor, at: datetime) -> None:
    """Set a script aside: the marks that were given stay as they are, what was only begun is taken back."""
    data = {"points": f"{script.points:.3f}" if script.points is not None else "", "how": str(script.how or "")}
    SCRIPT.move(script, "set_aside", points=None, how=None, decided_at=None)
    for mark in marks:
        if mark.done_at is None and mark.withdrawn_at is None:
            mark.withdrawn_at, mark.withdrawn_by_id = at, by.person_id
    session.flush()
    events.record("exams.script_set_aside", of_script(script), by=by, at=at, data=data)


def _ask(changed: list[MarkingTask], held: ExamSession, *, at: datetime) -> None:
    for task in changed:
        scripts.settled(task, held, at=at)
    left = queries.open_by_task(held.id)
    for task in (one for one in changed if left.get(one.id)):
        scripts.ask(task, held, "exams.mark_answers", Role.MARKER, at=at)
    if left:
        desk.close_todos(of_session(held), kind="exams.total", at=at)
