"""Grading: the answers, the order shown, the key with its rulings and the markers' points come together."""

from collections.abc import Mapping, Sequence

from app.assessment.exams.models import Attempt, ExamSession, MarkingRun
from app.assessment.exams.queries import papers, scripts, sittings
from app.assessment.exams.rules.marking import Decided, Marked, Terms, mark_attempt
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.rules.regrading import from_json as rulings_of


def terms_of(run: MarkingRun) -> Terms:
    """Return the rulings of a run with what a void item does under it."""
    return Terms(rulings_of(run.rulings), run.void_policy)


def grade(
    found: ExamSession, attempts: Sequence[Attempt], terms: Terms, *, fresh: Mapping[int, Decided] | None = None
) -> dict[int, Marked]:
    """Mark sittings of a session under terms, in three statements however many they are.

    `fresh` are shares by sitting that count instead of those that stand.
    """
    items = [place.keyed() for place in papers.sheet_of(found.paper_id)]
    answers = sittings.responses(attempts, {item.position: item.type for item in items})
    decided = scripts.decided(one.id for one in attempts)
    cut_score = found.paper.blueprint.cut_score
    marked = {}
    for one in attempts:
        shares = {**decided.get(one.id, {}), **(fresh or {}).get(one.id, {})}
        places = from_json(one.order)
        marked[one.id] = mark_attempt(items, places, answers[one.id], cut_score, terms=terms, decided=shares)
    return marked
