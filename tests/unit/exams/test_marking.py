"""Marking: a pure function of answers, order and key; the order shown changes no mark."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment.exams.rules.marking import KeyedItem, ModuleScore, answers_by_position, mark_attempt
from app.assessment.exams.rules.order import Place, Sheet, arrange
from app.items.rules.responses import Choice
from app.items.states import ItemType

KEYS = ("A", "B", "C", "D")
POINTS = Decimal("2.5")
ITEMS = [
    KeyedItem(1, ItemType.SINGLE, frozenset("B"), POINTS, "policy"),
    KeyedItem(2, ItemType.MULTIPLE, frozenset("AC"), POINTS, "policy"),
    KeyedItem(3, ItemType.TRUE_FALSE, frozenset("A"), POINTS, "practice"),
    KeyedItem(4, ItemType.SINGLE, frozenset("D"), POINTS, "practice"),
]
SHEETS = [Sheet(item.position, KEYS[:2] if item.type is ItemType.TRUE_FALSE else KEYS, movable=True) for item in ITEMS]
CUT = Decimal("5.00")

choices = st.dictionaries(st.integers(1, 4), st.sets(st.sampled_from(KEYS), max_size=4))


def as_shown(places: tuple[Place, ...], chosen: dict[int, set[str]]) -> dict[int, Choice]:
    """Answer what a candidate would who knows the items' own keys."""
    return {
        shown: Choice(frozenset(place.letter(key) for key in chosen[place.position] if key in place.keys))
        for shown, place in enumerate(places, start=1)
        if place.position in chosen
    }


@settings(deadline=None)
@given(choices, st.text(max_size=12), st.text(max_size=12))
def test_marks_do_not_depend_on_the_order_shown(chosen: dict[int, set[str]], one: str, other: str) -> None:
    first, second = arrange(SHEETS, one), arrange(SHEETS, other)

    assert mark_attempt(ITEMS, first, as_shown(first, chosen), CUT) == mark_attempt(
        ITEMS, second, as_shown(second, chosen), CUT
    )


@settings(deadline=None)
@given(choices, st.text(max_size=12))
def test_answers_come_back_by_the_items_own_keys(chosen: dict[int, set[str]], seed: str) -> None:
    places = arrange(SHEETS, seed)
    offered = {place.position: set(place.keys) for place in places}

    found = answers_by_position(places, {at: one.letters for at, one in as_shown(places, chosen).items()})

    assert found == {position: frozenset(keys & offered[position]) for position, keys in chosen.items()}


def test_points_are_earned_for_exactly_the_key_and_summed_by_module() -> None:
    places = arrange(SHEETS, "seed")

    marked = mark_attempt(ITEMS, places, as_shown(places, {1: {"B"}, 2: {"A"}, 3: {"A"}}), CUT)

    assert marked.score == Decimal("5.0")
    assert marked.best == Decimal("10.0")
    assert marked.by_module == {
        "policy": ModuleScore(POINTS, Decimal("5.0")),
        "practice": ModuleScore(POINTS, Decimal("5.0")),
    }
    assert marked.modules_json()["policy"] == {"score": "2.50", "max": "5.00"}


def test_a_score_at_the_cut_score_passes_and_one_below_does_not() -> None:
    places = arrange(SHEETS, "seed")
    answers = as_shown(places, {1: {"B"}, 3: {"A"}})

    assert mark_attempt(ITEMS, places, answers, Decimal("5.00")).passed
    assert not mark_attempt(ITEMS, places, answers, Decimal("5.01")).passed


def test_an_empty_paper_earns_nothing() -> None:
    marked = mark_attempt(ITEMS, arrange(SHEETS, "seed"), {}, CUT)

    assert marked.score == 0
    assert not marked.passed


def test_answers_to_places_that_are_not_there_count_for_nothing() -> None:
    assert mark_attempt(ITEMS, arrange(SHEETS, "seed"), {99: Choice(frozenset("A"))}, CUT).score == 0
