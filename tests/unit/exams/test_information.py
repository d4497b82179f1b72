"""Information of items: the published formulas at points worked out by hand, and the cut score's ability."""

from decimal import Decimal
from math import exp

import pytest

from app.assessment.exams.rules.information import (
    Parameters,
    ability_at,
    chances,
    curve,
    estimated,
    informations,
)


def item(a: float = 1.0, b: float = 0.0, c: float = 0.0) -> Parameters:
    return Parameters(a, b, c, "test")


def test_a_two_parameter_item_tells_most_at_its_difficulty_a_quarter_of_a_squared() -> None:
    assert informations(0.5, [item(2.0, 0.5)])[0] == pytest.approx(1.0)
    assert chances(0.5, [item(2.0, 0.5)])[0] == pytest.approx(0.5)
    assert informations(1.5, [item(2.0, 0.5)])[0] < 1.0


def test_guessing_lifts_the_chance_and_takes_information() -> None:
    right = 0.25 + 0.75 / (1 + exp(-1.2))
    by_hand = 1.2**2 * (right - 0.25) ** 2 * (1 - right) / (0.75**2 * right)

    assert chances(1.0, [item(1.2, 0.0, 0.25)])[0] == pytest.approx(right)
    assert informations(1.0, [item(1.2, 0.0, 0.25)])[0] == pytest.approx(by_hand)


def test_a_curve_sums_over_the_items_and_gives_the_standard_error() -> None:
    points = {point.theta: point for point in curve([item(2.0), item(2.0)])}

    assert sorted(points) == [step / 2 for step in range(-6, 7)]
    assert points[0.0].information == pytest.approx(2.0)
    assert points[0.0].error == pytest.approx(2**-0.5)
    assert curve([], [0.0])[0].error is None


@pytest.mark.parametrize(("difficulty", "side"), [("0.5", 0), ("0.9", -1), ("0.1", 1), ("1", -1), ("0", 1)])
def test_an_easy_item_is_estimated_below_the_mean_ability(difficulty: str, side: int) -> None:
    one = estimated(Decimal(difficulty))

    assert (one.b > 1e-9) - (one.b < -1e-9) == side
    assert (one.a, one.c, one.source) == (1.0, 0.0, "estimated")
    assert abs(one.b) < 5


def test_the_estimate_gives_the_share_back_in_a_normal_population() -> None:
    one = estimated(Decimal("0.8"))
    grid = [step / 100 for step in range(-600, 601)]
    weights = [exp(-(theta**2) / 2) for theta in grid]
    share = sum(w * chances(t, [one])[0] for t, w in zip(grid, weights, strict=True)) / sum(weights)

    assert share == pytest.approx(0.8, abs=0.01)


def test_the_ability_at_the_cut_score_expects_that_share_of_the_points() -> None:
    items = [item(1.0, -1.0), item(1.5, 0.5)]
    theta = ability_at(0.6, items, [1.0, 3.0])

    assert float(chances(theta, items) @ [1.0, 3.0]) / 4 == pytest.approx(0.6)
    assert ability_at(0.0, items, [1.0, 1.0]) == pytest.approx(-4.0)
