"""Marking (阅卷): a pure function of the last answers, the order shown and the key of the frozen paper."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.assessment.exams.rules.order import Place
from app.items.rules.bodies import NO_BODY, Body, Option
from app.items.rules.marking import mark
from app.items.rules.responses import Choice
from app.items.states import ItemType

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
    options: tuple[Option, ...] = ()
    body: Body = NO_BODY


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
    passed: bool

    def modules_json(self) -> dict[str, dict[str, str]]:
        """Return the marks by module as a result stores them."""
        return {
            module: {"score": f"{part.score:.2f}", "max": f"{part.best:.2f}"} for module, part in self.by_module.items()
        }


def mark_attempt(items: Sequence[KeyedItem], places: Sequence[Place], answers: Shown, cut_score: Decimal) -> Marked:
    """Mark one attempt; a place without an answer earns nothing, a score at the cut score passes."""
    chosen = answers_by_position(places, answers)
    earned = {item.position: _points(item, chosen.get(item.position, frozenset())) for item in items}
    by_module = {module: _module(items, earned, module) for module in dict.fromkeys(item.module for item in items)}
    score = sum(earned.values(), Decimal(0))
    best = sum((item.points for item in items), Decimal(0))
    return Marked(score, best, by_module, passed=score >= cut_score)


def _points(item: KeyedItem, letters: frozenset[str]) -> Decimal:
    """Return the points of a choice; what a marker must decide has none yet."""
    return mark(item, Choice(letters)).points(item.points) or Decimal(0)


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
