"""Scores: exact totals, reasons for extremes, trimmed means, outliers as evidence, agreement, even assignment."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.errors import InvalidError
from app.panels.rules.assignment import assigned
from app.panels.rules.parameters import Rubric, rubric_sentences
from app.panels.rules.scores import agreement, check, joined, modified_z, outliers, total

DIMENSION = {"name_zh": "甲", "name_en": "A", "asks_zh": "问", "asks_en": "Asks", "most": "10"}
GIVEN: dict[str, Any] = {
    "purpose": "inspection",
    "step": "0.5",
    "low": "0.30",
    "high": "0.90",
    "reason_length": 4,
    "trim_each_side": 1,
    "outlier_over": "3.5",
    "dimensions": [{**DIMENSION, "code": "one", "weight": "0.25"}, {**DIMENSION, "code": "two", "weight": "0.75"}],
}
RUBRIC = Rubric.model_validate(GIVEN)
EXTREMES = Rubric.model_validate({**GIVEN, "reason_each": False})
SEED = b"s" * 32


def test_the_total_is_the_weighted_share_of_the_most() -> None:
    assert total(RUBRIC, {"one": Decimal(10), "two": Decimal(0)}) == Decimal("25.00")
    assert total(RUBRIC, {"one": Decimal("5.5"), "two": Decimal("7.5")}) == Decimal("70.00")


@pytest.mark.parametrize(("points", "reason"), [("3", "abc"), ("9", " abc  "), ("0", ""), ("10", "x")])
def test_an_extreme_score_needs_a_reason_under_every_rubric(points: str, reason: str) -> None:
    for rubric in (RUBRIC, EXTREMES):
        with pytest.raises(InvalidError) as refused:
            check(rubric.dimensions[0], rubric, Decimal(points), reason)
        assert refused.value.field == "reason_one"
        check(rubric.dimensions[0], rubric, Decimal(points), "abcd")


@pytest.mark.parametrize("points", ["-0.5", "10.5", "5.25"])
def test_points_stay_on_the_scale(points: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check(RUBRIC.dimensions[1], RUBRIC, Decimal(points), "abcd")
    assert refused.value.field == "points_two"


@pytest.mark.parametrize("points", ["3.5", "8.5", "5"])
def test_every_score_needs_its_reason_where_no_pack_says_that_extremes_are_enough(points: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check(RUBRIC.dimensions[0], RUBRIC, Decimal(points), "abc")
    assert refused.value.field == "reason_one"
    check(RUBRIC.dimensions[0], RUBRIC, Decimal(points), "abcd")
    check(EXTREMES.dimensions[0], EXTREMES, Decimal(points), "")


def test_a_pack_says_for_which_scores_a_reason_is_due() -> None:
    said, extremes = (str(rubric_sentences(one)[2]) for one in (RUBRIC, EXTREMES))

    assert said != extremes
    assert "0.30" in extremes


@pytest.mark.parametrize("change", [{"weight": "0.5"}, {"code": "one", "weight": "0.75"}])
def test_a_rubric_adds_up_and_names_each_dimension_once(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Rubric.model_validate({**GIVEN, "dimensions": [GIVEN["dimensions"][0], {**GIVEN["dimensions"][1], **change}]})


def test_the_highest_and_lowest_are_left_out_where_enough_stay() -> None:
    assert joined([Decimal(10), Decimal(60), Decimal(70), Decimal(100)], 1) == Decimal("65.00")
    assert joined([Decimal(10), Decimal(100)], 1) == Decimal("55.00")
    assert joined([Decimal(1), Decimal(2), Decimal(2)], 0) == Decimal("1.67")


def test_outliers_follow_the_modified_z_score() -> None:
    totals = {"a": Decimal(70), "b": Decimal(72), "c": Decimal(71), "d": Decimal(73), "e": Decimal(20)}

    assert outliers(totals, Decimal("3.5")) == {"e": Decimal("-34.40")}
    assert outliers({"a": Decimal(70), "b": Decimal(70), "c": Decimal(70)}, Decimal("3.5")) == {}
    assert outliers({}, Decimal("3.5")) == {}
    assert modified_z([Decimal(1), Decimal(1), Decimal(1), Decimal(5)])[3] == Decimal(4) / (
        Decimal("1.253314") * Decimal(1)
    )
    assert modified_z([Decimal(1), Decimal(2), Decimal(3)]) == [Decimal("-0.6745"), Decimal(0), Decimal("0.6745")]


def test_a_total_at_the_limit_is_no_outlier() -> None:
    totals = {"a": Decimal(1), "b": Decimal(2), "c": Decimal(3)}

    assert outliers(totals, Decimal("0.6745")) == {}
    assert outliers(totals, Decimal("0.6744")) == {"a": Decimal("-0.67"), "c": Decimal("0.67")}


def test_agreement_is_kendalls_w_with_ties() -> None:
    assert agreement([[Decimal(1), Decimal(2), Decimal(3)], [Decimal(2), Decimal(4), Decimal(6)]]) == Decimal("1.00")
    assert agreement([[Decimal(1), Decimal(2), Decimal(3)], [Decimal(3), Decimal(2), Decimal(1)]]) == Decimal("0.00")
    assert agreement([[Decimal(1), Decimal(2), Decimal(2)], [Decimal(3), Decimal(2), Decimal(1)]]) == Decimal("0.07")
    assert agreement([[Decimal(1), Decimal(1)], [Decimal(2), Decimal(2)]]) is None
    assert agreement([[Decimal(1), Decimal(2)]]) is None
    assert agreement([[Decimal(1)], [Decimal(2)]]) is None
    assert agreement([]) is None


@given(
    st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)))
)
@settings(max_examples=200, deadline=None)
def test_cases_are_given_evenly_and_free_of_conflict(
    cases: int, experts: int, per_case: int, conflicts: set[tuple[int, int]]
) -> None:
    names = [f"e{number}" for number in range(experts)]
    barred = {f"c{case}": {f"e{one}" for at, one in conflicts if at == case} for case in range(cases)}
    fits = all(len([one for one in names if one not in barred[f"c{case}"]]) >= per_case for case in range(cases))

    given_ = assigned([f"c{case}" for case in range(cases)], names, per_case=per_case, barred=barred, seed=SEED)

    assert (given_ is not None) is fits
    if given_ is None:
        return
    assert all(len(set(chosen)) == per_case for chosen in given_.values())
    assert not any(barred[case] & set(chosen) for case, chosen in given_.items())
    loads = Counter(one for chosen in given_.values() for one in chosen)
    if not conflicts:
        assert max(loads.values()) == -(-cases * per_case // experts)


def test_the_greatest_load_is_as_small_as_conflicts_allow() -> None:
    given_ = assigned(["a", "b", "c", "d"], ["x", "y"], per_case=1, barred={"a": {"x"}, "b": {"x"}}, seed=SEED)

    assert given_ is not None
    assert Counter(one for chosen in given_.values() for one in chosen) == {"x": 2, "y": 2}


@pytest.mark.parametrize("seed", [b"a" * 32, b"b" * 32, b"c" * 32, b"d" * 32])
def test_a_case_moves_to_make_room_for_one_that_has_no_other_expert(seed: bytes) -> None:
    chain = {"b": {"y", "z"}, "c": {"x", "z"}}

    assert assigned(["a", "b", "c"], ["x", "y", "z"], per_case=1, barred=chain, seed=seed) == {
        "a": ["z"],
        "b": ["x"],
        "c": ["y"],
    }


def test_who_alone_is_free_of_conflict_takes_more_than_the_even_share() -> None:
    barred = {case: {"y"} for case in "abc"}

    assert assigned(["a", "b", "c"], ["x", "y"], per_case=1, barred=barred, seed=SEED) == {
        "a": ["x"],
        "b": ["x"],
        "c": ["x"],
    }
    assert assigned(["a"], ["x", "y"], per_case=2, barred=barred, seed=SEED) is None
