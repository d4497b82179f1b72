"""Sessions of one level on several papers, and conversions of their scores decided by two people."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from app.assessment.exams.models import ExamSession, MarkingRun, Result, ScoreEquating
from app.assessment.exams.queries import equating as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.services import equating as services
from app.assessment.exams.services import results, sealing
from app.assessment.exams.states import Method
from app.core import jobs
from app.core.db import session, unit_of_work
from tests.factories.accounts import Member
from tests.factories.exams import CLOSES, House, attempt_of, make_prepared, release
from tests.factories.statistics import mark, sit_all

AFTER = CLOSES + timedelta(minutes=1)
BASE, NEW = (6, 8, 10, 12), (4, 6, 8, 10)
"""How many of twelve items, 2.5 points each, the candidates of the two sessions know; the cut is at 18 points."""
MEAN = services.Way(Method.MEAN, Decimal("0.5"), 0)
WHY = "两场试卷难度不同。"


def again(house: House, planned: ExamSession) -> ExamSession:
    """Return a session as the examiner finds it now."""
    return sessions_queries.exam_session(planned.code, house.examiner.actor)


def sat(house: House, right: Sequence[int]) -> tuple[ExamSession, list[Member]]:
    """Hold a session of candidates who know so many items each."""
    planned, trainees = make_prepared(house, candidates=len(right))
    sit_all(trainees, right)
    return planned, trainees


def released(house: House, right: Sequence[int] = BASE) -> ExamSession:
    """Hold, mark and release a session."""
    planned, _trainees = sat(house, right)
    release(house, planned, at=AFTER)
    open_papers()
    return again(house, planned)


def marked(house: House, right: Sequence[int]) -> tuple[ExamSession, list[Member]]:
    """Hold and mark a session."""
    planned, trainees = sat(house, right)
    mark(house, planned)
    open_papers()
    return again(house, planned), trainees


def open_papers() -> None:
    """Open every sealed paper whose window has come."""
    with unit_of_work():
        sealing.open_due(at=CLOSES)


def propose(house: House, found: ExamSession, base: ExamSession, way: services.Way = MEAN) -> ScoreEquating:
    """Propose a conversion and work out whose result changes."""
    with unit_of_work():
        held, onto = again(house, found), again(house, base)
        made = services.propose(held, onto, way, reason=WHY, by=house.examiner.actor, at=AFTER)
    jobs.work()
    return made


def settle(house: House, made: ScoreEquating, *, confirm: bool = True) -> None:
    """Decide on a conversion as the second examiner, and carry it into the results."""
    second = house.examiner2.actor
    with unit_of_work():
        services.settle(queries.equating(made.code, second), confirm=confirm, by=second, at=AFTER)
    jobs.work()


def result_of(member: Member) -> Result:
    """Return the result of a candidate as it is now."""
    query = select(Result).where(Result.attempt_id == attempt_of(member).id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def told(trainees: Sequence[Member]) -> list[tuple[str, str, bool]]:
    """Return for each candidate the points of the paper sat, the score that counts, and whether it passes."""
    found = [result_of(one) for one in trainees]
    return [(f"{one.raw_score or one.score:.2f}", f"{one.score:.2f}", one.passed) for one in found]


def run_of(made: ScoreEquating) -> MarkingRun:
    """Return the marking that carries a conversion into the results."""
    query = select(MarkingRun).where(MarkingRun.equating_id == made.id, MarkingRun.equates)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def release_again(house: House, found: ExamSession) -> None:
    """Release a session that is marked."""
    propose_release(house, found)
    with unit_of_work():
        held = sessions_queries.exam_session(found.code, house.examiner2.actor)
        results.release(held, by=house.examiner2.actor, at=AFTER)
    jobs.work()


def propose_release(house: House, found: ExamSession) -> None:
    """Propose the release of a session that is marked."""
    with unit_of_work():
        results.propose_release(again(house, found), by=house.examiner.actor, at=AFTER)


def release_of(house: House, found: ExamSession) -> ExamSession:
    """Release a session that is marked and return it."""
    release_again(house, found)
    return again(house, found)
