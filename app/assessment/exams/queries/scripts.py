"""Reads of scripts: tasks of a session, what is open, what a marker may claim, the points that stand."""

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from sqlalchemy import ColumnElement, Select, func, select

from app.assessment.exams.models import Attempt, MarkingTask, Registration, Script, ScriptMark
from app.assessment.exams.states import ScriptState
from app.core.db import session
from app.courses.models import Cohort, CohortLecturer, Enrolment

MARKERS = 2
UNDECIDED = (ScriptState.OPEN, ScriptState.DIFFERING)


def tasks_of(session_id: int) -> list[MarkingTask]:
    """Return the tasks of a session in the order of its paper."""
    query = select(MarkingTask).where(MarkingTask.session_id == session_id)
    return list(session.scalars(query.order_by(MarkingTask.position, MarkingTask.part)))


def _of_sittings(session_id: int) -> Select[int]:
    """Count scripts of sittings that stand; seeds are nobody's answer."""
    return (
        select(func.count())
        .select_from(Script)
        .join(MarkingTask, MarkingTask.id == Script.task_id)
        .where(
            MarkingTask.session_id == session_id,
            Script.attempt_id.is_not(None),
            Script.state != ScriptState.SET_ASIDE,
        )
    )


def count(session_id: int) -> int:
    """Count the scripts of a session."""
    return session.scalar(_of_sittings(session_id)) or 0


def unfinished(session_id: int) -> int:
    """Count the scripts whose points do not stand yet."""
    return session.scalar(_of_sittings(session_id).where(Script.state.in_(UNDECIDED))) or 0


def open_by_task(session_id: int) -> dict[int, int]:
    """Count the same by task."""
    query = (
        select(Script.task_id, func.count())
        .join(MarkingTask, MarkingTask.id == Script.task_id)
        .where(MarkingTask.session_id == session_id, Script.attempt_id.is_not(None), Script.state.in_(UNDECIDED))
        .group_by(Script.task_id)
    )
    return dict(session.execute(query).all())


def differing(task_id: int) -> bool:
    """Tell whether an answer of a task waits for a third person."""
    query = select(Script.id).where(Script.task_id == task_id, Script.state == ScriptState.DIFFERING)
    return session.scalars(query.limit(1)).first() is not None


def decided(attempt_ids: Iterable[int]) -> dict[int, dict[tuple[int, int], Fraction]]:
    """Return for each sitting the share of the rubric's points that markers gave, by position and part."""
    query = (
        select(Script.attempt_id, MarkingTask.position, MarkingTask.part, Script.points, MarkingTask.points)
        .join(MarkingTask, MarkingTask.id == Script.task_id)
        .where(Script.attempt_id.in_(list(attempt_ids)), Script.points.is_not(None))
    )
    found: dict[int, dict[tuple[int, int], Fraction]] = defaultdict(dict)
    for attempt_id, position, part, points, best in session.execute(query):
        if attempt_id is not None and points is not None:
            found[attempt_id][position, part] = Fraction(points) / Fraction(best)
    return found


def taught_by(person_id: int) -> ColumnElement[bool]:
    """Return the condition that a person sat, taught, planned, opened or invited: who did marks no such script."""
    taught = (
        select(Registration.id)
        .join(Enrolment, Enrolment.id == Registration.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .outerjoin(CohortLecturer, CohortLecturer.cohort_id == Cohort.id)
        .where(
            Registration.id == Attempt.registration_id,
            (CohortLecturer.person_id == person_id)
            | (Cohort.created_by_id == person_id)
            | (Cohort.opened_by_id == person_id)
            | (Enrolment.invited_by_id == person_id),
        )
        .exists()
    )
    return taught | (Attempt.person_id == person_id)


def mine(person_id: int) -> ColumnElement[bool]:
    """Return the condition that a person has marked a script or begun to, whatever became of that mark."""
    return select(ScriptMark.id).where(ScriptMark.script_id == Script.id, ScriptMark.marked_by_id == person_id).exists()


def standing(*slots: int) -> Select[int]:
    """Count the marks of a script in some slots that were not withdrawn, claimed ones too."""
    return (
        select(func.count())
        .select_from(ScriptMark)
        .where(ScriptMark.script_id == Script.id, ScriptMark.slot.in_(slots), ScriptMark.withdrawn_at.is_(None))
        .correlate(Script)
    )


def _free(task_id: int, person_id: int, state: ScriptState) -> Select[Script]:
    return (
        select(Script)
        .join(Attempt, Attempt.id == Script.attempt_id)
        .where(Script.task_id == task_id, Script.state == state, ~mine(person_id), ~taught_by(person_id))
        .order_by(Script.code)
        .limit(1)
        .with_for_update(of=Script, skip_locked=True)
    )


def next_to_mark(task_id: int, person_id: int) -> Script | None:
    """Return a script that a person may mark: by random code alone, those without any mark first."""
    marks = standing(1, MARKERS).scalar_subquery()
    query = _free(task_id, person_id, ScriptState.OPEN).where(marks < MARKERS)
    return session.scalars(query.order_by(None).order_by(marks, Script.code)).first()


def next_to_adjudicate(task_id: int, person_id: int) -> Script | None:
    """Return a script whose two marks differ too much and that a third person may decide."""
    taken = standing(3).scalar_subquery()
    return session.scalars(_free(task_id, person_id, ScriptState.DIFFERING).where(taken == 0)).first()


def next_seed(task_id: int, person_id: int) -> Script | None:
    """Return a seed that a person has not marked yet."""
    query = select(Script).where(Script.task_id == task_id, Script.attempt_id.is_(None), ~mine(person_id))
    return session.scalars(query.order_by(Script.code).limit(1)).first()


def claimed(task_id: int, person_id: int) -> ScriptMark | None:
    """Return the mark that a person has begun and not finished."""
    query = (
        select(ScriptMark)
        .join(Script, Script.id == ScriptMark.script_id)
        .where(
            Script.task_id == task_id,
            ScriptMark.marked_by_id == person_id,
            ScriptMark.done_at.is_(None),
            ScriptMark.withdrawn_at.is_(None),
        )
    )
    return session.scalars(query.order_by(ScriptMark.id).limit(1)).first()


def marks_of(script_id: int) -> list[ScriptMark]:
    """Return the marks of a script that stand, by slot; the draft ones too."""
    query = select(ScriptMark).where(ScriptMark.script_id == script_id, ScriptMark.withdrawn_at.is_(None))
    return list(session.scalars(query.order_by(ScriptMark.slot)))


def of_sitting(attempt_id: int) -> dict[int, Script]:
    """Return the scripts of a sitting that stand, by their task, locked against markers who would take them."""
    query = select(Script).where(Script.attempt_id == attempt_id, Script.state != ScriptState.SET_ASIDE)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return {one.task_id: one for one in session.scalars(locked)}


def ever_taken(script_ids: Iterable[int]) -> dict[int, list[ScriptMark]]:
    """Return every mark that was begun on some scripts, whatever became of it; scripts that nobody took are missing."""
    found: dict[int, list[ScriptMark]] = defaultdict(list)
    query = select(ScriptMark).where(ScriptMark.script_id.in_(list(script_ids)))
    for one in session.scalars(query.execution_options(populate_existing=True)):
        found[one.script_id].append(one)
    return found


def code_of(script_id: int) -> str:
    """Return the random code of a script."""
    return session.scalars(select(Script.code).where(Script.id == script_id)).one()
