"""Marking (阅卷): a pure function of the last answers, the order shown and the key of the frozen paper."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, Decimal

from app.assessment.exams.rules.order import Place
from app.assessment.exams.states import VoidPolicy
from app.items.rules.marking import mark
from app.items.states import ItemType

HUNDREDTH = Decimal("0.01")
Shown = Mapping[int, Iterable[str]]
"""Place as shown, counted from 1, to the letters chosen there."""


@dataclass(frozen=True, slots=True)
class KeyedItem:
    """An item of the frozen paper with its key and what it is worth."""

    position: int
    type: ItemType
    key: frozenset[str]
    points: Decimal
    module: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided of one place after the exam: it is void, or another key counts."""

    void: bool = False
    key: frozenset[str] | None = None


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
    decided: Mapping[int, Decimal] | None = None,
) -> Marked:
    """Mark one attempt; a place without an answer earns nothing, a score at the cut score passes.

    `decided` are the points that markers gave, by position. Where a void item leaves the total, the cut score keeps
    its share of it, rounded up to the next hundredth: scores have no finer step, so nobody's verdict hangs on it.
    """
    chosen = answers_by_position(places, answers)
    counted = [item for item in items if not terms.leaves(item.position)]
    given = decided or {}
    earned = {item.position: _earned(item, chosen.get(item.position), terms, given) for item in counted}
    by_module = {module: _module(counted, earned, module) for module in dict.fromkeys(item.module for item in counted)}
    score = sum(earned.values(), Decimal(0))
    best = sum((item.points for item in counted), Decimal(0))
    return Marked(score, best, by_module, _cut(cut_score, best, sum((item.points for item in items), Decimal(0))))


def _earned(item: KeyedItem, chosen: frozenset[str] | None, terms: Terms, decided: Mapping[int, Decimal]) -> Decimal:
    if terms.is_void(item.position):
        answered = bool(chosen) or item.position in decided
        return item.points if answered or terms.void is VoidPolicy.EVERYBODY else Decimal(0)
    if item.position in decided:
        return decided[item.position]
    ruling = terms.rulings.get(item.position)
    key = item.key if ruling is None or ruling.key is None else ruling.key
    return mark(item.type, key, chosen or frozenset(), item.points)


def _cut(cut_score: Decimal, best: Decimal, whole: Decimal) -> Decimal:
    if best == whole or not whole:
        return cut_score
    return (cut_score * best / whole).quantize(HUNDREDTH, ROUND_CEILING)


def answers_by_position(places: Sequence[Place], answers: Shown) -> dict[int, frozenset[str]]:
    """Turn answers by place as shown into the items' own option keys by position on the frozen paper."""
    return {
        place.position: place.keys_of(answers[shown]) for shown, place in enumerate(places, start=1) if shown in answers
    }


def _module(items: Sequence[KeyedItem], earned: Mapping[int, Decimal], module: str) -> ModuleScore:
    mine = [item for item in items if item.module == module]
    return ModuleScore(
        sum((earned[item.position] for item in mine), Decimal(0)),
        sum((item.points for item in mine), Decimal(0)),
    )
