"""The comparison of the answers of last summer's session: one pair before the expert group."""

from datetime import timedelta

from sqlalchemy import select

from app.assessment.exams.models import ExamSession, SimilarityRun
from app.assessment.exams.services import similarity
from app.cli.demo.exams import SUMMER, SUMMER_NAME
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo, acting_as
from app.core import jobs
from app.core.db import session, unit_of_work


def load(demo: Demo) -> int:
    """Let an examiner compare the answers, once."""
    del demo
    found = session.scalars(select(ExamSession).where(ExamSession.name_zh == SUMMER_NAME[0])).one()
    known = session.scalar(select(SimilarityRun.id).where(SimilarityRun.session_id == found.id))
    session.rollback()
    if known is not None:
        return 0
    at = SUMMER + timedelta(days=3)
    with moved_to(at):
        with unit_of_work():
            similarity.ask(session.get_one(ExamSession, found.id), by=acting_as("examiner"), at=at)
        jobs.work()
    return 1
