"""The bounds of an indicator system: weights, limits, days and how often a base may fail."""

from decimal import Decimal

import pytest
from pydantic import BaseModel

from app.performance.rules.indicators import Appraisal, Bonus, Indicator, Limits
from app.performance.states import Grade
from tests.bounds import is_closed, misjudged

pytestmark = pytest.mark.one_database

LIMITS = Limits(excellent=Decimal(90), good=Decimal(75), passed=Decimal(60))


@pytest.mark.parametrize(
    ("model", "name", "held", "refused"),
    [
        (Indicator, "name_zh", ["x", "x" * 100], ["", "x" * 101]),
        (Indicator, "name_en", ["x", "x" * 100], ["", "x" * 101]),
        (Indicator, "weight", ["0.01", 1], [0, "1.01"]),
        (Bonus, "each", ["0.01"], [0]),
        (Bonus, "most", ["0.01"], [0]),
        (Limits, "passed", ["0.01"], [0]),
        (Appraisal, "indicators", [], [[]]),
        (Appraisal, "full_score", [100, 200], ["99.99", "200.01"]),
        (Appraisal, "rectify_days", [1, 250], [0, 251]),
        (Appraisal, "fails_to_exit", [2, 5], [1, 6]),
    ],
)
def test_indicators_are_taken_within_their_bounds(
    model: type[BaseModel], name: str, held: list[object], refused: list[object]
) -> None:
    assert misjudged(model, name, held, refused) == []
    assert is_closed(model)


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        ("90", Grade.EXCELLENT),
        ("89.99", Grade.GOOD),
        ("75", Grade.GOOD),
        ("74.99", Grade.PASS),
        ("60", Grade.PASS),
        ("59.99", Grade.FAIL),
    ],
)
def test_a_grade_begins_at_its_limit(score: str, grade: Grade) -> None:
    assert LIMITS.of(Decimal(score)) is grade


@pytest.mark.parametrize(("excellent", "good"), [("100.01", "75"), ("75", "75"), ("90", "60"), ("60", "90")])
def test_limits_fall_from_a_hundred_at_most(excellent: str, good: str) -> None:
    with pytest.raises(ValueError, match="fall"):
        Limits(excellent=Decimal(excellent), good=Decimal(good), passed=Decimal(60))
    assert Limits(excellent=Decimal(100), good=Decimal(75), passed=Decimal(60)).of(Decimal(100)) is Grade.EXCELLENT
