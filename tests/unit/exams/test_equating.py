"""Equating: the worked examples of docs/psychometrics.md, to the digit."""

from itertools import pairwise

import pytest

from app.assessment.exams.rules.equating import (
    Group,
    NotEnoughError,
    Shares,
    anchored_equating,
    covariance,
    equated,
    equipercentile,
    linear_equating,
    mean_equating,
    moments,
    shares,
    smoothed,
    synthetic,
)
from app.assessment.exams.states import Method

X = Shares(1.0, (0.2, 0.3, 0.2, 0.2, 0.1))
Y = Shares(1.0, (0.1, 0.2, 0.2, 0.3, 0.2))
NEW = Group(total=(2, 4, 6, 8), common=(1, 1, 2, 4))
BASE = Group(total=(3, 5, 7, 9), common=(0, 2, 2, 2))


def test_mean_equating_moves_by_the_difference_of_the_means() -> None:
    assert mean_equating(moments([60, 70, 80]), moments([65, 75, 85]))(72) == pytest.approx(77)


def test_a_group_without_scores_has_no_moments() -> None:
    with pytest.raises(NotEnoughError):
        moments([])
    assert moments([60]).variance == 0


def test_linear_equating_matches_means_and_deviations() -> None:
    convert = linear_equating(moments([60, 70, 80]), moments([60, 75, 90]))

    assert [convert(score) for score in (60, 70, 85)] == pytest.approx([60, 75, 97.5])
    with pytest.raises(NotEnoughError):
        linear_equating(moments([5, 5]), moments([1, 2]))


def test_percentile_ranks_and_equivalents_of_the_published_example() -> None:
    assert [X.rank(score) for score in range(5)] == pytest.approx([0.10, 0.35, 0.60, 0.80, 0.95])
    assert [Y.rank(score) for score in range(5)] == pytest.approx([0.05, 0.20, 0.40, 0.65, 0.90])
    convert = equipercentile(X, Y)
    assert [convert(score) for score in range(5)] == pytest.approx([0.5, 1.75, 2.8333, 3.5, 4.25], abs=1e-4)


def test_ranks_beyond_the_scale_are_none_and_all() -> None:
    assert (X.rank(-0.5), X.rank(4.5), X.rank(9)) == (0.0, 1.0, 1.0)
    assert Y.score_at(1.0) == 4.5
    assert Shares(2.0, (0.5, 0.5, 0.0)).score_at(1.0) == 3.0


def test_shares_count_on_the_steps_of_the_points() -> None:
    assert shares([0, 2.5, 2.5, 5], step=2.5, best=5).values == (0.25, 0.5, 0.25)
    with pytest.raises(NotEnoughError):
        shares([], step=1, best=5)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_smoothing_keeps_as_many_moments_as_its_degree(degree: int) -> None:
    found = smoothed(X, degree)
    scores = range(5)

    assert sum(found.values) == pytest.approx(1)
    assert all(value > 0 for value in found.values)
    for power in range(1, degree + 1):
        kept = sum(score**power * value for score, value in zip(scores, found.values, strict=True))
        assert kept == pytest.approx(sum(s**power * v for s, v in zip(scores, X.values, strict=True)))


def test_more_moments_than_scores_are_not_smoothed() -> None:
    with pytest.raises(NotEnoughError):
        smoothed(Shares(1.0, (0.2, 0.3, 0.5)), 3)


def test_the_slopes_on_the_common_items() -> None:
    assert covariance(NEW.total, NEW.common) == pytest.approx(2.5)
    assert NEW.gamma(Method.TUCKER) == pytest.approx(2.5 / 1.5)
    assert BASE.gamma(Method.TUCKER) == pytest.approx(1.5 / 0.75)
    assert NEW.gamma(Method.LEVINE) == pytest.approx(5 / 2.5)
    assert BASE.gamma(Method.LEVINE) == pytest.approx(5 / 1.5)
    with pytest.raises(NotEnoughError):
        Group((1, 2), (1, 1)).gamma(Method.TUCKER)


def test_tucker_in_the_synthetic_population_by_hand() -> None:
    x, y = synthetic(NEW, BASE, Method.TUCKER, weight=0.5)

    assert (x.mean, y.mean) == pytest.approx((5 - 0.5 * (5 / 3) * 0.5, 6 + 0.5 * 2 * 0.5))
    assert x.variance == pytest.approx(5 - 0.5 * (25 / 9) * 0.75 + 0.25 * (25 / 9) * 0.25)
    assert y.variance == pytest.approx(5 + 0.5 * 4 * 0.75 + 0.25 * 4 * 0.25)
    convert = anchored_equating(NEW, BASE, Method.TUCKER, weight=0.5)
    assert [convert(score) for score in (5, 6)] == pytest.approx([7.03255, 8.31068], abs=1e-4)


def test_levine_with_the_weight_on_the_new_group_by_hand() -> None:
    x, y = synthetic(NEW, BASE, Method.LEVINE, weight=1.0)

    assert (x.mean, x.variance) == (5, 5)
    assert y.mean == pytest.approx(6 + (10 / 3) * 0.5)
    assert y.variance == pytest.approx(5 + (100 / 9) * 0.75)
    convert = anchored_equating(NEW, BASE, Method.LEVINE, weight=1.0)
    assert convert(5) == pytest.approx(7.66667, abs=1e-4)
    assert convert(6) == pytest.approx(7.66667 + (13.33333 / 5) ** 0.5, abs=1e-4)


def test_equal_groups_and_papers_convert_to_themselves() -> None:
    for method in Method:
        convert = equated(NEW, NEW, method, step=2, best=(8, 8), weight=0.5, degree=0)
        assert [convert(score) for score in (2, 4, 8)] == pytest.approx([2, 4, 8]), method


def test_conversions_never_turn_scores_around() -> None:
    for method, degree in ((Method.EQUIPERCENTILE, 2), (Method.EQUIPERCENTILE, 0), (Method.LINEAR, 0)):
        convert = equated(NEW, BASE, method, step=1, best=(10, 10), weight=0.5, degree=degree)
        told = [convert(score) for score in range(11)]
        assert all(low <= high for low, high in pairwise(told)), method
