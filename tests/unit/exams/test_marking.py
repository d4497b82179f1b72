"""Marking: a pure function of answers, order and key; the order shown changes no mark."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment.exams.rules.marking import (
    ModuleScore,
    Terms,
    answers_by_position,
    earned_at,
    mark_attempt,
)
from app.assessment.exams.rules.order import Place, Sheet, arrange
from app.assessment.exams.rules.regrading import check, from_json, to_json
from app.assessment.exams.rules.rulings import KeyedItem, Ruling
from app.core.errors import InvalidError
from app.items.rules.bodies import Blank, Body, Number, Option
from app.items.rules.responses import Blanks, Choice, NumberGiven
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


def item(kind: ItemType, **given: object) -> KeyedItem:
    return KeyedItem(1, kind, frozenset(), Decimal(2), "policy", **given)  # type: ignore[arg-type]


GAPS = item(ItemType.BLANK, body=Body(blanks=(Blank(("技术开发",)), Blank(("技术转让",)))))
AMOUNT = item(ItemType.NUMERIC, body=Body(numbers=(Number(Decimal("12.5"), Decimal("0.1")),), unit="万元"))
STEPS = item(ItemType.ORDERING, options=(Option("A", "甲"), Option("B", "乙")), body=Body(order=("B", "A")))
PICK = item(ItemType.SINGLE, options=(Option("A", "甲"), Option("B", "乙")))


@pytest.mark.parametrize(
    ("ruling", "texts", "points"),
    [
        (Ruling(), ("技术开发", "成果转让"), "1"),
        (Ruling(also=((), ("成果转让", "技术让与"))), ("技术开发", "成果转让"), "2"),
        (Ruling(also=(("研发",),)), ("研发", "成果转让"), "1"),
        (Ruling(also=((), ("成果转让",))), ("技术转让", "技术转让"), "1"),
    ],
)
def test_further_right_answers_fill_a_gap_beside_those_of_the_key(
    ruling: Ruling, texts: tuple[str, ...], points: str
) -> None:
    assert earned_at(GAPS, Blanks(texts), Terms({1: ruling}), {}) == Decimal(points)


def test_a_further_right_number_is_accepted_within_the_tolerance_of_the_item() -> None:
    terms = Terms({1: Ruling(also=(("13",),))})

    assert [earned_at(AMOUNT, NumberGiven(given), terms, {}) for given in ("12.5", "13.1", "13.2")] == [2, 2, 0]


def test_rulings_are_stored_and_read_back() -> None:
    rulings = {3: Ruling(void=True), 1: Ruling(key=frozenset("AC")), 2: Ruling(also=((), ("甲", "乙")))}

    assert from_json(to_json(rulings)) == rulings


@pytest.mark.parametrize(
    ("ruling", "of", "field"),
    [
        (Ruling(key=frozenset("A")), GAPS, "ruling"),
        (Ruling(also=((), ())), GAPS, "also"),
        (Ruling(also=(("甲",), ("乙",), ("丙",))), GAPS, "also"),
        (Ruling(also=(("十三",),)), AMOUNT, "also"),
        (Ruling(also=((), ("13",))), AMOUNT, "also"),
        (Ruling(key=frozenset("A")), STEPS, "ruling"),
        (Ruling(also=(("A",),)), STEPS, "also"),
        (Ruling(also=(("A",),)), PICK, "ruling"),
        (Ruling(key=frozenset("AZ")), PICK, "key"),
        (Ruling(key=frozenset()), PICK, "key"),
    ],
)
def test_a_ruling_that_the_type_of_its_item_is_not_marked_by_is_refused(
    ruling: Ruling, of: KeyedItem, field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        check(ruling, of)

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("ruling", "of"),
    [
        (Ruling(void=True), STEPS),
        (Ruling(also=((), ("乙",))), GAPS),
        (Ruling(also=(("-13.25",),)), AMOUNT),
        (Ruling(key=frozenset("B")), PICK),
    ],
)
def test_a_ruling_that_fits_its_item_is_taken(ruling: Ruling, of: KeyedItem) -> None:
    check(ruling, of)
