"""The scale that scores are reported on: never turned around, itself where papers are equal, rounded once, half up."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.assessment.exams.rules.equating import Moments, NotEnoughError, equated, linear_equating
from app.assessment.exams.rules.equating_rule import EquatingRule, sentences
from app.assessment.exams.rules.parameters import ExamRule
from app.assessment.exams.rules.scales import Scale, held, tabled
from app.assessment.exams.states import Method
from app.core.text import _l
from tests.unit.exams.levels import LEVEL

pytestmark = pytest.mark.one_database

HUNDREDTH = Decimal("0.01")
BEST = Decimal(100)
TABLE = [["0.00", "4.00"], ["50.00", "55.00"], ["75.00", "81.25"], ["100.00", "100.00"]]
points = st.integers(0, 10_000).map(lambda cents: Decimal(cents).scaleb(-2))


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    """Draw a table of rising raw scores whose equals never fall, on a scale of a hundred points."""
    raws = sorted(draw(st.sets(points, min_size=2, max_size=8)))
    equals = sorted(draw(st.lists(points, min_size=len(raws), max_size=len(raws))))
    return Scale(tuple(zip(raws, equals, strict=True)), BEST, Decimal(60))


def scale(table: list[list[str]] = TABLE) -> Scale:
    return Scale.of(table, BEST, Decimal(60))


@given(scales(), points, points)
@settings(max_examples=60, deadline=None)
def test_a_higher_score_never_counts_for_less(one: Scale, low: Decimal, high: Decimal) -> None:
    low, high = sorted((low, high))

    assert one.equal(low, BEST) <= one.equal(high, BEST)


@given(st.sets(points, min_size=1, max_size=6), points)
@settings(max_examples=60, deadline=None)
def test_equal_papers_give_every_score_itself(steps: set[Decimal], score: Decimal) -> None:
    rows = tuple((one, one) for one in sorted(steps | {Decimal(0), BEST}))

    assert Scale(rows, BEST, Decimal(60)).equal(score, BEST) == score


@given(scales(), points)
@settings(max_examples=60, deadline=None)
def test_a_reported_score_lies_on_the_scale_in_hundredths(one: Scale, score: Decimal) -> None:
    told = one.equal(score, BEST)

    assert 0 <= told <= BEST
    assert told == told.quantize(HUNDREDTH)


@given(scales(), points, st.integers(1, 40))
@settings(max_examples=60, deadline=None)
def test_the_share_of_what_could_be_reached_decides_where_a_void_item_left_the_total(
    one: Scale, score: Decimal, twentieths: int
) -> None:
    share = Fraction(twentieths, 20)
    left, full = Fraction(score) * share, Fraction(BEST) * share
    small, whole = (Decimal(part.numerator) / Decimal(part.denominator) for part in (left, full))

    assert one.equal(small, whole) == one.equal(score, BEST)


@given(st.integers(-(10**7), 10**7), st.integers(1, 999))
@settings(max_examples=60, deadline=None)
def test_rounding_is_half_up_at_the_hundredth_and_ends_are_held(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    within = min(max(exact, Fraction(0)), Fraction(BEST))
    wanted = (Decimal(within.numerator) / Decimal(within.denominator)).quantize(HUNDREDTH, ROUND_HALF_UP)

    assert abs(held(exact, BEST) - wanted) <= 0


@pytest.mark.parametrize(
    ("score", "told"),
    [("0", "4.00"), ("50", "55.00"), ("25", "29.50"), ("52.5", "57.63"), ("99.99", "99.99"), ("100", "100.00")],
)
def test_rows_are_told_as_they_stand_and_scores_between_them_on_the_line(score: str, told: str) -> None:
    assert scale().equal(Decimal(score), BEST) == Decimal(told)


@pytest.mark.parametrize(("score", "told"), [("25.004", "29.50"), ("52.5", "57.63"), ("-1", "4.00"), ("101", "100.00")])
def test_a_row_is_led_on_by_the_table_of_the_base_and_rounded_once(score: str, told: str) -> None:
    assert tabled(Fraction(score), BEST, scale()) == Decimal(told)


@given(scales(), st.fractions(-5, 105, max_denominator=700), st.fractions(-5, 105, max_denominator=700))
@settings(max_examples=60, deadline=None)
def test_two_links_never_turn_scores_around_and_lie_on_the_scale(one: Scale, low: Fraction, high: Fraction) -> None:
    low, high = sorted((low, high))

    assert 0 <= tabled(low, BEST, one) <= tabled(high, BEST, one) <= BEST
    assert tabled(low, BEST, None) == held(low, BEST)


def test_what_is_between_two_links_is_not_rounded() -> None:
    rows = [["0.00", "0.00"], ["0.01", "1.00"], ["1.00", "1.00"]]

    assert tabled(Fraction(4, 1000), Decimal(1), Scale.of(rows, BEST, Decimal(0))) == Decimal("0.40")
    assert tabled(Fraction(4, 1000), Decimal(1), None) == 0


def test_half_a_hundredth_is_rounded_up() -> None:
    rows = [["0.00", "0.00"], ["2.00", "0.01"]]

    assert Scale.of(rows, BEST, Decimal(0)).equal(Decimal(1), Decimal(2)) == HUNDREDTH
    assert held(Fraction(1, 200), BEST) == HUNDREDTH
    assert held(Fraction(1, 201), BEST) == Decimal(0)


def test_scores_beyond_the_rows_are_their_ends_and_an_empty_paper_is_nothing() -> None:
    rows = [["10.00", "20.00"], ["90.00", "80.00"]]
    one = Scale.of(rows, BEST, Decimal(60))

    assert [one.equal(Decimal(score), Decimal(90)) for score in (0, 5, 90, 99)] == [20, 20, 80, 80]
    assert one.equal(Decimal(0), Decimal(0)) == 0


@pytest.mark.parametrize(
    "table", [[], [["1", "1"]], [["1", "2"], ["2", "1"]], [["1", "1"], ["1", "2"]], [["2", "1"], ["1", "1"]]]
)
def test_a_table_that_turns_scores_around_is_no_scale(table: list[list[str]]) -> None:
    with pytest.raises(ValueError, match="never turns scores around"):
        Scale.of(table, BEST, Decimal(60))


def test_a_table_may_stand_still() -> None:
    assert scale([["0", "1"], ["50", "1"], ["100", "1"]]).equal(Decimal(70), BEST) == 1


def test_a_population_without_spread_on_the_base_is_refused_and_not_an_error() -> None:
    with pytest.raises(NotEnoughError):
        linear_equating(Moments(5, 1), Moments(5, -0.5))
    assert linear_equating(Moments(5, 1), Moments(6, 0))(9) == 6


def test_identity_asks_nothing_of_the_groups() -> None:
    convert = equated(None, None, Method.IDENTITY, step=1, best=(9, 9), weight=0.5, degree=0)  # type: ignore[arg-type]

    assert convert(7.5) == 7.5


def test_a_pack_that_is_silent_asks_for_no_conversion_and_says_so() -> None:
    silent = ExamRule.model_validate({"levels": [LEVEL]}).of("junior")
    asked = ExamRule.model_validate({"levels": [{**LEVEL, "equating": {"required": True}}]}).of("junior")

    assert (silent.equating.required, asked.equating.required) == (False, True)
    assert [str(one) for one in sentences(silent.equating, _l("Junior"))] != [
        str(one) for one in sentences(asked.equating, _l("Junior"))
    ]
    with pytest.raises(ValidationError):
        EquatingRule.model_validate({"needed": True})
