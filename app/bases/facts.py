"""The fact of bases that appraisals may name: what drawn experts gave a base in the year, read from their panels."""

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select

from app.bases.models import TrainingBase
from app.bases.queries import TYPE
from app.core.clock import SHANGHAI
from app.core.db import session
from app.core.text import _l
from app.panels.queries import scoring
from app.rulebook.facts import Fact, FactKind, FactSource, FactType, Question

PANEL_SCORE = "base.panel_score"
HUNDREDTH = Decimal("0.01")


def give(question: Question) -> Mapping[int, Mapping[str, Fact]]:
    """Return the mean score of bases in the year up to the day, in three statements; it names its panels as source."""
    if not question.asks(PANEL_SCORE):
        return {}
    query = select(TrainingBase).where(TrainingBase.id.in_(question.subjects))
    bases = {base.code: base.id for base in session.scalars(query)}
    begins = datetime.combine(date(question.on.year, 1, 1), time.min, tzinfo=SHANGHAI)
    ends = datetime.combine(question.on, time.max, tzinfo=SHANGHAI)
    given = scoring.joined_between(TYPE, bases, begins, min(ends, question.known_at))
    return {
        bases[code]: {PANEL_SCORE: Fact(_mean([score for _panel, score in scored]), question.on, _named(scored))}
        for code, scored in given.items()
    }


def _mean(scores: list[Decimal]) -> Decimal:
    return (sum(scores, Decimal(0)) / len(scores)).quantize(HUNDREDTH, ROUND_HALF_UP)


def _named(scored: list[tuple[str, Decimal]]) -> str:
    return ", ".join(panel for panel, _score in scored)


SOURCE = FactSource(
    _l("Training bases"),
    (
        FactKind(
            PANEL_SCORE,
            _l("Mean score of the drawn experts"),
            FactType.DECIMAL,
            _l("mean of the joined scores of the panels that scored the base in the year; unknown without any"),
            unit=_l("points"),
        ),
    ),
    give,
    subject="base",
)
"""Panels are named as source by the codes under which their draw and their scores can be looked up."""
