"""Marking (阅卷): a pure function of the last answers, the order shown and the key of the frozen paper."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from fractions import Fraction

from app.assessment.exams.rules.order import Place
from app.assessment.exams.rules.rulings import KeyedItem, Ruling, under
from app.assessment.exams.states import VoidPolicy
from app.core.errors import ConflictError
from app.core.text import _l
from app.items.rules.marking import Mark, mark, total
from app.items.rules.responses import Response, relabel

HUNDREDTH = Decimal("0.01")
Shown = Mapping[int, Response]
"""Place as shown, counted from 1, to the answer given there, in the letters shown."""
Letters = Mapping[int, Iterable[str]]
"""Place as shown, counted from 1, to the letters chosen there."""
Decided = Mapping[tuple[int, int], Fraction]
"""Position and part (0 for the item itself) to the share of the points that markers gave."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which rulings a paper is marked, by position, and what a void item does."""

    rulings: Mapping[int, Ruling] = field(default_factory=dict)
    void: VoidPolicy = VoidPolicy.EVERYBODY

    def leaves(self, position: int) -> bool:
        """Tell whether a place no longer counts towards the total."""
        return self.void is VoidPolicy.OUT and self.is_void(position)

    def is_void(self, position: int) -> bool:
        """Tell whether a place was ruled void."""
        return position in self.rulings and self.rulings[position].void

    def keyed(self, item: KeyedItem, response: Response | None = None) -> KeyedItem:
        """Return an item under the key that counts for an answer."""
        ruling = self.rulings.get(item.position)
        return item if ruling is None else under(item, ruling, response)


PLAIN = Terms()


@dataclass(frozen=True, slots=True)
class ModuleScore:
    """What was reached in one module and what could be."""

    score: Decimal
    best: Decimal


@dataclass(frozen=True, slots=True)
class Marked:
    """The marks of one attempt."""

    score: Decimal
    best: Decimal
    by_module: dict[str, ModuleScore]
    cut_score: Decimal

    @property
    def passed(self) -> bool:
        """Tell whether the score reaches the cut score."""
        return self.score >= self.cut_score

    def modules_json(self) -> dict[str, dict[str, str]]:
        """Return the marks by module as a result stores them."""
        return {
            module: {"score": f"{part.score:.2f}", "max": f"{part.best:.2f}"} for module, part in self.by_module.items()
        }


def mark_attempt(
    items: Sequence[KeyedItem],
    places: Sequence[Place],
    answers: Shown,
    cut_score: Decimal,
    *,
    terms: Terms = PLAIN,
    decided: Decided | None = None,
) -> Marked:
    """Mark one attempt; a place without an answer earns nothing, a score at the cut score passes.

    `decided` is what markers gave. Where a void item leaves the total, the cut score keeps its share of it, rounded up
    to the next hundredth: scores have no finer step, so nobody's verdict hangs on it. Raises ConflictError where an
    answer still needs a marker.
    """
    given = responses_by_position(places, answers)
    counted = [item for item in items if not terms.leaves(item.position)]
    earned = {item.position: earned_at(item, given.get(item.position), terms, decided or {}) for item in counted}
    by_module = {module: _module(counted, earned, module) for module in dict.fromkeys(item.module for item in counted)}
    score = sum(earned.values(), Decimal(0))
    best = sum((item.points for item in counted), Decimal(0))
    return Marked(score, best, by_module, cut_of(cut_score, best, sum((item.points for item in items), Decimal(0))))


def earned_at(item: KeyedItem, response: Response | None, terms: Terms, decided: Decided) -> Decimal:
    """Return the points of one place, rounded once, half up, from the exact share."""
    if terms.is_void(item.position):
        answered = response is not None and response.answered
        return item.points if answered or terms.void is VoidPolicy.EVERYBODY else Decimal(0)
    found = mark(terms.keyed(item, response), response)
    value = found.value if found.value is not None else _with_markers(item, found, decided)
    if value is None:
        raise ConflictError(_l("An answer still needs a marker. Finish the marking first."), code="needs_marker")
    exact = Fraction(item.points) * value
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(HUNDREDTH, ROUND_HALF_UP)


def _with_markers(item: KeyedItem, found: Mark, decided: Decided) -> Fraction | None:
    """Fill what markers gave into what waits for them."""
    if not found.parts:
        return decided.get((item.position, 0))
    parts = [
        Mark(decided.get((item.position, at))) if part.value is None else part
        for at, part in enumerate(found.parts, start=1)
    ]
    return total(parts, [part.weight for part in item.body.parts])


def cut_of(cut_score: Decimal, best: Decimal, whole: Decimal) -> Decimal:
    """Return the cut score where only `best` of the `whole` points are left: its share of them, rounded up."""
    if best == whole or not whole:
        return cut_score
    return (cut_score * best / whole).quantize(HUNDREDTH, ROUND_CEILING)


def responses_by_position(places: Sequence[Place], answers: Shown) -> dict[int, Response]:
    """Turn answers by place as shown into answers in the items' own letters by position on the frozen paper."""
    return {
        place.position: relabel(
            answers[shown], place.letters, [place.part(number).letters for number in range(1, len(place.parts) + 1)]
        )
        for shown, place in enumerate(places, start=1)
        if shown in answers
    }


def answers_by_position(places: Sequence[Place], answers: Letters) -> dict[int, frozenset[str]]:
    """Turn letters by place as shown into the items' own option keys by position on the frozen paper."""
    return {
        place.position: place.keys_of(answers[shown]) for shown, place in enumerate(places, start=1) if shown in answers
    }


def _module(items: Sequence[KeyedItem], earned: Mapping[int, Decimal], module: str) -> ModuleScore:
    mine = [item for item in items if item.module == module]
    return ModuleScore(
        sum((earned[item.position] for item in mine), Decimal(0)),
        sum((item.points for item in mine), Decimal(0)),
    )
