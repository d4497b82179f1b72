"""The to-dos that follow from the states of marking: answers to mark, differences, results to add up, fresh marks."""

from collections.abc import Iterable

from sqlalchemy import Exists, Select, exists, select

from app.accounts.states import Role
from app.assessment.exams.models import Attempt, ExamSession, FreshMark, MarkingTask, Script
from app.assessment.exams.services.subjects import of_script, of_session, of_task
from app.assessment.exams.states import ScriptState, SessionState
from app.core.db import session
from app.core.events import Event, Subject
from app.desk.kinds import Expected

UNDECIDED = (ScriptState.OPEN, ScriptState.DIFFERING)


def expected() -> set[Expected]:
    """Return the to-dos of markers, adjudicators and who leads the marking."""
    return {
        *_tasks("exams.mark_answers", Role.MARKER, *UNDECIDED),
        *_tasks("exams.adjudicate_answers", Role.ADJUDICATOR, ScriptState.DIFFERING),
        *_totals(),
        *_afresh(),
    }


def _tasks(kind: str, role: Role, *states: ScriptState) -> Iterable[Expected]:
    left = exists().where(Script.task_id == MarkingTask.id, Script.attempt_id.is_not(None), Script.state.in_(states))
    query: Select[MarkingTask, ExamSession] = (
        select(MarkingTask, ExamSession)
        .join(ExamSession, ExamSession.id == MarkingTask.session_id)
        .where(ExamSession.state.in_((SessionState.PREPARED, SessionState.MARKED)), left)
    )
    for task, held in session.execute(query):
        yield _for(kind, of_task(task), held, role)


def _totals() -> Iterable[Expected]:
    """A session whose answers are all decided waits until its results are added up."""
    undecided = exists().where(
        Script.task_id == MarkingTask.id,
        MarkingTask.session_id == ExamSession.id,
        Script.attempt_id.is_not(None),
        Script.state.in_(UNDECIDED),
    )
    query = select(ExamSession).where(
        ExamSession.state == SessionState.PREPARED,
        _happened("exams.scripts_cut"),
        ~_happened("exams.adding_up_asked"),
        ~undecided,
    )
    for held in session.scalars(query):
        yield _for("exams.total", of_session(held), held, Role.EXAMINER)


def _happened(kind: str) -> Exists:
    return exists().where(
        Event.kind == kind, Event.subject_type == "exam_session", Event.subject_code == ExamSession.code
    )


def _afresh() -> Iterable[Expected]:
    query = (
        select(Script, ExamSession)
        .join(FreshMark, FreshMark.script_id == Script.id)
        .join(Attempt, Attempt.id == Script.attempt_id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .where(FreshMark.mark_id.is_(None))
    )
    for script, held in session.execute(query):
        yield _for("exams.mark_afresh", of_script(script), held, Role.MARKER)


def _for(kind: str, subject: Subject, held: ExamSession, role: Role) -> Expected:
    return Expected(kind, subject, role=role, organisation_id=held.organisation_id, region_code=held.region_code)
