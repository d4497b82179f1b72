"""Reads of marking tasks: what a marker sees, and how the marking stands for who leads it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import contains_eager

from app.accounts.models import Person
from app.assessment.exams.access import held_by
from app.assessment.exams.models import ExamSession, MarkingTask, Script, ScriptMark, TaskMarker
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.queries.scripts import UNDECIDED, standing
from app.assessment.exams.rules.agreement import MarkerFigures, Pair, figures
from app.assessment.exams.rules.marking_rule import MarkingRule
from app.assessment.exams.rules.parameters import ExamRule
from app.assessment.exams.rules.tasks import question_of, rubric_of
from app.assessment.exams.states import MarkerState, ScriptState, SessionState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.items.models import ItemVersion
from app.items.rules.bodies import Part, asked
from app.rulebook import queries as rulebook

PARTNER = {1: 2, 2: 1}
"""The slot of the other marker."""


class OwnTask(NamedTuple):
    """A task as its marker sees it: their own standing and count, never how many others or candidates there are."""

    task: MarkingTask
    level: str
    state: MarkerState | None
    done: int
    differing: bool


@dataclass(frozen=True, slots=True)
class Board:
    """How one task stands, for who leads the marking."""

    task: MarkingTask
    scripts: int
    once: int
    twice: int
    differing: int
    decided: int
    seeds: int


@dataclass(frozen=True, slots=True)
class MarkerRow:
    """One marker of a task with figures."""

    person_code: str
    name: str
    marker: TaskMarker
    figures: MarkerFigures


def rule_of(held: ExamSession) -> MarkingRule:
    """Return the parameters of marking that hold for a session."""
    return ExamRule.model_validate(rulebook.by_code(held.rule_pack).params).of(held.level).marking


def own_tasks(actor: Actor) -> list[OwnTask]:
    """Return the open tasks of the actor's organisation, by their random codes, in one statement.

    After the results are added up a task is open again while a late answer that counts waits in it.
    """
    done = (
        select(func.count())
        .select_from(ScriptMark)
        .join(Script, Script.id == ScriptMark.script_id)
        .where(
            Script.task_id == MarkingTask.id,
            ScriptMark.marked_by_id == actor.person_id,
            ScriptMark.done_at.is_not(None),
            ScriptMark.withdrawn_at.is_(None),
        )
        .correlate(MarkingTask)
        .scalar_subquery()
    )
    differing = (
        select(Script.id).where(Script.task_id == MarkingTask.id, Script.state == ScriptState.DIFFERING).exists()
    )
    left = (
        select(Script.id)
        .where(Script.task_id == MarkingTask.id, Script.attempt_id.is_not(None), Script.state.in_(UNDECIDED))
        .exists()
    )
    query = (
        select(MarkingTask, ExamSession.level, TaskMarker.state, done, differing)
        .join(MarkingTask.session)
        .outerjoin(TaskMarker, (TaskMarker.task_id == MarkingTask.id) & (TaskMarker.marked_by_id == actor.person_id))
        .where(
            (ExamSession.state == SessionState.PREPARED) | ((ExamSession.state == SessionState.MARKED) & left),
            held_by(ExamSession.organisation_id, ExamSession.region_code, actor),
        )
        .order_by(MarkingTask.code)
    )
    return [OwnTask(*row) for row in session.execute(query)]


def task(code: str, actor: Actor) -> MarkingTask:
    """Return one task of the actor's organisation with its session; raises NotFoundError."""
    query = (
        _tasks()
        .options(contains_eager(MarkingTask.session).joinedload(ExamSession.paper))
        .where(MarkingTask.code == code, held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such marking task within what you may see."))
    return found


def of_script(script_id: int) -> MarkingTask:
    """Return the task of a script with its session."""
    query = _tasks().join(Script, Script.task_id == MarkingTask.id).where(Script.id == script_id)
    return session.scalars(query.options(contains_eager(MarkingTask.session))).one()


def _tasks() -> Select[MarkingTask]:
    return select(MarkingTask).join(MarkingTask.session)


def own_mark(code: str, actor: Actor) -> ScriptMark:
    """Return the actor's own mark of a script by the script's code; raises NotFoundError for anybody else's."""
    loaded = contains_eager(ScriptMark.script).joinedload(Script.task).joinedload(MarkingTask.session)
    query = (
        select(ScriptMark)
        .join(ScriptMark.script)
        .options(loaded)
        .where(Script.code == code, ScriptMark.marked_by_id == actor.person_id, ScriptMark.withdrawn_at.is_(None))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("This answer is not before you for marking."))
    return found


def version_of(found: MarkingTask) -> ItemVersion:
    """Return the version of the item that a task is about."""
    return session.get_one(ItemVersion, found.item_version_id)


def question(found: MarkingTask) -> tuple[Part, Part]:
    """Return the item and the question of it that a task is about."""
    item = asked(version_of(found))
    return item, question_of(item, found.part)


def criteria(found: MarkingTask) -> dict[str, Decimal]:
    """Return what each criterion of a task is worth, under the number it has in the rubric."""
    _item, about = question(found)
    return {str(number): one.points for number, one in enumerate(rubric_of(about), start=1)}


def marker(task_id: int, person_id: int) -> TaskMarker | None:
    """Return a person's standing in a task, None where they never marked in it."""
    return session.scalar(select(TaskMarker).where(TaskMarker.task_id == task_id, TaskMarker.marked_by_id == person_id))


def marker_by_code(task_id: int, code: str) -> int:
    """Return the key of a marker of a task by their code; raises NotFoundError."""
    query = select(Person.id).join(TaskMarker, TaskMarker.marked_by_id == Person.id)
    found = session.scalar(query.where(TaskMarker.task_id == task_id, Person.code == code))
    if found is None:
        raise NotFoundError(_l("This person does not mark this task."))
    return found


def _marks(task_id: int) -> Select[ScriptMark]:
    return (
        select(ScriptMark)
        .join(ScriptMark.script)
        .options(contains_eager(ScriptMark.script))
        .where(Script.task_id == task_id, ScriptMark.done_at.is_not(None), ScriptMark.withdrawn_at.is_(None))
        .order_by(ScriptMark.done_at, ScriptMark.id)
    )


def done(task_id: int, person_id: int) -> int:
    """Count the marks that a person has given in a task."""
    mine = _marks(task_id).where(ScriptMark.marked_by_id == person_id).order_by(None).subquery()
    return session.scalar(select(func.count()).select_from(mine)) or 0


def seed_marks(task_id: int, person_id: int) -> list[Pair]:
    """Return the marks that a person gave seeds of a task, each with the reference, first to last."""
    mine = _marks(task_id).where(ScriptMark.marked_by_id == person_id, ScriptMark.slot == 0)
    return [
        (one.total, one.script.reference_points)
        for one in session.scalars(mine)
        if one.total is not None and one.script.reference_points is not None
    ]


def boards(session_id: int) -> list[Board]:
    """Return how the tasks of a session stand, in one statement."""
    marks = standing(1, 2).where(ScriptMark.done_at.is_not(None)).scalar_subquery()
    live = Script.attempt_id.is_not(None)
    counted = (
        select(Script.task_id, live.label("live"), Script.state, marks.label("marks"))
        .join(MarkingTask, MarkingTask.id == Script.task_id)
        .where(MarkingTask.session_id == session_id, Script.state != ScriptState.SET_ASIDE)
        .subquery()
    )
    here = counted.c.live
    query = (
        select(
            MarkingTask,
            func.count().filter(here),
            func.count().filter(here, counted.c.marks == 1),
            func.count().filter(here, counted.c.marks > 1),
            func.count().filter(here, counted.c.state == ScriptState.DIFFERING),
            func.count().filter(here, counted.c.state == ScriptState.DECIDED),
            func.count(case((counted.c.live.is_(False), 1))),
        )
        .outerjoin(counted, counted.c.task_id == MarkingTask.id)
        .where(MarkingTask.session_id == session_id)
        .group_by(MarkingTask.id)
        .order_by(MarkingTask.position, MarkingTask.part)
    )
    return [Board(*row) for row in session.execute(query)]


def marker_rows(found: MarkingTask, rule: MarkingRule) -> list[MarkerRow]:
    """Return the markers of a task with their figures, in two statements."""
    query = (
        select(TaskMarker, Person.id, Person.code, Person.name)
        .join(Person, Person.id == TaskMarker.marked_by_id)
        .where(TaskMarker.task_id == found.id)
        .order_by(Person.name, Person.id)
    )
    own, pairs, seeds = _figures(found.id)
    tolerance = rule.tolerance(found.points)
    return [
        MarkerRow(code, name, begun, figures(own[person_id], pairs[person_id], seeds[person_id], tolerance))
        for begun, person_id, code, name in session.execute(query)
    ]


def _figures(task_id: int) -> tuple[Mapping[int, list[Decimal]], Mapping[int, list[Pair]], Mapping[int, list[Pair]]]:
    own: dict[int, list[Decimal]] = defaultdict(list)
    pairs: dict[int, list[Pair]] = defaultdict(list)
    seeds: dict[int, list[Pair]] = defaultdict(list)
    given = [(one, one.total) for one in session.scalars(_marks(task_id)) if one.total is not None]
    totals = {(one.script_id, one.slot): total for one, total in given}
    for one, total in given:
        if one.slot == 0 and one.script.reference_points is not None:
            seeds[one.marked_by_id].append((total, one.script.reference_points))
        elif one.slot in PARTNER:
            own[one.marked_by_id].append(total)
            other = totals.get((one.script_id, PARTNER[one.slot]))
            if other is not None:
                pairs[one.marked_by_id].append((total, other))
    return own, pairs, seeds


def seeds_of(task_id: int, page: int) -> Page[Script]:
    """List the seeds of a task."""
    query = select(Script).where(Script.task_id == task_id, Script.attempt_id.is_(None)).order_by(Script.code)
    return paged(query, page)
