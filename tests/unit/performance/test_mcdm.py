"""The appraisal mathematics, on published values and on properties that any such method must have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.performance.rules import mcdm

DRINKS = (
    (1, 9, 5, 2, 1, 1, 1 / 2),
    (1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9),
    (1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9),
    (1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3),
    (1, 9, 4, 2, 1, 2, 1 / 2),
    (1, 9, 3, 1, 1 / 2, 1, 1 / 3),
    (2, 9, 9, 3, 2, 3, 1),
)
"""Coffee, wine, tea, beer, sodas, milk, water: Saaty 2008, Int. J. Services Sciences 1(1), consumption of drinks."""
PROJECTS = ((5, 8, 4), (7, 6, 8), (8, 8, 6), (7, 4, 6))
"""Tzeng and Huang 2011, Multiple Attribute Decision Making, chapter on TOPSIS; weights .3, .4, .3, more is better."""
CELL = st.integers(1, 1000).map(lambda whole: whole / 10)


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[list[float]], list[float], list[bool]]:
    width, height = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    matrix = draw(st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=height, max_size=height))
    raw = draw(st.lists(st.integers(1, 50), min_size=width, max_size=width))
    return matrix, [one / sum(raw) for one in raw], draw(st.lists(st.booleans(), min_size=width, max_size=width))


def test_ahp_gives_saatys_published_priorities_of_drinks() -> None:
    found = mcdm.ahp(DRINKS)

    assert [round(one, 3) for one in found.weights] == [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]
    assert round(found.consistency_ratio, 3) == 0.022


@pytest.mark.parametrize("size", [2, 3, 15])
def test_a_perfectly_consistent_matrix_has_the_ratio_nought_and_its_own_weights(size: int) -> None:
    raw = [one + 1 for one in range(size)]

    found = mcdm.ahp([[above / below for below in raw] for above in raw])

    assert found.weights == pytest.approx([one / sum(raw) for one in raw])
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)


def test_an_inconsistent_matrix_shows_a_ratio_above_a_tenth() -> None:
    assert mcdm.ahp([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]]).consistency_ratio > 0.1


def test_topsis_gives_the_published_closeness() -> None:
    found = mcdm.topsis(PROJECTS, (0.3, 0.4, 0.3), (True, True, True))

    assert found == pytest.approx([0.5037, 0.6581, 0.7482, 0.3340], abs=1e-4)
    assert mcdm.ranks(found) == (3, 2, 1, 4)


def test_topsis_turns_round_where_less_is_better() -> None:
    assert mcdm.topsis([[1], [2], [3]], (1,), (False,)) == pytest.approx([1, 0.5, 0])
    assert mcdm.topsis([[4, 1], [4, 1]], (0.5, 0.5), (True, False)) == (0.5, 0.5)


def test_entropy_weighs_what_differs_more_the_heavier() -> None:
    assert mcdm.entropy_weights([[1, 2], [4, 16]]) == pytest.approx([0.358889, 0.641111], abs=1e-6)


def test_a_column_that_says_nothing_weighs_nothing_and_without_any_saying_all_weigh_the_same() -> None:
    assert mcdm.entropy_weights([[5, 1], [5, 3]]) == pytest.approx([0, 1], abs=1e-12)
    assert mcdm.entropy_weights([[5, 1], [5, 1]]) == (0.5, 0.5)
    assert mcdm.entropy_weights([[5, 1]]) == (0.5, 0.5)
    assert mcdm.entropy_weights([[0, 1], [4, 1]]) == pytest.approx([1, 0], abs=1e-12)


def test_the_weighted_sum_scales_to_the_best_of_each_criterion() -> None:
    assert mcdm.weighted_sum([[10, 4], [5, 2]], (0.5, 0.5), (True, False)) == pytest.approx([0.75, 0.75])
    assert mcdm.weighted_sum([[0, 1], [0, 2]], (0.5, 0.5), (True, True)) == pytest.approx([0.25, 0.5])


def test_equal_scores_share_the_better_place() -> None:
    assert mcdm.ranks([0.5, 0.9, 0.5, 0.1]) == (2, 1, 2, 4)


@given(problems())
def test_weights_are_shares_of_one(problem: tuple[list[list[float]], list[float], list[bool]]) -> None:
    weights = mcdm.entropy_weights(problem[0])

    assert sum(weights) == pytest.approx(1)
    assert min(weights) >= 0


@given(problems(), st.randoms())
def test_the_order_of_criteria_changes_no_figure(
    problem: tuple[list[list[float]], list[float], list[bool]], random: object
) -> None:
    matrix, weights, benefits = problem
    order = list(range(len(weights)))
    random.shuffle(order)  # type: ignore[attr-defined]
    turned = [[row[place] for place in order] for row in matrix]
    again = [weights[place] for place in order], [benefits[place] for place in order]

    assert mcdm.topsis(turned, *again) == mcdm.topsis(matrix, weights, benefits)
    assert mcdm.weighted_sum(turned, *again) == mcdm.weighted_sum(matrix, weights, benefits)
    assert mcdm.entropy_weights(turned) == tuple(mcdm.entropy_weights(matrix)[place] for place in order)


@given(problems(), st.integers(1, 500))
def test_more_of_a_positive_criterion_never_lowers_the_weighted_sum(
    problem: tuple[list[list[float]], list[float], list[bool]], more: int
) -> None:
    matrix, weights, benefits = problem
    benefits = [True, *benefits[1:]]
    raised = [[matrix[0][0] + more, *matrix[0][1:]], *matrix[1:]]

    before, after = mcdm.weighted_sum(matrix, weights, benefits), mcdm.weighted_sum(raised, weights, benefits)

    assert after[0] >= before[0] - 1e-12
