"""What still stands in the way of a release: each theme adds the function that counts its own."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Select, func, literal, select, union_all

from app.assessment.exams.models import ExamSession, MarkingRun, MarkingTask, Script, SimilarityPair, SimilarityRun
from app.assessment.exams.queries import equating, late
from app.assessment.exams.queries.candidates import rule_of
from app.assessment.exams.states import RunState, ScriptState
from app.assessment.exams.statistics_states import BEFORE_GROUP
from app.core.db import session
from app.core.errors import Text
from app.core.text import _l


@dataclass(frozen=True, slots=True)
class Pending:
    """One thing that is not finished, and how many of it."""

    label: Text
    count: int


def _scripts(session_id: int, state: ScriptState) -> Select[int]:
    """Count scripts of sittings in a state; seeds are nobody's answer and hold nothing up."""
    return (
        select(func.count())
        .select_from(Script)
        .join(MarkingTask, MarkingTask.id == Script.task_id)
        .where(MarkingTask.session_id == session_id, Script.attempt_id.is_not(None), Script.state == state)
    )


def _unmarked(session_id: int) -> Select[int]:
    return _scripts(session_id, ScriptState.OPEN)


def _differing(session_id: int) -> Select[int]:
    return _scripts(session_id, ScriptState.DIFFERING)


def _runs(session_id: int) -> Select[int]:
    open_ones = (RunState.COUNTING, RunState.PROPOSED, RunState.APPLYING)
    return (
        select(func.count())
        .select_from(MarkingRun)
        .where(MarkingRun.session_id == session_id, MarkingRun.state.in_(open_ones))
    )


def _pairs(session_id: int) -> Select[int]:
    return (
        select(func.count())
        .select_from(SimilarityPair)
        .join(SimilarityRun, SimilarityRun.id == SimilarityPair.run_id)
        .where(SimilarityRun.session_id == session_id, SimilarityPair.state.in_(BEFORE_GROUP))
    )


SOURCES: list[tuple[Text, Callable[[int], Select[int]]]] = [
    (_l("Answers that markers have not marked"), _unmarked),
    (_l("Answers that wait for a third person's mark"), _differing),
    (_l("New markings that are not confirmed or sent back"), _runs),
    (_l("Late answers on which two examiners have not decided"), late.undecided_of),
    (_l("Late answers that count and that no marking has read yet"), late.unread_of),
    (_l("Similar sittings on which the expert group has not decided"), _pairs),
    (_l("A conversion of scores that is older than the last marking: propose it anew"), equating.outdated_of),
]
"""What is counted, each by a select of one number for the key of a session."""
EQUATED = (_l("Scores of another paper without a decision on one scale: propose a conversion"), equating.unequated_of)
"""What is counted where the rule pack of the session asks for one scale."""


def of_session(found: ExamSession) -> list[Pending]:
    """Return what is not finished, in one statement; nothing where the release may be proposed."""
    rule, _source = rule_of(found)
    sources = [*SOURCES, EQUATED] if rule.equating.required else SOURCES
    parts = [
        select(literal(place).label("place"), counted(found.id).scalar_subquery().label("count"))
        for place, (_label, counted) in enumerate(sources)
    ]
    rows = session.execute(union_all(*parts)).all()
    return [Pending(sources[place][0], count) for place, count in sorted(rows) if count]
