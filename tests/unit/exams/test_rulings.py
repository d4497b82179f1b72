"""Further right answers after the exam for every type that has some: matching, ordering, and parts of a case."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment.exams.rules.marking import Terms, earned_at
from app.assessment.exams.rules.regrading import check, from_json, key_hash, merged, to_json
from app.assessment.exams.rules.rulings import KeyedItem, Ruling, letter_of, order_of
from app.core.errors import InvalidError
from app.items.rules.bodies import Blank, Body, Number, Option, Part
from app.items.rules.responses import Blanks, Choice, NumberGiven, Order, Pairs, Parts, Response
from app.items.states import Credit, ItemType

pytestmark = pytest.mark.one_database

SIX = Decimal(6)
OPTIONS = tuple(Option(letter, f"选项{letter}") for letter in "ABCD")
MATCHING = Body(prompts=("专利", "商标", "著作权"), pairs=("A", "B", "C"))
ORDERING = Body(order=("A", "B", "C"))
CASE = Body(
    parts=(
        Part(ItemType.SINGLE, "第1问", OPTIONS, frozenset("B"), weight=Decimal(1)),
        Part(ItemType.MATCHING, "第2问", OPTIONS, body=MATCHING, weight=Decimal(3)),
        Part(ItemType.BLANK, "第3问", body=Body(blanks=(Blank(("许可",)),)), weight=Decimal(2)),
        Part(ItemType.ESSAY, "第4问", weight=Decimal(0)),
    )
)


def item(kind: ItemType, body: Body) -> KeyedItem:
    return KeyedItem(1, kind, frozenset(), SIX, "policy", OPTIONS, body)


def earned(asked: KeyedItem, response: Response | None, ruling: Ruling | None) -> Decimal:
    terms = Terms({1: ruling} if ruling else {})
    return earned_at(asked, response, terms, {})


def pairs(letters: str) -> Pairs:
    return Pairs(tuple(enumerate(letters, start=1)))


def order(letters: str) -> Order:
    return Order(tuple(letters))


def test_a_further_letter_is_right_for_its_prompt_alone() -> None:
    asked = item(ItemType.MATCHING, MATCHING)
    also = Ruling(also=((), ("D",)))

    assert earned(asked, pairs("ADC"), None) == 4
    assert earned(asked, pairs("ADC"), also) == SIX
    assert earned(asked, pairs("ABC"), also) == SIX
    assert earned(asked, pairs("DBD"), also) == 2
    assert earned(asked, None, also) == 0


def test_of_several_right_orders_the_one_counts_that_fits_the_answer_best() -> None:
    asked = item(ItemType.ORDERING, ORDERING)
    also = Ruling(also=(("BAC",), ("C,B,A", "CAB")))

    assert earned(asked, order("BAC"), None) == 2
    assert [earned(asked, order(given), also) for given in ("ABC", "BAC", "CBA", "CAB")] == [SIX] * 4
    assert earned(asked, order("BCA"), also) == 2
    assert earned(asked, order(""), also) == 0


@given(st.permutations("ABCD"), st.permutations("ABCD"), st.permutations("ABCD"), st.sampled_from(list(Credit)))
@settings(max_examples=60, deadline=None)
def test_a_further_order_never_takes_points_away(
    right: list[str], further: list[str], given: list[str], credit: Credit
) -> None:
    asked = item(ItemType.ORDERING, Body(order=tuple(right), credit=credit))
    also = Ruling(also=(("".join(further),),))

    assert earned(asked, order("".join(given)), also) == max(
        earned(asked, order("".join(given)), None),
        earned(item(ItemType.ORDERING, Body(order=tuple(further), credit=credit)), order("".join(given)), None),
    )


@given(st.text("ABCD", min_size=3, max_size=3), st.lists(st.text("ABCD", max_size=1), min_size=3, max_size=3))
@settings(max_examples=60, deadline=None)
def test_further_pairs_never_take_points_away(given: str, more: list[str]) -> None:
    asked = item(ItemType.MATCHING, MATCHING)
    also = Ruling(also=tuple((letter,) if letter else () for letter in more))
    right = sum(letter in {key, further} for letter, key, further in zip(given, "ABC", more, strict=True))

    assert earned(asked, pairs(given), also) == 2 * right


def test_a_part_of_a_case_takes_another_key_or_further_answers_and_the_others_stay() -> None:
    asked = KeyedItem(1, ItemType.CASE, frozenset(), SIX, "policy", (), Body(parts=CASE.parts[:3]))
    given = Parts((Choice(frozenset("C")), pairs("ADC"), Blanks(("授权",))))
    ruling = Ruling(
        parts=((1, Ruling(key=frozenset("C"))), (2, Ruling(also=((), ("D",)))), (3, Ruling(also=(("授权",),))))
    )

    assert earned(asked, given, None) == 2
    assert earned(asked, given, Ruling(parts=ruling.parts[:1])) == 3
    assert earned(asked, given, Ruling(parts=ruling.parts[:2])) == 4
    assert earned(asked, given, ruling) == SIX
    assert earned(asked, Parts((None,)), ruling) == 0


def test_rulings_of_parts_are_kept_and_read_back_and_name_another_key() -> None:
    ruling = {3: Ruling(parts=((2, Ruling(also=((), ("D",)))), (10, Ruling(key=frozenset("AC")))))}

    assert from_json(to_json(ruling)) == ruling
    assert to_json(ruling) == {"3": {"parts": {"2": {"also": [[], ["D"]]}, "10": {"key": ["A", "C"]}}}}
    assert key_hash("hash", ruling) != key_hash("hash", {3: Ruling(parts=((2, Ruling(also=((), ("D",)))),))})


def test_parts_add_up_until_they_are_taken_back() -> None:
    first, second = Ruling(parts=((1, Ruling(key=frozenset("C"))),)), Ruling(parts=((2, Ruling(also=(("D",),))),))

    both = merged(first, second)
    assert both == Ruling(parts=(*first.parts, *second.parts))
    assert merged(both, Ruling(parts=((1, Ruling()),))) == second
    assert merged(second, Ruling(parts=((2, Ruling()),))) is None
    assert merged(None, first) == first
    assert merged(both, Ruling(void=True)) == Ruling(void=True)
    assert merged(Ruling(void=True), first) == first


@pytest.mark.parametrize(
    ("kind", "body", "ruling", "field"),
    [
        (ItemType.MATCHING, MATCHING, Ruling(also=(("B",), ("A", "d"))), None),
        (ItemType.MATCHING, MATCHING, Ruling(also=(("A",),)), "also"),
        (ItemType.MATCHING, MATCHING, Ruling(also=(("E",),)), "also"),
        (ItemType.MATCHING, MATCHING, Ruling(also=(("BD",),)), "also"),
        (ItemType.MATCHING, MATCHING, Ruling(also=(("B",),) * 4), "also"),
        (ItemType.MATCHING, MATCHING, Ruling(also=((), ())), "also"),
        (ItemType.MATCHING, MATCHING, Ruling(key=frozenset("A")), "ruling"),
        (ItemType.ORDERING, ORDERING, Ruling(also=(("b-a-c",), ("CAB",))), None),
        (ItemType.ORDERING, ORDERING, Ruling(also=(("ABC",),)), "also"),
        (ItemType.ORDERING, ORDERING, Ruling(also=(("BA",),)), "also"),
        (ItemType.ORDERING, ORDERING, Ruling(also=(("BAD",),)), "also"),
        (ItemType.ORDERING, ORDERING, Ruling(also=(("BAAC",),)), "also"),
        (ItemType.CASE, CASE, Ruling(parts=((1, Ruling(key=frozenset("AC"))),)), None),
        (ItemType.CASE, CASE, Ruling(parts=((2, Ruling(also=(("D",),))), (3, Ruling(also=(("授权",),))))), None),
        (ItemType.CASE, CASE, Ruling(key=frozenset("A")), "part"),
        (ItemType.CASE, CASE, Ruling(parts=((0, Ruling(key=frozenset("A"))),)), "part"),
        (ItemType.CASE, CASE, Ruling(parts=((5, Ruling(key=frozenset("A"))),)), "part"),
        (ItemType.CASE, CASE, Ruling(parts=((1, Ruling(void=True)),)), "part"),
        (ItemType.CASE, CASE, Ruling(parts=((1, Ruling(key=frozenset("E"))),)), "key"),
        (ItemType.CASE, CASE, Ruling(parts=((4, Ruling(also=(("x",),))),)), "ruling"),
        (ItemType.CASE, CASE, Ruling(void=True), None),
        (ItemType.ORDERING, ORDERING, Ruling(parts=((1, Ruling(key=frozenset("A"))),)), "part"),
        (ItemType.NUMERIC, Body(numbers=(Number(SIX),)), Ruling(also=(("6.5",),)), None),
        (ItemType.NUMERIC, Body(numbers=(Number(SIX),)), Ruling(also=(("about 6",),)), "also"),
        (ItemType.NUMERIC, Body(numbers=(Number(SIX),)), Ruling(also=((), ("7",))), "also"),
    ],
)
def test_a_ruling_fits_the_type_of_its_item_or_says_where_not(
    kind: ItemType, body: Body, ruling: Ruling, field: str | None
) -> None:
    if field is None:
        check(ruling, item(kind, body))
        return
    with pytest.raises(InvalidError) as refused:
        check(ruling, item(kind, body))
    assert refused.value.field == field


def test_numbers_of_a_part_are_accepted_within_its_tolerance() -> None:
    part = Part(ItemType.NUMERIC, "第1问", body=Body(numbers=(Number(SIX, Decimal("0.1")),)))
    asked = KeyedItem(1, ItemType.CASE, frozenset(), SIX, "policy", (), Body(parts=(part,)))

    assert earned(asked, Parts((NumberGiven("7.05"),)), Ruling(parts=((1, Ruling(also=(("7",),))),))) == SIX


def test_letters_are_read_however_they_are_typed() -> None:
    assert letter_of(" \uff42 ") == "B"
    assert order_of("\uff22\uff0c a \u2192 C") == ("B", "A", "C")
