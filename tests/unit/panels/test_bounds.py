"""The bounds of committee rules and rubrics, who sees what of a panel, and from where each record moves."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from app.accounts.states import Kin, Role
from app.core.states import Lifecycle
from app.panels import states
from app.panels.access import GRANTS, Permission
from app.panels.rules import quotas, roster, scores
from app.panels.rules.document import DrawFile
from app.panels.rules.parameters import (
    CommitteeRules,
    CommitteeSize,
    Dimension,
    Rubric,
    committee_sentences,
    committee_verdict,
    last_day,
)
from app.panels.rules.presence import Passage, Quorum, ever_present, present
from app.rulebook.verdicts import Outcome
from tests.bounds import is_closed, misjudged

pytestmark = pytest.mark.one_database

DIMENSION = {
    "code": "work",
    "name_zh": "业绩",
    "name_en": "Work",
    "asks_zh": "如何",
    "asks_en": "How",
    "most": 100,
    "weight": 1,
}
AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("model", "name", "held", "refused"),
    [
        (CommitteeSize, "least", [1, 199], [0, 200]),
        (CommitteeRules, "sizes", [], [[]]),
        (CommitteeRules, "term_years", [1, 3], [0, 4]),
        (CommitteeRules, "filing_years", [1, 3], [0, 4]),
        (CommitteeRules, "quorum_of", [1, 10], [0, 11]),
        (CommitteeRules, "quorum_in", [1, 10], [0, 11]),
        (CommitteeRules, "witnesses", [2, 9], [1, 10]),
        (CommitteeRules, "reveal_hours", [1, 720], [0, 721]),
        (CommitteeRules, "per_unit", [1, 50], [0, 51]),
        (CommitteeRules, "regions", [1, 34], [0, 35]),
        (Dimension, "name_zh", ["x", "x" * 60], ["", "x" * 61]),
        (Dimension, "name_en", ["x", "x" * 60], ["", "x" * 61]),
        (Dimension, "asks_zh", ["x", "x" * 300], ["", "x" * 301]),
        (Dimension, "asks_en", ["x", "x" * 300], ["", "x" * 301]),
        (Dimension, "most", ["0.01", 1000], [0, "1000.01", "0.001"]),
        (Dimension, "weight", ["0.000001", 1], [0, "1.01", "0.0000001"]),
        (Rubric, "dimensions", [[DIMENSION], [DIMENSION] * 20], [[], [DIMENSION] * 21]),
        (Rubric, "step", ["0.01", 10], [0, "10.01", "0.001"]),
        (Rubric, "low", [0, 1, "0.01"], ["-0.01", "1.01", "0.001"]),
        (Rubric, "high", [0, 1, "0.01"], ["-0.01", "1.01", "0.001"]),
        (Rubric, "reason_length", [1, 500], [0, 501]),
        (Rubric, "trim_each_side", [0, 5], [-1, 6]),
        (Rubric, "outlier_over", ["0.01", 100], [0, "100.01", "0.001"]),
        (DrawFile, "seats", [1], [0]),
        (DrawFile, "per_unit", [1], [0]),
        (DrawFile, "regions", [1], [0]),
    ],
)
def test_rules_of_committees_are_taken_within_their_bounds(
    model: type[BaseModel], name: str, held: list[object], refused: list[object]
) -> None:
    assert misjudged(model, name, held, refused) == []


def test_rules_of_committees_say_nothing_that_nobody_reads() -> None:
    models: list[type[BaseModel]] = [CommitteeSize, CommitteeRules, Dimension, Rubric, DrawFile]

    assert all(is_closed(one) for one in models)


@pytest.mark.parametrize(
    ("first", "years", "last"),
    [
        (date(2026, 3, 2), 1, date(2027, 3, 1)),
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 28), 3, date(2031, 2, 27)),
        (date(2028, 3, 29), 1, date(2029, 3, 28)),
    ],
)
def test_a_term_of_years_ends_the_day_before_its_anniversary(first: date, years: int, last: date) -> None:
    assert last_day(first, years) == last


RULES: dict[str, Any] = {
    "sizes": [{"level": "full_senior", "composition": "series", "least": 25}],
    "odd": True,
    "term_years": 3,
    "filing_years": 3,
    "quorum_of": 2,
    "quorum_in": 3,
    "witnesses": 2,
    "reveal_hours": 48,
    "per_unit": 1,
    "regions": 2,
}
COMMITTEE = CommitteeRules.model_validate(RULES)
FREE = CommitteeRules.model_validate(RULES | {"odd": False})


def test_a_quorum_is_a_share_of_the_members_rounded_up() -> None:
    assert [COMMITTEE.quorum(members) for members in (24, 25, 26, 27)] == [16, 17, 18, 18]
    assert CommitteeRules.model_validate(RULES | {"quorum_of": 3}).quorum(25) == 25
    with pytest.raises(ValidationError, match="more than all members"):
        CommitteeRules.model_validate(RULES | {"quorum_of": 4})


def test_a_committee_of_which_the_rules_say_nothing_has_at_least_one_member() -> None:
    full, series = states.Title.FULL_SENIOR, states.Composition.SERIES

    assert COMMITTEE.least(full, series) == 25
    assert COMMITTEE.least(full, states.Composition.SPECIALTY) == 1
    assert COMMITTEE.least(next(one for one in states.Title if one is not full), series) == 1


@pytest.mark.parametrize(
    ("rules", "size", "chairs", "serving", "wrong"),
    [
        (COMMITTEE, 25, 1, 25, []),
        (COMMITTEE, 26, 1, 26, ["odd"]),
        (FREE, 26, 1, 26, []),
        (COMMITTEE, 23, 1, 23, ["size"]),
        (COMMITTEE, 25, 0, 25, ["chair"]),
        (COMMITTEE, 25, 2, 25, ["chair"]),
        (COMMITTEE, 25, 1, 24, ["serving"]),
        (COMMITTEE, 24, 2, 23, ["odd", "size", "chair", "serving"]),
    ],
)
def test_a_committee_is_filed_when_every_condition_is_met(
    rules: CommitteeRules, size: int, chairs: int, serving: int, wrong: list[str]
) -> None:
    verdict = committee_verdict(
        rules,
        level=states.Title.FULL_SENIOR,
        composition=states.Composition.SERIES,
        size=size,
        chairs=chairs,
        serving=serving,
        pack="p",
    )

    assert [line.reason for line in verdict.lines if line.outcome is Outcome.NOT_MET] == wrong
    assert (verdict.outcome is Outcome.MET) is (not wrong)
    assert {line.rule for line in verdict.lines} == {"p"}


def test_the_rules_say_that_numbers_are_odd_only_where_they_must_be() -> None:
    said = [str(one) for one in committee_sentences(COMMITTEE)]

    assert "The number of experts is odd." in said
    assert [str(one) for one in committee_sentences(FREE)] == [one for one in said if "odd" not in one]


@pytest.mark.parametrize(
    ("field", "kin", "said"),
    [
        ("bars_whole", Kin.WHOLE, "of which an organisation concerned is a part does not judge"),
        ("bars_parts", Kin.PART, "a part of an organisation concerned does not judge"),
        ("bars_siblings", Kin.SIBLING, "another part of the body above"),
    ],
)
def test_each_relation_between_organisations_bars_unless_the_rules_let_it(field: str, kin: Kin, said: str) -> None:
    free = CommitteeRules.model_validate(RULES | {field: False})

    assert COMMITTEE.barred_kin() == set(Kin), "a pack that says nothing bars all three"
    assert free.barred_kin() == set(Kin) - {kin}
    (left_out,) = {str(one) for one in committee_sentences(COMMITTEE)} - {str(one) for one in committee_sentences(free)}
    assert said in left_out


def test_who_is_present_counts_up_to_the_instant() -> None:
    passages = [Passage(1, entering=True, at=AT), Passage(2, entering=True, at=AT), Passage(1, entering=False, at=AT)]

    assert (present(passages), present(passages[:2], AT), ever_present(passages)) == ({2}, {1, 2}, {1, 2})
    assert present(passages, datetime(2026, 3, 1, tzinfo=UTC)) == set()
    assert (Quorum(5, 7, 5).met, Quorum(4, 7, 5).met) == (True, False)


def test_a_panel_takes_one_region_and_any_number_of_a_unit_where_nothing_is_said() -> None:
    assert (quotas.Quotas(3).per_unit, quotas.Quotas(3).regions) == (1000, 1)


@pytest.mark.parametrize(
    ("totals", "trim", "mean"),
    [
        (["60", "70", "80"], 1, "70.00"),
        (["60", "70"], 1, "65.00"),
        (["60", "70", "80", "100"], 0, "77.50"),
        (["0", "60", "70", "80", "100"], 2, "70.00"),
    ],
)
def test_as_many_high_as_low_totals_are_left_out(totals: list[str], trim: int, mean: str) -> None:
    assert scores.joined(list(map(Decimal, totals)), trim) == Decimal(mean)


def listed(*rows: str) -> bytes:
    return "\n".join(("姓名,证件号码,工作单位,地区代码,专业领域,职称级别", *rows)).encode()


def test_a_roster_of_experts_is_read_by_the_words_of_offices() -> None:
    (line,) = roster.read(listed("'=王敏,110,中心,370000,知识产权,正高级"), {"370000"})

    assert (line.row, line.name, line.field.value, line.title.value) == (
        2,
        "=王敏",
        "intellectual_property",
        "full_senior",
    )


@pytest.mark.parametrize(
    ("lifecycle", "moves"),
    [
        (
            states.EXPERT,
            {
                "accept": "nominated",
                "decline": "nominated",
                "admit": "accepted",
                "refuse": "accepted",
                "suspend": "admitted",
                "reinstate": "suspended",
                "nominate_again": "declined refused admitted",
            },
        ),
        (states.COMMITTEE, {"file": "draft", "renew": "filed"}),
        (states.PANEL, {"publish": "planned", "draw": "published", "start_over": "published"}),
        (states.SEAT, {"seat": "substitute", "recuse": "seated substitute", "come_back": "recused"}),
        (states.MEETING, {"open": "called", "close": "open", "sign": "closed", "seal": "signed"}),
    ],
    ids=lambda one: one.name if isinstance(one, Lifecycle) else "",
)
def test_from_where_each_record_may_move(lifecycle: Lifecycle[Any], moves: Mapping[str, str]) -> None:
    assert {name: {one.value for one in move.sources} for name, move in lifecycle.moves.items()} == {
        name: set(sources.split()) for name, sources in moves.items()
    }


def test_what_each_role_may_do_with_panels() -> None:
    told = {
        Role.SECRETARY: "view pools organise nominate observe weigh",
        Role.REGULATOR: "view pools admit observe weigh",
        Role.SUPERVISOR: "view observe",
        Role.EXPERT: "view sit",
        Role.CHAIR: "view sit chair weigh",
        Role.BASE: "nominate",
        Role.EMPLOYER: "nominate",
    }

    assert {role: set(given) for role, given in GRANTS.items()} == {
        role: {Permission(f"panels.{name}") for name in names.split()} for role, names in told.items()
    }
