"""Criteria: typed trees that explain themselves; unknown never counts as met; more evidence never hurts."""

import json
import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.rulebook.facts import Fact, Value
from app.rulebook.kinds import Binding
from app.rulebook.rules.criteria import Node, check_tree, facts_named, walk
from app.rulebook.rules.evaluating import evaluate, judge, months_later
from app.rulebook.rules.needs import Either, Gap, Need, Together, needs
from app.rulebook.verdicts import Line, Outcome, Verdict
from tests.unit.rulebook.trees import CATALOGUE, DAYS, MORE, NUMBERS, ON, READ, facts, trees, values

NAME = Binding("criteria.1", "sample", "来源", "Source")
MET, NEAR, NOT, UNKNOWN = Outcome.MET, Outcome.NEAR, Outcome.NOT_MET, Outcome.UNKNOWN
SERVICES = {"node": "number", "fact": "work.services", "value": 15, "near": 2}
AMOUNT = {"node": "number", "fact": "work.amount", "value": 5_000_000, "near": 500_000}
PAPERS = {"node": "number", "fact": "work.papers", "value": 3}
RETIRED = {"node": "exclusion", "of": [{"node": "flag", "fact": "work.retired"}]}


def known(**given: Value | int) -> dict[str, Fact]:
    return {
        f"work.{name}": Fact(Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value)
        for name, value in given.items()
    }


def came(tree: dict[str, Any], **given: Value | int) -> Outcome:
    return evaluate(READ.validate_python(tree), known(**given), ON).outcome


@pytest.mark.parametrize(
    ("op", "below", "at", "above"),
    [
        ("at_least", NOT, MET, MET),
        ("more_than", NOT, NOT, MET),
        ("at_most", MET, MET, NOT),
        ("less_than", MET, NOT, NOT),
        ("equals", NOT, MET, NOT),
    ],
)
def test_a_number_is_compared_with_its_limit(op: str, below: Outcome, at: Outcome, above: Outcome) -> None:
    tree = {"node": "number", "fact": "work.services", "op": op, "value": 15}

    assert [came(tree, services=count) for count in (14, 15, 16)] == [below, at, above]
    assert came(tree) is UNKNOWN


@pytest.mark.parametrize(("services", "outcome"), [(15, MET), (14, NEAR), (13, NEAR), (12, NOT)])
def test_near_is_what_the_pack_calls_near(services: int, outcome: Outcome) -> None:
    assert came(SERVICES, services=services) is outcome


@pytest.mark.parametrize(
    ("since", "outcome"),
    [
        (date(2021, 6, 1), MET),
        (date(2021, 6, 2), NEAR),
        (date(2021, 9, 1), NEAR),
        (date(2021, 9, 2), NOT),
    ],
)
def test_years_are_full_on_the_day_and_near_some_months_before(since: date, outcome: Outcome) -> None:
    tree = {"node": "years", "fact": "work.since", "at_least": 5, "near_months": 3}

    assert came(tree, since=since) is outcome


def test_years_from_the_29th_of_february_are_full_at_the_end_of_february() -> None:
    assert months_later(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert months_later(date(2023, 11, 30), 3) == date(2024, 2, 29)
    assert months_later(date(2023, 12, 15), 0) == date(2023, 12, 15)


def test_a_day_a_choice_and_a_flag_are_compared_as_they_stand() -> None:
    after = {"node": "day", "fact": "work.since", "op": "not_before", "value": "2026-01-01"}
    before = {**after, "op": "not_after"}
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]

    assert [came(after, since=day) for day in days] == [NOT, MET, MET]
    assert [came(before, since=day) for day in days] == [MET, MET, NOT]
    degree = {"node": "choice", "fact": "work.degree", "one_of": ["master", "doctor"]}
    assert [came(degree, degree=word) for word in ("bachelor", "master", "doctor")] == [NOT, MET, MET]
    assert came({"node": "flag", "fact": "work.passed"}, passed=True) is MET
    assert came({"node": "flag", "fact": "work.passed", "value": False}, passed=True) is NOT
    assert {came(tree) for tree in (after, degree, {"node": "flag", "fact": "work.passed"})} == {UNKNOWN}


