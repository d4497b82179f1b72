"""Who may register: every condition of the pack is a line of the verdict with its evidence."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from pydantic import ValidationError

from app.assessment.exams.rules.eligibility import REASONS, Facts, Source, eligibility
from app.assessment.exams.rules.parameters import ExamRule, LevelRule, sentences
from app.core.errors import InvalidError
from app.rulebook.verdicts import Line, Outcome, Verdict
from app.settings import ROOT

SOURCE = Source("exam-junior-sample.1", "sample", "A source", "A source")
SITS_ON = date(2026, 3, 2)
RULE = LevelRule(
    level="junior",
    pass_share=Decimal("0.6"),
    least_items=10,
    least_minutes=20,
    most_minutes=180,
    course_completed=True,
    hours_met=True,
    cool_off_days=30,
)
FACTS = Facts(
    sits_on=SITS_ON,
    completed_on=date(2026, 2, 1),
    hours={"policy": Decimal(10), "practice": Decimal(12)},
    required={"policy": Decimal(10), "practice": Decimal(10)},
)


def line(verdict: Verdict, reason: str) -> Line:
    return next(one for one in verdict.lines if one.reason == reason)


def test_who_meets_every_condition_may_register() -> None:
    verdict = eligibility(RULE, FACTS, SOURCE)

    assert verdict.met
    assert {one.reason for one in verdict.lines} == set(REASONS)
    assert all(one.rule == "exam-junior-sample.1" for one in verdict.lines)
    assert (verdict.source_zh, verdict.source_en) == ("A source", "A source")
    assert line(verdict, "exams.course_completed").evidence == "2026-02-01"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"completed_on": None}, "exams.course_completed"),
        ({"hours": {}}, "exams.hours_met"),
        ({"last_sat_on": SITS_ON - timedelta(days=29)}, "exams.cool_off"),
        ({"passed_before": True}, "exams.not_passed_before"),
        ({"registered_elsewhere": "another session"}, "exams.not_registered"),
    ],
)
def test_one_condition_not_met_is_the_one_line_that_says_so(changes: dict[str, object], reason: str) -> None:
    verdict = eligibility(RULE, replace(FACTS, **changes), SOURCE)  # type: ignore[arg-type]

    assert [one.reason for one in verdict.lines if one.outcome is not Outcome.MET] == [reason]


@pytest.mark.parametrize(
    ("hours", "outcome"),
    [(Decimal("7.99"), Outcome.NOT_MET), (Decimal(8), Outcome.NEAR), (Decimal(10), Outcome.MET)],
)
def test_hours_are_near_where_at_most_a_tenth_is_missing(hours: Decimal, outcome: Outcome) -> None:
    verdict = eligibility(RULE, replace(FACTS, hours={"policy": hours, "practice": Decimal(30)}), SOURCE)

    assert line(verdict, "exams.hours_met").outcome is outcome
    assert verdict.met is (outcome is Outcome.MET)


def test_hours_of_one_module_do_not_fill_another() -> None:
    facts = replace(FACTS, hours={"policy": Decimal(30)})

    assert facts.missing_hours == {"practice": Decimal(10)}
    assert line(eligibility(RULE, facts, SOURCE), "exams.hours_met").evidence == "10.00 / 20.00"


def test_the_cool_off_ends_on_its_last_day() -> None:
    facts = replace(FACTS, last_sat_on=SITS_ON - timedelta(days=30))

    assert eligibility(RULE, facts, SOURCE).met


def test_a_pack_that_asks_for_less_has_fewer_lines() -> None:
    lax = RULE.model_copy(update={"course_completed": False, "hours_met": False, "cool_off_days": 0})

    verdict = eligibility(lax, Facts(sits_on=SITS_ON), SOURCE)

    assert verdict.met
    asked = ["exams.not_passed_before", "exams.not_registered", "exams.not_restricted"]
    assert [one.reason for one in verdict.lines] == asked


def test_a_verdict_is_stored_and_read_back_unchanged() -> None:
    verdict = eligibility(RULE, FACTS, SOURCE)

    assert Verdict.from_json(verdict.to_json()) == verdict


def shipped() -> ExamRule:
    text = (ROOT / "content" / "rules" / "exam-junior-sample.toml").read_text("utf-8")
    return ExamRule.model_validate(tomllib.loads(text)["params"])


def test_the_shipped_sample_fits_its_kind() -> None:
    assert shipped().of("junior").pass_share == Decimal("0.6")


def test_a_level_the_pack_does_not_know_is_refused() -> None:
    with pytest.raises(InvalidError):
        shipped().of("senior")


def test_minutes_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValidationError):
        LevelRule(**{**RULE.model_dump(), "least_minutes": 200})


def test_a_rule_is_said_in_one_sentence_for_each_thing_it_sets() -> None:
    lax = RULE.model_copy(update={"course_completed": False, "hours_met": False, "cool_off_days": 0})

    assert len(sentences(ExamRule(levels=(RULE,)))) == 13
    assert len(sentences(ExamRule(levels=(lax,)))) == 10
