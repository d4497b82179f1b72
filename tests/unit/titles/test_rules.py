"""Schemes as pure rules: levels, numbers, purposes, the vote as a condition, who is barred."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic import ValidationError

from app.assessment.certification.rules import ALPHABET, check_value, is_unified_number
from app.assessment.titles import rules
from app.assessment.titles.rules import APPROVE, ATTENDING, VOTE, Bar, TitleIntegrity, TitleScheme
from app.assessment.titles.states import WithdrawalReason
from app.evidence.states import Kind
from app.panels.states import Title
from app.rulebook.facts import Fact
from app.rulebook.kinds import Binding
from app.rulebook.rules.criteria import Exclusion, Flag
from app.rulebook.verdicts import Line, Outcome

ON = date(2026, 3, 31)
SCHEME = TitleScheme(
    series_zh="工程系列",
    series_en="Engineering",
    title_zh="工程师",
    title_en="Engineer",
    level=Title.INTERMEDIATE,
    evidence=[Kind.CONTRACT],
    publicity_days=5,
    tree=Exclusion(of=(Flag(fact="stated.retired"),)),
)


@pytest.mark.parametrize(
    ("committee", "level", "may"),
    [
        (Title.INTERMEDIATE, Title.INTERMEDIATE, True),
        (Title.SENIOR, Title.INTERMEDIATE, True),
        (Title.INTERMEDIATE, Title.SENIOR, False),
        (Title.SENIOR, Title.FULL_SENIOR, False),
    ],
)
def test_a_committee_reviews_its_own_level_and_lower_ones(committee: Title, level: Title, may: bool) -> None:
    assert rules.may_review(committee, level) is may


def test_a_number_carries_province_year_and_a_check_character() -> None:
    numbers = {rules.title_number("370102", 2026, serial) for serial in range(1, 80)}
    assert all(number.startswith("ZC372026") and is_unified_number(number) for number in numbers)
    assert {len(number) for number in numbers} == {len("ZC372026") + 5 + 1}


def test_a_serial_whose_check_character_would_be_a_star_is_passed_over() -> None:
    starred = [one for one in range(1, 400) if check_value(f"ZC372026{one:0{rules.SERIAL_DIGITS}d}") == len(ALPHABET)]

    assert starred
    for serial in starred:
        assert rules.title_number("370102", 2026, serial) == rules.title_number("370102", 2026, serial + 1)


def test_evidence_is_used_once_a_level_and_year() -> None:
    assert rules.purpose_of(Title.SENIOR, 2026) == "titles.senior.2026"


@pytest.mark.parametrize("field", ["series_zh", "series_en", "title_zh", "title_en"])
def test_the_names_of_a_scheme_have_one_to_a_hundred_characters(field: str) -> None:
    for length in (1, 100):
        TitleScheme.model_validate({**SCHEME.model_dump(), field: "级" * length})
    for length in (0, 101):
        with pytest.raises(ValidationError):
            TitleScheme.model_validate({**SCHEME.model_dump(), field: "级" * length})


def test_publicity_is_never_shorter_than_the_national_minimum() -> None:
    with pytest.raises(ValueError, match="publicity_days"):
        TitleScheme.model_validate({**SCHEME.model_dump(), "publicity_days": 4})
    for days in (5, 60):
        assert TitleScheme.model_validate({**SCHEME.model_dump(), "publicity_days": days}).publicity_days == days
    with pytest.raises(ValidationError):
        TitleScheme.model_validate({**SCHEME.model_dump(), "publicity_days": 61})


@pytest.mark.parametrize(("passed", "outcome"), [(True, Outcome.MET), (False, Outcome.NOT_MET)])
def test_once_voted_the_vote_is_a_condition_beside_the_others(passed: bool, outcome: Outcome) -> None:
    facts = {"stated.retired": Fact(value=False)}
    binding = Binding("pack.1", "sample")
    assert len(rules.judge(SCHEME, facts, ON, binding).lines) == 1
    voted = {VOTE: Fact(passed, ON, "b1"), APPROVE: Fact(Decimal(2)), ATTENDING: Fact(Decimal(3))}
    verdict = rules.judge(SCHEME, facts | voted, ON, binding)
    line = verdict.lines[-1]
    assert (line.outcome, line.params, line.evidence) == (outcome, {"approve": "2", "attending": "3"}, "b1")
    assert verdict.outcome is outcome


@pytest.mark.parametrize(
    ("reason", "outcome", "barred"),
    [
        ("criteria.exclusion", Outcome.NOT_MET, True),
        ("criteria.exclusion", Outcome.UNKNOWN, False),
        ("criteria.flag.yes", Outcome.NOT_MET, False),
    ],
)
def test_only_an_exclusion_that_fits_bars_wherever_it_stands(reason: str, outcome: Outcome, barred: bool) -> None:
    line = Line(reason, outcome)
    assert rules.is_barred((line,)) is barred
    assert rules.is_barred((Line("criteria.all", Outcome.MET, lines=(line,)),)) is barred


@pytest.mark.parametrize(
    ("first", "years", "last"),
    [
        (date(2026, 5, 9), 3, date(2029, 5, 8)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
        (date(2024, 2, 29), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2025, 3, 1), 3, date(2028, 2, 29)),
    ],
)
def test_a_bar_ends_the_day_before_the_same_day_years_later(first: date, years: int, last: date) -> None:
    assert Bar(reason=WithdrawalReason.FALSE_PAPERS, years=years).last_day(first) == last


@pytest.mark.parametrize(("years", "held"), [(0, False), (1, True), (20, True), (21, False)])
def test_a_bar_lasts_one_to_twenty_years(years: int, held: bool) -> None:
    if held:
        assert Bar(reason=WithdrawalReason.FALSE_PAPERS, years=years).years == years
    else:
        with pytest.raises(ValidationError):
            Bar(reason=WithdrawalReason.FALSE_PAPERS, years=years)


def test_an_integrity_rule_names_a_reason_once() -> None:
    bar = {"reason": "false_papers", "years": 3}
    rule = TitleIntegrity.model_validate({"bars": [bar]})
    assert rule.bar_for(WithdrawalReason.FALSE_PAPERS) == Bar.model_validate(bar)
    assert rule.bar_for(WithdrawalReason.PROCEDURE) is None
    with pytest.raises(ValidationError):
        TitleIntegrity.model_validate({"bars": [bar, {**bar, "years": 5}]})
