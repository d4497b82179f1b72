"""How much a rule pack may say: the bounds of its names, numbers, conditions and levels."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from pydantic import BaseModel

from app.accounts.states import Role
from app.core.access import Actor
from app.core.errors import ForbiddenError
from app.rulebook import access
from app.rulebook.access import GRANTS, Permission, may_see_drafts, sets_rules_of
from app.rulebook.models import RulePack
from app.rulebook.rules import criteria, evaluating, packs
from app.rulebook.rules.conditions import Conditions
from app.rulebook.rules.holiday_packs import YearOfHolidays
from app.rulebook.states import PACK
from tests.bounds import is_closed, misjudged

pytestmark = pytest.mark.one_database

FLAG = {"node": "flag", "fact": "a"}
BILLION = Decimal(10) ** 12
DAYS = [date(2028, 1, 1) + timedelta(days=number) for number in range(367)]


@pytest.mark.parametrize(
    ("model", "name", "held", "refused"),
    [
        *((Conditions, name, ["x", "x" * 100], ["", "x" * 101]) for name in ("purpose_zh", "purpose_en")),
        (criteria.Flag, "name_zh", ["", "x" * 200], ["x" * 201]),
        (criteria.Flag, "name_en", ["", "x" * 200], ["x" * 201]),
        *((kind, "of", [[FLAG]], [[]]) for kind in criteria.GROUPS),
        (criteria.AtLeast, "n", [1, 100], [0, 101]),
        (criteria.Number, "value", [-BILLION, BILLION, "0.01"], [-BILLION - 1, BILLION + 1, "0.001"]),
        (criteria.Number, "near", [None, 0, BILLION, "0.01"], ["-0.01", BILLION + 1, "0.001"]),
        (criteria.Choice, "one_of", [["a"]], [[]]),
        (criteria.Years, "at_least", [0, 80], [-1, 81]),
        (criteria.Years, "near_months", [None, 0, 120], [-1, 121]),
        (criteria.Points, "rows", [[{"points": 1, "each": "a"}]], [[]]),
        *((packs.Source, name, ["x"], [""]) for name in ("title_zh", "title_en", "issuer_zh", "issuer_en")),
        *((packs.Case, name, ["x", "x" * 200], ["", "x" * 201]) for name in ("name_zh", "name_en")),
        *((packs.PackFile, name, ["x", "x" * 200], ["", "x" * 201]) for name in ("name_zh", "name_en")),
        (packs.PackFile, "kind", ["x", "x" * 64], ["", "x" * 65]),
        (YearOfHolidays, "year", [2004, 2100], [2003, 2101]),
        (YearOfHolidays, "notice", ["x", "x" * 64], ["", "x" * 65]),
        (YearOfHolidays, "free", [DAYS[:1], DAYS[:366]], [[], DAYS]),
        (YearOfHolidays, "working", [[], DAYS[:366]], [DAYS]),
    ],
)
def test_a_pack_is_taken_within_its_bounds(
    model: type[BaseModel], name: str, held: list[object], refused: list[object]
) -> None:
    assert misjudged(model, name, held, refused) == []


@pytest.mark.parametrize(
    "model", [Conditions, criteria.Flag, criteria.Row, packs.Source, packs.Case, packs.PackFile, YearOfHolidays]
)
def test_a_pack_says_nothing_that_nobody_reads(model: type[BaseModel]) -> None:
    assert is_closed(model)


def test_conditions_have_a_depth_and_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (criteria.MOST_DEEP, criteria.MOST_NODES) == (8, 200)
    flag = criteria.Flag(fact="a")
    monkeypatch.setattr(criteria, "_check_facts", lambda _node, _catalogue: None)

    def deep(levels: int) -> criteria.Node:
        node: criteria.Node = flag
        for _level in range(levels):
            node = criteria.AllOf(of=(node,))
        return node

    def said(node: criteria.Node) -> list[criteria.Path]:
        return [path for path, _reason in criteria.faults(node, {})]

    assert (said(deep(7)), said(deep(8))) == ([], [()])
    assert (said(criteria.AllOf(of=(flag,) * 199)), said(criteria.AllOf(of=(flag,) * 200))) == ([], [()])
    assert (criteria.place_of(("of", 0, "of", 2)), criteria.place_of(())) == ("1.3", "0")


@pytest.mark.parametrize(
    ("start", "months", "later"),
    [("2026-01-31", 1, "2026-02-28"), ("2027-12-15", 1, "2028-01-15"), ("2024-02-29", 12, "2025-02-28")],
)
def test_months_later_is_the_same_day_or_the_last_of_its_month(start: str, months: int, later: str) -> None:
    day = date.fromisoformat(start)

    assert evaluating.months_later(day, months).isoformat() == later


def test_the_state_of_a_draft_moves_forward_and_back() -> None:
    assert {name: {one.value for one in move.sources} for name, move in PACK.moves.items()} == {
        "propose": {"draft"},
        "publish": {"proposed"},
        "return": {"proposed"},
        "withdraw": {"draft", "proposed"},
    }


def test_only_the_authority_of_a_region_sets_its_rules() -> None:
    assert set(GRANTS[Role.REGULATOR]) == {Permission.PROPOSE, Permission.PUBLISH}
    own = Actor(1, "p1", "王敏", Role.REGULATOR, "", GRANTS[Role.REGULATOR], region_code="370000")
    stranger = Actor(1, "p1", "王敏", Role.TRAINEE, "", frozenset(), region_code="370000")
    pack, other = RulePack(region_code="370000"), RulePack(region_code="100000")

    assert [sets_rules_of(one, who) for one in (pack, other) for who in (own, stranger, None)] == [True, *[False] * 5]
    assert [may_see_drafts(who) for who in (own, stranger, None)] == [True, False, False]
    access.check_region(pack, own)
    with pytest.raises(ForbiddenError):
        access.check_region(other, own)