@pytest.mark.parametrize(
    ("group", "services", "amount", "outcome"),
    [
        ({"node": "all"}, 15, 5_000_000, MET),
        ({"node": "all"}, 15, 4_900_000, NEAR),
        ({"node": "all"}, 15, None, UNKNOWN),
        ({"node": "all"}, 1, None, NOT),
        ({"node": "any"}, 1, 5_000_000, MET),
        ({"node": "any"}, 14, None, NEAR),
        ({"node": "any"}, 1, None, UNKNOWN),
        ({"node": "any"}, 1, 1, NOT),
        ({"node": "none"}, 1, 1, MET),
        ({"node": "none"}, 14, 1, MET),
        ({"node": "none"}, 15, None, NOT),
        ({"node": "none"}, 1, None, UNKNOWN),
        ({"node": "at_least", "n": 2}, 15, 5_000_000, MET),
        ({"node": "at_least", "n": 1}, 15, 1, MET),
    ],
)
def test_a_group_comes_out_by_its_conditions(
    group: dict[str, Any], services: int, amount: int | None, outcome: Outcome
) -> None:
    given = {"services": services} | ({} if amount is None else {"amount": amount})

    assert came({**group, "of": [SERVICES, AMOUNT]}, **given) is outcome


def test_an_optional_condition_is_shown_and_decides_nothing() -> None:
    line = evaluate(
        READ.validate_python({"node": "all", "of": [SERVICES, {**PAPERS, "optional": True}]}), known(services=15), ON
    )

    assert line.outcome is MET
    assert [(one.outcome, one.optional) for one in line.lines] == [(MET, False), (UNKNOWN, True)]


@pytest.mark.parametrize(("retired", "outcome"), [({"retired": True}, NOT), ({"retired": False}, MET), ({}, UNKNOWN)])
def test_an_exclusion_bars_from_wherever_it_stands(retired: dict[str, bool], outcome: Outcome) -> None:
    beside = {"node": "all", "of": [SERVICES, RETIRED]}
    deep = {"node": "any", "of": [SERVICES, {"node": "all", "of": [AMOUNT, RETIRED]}]}

    assert came(beside, services=15, **retired) is outcome
    assert came(deep, services=15, **retired) is outcome


def test_an_exclusion_is_no_alternative() -> None:
    assert came({"node": "any", "of": [SERVICES, RETIRED]}, services=1, retired=False) is NOT


@pytest.mark.parametrize(
    ("given", "outcome", "got"),
    [
        ({"services": 4, "passed": True}, MET, "10"),
        ({"services": 99, "passed": False}, NEAR, "8"),
        ({"services": 0, "passed": True}, NOT, "2"),
        ({"passed": True}, UNKNOWN, "2"),
        ({"services": 3}, NEAR, "6"),
    ],
)
def test_a_points_table_adds_up(given: dict[str, Any], outcome: Outcome, got: str) -> None:
    tree = {
        "node": "points",
        "at_least": 10,
        "near": 4,
        "rows": [
            {"points": 2, "each": "work.services", "most": 8},
            {"points": 2, "when": {"node": "flag", "fact": "work.passed"}},
        ],
    }

    line = evaluate(READ.validate_python(tree), known(**given), ON)

    assert (line.outcome, line.params["got"]) == (outcome, got)


def test_an_all_at_the_root_is_spread_out_and_each_line_names_its_rule() -> None:
    verdict = judge(READ.validate_python({"node": "all", "of": [SERVICES, AMOUNT]}), known(services=15), ON, NAME)

    assert [line.outcome for line in verdict.lines] == [MET, UNKNOWN]
    assert {line.rule for line in verdict.lines} == {"criteria.1"}
    assert (verdict.pack, verdict.tag, verdict.source_zh, verdict.source_en) == (
        "criteria.1",
        "sample",
        "来源",
        "Source",
    )
    assert judge(READ.validate_python(SERVICES), {}, ON, NAME).outcome is UNKNOWN


# ---- what is missing


def missing(tree: dict[str, Any], **given: Value | int) -> Need | None:
    return needs((evaluate(READ.validate_python(tree), known(**given), ON),))


def named(need: Need) -> object:
    if isinstance(need, Gap):
        return need.line.params.get("fact", need.line.reason)
    if isinstance(need, Either):
        return (need.count, {named(part) for part in need.parts})
    return [named(part) for part in need.parts]


