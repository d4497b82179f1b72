"""What drawn experts scored, read as a reference beside the secret ballot; no score is a fact of the verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.assessment.titles import queries
from app.assessment.titles.models import TitleApplication
from app.core.access import Actor
from app.core.errors import Text
from app.core.text import _l, pick
from app.panels.models.scoring import PanelScore
from app.panels.queries import scoring
from app.panels.queries.scoring import CaseResult
from app.panels.rules.parameters import Dimension

HEAD: tuple[Text, ...] = (
    _l("Applicant"),
    _l("Expert code"),
    _l("Dimension"),
    _l("Weight"),
    _l("Score given"),
    _l("Reason"),
    _l("Total of 100"),
    _l("Joined score"),
    _l("Outlier, modified z"),
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one expert, named by code, gave an application: points with reasons by dimension, and their total."""

    expert: str
    given: list[tuple[Dimension, PanelScore]]
    total: Decimal


def readable(applications: Sequence[TitleApplication], actor: Actor) -> list[TitleApplication]:
    """Return the applications whose scores the actor may read: nobody reads those of their own, in whatever role."""
    return [one for one in applications if one.person_id != actor.person_id]


def results(applications: Sequence[TitleApplication]) -> dict[str, CaseResult]:
    """Return the results of the drawn experts by application code, for those that were put before any."""
    return scoring.results_of(queries.TYPE, [one.code for one in applications])


def judgements(result: CaseResult) -> list[Judgement]:
    """Return what each expert gave, by code; nothing before everyone of the round has submitted."""
    if result.joined is None:
        return []
    points = scoring.scores(one.id for one in result.given)
    return [
        Judgement(
            one.expert.code,
            [(dimension, points[one.id][dimension.code]) for dimension in result.rubric.dimensions],
            one.total or Decimal(0),
        )
        for one in sorted(result.given, key=lambda one: one.expert.code)
    ]


def lines(applications: Sequence[TitleApplication], *, outliers: bool) -> Iterator[list[str]]:
    """Yield the table of a round as a file holds it: a head, then a line an application, expert and dimension."""
    yield [str(one) for one in HEAD[: len(HEAD) - (not outliers)]]
    found = results(applications)
    for one in applications:
        result = found.get(one.code)
        for judged in judgements(result) if result else ():
            for dimension, score in judged.given:
                line = [
                    one.person.name,
                    judged.expert,
                    pick(dimension.name_zh, dimension.name_en),
                    f"{dimension.weight:f}",
                    f"{score.points:f}",
                    score.reason,
                    f"{judged.total:f}",
                    f"{result.joined:f}" if result else "",
                ]
                flagged = result.outliers.get(judged.expert) if result else None
                yield [*line, "" if flagged is None else f"{flagged:f}"] if outliers else line
