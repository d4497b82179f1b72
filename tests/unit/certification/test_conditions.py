"""When a level is awarded and how long it holds, to the day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.accounts.states import Role
from app.assessment.certification.access import GRANTS
from app.assessment.certification.rules import (
    REASONS,
    AwardLevel,
    AwardParams,
    Facts,
    add_months,
    consider,
    last_valid_day,
    sentences,
)
from app.assessment.certification.states import AWARD, AwardState
from app.core.errors import InvalidError
from app.rulebook.verdicts import Outcome

LEVEL = AwardLevel(
    code="junior",
    name_zh="初级技术经纪人",
    name_en="Junior technology broker",
    result_counts_months=24,
    valid_years=5,
    filed_centrally=True,
    number_prefix="JJC",
)
FACTS = Facts(
    trained_in="E-1",
    completed_on=date(2026, 1, 31),
    session_code="T-9",
    score=Decimal("60.00"),
    max_score=Decimal(100),
    cut_score=Decimal(60),
    released_on=date(2026, 2, 28),
)
ON = date(2026, 3, 1)
DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 12, 31))


def outcomes(facts: Facts, on: date = ON) -> dict[str, str]:
    return {line.reason: line.outcome.value for line in consider(facts, LEVEL, on=on, pack="a.1", tag="sample").lines}


def test_all_conditions_met_is_a_met_verdict_with_its_evidence_and_rule() -> None:
    verdict = consider(FACTS, LEVEL, on=ON, pack="a.1", tag="sample")

    assert verdict.met
    assert (verdict.pack, verdict.tag) == ("a.1", "sample")
    assert {line.rule for line in verdict.lines} == {"a.1"}
    assert {line.reason: line.evidence for line in verdict.lines} == {
        "training": "E-1 · 2026-01-31",
        "passed": "T-9",
        "recent": "2026-02-28",
        "not_held": "",
    }
    params = {line.reason: line.params for line in verdict.lines}
    assert params["passed"] == {"score": "60.00", "max": "100", "cut": "60"}
    assert params["recent"] == {"months": "24"}


@pytest.mark.parametrize(
    ("changes", "unmet"),
    [
        ({"trained_in": None, "completed_on": None}, "training"),
        ({"score": Decimal("59.99")}, "passed"),
        ({"voided": True}, "passed"),
        ({"released_on": date(2024, 2, 29)}, "recent"),
        ({"held": "JJC3720260000019"}, "not_held"),
    ],
)
def test_one_unmet_condition_is_named_and_the_verdict_is_not_met(changes: dict[str, object], unmet: str) -> None:
    facts = replace(FACTS, **changes)  # type: ignore[arg-type]
    found = outcomes(facts)

    assert found.pop(unmet) == Outcome.NOT_MET
    assert set(found.values()) == {Outcome.MET}
    assert not consider(facts, LEVEL, on=ON, pack="a.1", tag="").met


def test_the_number_held_already_is_the_evidence() -> None:
    line = consider(replace(FACTS, held="JJC1"), LEVEL, on=ON, pack="", tag="").lines[-1]

    assert (line.reason, line.evidence) == ("not_held", "JJC1")


def test_a_result_counts_to_the_last_day_of_its_months() -> None:
    assert outcomes(FACTS, date(2028, 2, 28))["recent"] == Outcome.MET
    assert outcomes(FACTS, date(2028, 2, 29))["recent"] == Outcome.NOT_MET


def test_every_reason_has_words() -> None:
    assert {line.reason for line in consider(FACTS, LEVEL, on=ON, pack="", tag="").lines} == set(REASONS)


@pytest.mark.parametrize(
    ("first", "years", "last"),
    [
        (date(2026, 3, 1), 5, date(2031, 2, 28)),
        (date(2026, 1, 1), 1, date(2026, 12, 31)),
        (date(2023, 3, 1), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 5, date(2029, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 28)),
        (date(2023, 2, 28), 1, date(2024, 2, 27)),
    ],
)
def test_validity_is_counted_to_the_day(first: date, years: int, last: date) -> None:
    assert last_valid_day(first, years) == last


@given(DAYS, st.integers(1, 9))
def test_validity_has_full_years(first: date, years: int) -> None:
    last = last_valid_day(first, years)

    assert 365 * years <= (last - first).days + 1 <= 366 * years
    assert last >= add_months(first, years * 12 - 1)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 5, 20), 0, date(2026, 5, 20)),
        (date(2026, 5, 20), 24, date(2028, 5, 20)),
    ],
)
def test_months_are_added_as_the_calendar_has_them(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(DAYS, st.integers(0, 240))
def test_adding_months_keeps_the_day_or_takes_the_last_of_the_month(day: date, months: int) -> None:
    later = add_months(day, months)

    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == day.day or (later.day < day.day and add_months(later.replace(day=1), 1) > later)


def test_a_pack_is_asked_for_its_level_and_refuses_where_it_is_silent() -> None:
    other = LEVEL.model_copy(update={"code": "senior"})
    params = AwardParams(levels=[LEVEL, other])

    assert params.level("senior") is other
    with pytest.raises(InvalidError):
        params.level("intermediate")


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Junior"},
        {"name_zh": ""},
        {"name_en": ""},
        {"result_counts_months": 0},
        {"result_counts_months": 121},
        {"valid_years": 0},
        {"valid_years": 51},
        {"number_prefix": "J"},
        {"number_prefix": "JJCJJCJ"},
        {"number_prefix": "J1"},
        {"surprise": 1},
    ],
)
def test_a_level_outside_of_its_limits_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AwardLevel.model_validate({**LEVEL.model_dump(), **wrong})


@pytest.mark.parametrize(
    "good",
    [
        {"name_zh": "初"},
        {"name_en": "J"},
        {"result_counts_months": 1},
        {"result_counts_months": 120},
        {"valid_years": 1},
        {"valid_years": 50},
        {"number_prefix": "JJ"},
        {"number_prefix": "JJCJJC"},
    ],
)
def test_the_limits_of_a_level_are_allowed(good: dict[str, object]) -> None:
    assert AwardLevel.model_validate({**LEVEL.model_dump(), **good}).model_dump() == {**LEVEL.model_dump(), **good}


@pytest.mark.parametrize("wrong", [{"levels": []}, {"levels": [LEVEL.model_dump()], "more": 1}, {}])
def test_a_pack_has_levels_and_nothing_else(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        AwardParams.model_validate(wrong)


def test_a_pack_is_said_in_plain_sentences() -> None:
    locally = LEVEL.model_copy(update={"filed_centrally": False})
    first, second = (str(sentence) for sentence in sentences(AwardParams(levels=[LEVEL, locally])))

    assert "24 months" in first
    assert "5 years" in first
    assert "filed centrally" in first
    assert "central filing is not needed" in second


def test_the_moves_are_these_and_no_others() -> None:
    assert AWARD.name == "award"
    assert AWARD.initial is AwardState.PROPOSED
    assert {
        move.name: ({str(source) for source in move.sources}, str(move.target), move.permission)
        for move in AWARD.moves.values()
    } == {
        "award": ({"proposed"}, "awarded", "certification.decide"),
        "refuse": ({"proposed"}, "refused", "certification.decide"),
        "withdraw": ({"awarded"}, "withdrawn", "credentials.revoke"),
        "restore": ({"withdrawn"}, "awarded", None),
    }
    assert [state.value for state in AwardState] == ["proposed", "awarded", "refused", "withdrawn"]


def test_certifiers_decide_and_trainees_read_their_own() -> None:
    granted = {role: {str(one) for one in permissions} for role, permissions in GRANTS.items()}

    assert granted == {Role.CERTIFIER: {"certification.decide"}, Role.TRAINEE: {"certification.own"}}
