"""Lifecycle, masking, outcomes and access of cases, without a database."""

import pytest

from app.accounts.states import Role
from app.cases.access import GRANTS, Permission, handles, higher, may_restrict
from app.cases.models import Case
from app.cases.rules.clocks import Mask
from app.cases.rules.masking import masked
from app.cases.rules.outcomes import Effect, effect_of, stands
from app.cases.states import CASE, CaseState, Outcome
from app.core.access import Actor
from app.core.spreadsheets import to_csv

HANDLE = "cases.handle"
OPEN = {"raised", "accepted", "waiting"}
MOVES = {
    "raise": ({"draft"}, "raised", None),
    "file": ({"draft"}, "filed", None),
    "accept": ({"raised"}, "accepted", HANDLE),
    "decline": ({"raised"}, "declined", HANDLE),
    "ask": ({"accepted"}, "waiting", HANDLE),
    "resume": ({"waiting"}, "accepted", None),
    "decide": ({"accepted"}, "decided", HANDLE),
    "withdraw": (OPEN, "withdrawn", None),
}


def test_the_moves_are_these_and_no_others() -> None:
    assert CASE.name == "case_record"
    assert CASE.initial is CaseState.DRAFT
    assert {
        move.name: ({str(source) for source in move.sources}, str(move.target), move.permission)
        for move in CASE.moves.values()
    } == MOVES


def test_everyone_raises_officers_handle_and_regulators_restrict() -> None:
    assert set(GRANTS) == set(Role)
    assert all(Permission.MINE in granted for granted in GRANTS.values())
    assert {role for role, granted in GRANTS.items() if Permission.HANDLE in granted} == {
        Role.REGULATOR,
        Role.EXAMINER,
    }
    assert {role for role, granted in GRANTS.items() if Permission.RESTRICT in granted} == {Role.REGULATOR}


@pytest.mark.parametrize(
    ("region", "above"),
    [
        ("370102", "370100"),
        ("370100", "370000"),
        ("370000", "100000"),
        ("100000", None),
        ("110101", "110000"),
        ("500229", "500000"),
        ("429004", "420000"),
    ],
)
def test_the_authority_above_follows_the_region_code(region: str, above: str | None) -> None:
    assert higher(region) == above


@pytest.mark.parametrize(
    ("name", "mask", "shown"),
    [
        ("王小明", Mask.MIDDLE, "王*明"),
        ("王小明", Mask.SURNAME, "王**"),
        ("王小明", Mask.FULL, "王小明"),
        ("王敏", Mask.MIDDLE, "王*"),
        ("王敏", Mask.SURNAME, "王*"),
        ("欧阳修之", Mask.MIDDLE, "欧阳*之"),
        ("欧阳", Mask.MIDDLE, "欧*"),
        ("阿依古丽", Mask.MIDDLE, "阿**丽"),
        ("王", Mask.MIDDLE, "王"),
        (" 王小明 ", Mask.MIDDLE, "王*明"),
    ],
)
def test_a_name_is_masked_by_the_rule(name: str, mask: Mask, shown: str) -> None:
    assert masked(name, mask) == shown


@pytest.mark.parametrize("family", ["欧阳", "司马", "上官", "诸葛", "东方", "皇甫"])
def test_a_family_name_of_two_characters_is_shown_whole(family: str) -> None:
    assert masked(f"{family}明远", Mask.MIDDLE) == f"{family}*远"
    assert masked(f"{family}远", Mask.SURNAME) == f"{family}*"


def decided(outcome: Outcome, previous: Case | None = None) -> Case:
    return Case(outcome=outcome, previous=previous)


UPHELD, REJECTED = Outcome.UPHELD, Outcome.REJECTED


@pytest.mark.parametrize(
    ("outcomes", "standing", "effect"),
    [
        ([UPHELD], True, Effect.UPHELD),
        ([REJECTED], False, Effect.REJECTED),
        ([REJECTED, UPHELD], True, Effect.UPHELD),
        ([REJECTED, REJECTED], False, Effect.NONE),
        ([UPHELD, UPHELD], False, Effect.REVERSED),
        ([UPHELD, REJECTED], True, Effect.NONE),
        ([REJECTED, UPHELD, UPHELD], False, Effect.REVERSED),
        ([REJECTED, REJECTED, UPHELD], True, Effect.UPHELD),
    ],
)
def test_a_chain_of_decisions_comes_to_one_effect(outcomes: list[Outcome], effect: Effect, *, standing: bool) -> None:
    case: Case | None = None
    for outcome in outcomes:
        case = decided(outcome, case)

    assert case is not None
    assert stands(case) is standing
    assert effect_of(case) is effect


def actor(
    region: str | None = "370000", role: Role = Role.REGULATOR, organisation: int | None = None, *grants: str
) -> Actor:
    given = frozenset(grants or {Permission.HANDLE, Permission.RESTRICT})
    return Actor(1, "p1", "王敏", role, "", given, region_code=region, organisation_id=organisation)


def heard(region: str = "370000", role: Role = Role.REGULATOR, organisation: int | None = None) -> Case:
    return Case(authority_region=region, authority_role=role.value, authority_organisation_id=organisation)


def test_the_authority_of_the_case_handles_it_and_no_superior_does() -> None:
    assert handles(actor(), heard())
    assert not handles(actor("100000"), heard())
    assert not handles(actor("370100"), heard())
    assert not handles(None, heard())
    assert not handles(actor("370000", Role.EXAMINER), heard())
    assert not handles(actor("370000", Role.REGULATOR, None, "cases.mine"), heard())


def test_an_organisation_that_hears_a_case_handles_it_alone() -> None:
    case = heard("100000", Role.EXAMINER, 7)

    assert handles(actor("370000", Role.EXAMINER, 7), case)
    assert not handles(actor("100000", Role.EXAMINER, 8), case)


def test_an_authority_restricts_within_its_region() -> None:
    assert may_restrict(actor("370000"), "370102")
    assert not may_restrict(actor("370100"), "370000")
    assert not may_restrict(actor("370000", Role.REGULATOR, None, "cases.mine"), "370102")
    assert not may_restrict(None, "370102")


def test_a_cell_of_an_export_never_acts_as_a_formula() -> None:
    assert to_csv([["=1+1", "甲"]]).decode("utf-8-sig") == "'=1+1,甲\r\n"
