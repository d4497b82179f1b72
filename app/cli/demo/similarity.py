"""The comparison of the answers of last summer's session, and the drawn experts before whom its pair is."""

from datetime import timedelta

from sqlalchemy import select

from app.assessment.exams.models import ExamSession, SimilarityRun
from app.assessment.exams.queries import experts as expert_queries
from app.assessment.exams.queries import similarity as queries
from app.assessment.exams.services import experts, similarity
from app.cli.demo.exams import SUMMER, SUMMER_NAME
from app.cli.demo.moved import moved_to
from app.cli.demo.panels import DRAWN_AT, as_expert, draw_panel
from app.cli.demo.step import Demo, acting_as
from app.core import jobs
from app.core.db import session, unit_of_work
from app.panels.queries import draws, pools

SEATS = 3
# zh: what the first expert wrote
OPINION = "错选一致且先后不足一分钟，座位相邻，难以用独立作答解释。"


def load(demo: Demo) -> int:
    """Let an examiner compare the answers, once."""
    del demo
    found = _summer()
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


def _summer() -> ExamSession:
    return session.scalars(select(ExamSession).where(ExamSession.name_zh == SUMMER_NAME[0])).one()


def load_group(demo: Demo) -> int:
    """Call for the expert group, let it be drawn, and let its first expert give an opinion; once."""
    del demo
    found = _summer()
    standings, known = expert_queries.of_session(found)
    waits = [one for one in standings if one.stuck]
    session.rollback()
    if known or not waits:
        return 0
    with unit_of_work():
        wanted = experts.Wanted(pools.pool_for("370000"), SEATS)
        panel = experts.call(_summer(), wanted, by=acting_as("examiner"), at=DRAWN_AT)
    draw_panel(panel)
    first = as_expert(draws.seated(panel.id)[0].expert)
    with unit_of_work():
        pair = queries.pair(waits[0].pair.code, first, lock=True)
        similarity.give_opinion(pair, similar=True, reason=OPINION, by=first, at=DRAWN_AT + timedelta(days=2))
    return 1
