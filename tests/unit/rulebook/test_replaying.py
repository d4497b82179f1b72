"""A replay under the original pack gives the original verdict, always; under another one it says what differs."""

import json
from datetime import date
from decimal import Decimal
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assessment.certification import judging as awards
from app.assessment.certification import rules as award_rules
from app.assessment.exams.rules import eligibility, parameters
from app.assessment.exams.rules import judging as entries
from app.rulebook.facts import Fact, from_json, to_json
from app.rulebook.kinds import Binding, RuleKind, judged
from app.rulebook.rules.conditions import Conditions, judge
from app.rulebook.rules.criteria import Node
from app.rulebook.rules.replaying import changes, is_changed, replay
from app.rulebook.verdicts import Line, Outcome, Verdict
from tests.unit.rulebook.trees import ON, facts, trees

NAME = Binding("criteria.1", "sample", "来源", "Source")
KIND = RuleKind("criteria", "Criteria", Conditions, lambda _params: [], judge)
SILENT = RuleKind("syllabus", "Syllabus", Conditions, lambda _params: [])
DAY = st.dates(date(2020, 1, 1), date(2026, 12, 31))
SCORE = st.decimals(0, 100, places=2)
WORD = st.text(min_size=1, max_size=8)
MODULES = st.dictionaries(st.sampled_from(["policy", "practice", "general"]), SCORE)


def conditions(tree: Node) -> Conditions:
    return Conditions(purpose_zh="职称", purpose_en="Title", level="senior", series="engineering", tree=tree)


@given(tree=trees(negative=True), known=facts)
def test_a_replay_under_the_original_pack_equals_the_original(tree: Node, known: dict[str, Fact]) -> None:
    params = conditions(tree)
    original = judged(KIND, params, known, ON, binding=NAME)
    stored = json.loads(json.dumps({"facts": to_json(known), "verdict": original.to_json()}))

    again = replay(KIND, Conditions.model_validate_json(params.model_dump_json()), stored["facts"], ON, binding=NAME)

    assert again == original == Verdict.from_json(stored["verdict"])
    assert not is_changed(original, again)
    assert from_json(stored["facts"]) == known


@given(
    known=st.builds(
        award_rules.Facts,
        trained_in=st.none() | WORD,
        completed_on=st.none() | DAY,
        session_code=WORD,
        score=SCORE,
        max_score=SCORE,
        cut_score=SCORE,
        released_on=DAY,
        voided=st.booleans(),
        held=st.none() | WORD,
    ),
    on=DAY,
    months=st.integers(1, 60),
)
def test_the_replay_of_an_award_equals_its_original(known: award_rules.Facts, on: date, months: int) -> None:
    level = award_rules.AwardLevel(
        code="junior",
        name_zh="初级",
        name_en="Junior",
        result_counts_months=months,
        valid_years=5,
        filed_centrally=False,
        number_prefix="JJC",
    )
    kind = RuleKind("award", "Award", award_rules.AwardParams, award_rules.sentences, awards.judge)
    original = award_rules.consider(known, level, on=on, pack=NAME.pack, tag=NAME.tag)
    stored = json.loads(json.dumps(to_json(awards.typed(known, "junior"))))

    assert replay(kind, award_rules.AwardParams(levels=[level]), stored, on, binding=NAME) == original


@given(
    known=st.builds(
        eligibility.Facts,
        sits_on=DAY,
        completed_on=st.none() | DAY,
        hours=MODULES,
        required=MODULES,
        last_sat_on=st.none() | DAY,
        passed_before=st.booleans(),
        registered_elsewhere=st.none() | WORD,
    ),
    asks=st.booleans(),
    days=st.integers(0, 90),
)
def test_the_replay_of_an_entry_equals_its_original(known: eligibility.Facts, days: int, *, asks: bool) -> None:
    rule = parameters.LevelRule(
        level="junior",
        pass_share=Decimal("0.6"),
        least_items=10,
        least_minutes=20,
        most_minutes=180,
        course_completed=asks,
        hours_met=asks,
        cool_off_days=days,
    )
    kind = RuleKind("exam", "Exam", parameters.ExamRule, parameters.sentences, entries.judge)
    source = eligibility.Source(NAME.pack, NAME.tag, NAME.source_zh, NAME.source_en)
    original = eligibility.eligibility(rule, known, source)
    stored = json.loads(json.dumps(to_json(entries.typed(known, "junior"))))

    assert replay(kind, parameters.ExamRule(levels=(rule,)), stored, ON, binding=NAME) == original


def line(fact: str, outcome: Outcome, *below: Line, optional: bool = False) -> Line:
    return Line("criteria.flag.yes", outcome, {"fact": fact}, lines=below, optional=optional)


def seen(before: tuple[Line, ...], after: tuple[Line, ...]) -> list[tuple[str, str | None, str | None]]:
    return [
        (
            cast("Line", one.after or one.before).params["fact"],
            one.before.outcome.value if one.before else None,
            one.after.outcome.value if one.after else None,
        )
        for one in changes(Verdict(before), Verdict(after))
    ]


def test_the_difference_of_two_verdicts_names_the_conditions_and_not_their_numbers() -> None:
    met, not_met = Outcome.MET, Outcome.NOT_MET
    before = (line("a", met), line("b", not_met), line("old", not_met))
    after = (line("new", not_met), line("harmless", met), line("a", not_met), line("b", not_met))

    assert seen(before, after) == [("new", None, "not"), ("a", "met", "not"), ("old", "not", None)]
    assert seen(before, before) == []


def test_what_decides_nothing_changes_nothing() -> None:
    shown = line("shown", Outcome.NOT_MET, optional=True)

    assert seen((), (shown,)) == []
    assert not is_changed(Verdict(()), Verdict((shown,)))


def test_a_condition_inside_a_group_is_found_where_it_stands() -> None:
    met, not_met = Outcome.MET, Outcome.NOT_MET
    before = (line("group", met, line("a", met), line("a", not_met)),)
    after = (line("group", met, line("a", met), line("a", met)),)

    assert seen(before, after) == [("a", "not", "met")]
    assert is_changed(Verdict(before), Verdict(after))


@pytest.mark.parametrize(
    "kind", [SILENT, RuleKind("award", "A", award_rules.AwardParams, award_rules.sentences, awards.judge)]
)
def test_where_a_pack_is_silent_or_a_fact_is_missing_the_verdict_is_unknown(kind: RuleKind) -> None:
    params = award_rules.AwardParams.model_construct(levels=[])

    assert judged(kind, params, {"award.level": Fact("junior")}, ON, binding=NAME).outcome is Outcome.UNKNOWN
    assert not judged(kind, params, {}, ON, binding=NAME).met
