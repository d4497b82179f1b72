"""Score and grade: base, deductions, bonus, caps and bounds; a repair never lowers a grade."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.assessment.credit.rules.rating import Indicator, RatingParams, graded, judge, sentences
from app.core.errors import InvalidError
from app.rulebook.facts import Fact
from app.rulebook.kinds import Binding
from app.rulebook.rules import read
from app.rulebook.verdicts import Outcome, Verdict

RULES = Path(__file__).resolve().parents[3] / "content" / "rules"
PACK = RatingParams.model_validate(read((RULES / "credit-rating-nation-sample.toml").read_text("utf-8")).params)
BINDING = Binding("pack", "sample")
ON = date(2026, 6, 1)
CLASSES = ("serious", "ordinary", "minor")


def facts(**counts: int) -> dict[str, Fact]:
    named = {f"credit.negative[{one}]": counts.get(one, 0) for one in CLASSES}
    named |= {"credit.positive": counts.get("positive", 0), "contracts.count": counts.get("contracts", 0)}
    named |= {"services.count": counts.get("services", 0)}
    return {name: Fact(Decimal(value)) for name, value in named.items()}


def result(**counts: int) -> tuple[Decimal, str]:
    found = graded(judge(PACK, facts(**counts), ON, BINDING))
    return found.score, found.grade


@pytest.mark.parametrize(
    ("counts", "score", "grade"),
    [
        ({}, "100", "A"),
        ({"contracts": 5}, "105", "A+"),
        ({"contracts": 4}, "104", "A"),
        ({"contracts": 50}, "105", "A+"),
        ({"services": 3}, "101.5", "A"),
        ({"minor": 2}, "90", "A"),
        ({"minor": 3}, "85", "B"),
        ({"minor": 9}, "85", "B"),
        ({"ordinary": 2}, "70", "C"),
        ({"serious": 1}, "55", "D"),
        ({"serious": 3, "ordinary": 3}, "0", "D"),
    ],
)
def test_a_score_is_base_less_deductions_plus_bonus_within_their_caps(
    counts: dict[str, int], score: str, grade: str
) -> None:
    assert result(**counts) == (Decimal(score), grade)


ORDER = [grade.code for grade in PACK.grades]
counted = st.fixed_dictionaries({one: st.integers(0, 8) for one in (*CLASSES, "positive", "contracts", "services")})


@given(counts=counted, repaired=st.sampled_from(CLASSES))
def test_a_repair_never_lowers_a_grade(counts: dict[str, int], repaired: str) -> None:
    before = result(**counts)
    after = result(**{**counts, repaired: max(counts[repaired] - 1, 0)})

    assert after[0] >= before[0]
    assert ORDER.index(after[1]) <= ORDER.index(before[1])


@given(counts=counted)
def test_each_line_says_what_it_gave_and_the_lines_add_up(counts: dict[str, int]) -> None:
    verdict = judge(PACK, facts(**counts), ON, BINDING)

    earned = sum(Decimal(line.params.get("earned", "0")) for line in verdict.lines)
    assert graded(verdict).score == max(PACK.base + earned, Decimal(0))
    assert all(line.rule == "pack" for line in verdict.lines)


def test_an_unknown_fact_gives_no_points_and_says_so() -> None:
    known = facts()
    del known["contracts.count"]

    verdict = judge(PACK, known, ON, BINDING)

    (line,) = [one for one in verdict.lines if one.params.get("fact") == "contracts.count"]
    assert (line.outcome, line.params["earned"]) == (Outcome.UNKNOWN, "0")
    assert verdict.met


def test_a_deduction_stands_out_and_a_bonus_decides_nothing() -> None:
    assert judge(PACK, facts(minor=1), ON, BINDING).outcome is Outcome.NOT_MET
    assert judge(PACK, facts(positive=1), ON, BINDING).outcome is Outcome.MET


@pytest.mark.parametrize(
    ("value", "score"),
    [
        (Fact(value=True), "103"),
        (Fact(value=False), "100"),
        (Fact(date(2020, 1, 1)), "103"),
        (Fact("x"), "103"),
    ],
)
def test_a_flag_a_day_or_a_word_counts_once(value: Fact, score: str) -> None:
    one = PACK.indicators[0].model_copy(update={"fact": "level.held[junior]", "points": Decimal(3)})
    params = PACK.model_copy(update={"indicators": (one,)})

    assert graded(judge(params, {"level.held[junior]": value}, ON, BINDING)).score == Decimal(score)


def test_points_are_given_for_whole_units_only() -> None:
    one = PACK.indicators[4].model_copy(update={"unit": Decimal(10)})
    params = PACK.model_copy(update={"indicators": (one,)})

    assert graded(judge(params, {"contracts.count": Fact(Decimal(29))}, ON, BINDING)).score == Decimal(102)


def changed(where: str, **values: object) -> dict[str, Any]:
    data = PACK.model_dump(mode="json")
    data[where][0] |= values
    return data


@pytest.mark.parametrize(
    "data",
    [
        changed("indicators", points="45"),
        changed("indicators", points="0"),
        changed("indicators", fact="credit.positive"),
        changed("indicators", fact="no name"),
        changed("indicators", code="ordinary"),
        changed("grades", from_score="80"),
        changed("grades", effects_en=[]),
        {**PACK.model_dump(mode="json"), "grades": [{"code": "A", "from_score": "90"}]},
        {**PACK.model_dump(mode="json"), "indicators": []},
    ],
)
def test_a_pack_whose_points_grades_or_names_do_not_hold_together_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RatingParams.model_validate(data)


def test_a_verdict_without_a_total_holds_no_grade() -> None:
    verdict = judge(PACK, facts(), ON, BINDING)

    with pytest.raises(InvalidError):
        graded(Verdict(verdict.lines[:1]))


def test_a_pack_says_itself_and_a_grade_its_effects() -> None:
    best, unknown = PACK.grade("A+"), PACK.grade("E")

    assert len(sentences(PACK)) == 12
    assert best is not None
    assert len(best.effects) == 2
    assert unknown is None


INDICATOR = {"code": "training", "name_zh": "训", "name_en": "T", "fact": "contracts.count", "points": "1", "most": "1"}


@pytest.mark.parametrize(("field", "most"), [("name_zh", 100), ("name_en", 100)])
def test_the_names_of_an_indicator_have_one_to_a_hundred_characters(field: str, most: int) -> None:
    for length in (1, most):
        Indicator.model_validate({**INDICATOR, field: "f" * length})
    for length in (0, most + 1):
        with pytest.raises(ValidationError):
            Indicator.model_validate({**INDICATOR, field: "f" * length})
