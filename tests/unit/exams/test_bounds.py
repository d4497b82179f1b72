"""Where the bounds of the exam rules lie: the last value that is taken, and the first that is not."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from app.assessment.exams.rules import blueprint_file, itemreport, parameters, statistics_rule
from app.assessment.exams.rules.blueprint import Exposure, Options, PointsRule, Tolerance
from app.assessment.exams.rules.conduct import Conduct, ConductRule, Consequence
from app.assessment.exams.rules.marking_rule import MarkingRule
from app.assessment.exams.rules.parameters import ExamRule, LevelRule
from app.assessment.exams.rules.statistics_rule import StatisticsRule
from app.assessment.exams.rules.waiting_rule import WaitingOrder, WaitingRule
from app.assessment.exams.statistics_states import Model
from app.core.errors import InvalidError
from app.items.states import ItemType
from tests.unit.exams.levels import LEVEL

pytestmark = pytest.mark.one_database

FIGURES: dict[str, Any] = {
    "facility_low": "0.2",
    "facility_high": "0.9",
    "rest_low": "0.1",
    "option_least": "0.05",
    "least_persons": 30,
    "least_rasch": 100,
    "least_2pl": 500,
    "least_group": 50,
    "person_fit": "-2",
    "similarity_level": "0.01",
    "similarity_needed": 2,
    "similarity_control": "holm",
    "experts": 3,
}
CONSEQUENCE = {"code": "void", "name_zh": "无效", "name_en": "Void", "void": "subject", "years": 0}
CONDUCT = {"code": "copying", "name_zh": "抄袭", "name_en": "Copying", "consequence": "void"}
RULE: dict[str, Any] = {"hearing_days": 3, "consequences": [CONSEQUENCE], "conducts": [CONDUCT]}
FILE: dict[str, Any] = {
    "bank": "B",
    "name_zh": "卷",
    "name_en": "Paper",
    "level": "junior",
    "cells": {"policy": {"recall": 1}},
    "minutes": 60,
    "difficulty_target": "0.6",
    "cut_score": "1",
}
MARKING: dict[str, Any] = {}


def fits(model: type[BaseModel], given: Mapping[str, Any]) -> bool:
    try:
        model.model_validate(given)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("model", "base", "name", "held", "refused"),
    [
        (LevelRule, LEVEL, "pass_share", ["0.01", "1"], ["0", "1.01"]),
        (LevelRule, LEVEL, "least_minutes", [1, 180], [0, 181]),
        (LevelRule, LEVEL | {"least_minutes": 1}, "most_minutes", [1], [0]),
        (LevelRule, LEVEL, "least_items", [1], [0]),
        (LevelRule, LEVEL, "cool_off_days", [0], [-1]),
        (LevelRule, LEVEL, "late_entry_minutes", [0], [-1]),
        (LevelRule, LEVEL, "no_hand_in_minutes", [0], [-1]),
        (LevelRule, LEVEL, "freeze_minutes", [0], [-1]),
        (LevelRule, LEVEL, "other", [], [1]),
        (ExamRule, {}, "levels", [[LEVEL]], [[]]),
        (MarkingRule, MARKING, "tolerance_share", ["0", "1"], ["-0.1", "1.1"]),
        (MarkingRule, MARKING, "seeds", [2, 20], [1, 21]),
        (MarkingRule, {"seeds_agreed": 0}, "seeds", [0], [-1]),
        (MarkingRule, {"seeds": 20}, "seeds_agreed", [0, 20], [-1, 21]),
        (MarkingRule, MARKING, "seed_every", [2, 100], [1, 101]),
        (MarkingRule, MARKING, "other", [], [1]),
        (WaitingRule, {}, "answer_days", [1, 10], [0, 11]),
        (WaitingRule, {}, "other", [], [1]),
        (StatisticsRule, FIGURES, "facility_low", ["0", "0.1234"], ["0.9", "-0.1", "0.12345"]),
        (StatisticsRule, FIGURES, "facility_high", ["1"], ["1.1", "0.2"]),
        (StatisticsRule, FIGURES, "least_persons", [2], [1]),
        (StatisticsRule, FIGURES, "least_rasch", [10, 500], [9, 501]),
        (StatisticsRule, FIGURES | {"least_rasch": 10}, "least_2pl", [50], [49]),
        (StatisticsRule, FIGURES, "least_group", [5], [4]),
        (StatisticsRule, FIGURES, "person_fit", ["-0.01", "-10"], ["0", "-10.01", "-2.001"]),
        (StatisticsRule, FIGURES, "similarity_level", ["0.000001", "0.1"], ["0", "0.11", "0.0000001"]),
        (StatisticsRule, FIGURES, "similarity_needed", [1, 3], [0, 4]),
        (StatisticsRule, FIGURES, "experts", [2, 9], [1, 10]),
        (StatisticsRule, FIGURES, "other", [], [1]),
        (ConductRule, RULE, "hearing_days", [1, 60], [0, 61]),
        (ConductRule, RULE, "consequences", [], [[]]),
        (ConductRule, RULE, "conducts", [], [[], [CONDUCT | {"consequence": "other"}]]),
        (ConductRule, RULE, "similarity", [None, "copying"], ["other"]),
        (ConductRule, RULE, "other", [], [1]),
        (Consequence, CONSEQUENCE, "code", ["a", "a" * 64], ["", "a" * 65]),
        (Consequence, CONSEQUENCE, "years", [0, 1], [-1]),
        (Conduct, CONDUCT, "code", ["a", "a" * 64], ["", "a" * 65]),
        (Tolerance, {}, "seconds", [0, 36_000], [-1, 36_001]),
        (Tolerance, {}, "difficulty", [None, "0.01", "1"], ["0", "1.01"]),
        (Tolerance, {}, "information", ["0.01", "1"], ["0", "1.01"]),
        (Exposure, {"sessions": 1}, "most", [1, 100], [0, 101]),
        (Exposure, {"most": 1}, "sessions", [1, 100], [0, 101]),
        (PointsRule, {}, "types", [{"single": "0.01"}, {"single": "100"}], [{"single": "0"}, {"single": "100.01"}]),
        (PointsRule, {}, "other", [], [1]),
        (Options, {}, "types", [{"single": 0}, {"single": 1000}], [{"single": -1}, {"single": 1001}]),
        (Options, {}, "seconds", [{"single": 1}, {"single": 7200}], [{"single": 0}, {"single": 7201}]),
        (Options, {}, "expected_seconds", [1, 36_000], [0, 36_001]),
        (blueprint_file.BlueprintFile, FILE, "minutes", [1, 600], [0, 601]),
        (blueprint_file.BlueprintFile, FILE, "difficulty_target", ["0.01", "0.99"], ["0", "1"]),
        (blueprint_file.BlueprintFile, FILE, "cut_score", ["0"], ["-1", "0.001"]),
        (blueprint_file.BlueprintFile, FILE, "cells", [], [{}]),
        (blueprint_file.BlueprintFile, FILE, "bank", ["B" * 200], ["", "B" * 201]),
        (blueprint_file.BlueprintFile, FILE, "level", ["l" * 64], ["", "l" * 65]),
        (blueprint_file.BlueprintFile, FILE, "points_per_item", ["100"], ["0", "100.01", "0.001"]),
        (blueprint_file.BlueprintFile, FILE, "expected_seconds", [1, 36_000], [0, 36_001]),
    ],
)
def test_a_rule_is_taken_within_its_bounds(
    model: type[BaseModel], base: Mapping[str, Any], name: str, held: list[Any], refused: list[Any]
) -> None:
    assert [value for value in held if not fits(model, {**base, name: value})] == []
    assert [value for value in refused if fits(model, {**base, name: value})] == []


def test_what_holds_where_a_rule_says_nothing() -> None:
    rule, marking, waiting = LevelRule.model_validate(LEVEL), MarkingRule(), WaitingRule()

    assert (rule.late_entry_minutes, rule.no_hand_in_minutes, rule.freeze_minutes) == (0, 0, 30)
    assert (marking.tolerance_share, marking.seeds, marking.seeds_agreed, marking.seed_every) == (
        Decimal("0.2"),
        3,
        2,
        10,
    )
    assert (waiting.kept, waiting.order, waiting.answer_days) == (True, WaitingOrder.TIME, 2)
    assert (Tolerance().seconds, Tolerance().information) == (120, Decimal("0.015"))
    assert blueprint_file.BlueprintFile.model_validate(FILE).points_per_item == 1
    assert Consequence.model_validate(CONSEQUENCE).restricts is False


def test_how_long_items_of_each_type_are_expected_to_take() -> None:
    assert {kind.value: Options().seconds_of(kind.value) for kind in ItemType} == {
        "true_false": 40,
        "single": 60,
        "multiple": 90,
        "ordering": 90,
        "blank": 90,
        "matching": 120,
        "numeric": 120,
        "short_answer": 300,
        "case": 600,
        "essay": 1200,
    }


def test_who_never_sat_comes_first_where_the_rule_says_so() -> None:
    first, time = WaitingRule(order=WaitingOrder.FIRST_SITTING), WaitingRule()

    assert [rule.rank(sat_before=before) for rule in (first, time) for before in (True, False)] == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("persons", "model"), [(99, Model.CTT), (100, Model.RASCH), (499, Model.RASCH), (500, Model.TWO)]
)
def test_the_model_follows_from_the_number_of_sittings(persons: int, model: Model) -> None:
    assert StatisticsRule.model_validate(FIGURES).model_for(persons) is model


@pytest.mark.parametrize(
    "wrong",
    [{"facility_low": "0.9"}, {"facility_low": "0.91"}, {"least_rasch": 501}],
    ids=["nothing between hard and easy", "easy below hard", "the richer model on fewer sittings"],
)
def test_figures_that_contradict_each_other_flag_nothing_anywhere(wrong: dict[str, Any]) -> None:
    assert not fits(StatisticsRule, FIGURES | wrong)
    assert fits(StatisticsRule, FIGURES | {"facility_low": "0.89"})
    assert fits(StatisticsRule, FIGURES | {"least_rasch": 500})


@pytest.mark.parametrize(
    ("limit", "head", "figure"),
    [
        ({"late_entry_minutes": 15}, "nobody starts later than", "15 minutes"),
        ({"no_hand_in_minutes": 30}, "nobody hands in within the first", "30 minutes"),
        ({"cool_off_days": 30}, "lie between two exams", "at least 30 days"),
    ],
)
def test_a_limit_is_said_where_the_rule_sets_one(limit: dict[str, int], head: str, figure: str) -> None:
    def sentences(rule: dict[str, Any]) -> str:
        return " ".join(map(str, parameters.sentences(ExamRule.model_validate({"levels": [rule]}))))

    free = LEVEL | dict.fromkeys(limit, 0)
    said = sentences(free | limit)
    assert (head in said, figure in said) == (True, True)
    assert head not in sentences(free)


def test_the_rule_of_statistics_says_its_own_figures() -> None:
    said = " ".join(map(str, statistics_rule.sentences(StatisticsRule.model_validate(FIGURES))))

    assert "fewer than 0.2 or more than 0.9" in said
    assert "from 100 sittings on, the 2PL model from 500" in said
    assert "(holm)" in said


@pytest.mark.parametrize(
    ("facility", "rest", "share", "dif", "flagged"),
    [
        (0.2, 0.1, 0.05, False, []),
        (0.9, 0.1, 0.05, False, []),
        (0.19, 0.1, 0.05, False, ["hard"]),
        (0.91, 0.1, 0.05, False, ["easy"]),
        (0.5, -0.01, 0.05, False, ["negative"]),
        (0.5, 0.0, 0.05, False, ["weak"]),
        (0.5, 0.09, 0.05, False, ["weak"]),
        (0.5, float("nan"), 0.05, False, []),
        (0.5, 0.1, 0.04, False, ["unused_option"]),
        (0.5, 0.1, 0.05, True, ["dif"]),
    ],
)
def test_an_item_is_flagged_beyond_its_bounds_only(
    facility: float, rest: float, share: float, dif: bool, flagged: list[str]
) -> None:
    said: Any = SimpleNamespace(facility=[facility], point_biserial_rest=[rest])
    table = [{"right": True, "share": 0.0}, {"right": False, "share": share}]

    assert itemreport.flags(said, 0, table, StatisticsRule.model_validate(FIGURES), dif=dif) == flagged


@pytest.mark.parametrize(
    ("first", "years", "last"),
    [
        (date(2026, 3, 2), 1, date(2027, 3, 1)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 28), 1, date(2029, 2, 27)),
        (date(2028, 3, 29), 3, date(2031, 3, 28)),
        (date(2026, 1, 1), 2, date(2027, 12, 31)),
    ],
)
def test_whoever_is_kept_from_exams_is_so_for_whole_years(first: date, years: int, last: date) -> None:
    kept = Consequence.model_validate(CONSEQUENCE | {"years": years})

    assert (kept.restricts, kept.last_day(first)) == (True, last)
    assert Consequence.model_validate(CONSEQUENCE | {"long_term": True}).last_day(first) is None
    assert Consequence.model_validate(CONSEQUENCE | {"long_term": True}).restricts is True


def test_a_conduct_leads_to_its_own_consequence() -> None:
    other = CONSEQUENCE | {"code": "all_void", "years": 3}
    rule = ConductRule.model_validate(
        RULE
        | {
            "consequences": [CONSEQUENCE, other],
            "conducts": [CONDUCT, CONDUCT | {"code": "b", "consequence": "all_void"}],
        }
    )

    assert (rule.of("copying").code, rule.of("b").years) == ("void", 3)
    with pytest.raises(InvalidError):
        rule.conduct("c")
