"""Facts of titles that criteria may name: which titles a person holds, and since when."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import select

from app.assessment.titles.models import TitleAward, TitleWithdrawal
from app.assessment.titles.states import WithdrawalState
from app.core.db import session
from app.core.text import _l
from app.panels.states import TITLE_LABELS
from app.rulebook.facts import Fact, FactKind, FactSource, FactType, Question

HELD = "titles.held"


def give(question: Question) -> Mapping[int, Mapping[str, Fact]]:
    """Return since when people hold titles of which level, in one statement; a withdrawn one was never held.

    A title withdrawn later than `known_at` was held as far as was known then.
    """
    withdrawn = select(TitleWithdrawal.id).where(
        TitleWithdrawal.award_id == TitleAward.id,
        TitleWithdrawal.state == WithdrawalState.IN_FORCE,
        TitleWithdrawal.decided_at <= question.known_at,
    )
    query = (
        select(TitleAward.person_id, TitleAward.level, TitleAward.awarded_on, TitleAward.number)
        .where(
            TitleAward.person_id.in_(question.subjects),
            TitleAward.awarded_on <= question.on,
            TitleAward.awarded_at <= question.known_at,
            ~withdrawn.exists(),
        )
        .order_by(TitleAward.awarded_on.desc(), TitleAward.id.desc())
    )
    given: dict[int, dict[str, Fact]] = defaultdict(dict)
    for person_id, level, awarded_on, number in session.execute(query):
        given[person_id][f"{HELD}[{level}]"] = Fact(awarded_on, awarded_on, number)
    return given


SOURCE = FactSource(
    _l("Titles"),
    (
        FactKind(
            HELD,
            _l("Title of the level “%(parameter)s” held"),
            FactType.DATE,
            _l("the day of the oldest title of the level in the register"),
            parameter=_l("level code"),
            parameters=TITLE_LABELS,
        ),
    ),
    give,
)