def test_the_smallest_set_of_what_is_missing_is_named_with_its_alternatives() -> None:
    either = {"node": "any", "of": [SERVICES, AMOUNT, {"node": "all", "of": [PAPERS, SERVICES]}]}

    assert missing(either, services=15) is None
    need = missing(either, services=13, amount=3_800_000)
    assert need is not None
    assert named(need) == (1, {"work.services", "work.amount"})
    assert isinstance(need, Either)
    assert [part.line.params["short"] for part in need.parts if isinstance(part, Gap)] == ["2", "1200000"]
    both = missing({"node": "all", "of": [SERVICES, AMOUNT]}, services=1, amount=1)
    assert isinstance(both, Together)
    assert (named(both), both.size) == (["work.services", "work.amount"], 2)
    two = missing({"node": "at_least", "n": 2, "of": [SERVICES, AMOUNT, PAPERS]}, services=1, amount=1)
    assert two is not None
    assert (named(two), two.size) == ((2, {"work.services", "work.amount", "work.papers"}), 2)


def test_who_is_barred_reads_the_exclusion_and_not_an_alternative() -> None:
    tree = {"node": "any", "of": [SERVICES, {"node": "all", "of": [AMOUNT, RETIRED]}]}
    need = missing(tree, services=15, retired=True)

    assert need is not None
    assert named(need) == "criteria.exclusion"


def _size(line: Line) -> int:
    """Count by trying: the fewest lines without lines below that must turn met for the whole to be met."""
    leaves = _leaves(line)
    for count in range(len(leaves) + 1):
        if any(_met(line, chosen) for chosen in combinations(range(len(leaves)), count)):
            return count
    pytest.fail("no set of conditions meets the whole")


def _leaves(line: Line) -> list[Line]:
    if line.reason not in {"criteria.all", "criteria.any", "criteria.at_least"}:
        return [] if line.outcome is MET else [line]
    return [one for below in line.lines for one in _leaves(below)]


def _met(line: Line, chosen: tuple[int, ...]) -> bool:
    left = iter(range(10_000))

    def met(one: Line) -> bool:
        if one.reason not in {"criteria.all", "criteria.any", "criteria.at_least"}:
            return one.outcome is MET or next(left) in chosen
        results = [met(below) for below in one.lines]
        wanted = {"criteria.all": len(results), "criteria.any": 1}.get(one.reason) or int(one.params["n"])
        return sum(results) >= wanted

    return met(line)


@given(tree=trees(negative=False), given=facts)
def test_no_smaller_set_would_do(tree: Node, given: dict[str, Fact]) -> None:
    line = evaluate(tree, given, ON)
    assume(len(_leaves(line)) <= 8)

    need = needs((line,))

    assert (need.size if need else 0) == _size(line)


# ---- properties


@given(tree=trees(negative=False), given=facts, more=facts)
def test_more_evidence_never_turns_met_into_not_met(tree: Node, given: dict[str, Fact], more: dict[str, Fact]) -> None:
    before, after = evaluate(tree, given, ON), evaluate(tree, {**more, **given}, ON)

    assert after.outcome is MET or before.outcome is not MET


@given(tree=trees(negative=False, ops=MORE), given=facts, added=st.integers(0, 9))
def test_larger_numbers_and_longer_years_never_hurt(tree: Node, given: dict[str, Fact], added: int) -> None:
    assume(not any(getattr(node, "node", "") == "day" for _path, node in walk(tree)))
    grown = {
        name: Fact(fact.value + added)
        if isinstance(fact.value, Decimal)
        else Fact(fact.value - timedelta(days=added * 100))
        if isinstance(fact.value, date)
        else fact
        for name, fact in given.items()
    }

    assert evaluate(tree, grown, ON).outcome is MET or evaluate(tree, given, ON).outcome is not MET


@pytest.mark.parametrize(
    "near",
    [
        {"node": "any", "of": [SERVICES, PAPERS]},
        {
            "node": "points",
            "at_least": 3,
            "near": 2,
            "rows": [{"points": 1, "each": "work.papers"}, {"points": 1, "when": SERVICES}],
        },
    ],
)
def test_what_must_not_hold_is_open_while_it_is_near_and_something_below_it_is_unknown(near: dict[str, Any]) -> None:
    barred = {"node": "none", "of": [near]}

    assert came(barred, services=14, papers=1) is MET, "near, and all is known"
    assert came(barred, papers=1) is UNKNOWN
    assert came(barred, services=14) is UNKNOWN
    assert came(barred, services=14, papers=3) is NOT


@given(tree=trees(negative=True), given=facts)
def test_nothing_is_met_by_what_is_unknown(tree: Node, given: dict[str, Fact]) -> None:
    line = evaluate(tree, given, ON)
    if line.outcome is MET:
        for more in _completions(tree, given):
            assert evaluate(tree, more, ON).outcome is MET


