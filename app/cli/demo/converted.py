"""An exam on another paper in the demo, whose scores two examiners have brought onto the scale of last summer's."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy import select

from app.accounts.models import Person
from app.assessment.exams.models import Attempt, ExamSession
from app.assessment.exams.queries import equating as queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.services import equating, results, sessions
from app.assessment.exams.services.equating import Way
from app.assessment.exams.services.sessions import Plan
from app.assessment.exams.states import Method
from app.cli.demo.courses import invented, load_class
from app.cli.demo.exams import MINUTES, SUMMER_NAME, actor_of_candidate, frozen_paper, sit
from app.cli.demo.moved import moved_to
from app.cli.demo.people import add_demo_account
from app.cli.demo.step import Demo, acting_as
from app.core import clock, jobs
from app.core.db import session, unit_of_work
from app.courses.models import Cohort, Enrolment

# zh: invented records are named in both languages
NAME = ("2026年10月初级考试", "Junior exam of October 2026")
# zh: a class is named in Chinese
CLASS = "2026年夏季初级班"
CLASS_AT = datetime(2026, 7, 6, 9, 0, tzinfo=clock.SHANGHAI)
HELD = datetime(2026, 10, 17, 9, 0, tzinfo=clock.SHANGHAI)
AFTER = HELD + timedelta(hours=3)
SEED = 20261017
SERIES, PLACES = 600, 8
"""Which of the invented people the class has, and how many."""
KNOWS = (0.3, 0.75)
MEAN = Way(Method.MEAN, Decimal("0.5"), 0)
"""For groups as small as these the mean alone is equated (docs/psychometrics.md)."""
# zh: what the examiner wrote
WHY = "两场考生均为同一课程的结业学员，试卷不同；本场人数较少，按均值等值。"


def load(demo: Demo) -> int:
    """Train a class, examine it, convert its scores, release them, and let one of it sign in; once."""
    del demo
    known = session.scalar(select(ExamSession.id).where(ExamSession.name_zh == NAME[0])) is not None
    session.rollback()
    if known:
        return 0
    load_class(CLASS, invented(SERIES, PLACES), CLASS_AT)
    people = _trained()
    code = _prepared(people)
    with moved_to(HELD + timedelta(minutes=1)):
        _sit_all(code)
    with moved_to(AFTER):
        _mark_and_convert(code)
        _release(code)
    with unit_of_work():
        add_demo_account(session.get_one(Person, people[0]))
    return 1


def _trained() -> list[int]:
    query = select(Enrolment.person_id).join(Cohort, Cohort.id == Enrolment.cohort_id).where(Cohort.name == CLASS)
    found = list(session.scalars(query.order_by(Enrolment.id)))
    session.rollback()
    return found


def _prepared(people: list[int]) -> str:
    first, at = acting_as("examiner"), HELD - timedelta(days=14)
    with moved_to(at):
        paper = frozen_paper(NAME, at=at, seed=SEED)
        closes_at = HELD + timedelta(hours=2)
        plan = Plan(*NAME, opens_at=HELD, closes_at=closes_at, minutes=MINUTES, region_code="100000")
        with unit_of_work():
            made = sessions.create_session(paper=papers_queries.paper(paper, first), plan=plan, by=first, at=at)
        with unit_of_work():
            sessions.register_people(_session(made.code), people, by=first, at=at)
            sessions.ask_to_prepare(_session(made.code), by=first, at=at)
        jobs.work()
    return made.code


def _session(code: str, sign_in: str = "examiner") -> ExamSession:
    return sessions_queries.exam_session(code, acting_as(sign_in))


def _sit_all(code: str) -> None:
    attempts = session.execute(
        select(Attempt.code, Attempt.person_id).join(Attempt.session).where(ExamSession.code == code)
    ).all()
    weakest, strongest = KNOWS
    for place, (attempt, person_id) in enumerate(attempts):
        knows = weakest + (strongest - weakest) * place / max(len(attempts) - 1, 1)
        chance = Random(SEED + place)  # noqa: S311 - invented
        with unit_of_work():
            sit(attempt, actor_of_candidate(person_id), chance=chance, knows=knows, at=HELD + timedelta(minutes=1))


def _mark_and_convert(code: str) -> None:
    first, second = acting_as("examiner"), acting_as("examiner2")
    with unit_of_work():
        results.ask_to_mark(_session(code), by=first, at=AFTER)
    jobs.work()
    summer = session.scalars(select(ExamSession.code).where(ExamSession.name_zh == SUMMER_NAME[0])).one()
    session.rollback()
    with unit_of_work():
        made = equating.propose(_session(code), _session(summer), MEAN, reason=WHY, by=first, at=AFTER)
    jobs.work()
    with unit_of_work():
        equating.settle(queries.equating(made.code, second), confirm=True, by=second, at=AFTER)
    jobs.work()


def _release(code: str) -> None:
    with unit_of_work():
        results.propose_release(_session(code), by=acting_as("examiner"), at=AFTER)
    with unit_of_work():
        results.release(_session(code, "examiner2"), by=acting_as("examiner2"), at=AFTER)
    jobs.work()
