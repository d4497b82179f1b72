"""Scripts: answers that people mark, cut out of the sittings under random codes, and the points they come to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import Attempt, ExamSession, MarkingTask, Script
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import scripts as queries
from app.assessment.exams.queries import sittings
from app.assessment.exams.queries.modules import level_told
from app.assessment.exams.rules.marking import responses_by_position
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.rules.tasks import needed, written
from app.assessment.exams.services import regrading
from app.assessment.exams.services.subjects import of_session, of_task
from app.assessment.exams.states import SessionState
from app.core import events
from app.core.db import session
from app.desk import services as desk
from app.items.rules.bodies import asked

CUT = "exams.scripts"
CHUNK = 200


def open_tasks(found: ExamSession) -> list[MarkingTask]:
    """Make a task of every answer of the paper that people mark; none where the key marks all of it."""
    tasks = [
        MarkingTask(
            session_id=found.id,
            position=place.position,
            part=one.part,
            points=one.points,
            item_version_id=place.version.id,
        )
        for place in papers_queries.sheet_of(found.paper_id)
        for one in needed(asked(place.version))
    ]
    session.add_all(tasks)
    session.flush()
    return tasks


def cut_some(found: ExamSession, *, after: int, at: datetime) -> tuple[int, int]:
    """Cut the scripts of the next chunk of sittings; return the last one and how many were read.

    An answer left empty needs nobody: it earns nothing.
    """
    del at
    query = select(Attempt).where(Attempt.session_id == found.id, Attempt.submitted_at.is_not(None))
    attempts = list(session.scalars(query.where(Attempt.id > after).order_by(Attempt.id).limit(CHUNK)))
    session.add_all(
        Script(task_id=task_id, attempt_id=attempt_id, answer=text)
        for attempt_id, texts in texts_of(found, attempts).items()
        for task_id, text in texts.items()
    )
    session.flush()
    return (attempts[-1].id if attempts else after), len(attempts)


def texts_of(found: ExamSession, attempts: Sequence[Attempt]) -> dict[int, dict[int, str]]:
    """Return what was written in some sittings for people to mark: sitting to task to text, without empty ones."""
    tasks = queries.tasks_of(found.id)
    sheet = papers_queries.sheet_of(found.paper_id)
    answers = sittings.responses(attempts, {place.position: place.version.type for place in sheet})
    texts: dict[int, dict[int, str]] = {}
    for one in attempts:
        given = responses_by_position(from_json(one.order), answers[one.id])
        said = {task.id: written(given.get(task.position), task.part) for task in tasks}
        texts[one.id] = {task_id: text for task_id, text in said.items() if text}
    return texts


def finish_cutting(found: ExamSession, *, at: datetime) -> None:
    """Ask the markers, or, where every such answer was left empty, the examiner to add the results up."""
    count = queries.count(found.id)
    events.record("exams.scripts_cut", of_session(found), by=None, at=at, data={"scripts": count})
    left = queries.open_by_task(found.id)
    for task in (one for one in queries.tasks_of(found.id) if left.get(one.id)):
        ask(task, found, "exams.mark_answers", Role.MARKER, at=at)
    if not queries.unfinished(found.id):
        ask_to_total(found, at=at)


def ask(task: MarkingTask, held: ExamSession, kind: str, role: Role, *, at: datetime) -> None:
    """Let a task wait for those who mark or adjudicate; its words name the level only."""
    desk.open_todo(
        kind,
        of_task(task),
        url="/exams/marking",
        at=at,
        role=role,
        organisation_id=held.organisation_id,
        region_code=held.region_code,
        params={**level_told(held), "task": task.code[:6]},
    )


def ask_to_total(found: ExamSession, *, at: datetime) -> None:
    """Let the examiners look through the marking and add the results up."""
    desk.open_todo(
        "exams.total",
        of_session(found),
        url=f"/exams/sessions/{found.code}/marking",
        at=at,
        role=Role.EXAMINER,
        organisation_id=found.organisation_id,
        region_code=found.region_code,
        params={"session_zh": found.name_zh, "session_en": found.name_en},
    )


def settled(task: MarkingTask, held: ExamSession, *, at: datetime) -> None:
    """Close what waits for a task, and ask for the results once nothing of the session is open."""
    left = queries.open_by_task(held.id)
    if not left.get(task.id, 0):
        desk.close_todos(of_task(task), at=at)
    elif not queries.differing(task.id):
        desk.close_todos(of_task(task), kind="exams.adjudicate_answers", at=at)
    if not any(left.values()):
        _go_on(held, at=at)


def _go_on(held: ExamSession, *, at: datetime) -> None:
    """Let the results be added up, or marked anew where they were added up before a late answer came to count."""
    if held.state is SessionState.MARKED:
        regrading.mark_late(held, at=at)
    else:
        ask_to_total(held, at=at)
