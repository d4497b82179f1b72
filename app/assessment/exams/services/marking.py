"""Acts of markers: take the next answer, keep a draft, give a mark; two of them, and a third where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import ExamSession, MarkingTask, Script, ScriptMark, TaskMarker
from app.assessment.exams.queries import scripts as queries
from app.assessment.exams.queries import tasks as tasks_queries
from app.assessment.exams.rules.doublemarking import agree, calibrated, checked, mean, seed_is_due, total
from app.assessment.exams.rules.marking_rule import MarkingRule
from app.assessment.exams.services import afresh, scripts
from app.assessment.exams.services.subjects import of_script, of_task
from app.assessment.exams.states import SCRIPT, DecidedHow, MarkerState, SessionState
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, Text
from app.core.text import _l

SEED, FIRST, SECOND, THIRD, FRESH = 0, 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Given:
    """What a marker gives: points by criterion, None where nothing readable was typed, and a remark."""

    points: Mapping[str, Decimal | None]
    remark: str = ""


def claim(task: MarkingTask, *, by: Actor, at: datetime) -> ScriptMark:
    """Give a marker the answer they have begun, or the next one: seeds first, then live answers with seeds among them.

    Raises ForbiddenError for who is stopped or restricted, ConflictError where nothing is left for them.
    """
    restrictions.refuse_if_restricted(afresh.MARK, person_id=by.person_id, on=day_of(at))
    _check_open(task.session)
    marker = _marker(task, by, at)
    begun = queries.claimed(task.id, by.person_id)
    if begun is not None:
        return begun
    script = _next(task, marker, tasks_queries.rule_of(task.session))
    if script is None:
        raise ConflictError(_nothing_left(marker))
    slot = SEED if script.attempt_id is None else _free_slot(script)
    return _claimed(script, slot, by=by, at=at)


def _check_open(held: ExamSession) -> None:
    if held.state not in (SessionState.PREPARED, SessionState.MARKED):
        raise ConflictError(_l("The marking of this session is closed."))


def _marker(task: MarkingTask, by: Actor, at: datetime) -> TaskMarker:
    """Return the marker's standing in a task, begun with their first claim; raises ForbiddenError once stopped."""
    found = tasks_queries.marker(task.id, by.person_id)
    if found is None:
        free = tasks_queries.rule_of(task.session).seeds == 0
        found = TaskMarker(
            task_id=task.id,
            marked_by_id=by.person_id,
            state=MarkerState.LIVE if free else MarkerState.CALIBRATING,
            joined_at=at,
            live_at=at if free else None,
        )
        session.add(found)
        session.flush()
    if found.state is MarkerState.STOPPED:
        raise ForbiddenError(_l("You no longer mark this task. Ask the examiner who leads the marking."))
    return found


def _next(task: MarkingTask, marker: TaskMarker, rule: MarkingRule) -> Script | None:
    seed = queries.next_seed(task.id, marker.marked_by_id)
    if marker.state is MarkerState.CALIBRATING:
        return seed
    live = queries.next_to_mark(task.id, marker.marked_by_id)
    if seed is None or live is None:
        return live
    done = tasks_queries.done(task.id, marker.marked_by_id)
    return seed if seed_is_due(task.code, marker.marked_by_id, done, rule.seed_every) else live


def _nothing_left(marker: TaskMarker) -> Text:
    if marker.state is MarkerState.CALIBRATING:
        return _l("No further paper of known mark is there for you. Ask the examiner who leads the marking.")
    return _l("Nothing is left for you to mark here. What is open waits for somebody else.")


def _free_slot(script: Script) -> int:
    taken = {one.slot for one in queries.marks_of(script.id)}
    return SECOND if FIRST in taken else FIRST


def _claimed(script: Script, slot: int, *, by: Actor, at: datetime) -> ScriptMark:
    found = ScriptMark(
        script_id=script.id, marked_by_id=by.person_id, slot=slot, claimed_at=at, draft={"points": {}, "remark": ""}
    )
    session.add(found)
    session.flush()
    return found


