"""The judge of an appraisal: points by line, vetoes that cap, bonus up to the full score, grades by limits."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.performance.rules.indicators import (
    REASONS,
    Appraisal,
    Bonus,
    Indicator,
    Limits,
    judge,
    reported,
    result,
    sentences,
)
from app.performance.states import Grade
from app.rulebook.facts import Fact
from app.rulebook.kinds import Binding
from app.rulebook.verdicts import Outcome

BINDING = Binding("pack.1", "sample", "来源", "Source")
ON = date(2026, 12, 31)
NAMES = {"name_zh": "甲", "name_en": "A"}


def indicator(code: str = "a", **given: object) -> dict[str, object]:
    return {
        "code": code, **NAMES, "source": "computed", "fact": "base.enrolled", "dimension": "results", "weight": "0.5",
        "zero_at": "10", "full_at": "30", **given,
    }  # fmt: skip


def system(**given: object) -> Appraisal:
    shape: dict[str, object] = {
        "indicators": [indicator(), indicator("b", fact="base.cohorts", zero_at="0", full_at="2")],
        "vetoes": [
            {"code": "v", **NAMES, "source": "computed", "fact": "base.cohorts", "at_least": "1", "cap": "pass"}
        ],
        "bonuses": [{"code": "deals", **NAMES, "source": "reported", "each": "0.5", "most": "5"}],
        "limits": {"excellent": "90", "good": "75", "passed": "60"},
        "full_score": "105", "rectify_days": 60, "fails_to_exit": 2,
    }  # fmt: skip
    return Appraisal.model_validate({**shape, **given})


def facts(**values: object) -> dict[str, Fact]:
    names = {"deals": "appraisal.reported[deals]"}
    return {names.get(name, f"base.{name}"): Fact(Decimal(str(value)), ON) for name, value in values.items()}


def scored(params: Appraisal, **values: object) -> tuple[Decimal, Grade]:
    return result(judge(params, facts(**values), ON, BINDING))


@pytest.mark.parametrize(
    ("enrolled", "cohorts", "deals", "score", "grade"),
    [
        (30, 2, 0, "100.00", Grade.EXCELLENT),
        (30, 2, 100, "105.00", Grade.EXCELLENT),
        (26, 2, 0, "90.00", Grade.EXCELLENT),
        ("25.99", 2, 0, "89.98", Grade.GOOD),
        (20, 2, 0, "75.00", Grade.GOOD),
        (20, 2, -3, "75.00", Grade.GOOD),
        (30, 1, 0, "75.00", Grade.GOOD),
        (14, 2, 0, "60.00", Grade.PASS),
        (10, 2, "3.01", "51.51", Grade.FAIL),
        (9, 0, 0, "0.00", Grade.FAIL),
    ],
)
def test_points_rise_in_proportion_and_the_limits_give_the_grade(
    enrolled: object, cohorts: object, deals: object, score: str, grade: Grade
) -> None:
    assert scored(system(), enrolled=enrolled, cohorts=cohorts, deals=deals) == (Decimal(score), grade)


def test_less_is_better_where_full_points_lie_below() -> None:
    less = system(indicators=[indicator(weight="1", zero_at="10", full_at="0")])

    assert scored(less, enrolled=10, cohorts=1)[0] == 0
    assert scored(less, enrolled="2.5", cohorts=1)[0] == 75


def test_every_line_says_its_value_points_weight_and_rule() -> None:
    verdict = judge(system(), facts(enrolled=20, cohorts=2), ON, BINDING)

    first, second, veto, bonus, last = verdict.lines
    assert first.params == {
        "value": "20", "points": "50.00", "zero": "10", "full": "30", "weight": "0.5", "gained": "25.00",
    }  # fmt: skip
    assert (first.outcome, second.outcome, veto.outcome) == (Outcome.NEAR, Outcome.MET, Outcome.MET)
    assert (bonus.outcome, bonus.params["value"]) == (Outcome.NEAR, "?")
    assert {line.rule for line in verdict.lines} == {"pack.1"}
    assert last.params == {"score": "75.00", "most": "105", "grade": "good"}
    assert verdict.met
    assert all(REASONS[line.reason] for line in verdict.lines)


def test_an_unknown_value_gives_no_points_and_says_so() -> None:
    verdict = judge(system(), facts(cohorts=2), ON, BINDING)

    assert verdict.lines[0].outcome is Outcome.UNKNOWN
    assert result(verdict) == (Decimal("50.00"), Grade.FAIL)
    assert verdict.outcome is Outcome.NOT_MET


@pytest.mark.parametrize("values", [{"enrolled": 30, "cohorts": "0.99"}, {"enrolled": 30}])
def test_a_veto_that_is_not_met_or_not_known_caps_the_grade(values: dict[str, object]) -> None:
    capped = system(indicators=[indicator(weight="1")])

    assert scored(capped, **values) == (Decimal(100), Grade.PASS)
    assert scored(capped, enrolled=30, cohorts=1) == (Decimal(100), Grade.EXCELLENT)
    assert scored(capped, enrolled=10, cohorts=0) == (Decimal(0), Grade.FAIL)


VALUES = st.decimals(min_value=0, max_value=200, places=2)


@given(VALUES, VALUES, VALUES, st.decimals(min_value=0, max_value=50, places=2))
def test_more_of_a_positive_indicator_never_lowers_a_score(
    enrolled: Decimal, cohorts: Decimal, deals: Decimal, more: Decimal
) -> None:
    before, grade = scored(system(), enrolled=enrolled, cohorts=cohorts, deals=deals)
    for raised in (
        {"enrolled": enrolled + more, "cohorts": cohorts, "deals": deals},
        {"enrolled": enrolled, "cohorts": cohorts + more, "deals": deals},
        {"enrolled": enrolled, "cohorts": cohorts, "deals": deals + more},
    ):
        after, better = scored(system(), **raised)
        assert after >= before
        assert list(Grade).index(better) <= list(Grade).index(grade)


@given(VALUES, VALUES)
def test_a_veto_caps_whatever_the_rest(enrolled: Decimal, deals: Decimal) -> None:
    score, grade = scored(system(), enrolled=enrolled, cohorts=0, deals=deals)

    assert grade in {Grade.PASS, Grade.FAIL}
    assert 0 <= score <= 105


@given(VALUES, VALUES, st.lists(st.integers(1, 100), min_size=3, max_size=3))
def test_the_order_of_indicators_changes_no_score(enrolled: Decimal, cohorts: Decimal, raw: list[int]) -> None:
    weights = [Decimal(raw[0]) / 1000, Decimal(raw[1]) / 1000]
    weights.append(1 - weights[0] - weights[1])
    rows = [indicator(f"i{place}", weight=str(weight), full_at=str(20 + place)) for place, weight in enumerate(weights)]

    found = {scored(system(indicators=list(order)), enrolled=enrolled, cohorts=cohorts) for order in permutations(rows)}

    assert len(found) == 1


@pytest.mark.parametrize(
    "given_",
    [
        {"indicators": [indicator(weight="0.5"), indicator("b", weight="0.499999")]},
        {"indicators": []},
        {"indicators": [indicator(), indicator()]},
        {"indicators": [indicator(weight="1", zero_at="5", full_at="5")]},
        {"indicators": [indicator(weight="1", fact="")]},
        {"indicators": [indicator(weight="1", source="reported")]},
        {"indicators": [indicator(weight="1", fact="hours.total")]},
        {"limits": {"excellent": "90", "good": "90", "passed": "60"}},
        {"limits": {"excellent": "101", "good": "90", "passed": "60"}},
        {"full_score": "99"},
        {"fails_to_exit": 1},
        {"surprise": 1},
    ],
)
def test_an_indicator_system_that_cannot_be_is_refused(given_: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        system(**given_)


def test_reported_values_become_facts_and_unanswered_ones_stay_unknown() -> None:
    assert reported(system(), {"deals": "2.5"}, ON) == {"appraisal.reported[deals]": Fact(Decimal("2.5"), ON)}
    assert reported(system(), {"deals": ""}, ON) == {}
    assert system().facts == {"base.enrolled", "base.cohorts"}


def test_points_are_rounded_half_up_to_two_places() -> None:
    third = Indicator.model_validate(indicator(zero_at="0", full_at="3"))
    half = Bonus.model_validate({"code": "x", **NAMES, "source": "reported", "each": "0.005", "most": "5"})

    assert third.points(Decimal(1)) == Decimal("33.33")
    assert third.points(Decimal(2)) == Decimal("66.67")
    assert half.points(Decimal(1)) == Decimal("0.01")
    assert Limits(excellent=Decimal(90), good=Decimal(75), passed=Decimal(60)).of(Decimal(75)) is Grade.GOOD


def test_the_parameters_are_said_in_a_sentence_each() -> None:
    assert len(sentences(system())) == 6