def _completions(tree: Node, given: dict[str, Fact]) -> list[dict[str, Fact]]:
    """Fill in what a tree asks for and nobody knows, with small and with large values."""
    unknown = facts_named(tree) - given.keys()
    fill: list[dict[str, Any]] = [
        dict.fromkeys(NUMBERS, number) | dict.fromkeys(DAYS, day) | {"work.passed": yes, "work.retired": yes}
        for number, day, yes in ((Decimal(0), ON, False), (Decimal(99), date(2000, 1, 1), True))
    ]
    return [{**given, **{name: Fact(one.get(name, "bachelor")) for name in unknown}} for one in fill]


@given(tree=trees(negative=True), given=facts, seed=st.integers())
def test_evaluation_is_deterministic_and_free_of_order(tree: Node, given: dict[str, Fact], seed: int) -> None:
    shuffled = list(given.items())
    random.Random(seed).shuffle(shuffled)
    turned = READ.validate_python(_turned(tree.model_dump()))

    line = evaluate(tree, given, ON)

    assert evaluate(tree, dict(shuffled), ON) == line
    assert evaluate(turned, given, ON).outcome is line.outcome


def _turned(node: object) -> object:
    """Return a dumped tree with every list of conditions in the opposite order."""
    if isinstance(node, dict):
        return {key: _turned(value) for key, value in node.items()}
    return [_turned(one) for one in reversed(node)] if isinstance(node, tuple | list) else node


@given(tree=trees(negative=True), given=facts)
def test_a_verdict_survives_storage(tree: Node, given: dict[str, Fact]) -> None:
    verdict = judge(tree, given, ON, NAME)

    assert Verdict.from_json(json.loads(json.dumps(verdict.to_json()))) == verdict


@given(tree=trees(negative=True))
def test_every_generated_tree_passes_the_check_of_its_catalogue(tree: Node) -> None:
    check_tree(tree, CATALOGUE)
    assert facts_named(tree) <= values.keys()


# ---- what may not stand in a pack


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ({"node": "all", "of": [{**PAPERS, "optional": True}]}, "计入"),
        ({**PAPERS, "optional": True}, "非必备"),
        ({"node": "at_least", "n": 3, "of": [SERVICES, PAPERS]}, "要求满足3项"),
        ({"node": "any", "of": [RETIRED]}, "计入"),
        ({"node": "none", "of": [RETIRED]}, "排除"),
        ({"node": "all", "of": [SERVICES, {**PAPERS, "fact": "work.nothing"}]}, "条件2"),
        ({**PAPERS, "fact": "work.since"}, "work.since"),
        ({**PAPERS, "fact": "work.papers[x]"}, "方括号"),
        ({**PAPERS, "fact": "papers"}, "不是事实的名称"),
        ({"node": "choice", "fact": "work.degree", "one_of": ["wizard"]}, "wizard"),
        ({"node": "points", "at_least": 1, "rows": [{"points": 1, "each": "work.passed"}]}, "work.passed"),
        ({"node": "all", "of": [SERVICES] * 200}, "200"),
    ],
)
@pytest.mark.usefixtures("app")
def test_a_tree_that_does_not_hold_together_is_refused_with_its_place(tree: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_tree(READ.validate_python(tree), CATALOGUE)


@pytest.mark.usefixtures("app")
def test_a_tree_may_not_be_deeper_than_people_can_read() -> None:
    tree: dict[str, Any] = SERVICES
    for _level in range(8):
        tree = {"node": "all", "of": [tree]}

    with pytest.raises(ValueError, match="200"):
        check_tree(READ.validate_python(tree), CATALOGUE)
    check_tree(READ.validate_python(tree["of"][0]), CATALOGUE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"node": "script", "code": "1 + 1"},
        {"node": "all", "of": []},
        {**SERVICES, "name_zh": "只有中文"},
        {**SERVICES, "near": -1},
        {**SERVICES, "value": "NaN"},
        {"node": "points", "at_least": 1, "rows": [{"points": 1}]},
        {"node": "points", "at_least": 1, "rows": [{"points": 1, "when": SERVICES, "most": 3}]},
        {"node": "points", "at_least": 1, "rows": [{"points": -1, "when": SERVICES}]},
    ],
)
def test_what_is_no_criterion_is_no_tree(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(wrong)