def claim_difference(task: MarkingTask, *, by: Actor, at: datetime) -> ScriptMark:
    """Give an adjudicator an answer whose two marks differ too much; raises ConflictError where none is left."""
    restrictions.refuse_if_restricted(afresh.MARK, person_id=by.person_id, on=day_of(at))
    _check_open(task.session)
    begun = queries.claimed(task.id, by.person_id)
    if begun is not None:
        return begun
    script = queries.next_to_adjudicate(task.id, by.person_id)
    if script is None:
        raise ConflictError(_l("No answer waits for a third person's mark that you may give."))
    return _claimed(script, THIRD, by=by, at=at)


def keep_draft(found: ScriptMark, draft: JsonObject, *, sequence: int) -> int:
    """Keep what a marker has typed so far; return the number it is kept under.

    Raises ConflictError, with the draft untouched, where another page has kept a newer one or the mark is given.
    """
    _check_writable(found)
    if sequence <= found.sequence:
        raise ConflictError(
            _l("Another page keeps a newer draft of this mark. Load this page again to see it."), code="superseded"
        )
    found.draft, found.sequence = draft, sequence
    session.flush()
    return sequence


def _check_writable(found: ScriptMark) -> None:
    if found.done_at is not None or found.withdrawn_at is not None:
        raise ConflictError(_l("This mark is given already and no longer changes."), code="done")


def give(found: ScriptMark, given: Given, *, by: Actor, at: datetime) -> None:
    """Give a mark for good; the answer is decided once the marks it needs are there.

    Raises InvalidError naming the criterion whose points cannot be, ConflictError where it was given before.
    """
    _check_writable(found)
    script = session.scalars(select(Script).where(Script.id == found.script_id).with_for_update()).one()
    task = tasks_queries.of_script(script.id)
    points = checked(given.points, tasks_queries.criteria(task))
    found.points, found.total, found.remark, found.done_at = points, total(points), given.remark or None, at
    session.flush()
    events.record("exams.script_marked", of_script(script), by=by, at=at, data={"slot": found.slot})
    if found.slot == SEED:
        _calibrate(task, by, at)
    elif found.slot >= FRESH:
        afresh.given(found, script, at=at)
    else:
        _settle(script, task, at=at)


def _calibrate(task: MarkingTask, by: Actor, at: datetime) -> None:
    """Let a marker mark live answers once enough of the latest seeds agree."""
    marker = tasks_queries.marker(task.id, by.person_id)
    rule = tasks_queries.rule_of(task.session)
    if marker is None or marker.state is not MarkerState.CALIBRATING:
        return
    if calibrated(tasks_queries.seed_marks(task.id, by.person_id), task.points, rule):
        marker.state, marker.live_at = MarkerState.LIVE, at
        session.flush()
        events.record("exams.marker_calibrated", of_task(task), by=by, at=at, rule=task.session.rule_pack)


def _settle(script: Script, task: MarkingTask, *, at: datetime) -> None:
    """Decide an answer: a third mark stands alone, two that agree give their mean, two that differ ask for a third."""
    marks = {one.slot: one.total for one in queries.marks_of(script.id) if one.total is not None}
    if THIRD in marks:
        _decide(script, marks[THIRD], DecidedHow.ADJUDICATED, at=at)
    elif FIRST in marks and SECOND in marks:
        tolerance = tasks_queries.rule_of(task.session).tolerance(task.points)
        if not agree(marks[FIRST], marks[SECOND], tolerance):
            SCRIPT.move(script, "differ")
            session.flush()
            events.record("exams.script_differs", of_script(script), by=None, at=at)
            scripts.ask(task, task.session, "exams.adjudicate_answers", Role.ADJUDICATOR, at=at)
            return
        _decide(script, mean(marks[FIRST], marks[SECOND]), DecidedHow.MEAN, at=at)
    else:
        return
    events.record("exams.script_decided", of_script(script), by=None, at=at, data={"how": str(script.how)})
    scripts.settled(task, task.session, at=at)


def _decide(script: Script, points: Decimal, how: DecidedHow, *, at: datetime) -> None:
    SCRIPT.move(script, "decide", points=points, how=how, decided_at=at)
    session.flush()


def give_back(found: ScriptMark, *, by: Actor, at: datetime) -> None:
    """Give an answer that one has begun back, unmarked, for somebody else."""
    _check_writable(found)
    script = session.get_one(Script, found.script_id)
    found.withdrawn_at, found.withdrawn_by_id = at, by.person_id
    session.flush()
    events.record("exams.script_given_back", of_script(script), by=by, at=at)
