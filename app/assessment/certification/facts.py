"""Facts of certification that criteria may name: the levels a person holds, and since when."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import func, or_, select

from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.core.db import session
from app.core.events import Event
from app.core.text import _l
from app.rulebook.facts import Fact, FactKind, FactSource, FactType, Question

HELD = "level.held"


def give(question: Question) -> Mapping[int, Mapping[str, Fact]]:
    """Return since when people hold which levels, in one statement.

    An award withdrawn later than `known_at` was held as far as was known then.
    """
    withdrawn = (
        select(func.min(Event.at, type_=Event.at.type))
        .where(
            Event.subject_type == "award",
            Event.subject_code == Award.code,
            Event.kind == "certification.withdrawn",
        )
        .scalar_subquery()
    )
    query = (
        select(Award.person_id, Award.level, Award.valid_from, Award.unified_number)
        .where(
            Award.person_id.in_(question.subjects),
            Award.decided_at <= question.known_at,
            Award.valid_from <= question.on,
            or_(Award.valid_until.is_(None), Award.valid_until >= question.on),
            or_(Award.state == AwardState.AWARDED, withdrawn > question.known_at),
        )
        .order_by(Award.valid_from.desc())
    )
    given: dict[int, dict[str, Fact]] = defaultdict(dict)
    for person_id, level, valid_from, number in session.execute(query):
        if valid_from is not None:
            given[person_id][f"{HELD}[{level}]"] = Fact(valid_from, valid_from, number or "")
    return given


SOURCE = FactSource(
    _l("Awards of levels"),
    (
        FactKind(
            HELD,
            _l("Level “%(parameter)s” held"),
            FactType.DATE,
            _l("the first day of the oldest award of the level that is still valid"),
            parameter=_l("level code"),
            of_levels=True,
        ),
    ),
    give,
)
