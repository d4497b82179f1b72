"""Sessions whose answers were compared, and the expert groups that judge their pairs."""

from datetime import timedelta
from random import Random

from sqlalchemy import select

from app.assessment.exams.models import SimilarityPair
from app.assessment.exams.queries import similarity as queries
from app.assessment.exams.services import experts as groups
from app.assessment.exams.services import similarity as services
from app.core import jobs
from app.core.db import session, unit_of_work
from app.panels.models.draws import Panel
from app.panels.queries import draws
from tests.factories.accounts import Member
from tests.factories.exams import CLOSES
from tests.factories.panels import Office, acting, draw
from tests.factories.statistics import Marked, make_marked
from tests.worlds import built_once

AFTER = CLOSES + timedelta(minutes=10)
RULE = {"similarity_level": "0.1", "similarity_needed": 1}


def answers() -> list[list[int]]:
    """Return which six places each of sixteen candidates has right; the first two have the same ones."""
    chance = Random(8)
    return [[*range(1, 7)], [*range(1, 7)], *(chance.sample(range(1, 13), 6) for _ in range(14))]


@built_once
def make_compared() -> Marked:
    """Make a small session whose first two candidates answered everything alike, compared."""
    marked = make_marked(answers(), pack=RULE)
    ask(marked)
    return marked


def ask(marked: Marked, *, minutes: int = 0) -> None:
    """Let the examiner ask for the comparison, and do it."""
    with unit_of_work():
        held = queries.held(marked.session.code, marked.house.examiner.actor)
        services.ask(held, by=marked.house.examiner.actor, at=AFTER + timedelta(minutes=minutes))
    jobs.work()


def the_pair() -> SimilarityPair:
    """Return the pair of the two who agree in everything, as it is now."""
    query = select(SimilarityPair).order_by(SimilarityPair.matches.desc(), SimilarityPair.p_gbt)
    found = session.scalars(query.execution_options(populate_existing=True)).first()
    assert found
    return found


def call(marked: Marked, office: Office, *, seats: int = 3) -> Panel:
    """Call for the group of a session as its examiner."""
    examiner = marked.house.examiner.actor
    with unit_of_work():
        held = queries.held(marked.session.code, examiner)
        return groups.call(held, groups.Wanted(office.pool, seats), by=examiner, at=AFTER)


@built_once
def drawn(marked: Marked, office: Office) -> list[Member]:
    """Call for the group of a session and draw it; return its experts."""
    panel = draw(call(marked, office), office)
    return [acting(seat.expert) for seat in draws.seated(panel.id)]
