"""Marking of every type: exact shares, rules for what is partly right, and what a marker must decide."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.items.rules.bodies import Blank, Body, Number, Option, Part, Unit
from app.items.rules.marking import amount, fills, mark, solution
from app.items.rules.responses import (
    BadResponseError,
    Blanks,
    Choice,
    NumberGiven,
    Order,
    Pairs,
    Parts,
    Response,
    Written,
    read_response,
    relabel,
)
from app.items.states import Credit, ItemType

OPTIONS = tuple(Option(letter, f"说法{letter}") for letter in "ABCD")
LETTERS = st.frozensets(st.sampled_from("ABCD"))


def choice(kind: ItemType, key: str, credit: Credit | None = None) -> Part:
    return Part(kind, "题干", OPTIONS, frozenset(key), Body(credit=credit))


def numeric(*numbers: Number, **body: object) -> Part:
    return Part(ItemType.NUMERIC, "多少", body=Body(numbers=numbers, **body))  # type: ignore[arg-type]


BLANKS = Part(
    ItemType.BLANK, "_____与_____", body=Body(blanks=(Blank(("技术合同", "合同")), Blank(("DNA",), exact=True)))
)
MATCHING = Part(ItemType.MATCHING, "配对", OPTIONS, body=Body(prompts=("一", "二", "三"), pairs=("B", "A", "B")))
ORDERING = Part(ItemType.ORDERING, "排序", OPTIONS, body=Body(order=("C", "A", "D", "B")))
ESSAY = Part(ItemType.ESSAY, "论述")
SHARES = {
    Credit.ALL: Fraction(0),
    Credit.SHARE: Fraction(2, 3),
    Credit.HALF: Fraction(1, 2),
    Credit.NET: Fraction(2, 3),
}


@settings(deadline=None)
@given(st.sampled_from([ItemType.SINGLE, ItemType.TRUE_FALSE, ItemType.MULTIPLE]), LETTERS.filter(bool), LETTERS)
def test_without_a_rule_a_choice_earns_all_for_exactly_the_key(
    kind: ItemType, key: frozenset[str], answer: frozenset[str]
) -> None:
    assert mark(choice(kind, "".join(key)), Choice(answer)).value == (1 if answer == key else 0)


@settings(deadline=None)
@given(LETTERS, LETTERS, st.sampled_from(Credit))
def test_no_rule_gives_more_than_all_or_less_than_nothing(
    key: frozenset[str], answer: frozenset[str], credit: Credit
) -> None:
    value = mark(choice(ItemType.MULTIPLE, "".join(key), credit), Choice(answer)).value

    assert value is not None
    assert 0 <= value <= 1
    assert (value == 1) == bool(key and key == answer)


@pytest.mark.parametrize("credit", list(Credit))
def test_an_incomplete_multiple_choice_earns_by_the_rule(credit: Credit) -> None:
    assert mark(choice(ItemType.MULTIPLE, "ABC"), Choice(frozenset("AB")), credit=credit).value == SHARES[credit]


@pytest.mark.parametrize(
    ("credit", "value"), [(Credit.ALL, 0), (Credit.SHARE, 0), (Credit.HALF, 0), (Credit.NET, Fraction(1, 3))]
)
def test_a_wrong_option_costs_everything_but_by_the_net_rule(credit: Credit, value: Fraction) -> None:
    assert mark(choice(ItemType.MULTIPLE, "ABC"), Choice(frozenset("ABD")), credit=credit).value == value


def test_the_rule_of_the_item_goes_before_the_rule_of_the_exam() -> None:
    item = choice(ItemType.MULTIPLE, "ABC", Credit.HALF)

    assert mark(item, Choice(frozenset("A")), credit=Credit.ALL).value == Fraction(1, 2)


EMPTY: list[tuple[ItemType, Response]] = [
    (ItemType.SINGLE, Choice(frozenset())),
    (ItemType.MULTIPLE, Choice(frozenset("A"))),
    (ItemType.BLANK, Blanks(("", "甲"))),
    (ItemType.NUMERIC, NumberGiven("0")),
    (ItemType.MATCHING, Pairs(((1, "A"),))),
    (ItemType.ORDERING, Order(("A",))),
    (ItemType.CASE, Parts((Choice(frozenset("A")),))),
]


@pytest.mark.parametrize(("kind", "response"), EMPTY)
@pytest.mark.parametrize("credit", list(Credit))
def test_an_item_without_a_key_earns_nothing(kind: ItemType, response: Response, credit: Credit) -> None:
    assert mark(Part(kind, "题干"), response, credit=credit).value == 0


@pytest.mark.parametrize(
    ("texts", "right"),
    [
        (("技术合同", "DNA"), 2),
        ((" 技术 合同。", "dna"), 1),
        (("合同", " DNA "), 2),
        (("ｈｅ同", "ＤＮＡ"), 0),
        (("技术合同",), 1),
        (("", "DNA", "多写"), 1),
    ],
)
def test_each_blank_counts_its_share(texts: tuple[str, ...], right: int) -> None:
    assert mark(BLANKS, Blanks(texts)).value == Fraction(right, 2)


@pytest.mark.parametrize(
    ("accepted", "text", "filled"),
    [
        ("Ｔｅｃｈ Transfer", "tech  transfer", True),
        ("tech transfer", "techtransfer", False),
        ("“双创”", '"双创"', True),
        ("50%", "５０％", True),
        ("1.5", "15", False),
    ],
)
def test_width_case_quotes_and_spaces_beside_han_do_not_count(accepted: str, text: str, filled: bool) -> None:
    assert fills(Blank((accepted,)), text) is filled


@pytest.mark.parametrize(
    ("typed", "unit", "share"),
    [
        ("12.5", "", 1),
        ("１２．５", "万元", 1),
        ("12.5万元", "", 1),
        ("125,000", "元", 1),
        ("125 000元", "", 1),
        ("1.25e1", "", 1),
        ("12.6", "", 1),
        ("12.61", "", Fraction(1, 2)),
        ("13.01", "", 0),
        ("11.99", "", 0),
        ("13", "", Fraction(1, 2)),
        ("12.5", "吨", 0),
        ("12.5元", "万元", 0),
        ("十二", "", 0),
        ("1,25", "", 0),
        ("-12.5", "", 0),
    ],
)
def test_a_number_is_read_however_it_is_typed_and_within_its_tolerance(typed: str, unit: str, share: Fraction) -> None:
    item = numeric(
        Number(Decimal("12.5"), Decimal("0.1")),
        Number(Decimal("12.5"), Decimal("0.04"), relative=True, share=Decimal("0.5")),
        unit="万元",
        units=(Unit("元", Decimal("0.0001")),),
    )

    assert mark(item, NumberGiven(typed, unit)).value == share


def test_a_unit_that_is_asked_for_must_be_given() -> None:
    item = numeric(Number(Decimal(5)), unit="kg", unit_asked=True)

    assert mark(item, NumberGiven("5")).value == 0
    assert mark(item, NumberGiven("5", "KG")).value == 1
    assert mark(numeric(Number(Decimal(5))), NumberGiven("5", "kg")).value == 0


@settings(deadline=None)
@given(st.decimals(-1000, 1000, places=3), st.decimals(0, 10, places=3), st.integers(-12000, 12000))
def test_a_tolerance_includes_its_ends_exactly(value: Decimal, tolerance: Decimal, thousandths: int) -> None:
    typed = Decimal(thousandths).scaleb(-3) + value
    right = abs(typed - value) <= tolerance

    assert mark(numeric(Number(value, tolerance)), NumberGiven(f"{typed:f}")).value == int(right)


def test_pairs_and_places_count_their_share() -> None:
    assert mark(MATCHING, Pairs(((1, "B"), (2, "B"), (3, "B")))).value == Fraction(2, 3)
    assert mark(ORDERING, Order(("C", "A", "B", "D"))).value == Fraction(1, 2)
    assert mark(ORDERING, Order(("C", "A"))).value == Fraction(1, 2)
    assert mark(ORDERING, Order(("C", "A", "B", "D")), credit=Credit.ALL).value == 0
    assert mark(ORDERING, Order(("C", "D", "B", "A")), credit=Credit.HALF).value == Fraction(1, 2)
    assert mark(ORDERING, Order(("C", "D", "B", "A")), credit=Credit.NET).value == 0


def test_a_marker_decides_about_what_was_written_and_nothing_earns_nothing() -> None:
    assert mark(ESSAY, Written("我认为")).value is None
    assert mark(ESSAY, Written("我认为")).share is None
    assert mark(ESSAY, Written("我认为")).points(Decimal(10)) is None
    assert mark(ESSAY, Written(" \n")).value == 0
    assert mark(ESSAY, None).value == 0


def case(*parts: Part) -> Part:
    return Part(ItemType.CASE, "材料", body=Body(parts=parts))


def test_sub_items_count_by_their_weight() -> None:
    item = case(
        choice(ItemType.SINGLE, "A"), Part(ItemType.ORDERING, "排", OPTIONS, body=ORDERING.body, weight=Decimal(2))
    )

    marked = mark(item, Parts((Choice(frozenset("A")), Order(("C", "A", "B", "D")))))

    assert [one.value for one in marked.parts] == [1, Fraction(1, 2)]
    assert (marked.value, marked.share) == (Fraction(2, 3), Decimal("0.666667"))
    assert mark(item, None).value == 0
    assert mark(item, Parts((Choice(frozenset("A")),))).value == Fraction(1, 3)


def test_a_case_waits_for_the_marker_of_one_of_its_sub_items() -> None:
    item = case(choice(ItemType.SINGLE, "A"), ESSAY)

    marked = mark(item, Parts((Choice(frozenset("A")), Written("因为"))))

    assert marked.value is None
    assert [one.value for one in marked.parts] == [1, None]
    assert mark(item, Parts((Choice(frozenset("A")), None))).value == Fraction(1, 2)


def test_an_answer_of_another_shape_earns_nothing() -> None:
    for item in (choice(ItemType.SINGLE, "A"), BLANKS, MATCHING, ORDERING, numeric(Number(Decimal(1)))):
        assert mark(item, Written("A")).value == 0
    assert mark(ESSAY, Choice(frozenset("A"))).value == 0
    assert mark(case(ESSAY), Written("A")).value == 0


@settings(deadline=None)
@given(st.decimals(0, 100, places=2), st.integers(1, 8), st.integers(0, 8))
def test_points_are_rounded_once_from_the_exact_share(points: Decimal, every: int, right: int) -> None:
    right = min(right, every)
    item = Part(ItemType.BLANK, "空", body=Body(blanks=(Blank(("对",)),) * every))
    texts = ("对",) * right + ("错",) * (every - right)

    earned = mark(item, Blanks(texts)).points(points)

    assert earned is not None
    assert abs(Fraction(earned) - Fraction(points) * Fraction(right, every)) <= Fraction(1, 200)
    assert earned.as_tuple().exponent == -2
    assert mark(item, Blanks(("对",) * every)).points(points) == points


@pytest.mark.parametrize(
    "item",
    [
        choice(ItemType.MULTIPLE, "AC"),
        BLANKS,
        MATCHING,
        ORDERING,
        numeric(Number(Decimal("2.50")), unit="m"),
    ],
)
def test_the_solution_earns_everything(item: Part) -> None:
    right = solution(item)

    assert mark(item, right).value == 1
    assert mark(case(item, item), solution(case(item, item))).value == 1
    assert right is not None
    assert read_response(item.type, right.to_json()) == right
    assert solution(ESSAY) is None


SHAPED: list[tuple[ItemType, dict[str, object], Response]] = [
    (ItemType.SINGLE, {"choice": ["A"], "review": True}, Choice(frozenset("A"))),
    (ItemType.MULTIPLE, {"choice": []}, Choice(frozenset())),
    (ItemType.BLANK, {"blanks": ["甲", ""]}, Blanks(("甲", ""))),
    (ItemType.NUMERIC, {"number": "12.5", "unit": "元"}, NumberGiven("12.5", "元")),
    (ItemType.NUMERIC, {"number": "12.5", "unit": None}, NumberGiven("12.5")),
    (ItemType.MATCHING, {"pairs": {"2": "A", "1": "B", "3": ""}}, Pairs(((1, "B"), (2, "A")))),
    (ItemType.ORDERING, {"order": ["C", "A"]}, Order(("C", "A"))),
    (ItemType.ESSAY, {"text": "因为\x00"}, Written("因为")),
    (ItemType.CASE, {"parts": [{"text": "甲"}, None]}, Parts((Written("甲"), None))),
]


@pytest.mark.parametrize(("kind", "raw", "response"), SHAPED)
def test_answers_are_read_and_written_in_their_shape(
    kind: ItemType, raw: dict[str, object], response: Response
) -> None:
    assert read_response(kind, raw) == response
    assert read_response(kind, response.to_json()) == response


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        (ItemType.SINGLE, ["A"], "shape"),
        (ItemType.SINGLE, None, "shape"),
        (ItemType.SINGLE, {"text": "A"}, "shape"),
        (ItemType.SINGLE, {"choice": "A"}, "shape"),
        (ItemType.SINGLE, {"choice": ["AB"]}, "letters"),
        (ItemType.SINGLE, {"choice": [1]}, "letters"),
        (ItemType.SINGLE, {"choice": ["a"]}, "letters"),
        (ItemType.ORDERING, {"order": ["A", "A"]}, "letters"),
        (ItemType.ORDERING, {"order": ["K"]}, "letters"),
        (ItemType.BLANK, {"blanks": ["甲" * 501]}, "too_long"),
        (ItemType.BLANK, {"blanks": [""] * 41}, "too_many"),
        (ItemType.BLANK, {"blanks": [None]}, "shape"),
        (ItemType.NUMERIC, {"number": 12.5}, "shape"),
        (ItemType.NUMERIC, {"number": "1" * 65}, "too_long"),
        (ItemType.MATCHING, {"pairs": ["A"]}, "shape"),
        (ItemType.MATCHING, {"pairs": {"0": "A"}}, "shape"),
        (ItemType.MATCHING, {"pairs": {"1": "AA"}}, "letters"),
        (ItemType.MATCHING, {"pairs": {str(place): "A" for place in range(1, 42)}}, "too_many"),
        (ItemType.ESSAY, {"text": "字" * 20_001}, "too_long"),
        (ItemType.CASE, {"parts": [{"text": "甲", "choice": ["A"]}]}, "shape"),
        (ItemType.CASE, {"parts": [{"parts": []}]}, "shape"),
        (ItemType.CASE, {"parts": {}}, "shape"),
    ],
)
def test_an_answer_that_breaks_its_shape_is_refused_with_the_reason(kind: ItemType, raw: object, code: str) -> None:
    with pytest.raises(BadResponseError) as refused:
        read_response(kind, raw)

    assert refused.value.code == code
    assert str(refused.value)


def test_a_long_text_within_the_limit_is_read() -> None:
    assert read_response(ItemType.ESSAY, {"text": "字" * 20_000}) == Written("字" * 20_000)


def test_letters_as_shown_become_the_items_own() -> None:
    shown = {"A": "C", "B": "A"}

    assert relabel(Choice(frozenset("AD")), shown) == Choice(frozenset("C"))
    assert relabel(Order(("B", "A", "E")), shown) == Order(("A", "C"))
    assert relabel(Pairs(((1, "A"), (2, "D"))), shown) == Pairs(((1, "C"),))
    assert relabel(Written("A"), shown) == Written("A")


def test_what_is_answered_is_told_from_what_was_taken_back() -> None:
    empty = (
        Choice(frozenset()),
        Blanks(("", " ")),
        NumberGiven(" "),
        Pairs(()),
        Order(()),
        Written("\n"),
        Parts((None,)),
    )

    assert not any(one.answered for one in empty)
    assert Parts((None, Written("甲"))).answered


def test_amounts_are_exact() -> None:
    assert amount(NumberGiven("0.1")) == (Fraction(1, 10), "")
    assert amount(NumberGiven(".5")) == (Fraction(1, 2), "")
    assert amount(NumberGiven("−3,000.50")) == (Fraction(-6001, 2), "")
    assert amount(NumberGiven("1e999")) is None or amount(NumberGiven("1e999")) != (Fraction(1), "")
