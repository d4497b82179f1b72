"""The life of a training base, who decides on it, and on which days it may train."""

from datetime import date

import pytest

from app.accounts.states import Role
from app.bases.access import GRANTS, Permission, may_decide
from app.bases.models import TrainingBase
from app.bases.rules import InspectionRules
from app.bases.states import BASE, BaseState
from app.core.access import Actor
from tests.bounds import is_closed, misjudged

DECIDE, APPLY = "bases.decide", "bases.apply"
MOVES = {
    "accredit": ({"applied"}, "accredited", DECIDE),
    "refuse": ({"applied"}, "refused", DECIDE),
    "apply_again": ({"refused", "exited"}, "applied", APPLY),
    "renew": ({"accredited"}, "accredited", DECIDE),
    "suspend": ({"accredited"}, "suspended", DECIDE),
    "reinstate": ({"suspended"}, "accredited", DECIDE),
    "reopen": ({"refused"}, "applied", None),
    "restore": ({"suspended", "exited"}, "accredited", None),
    "exit": ({"accredited", "suspended"}, "exited", DECIDE),
}
FIRST, LAST = date(2025, 1, 10), date(2028, 1, 9)


def actor(region: str | None, *permissions: str) -> Actor:
    return Actor(1, "p1", "王敏", Role.REGULATOR, "", frozenset(permissions), region_code=region)


def base(state: BaseState = BaseState.ACCREDITED, first: date | None = FIRST, last: date | None = LAST) -> TrainingBase:
    return TrainingBase(state=state, accredited_on=first, accredited_until=last)


def test_the_moves_are_these_and_no_others() -> None:
    assert BASE.name == "training_base"
    assert BASE.initial is BaseState.APPLIED
    assert {
        move.name: ({str(source) for source in move.sources}, str(move.target), move.permission)
        for move in BASE.moves.values()
    } == MOVES


def test_the_states_are_stored_under_these_words() -> None:
    assert [state.value for state in BaseState] == ["applied", "accredited", "refused", "suspended", "exited"]


def test_bases_apply_and_regulators_decide() -> None:
    granted = {role: {str(one) for one in permissions} for role, permissions in GRANTS.items()}

    assert granted == {Role.BASE: {APPLY}, Role.REGULATOR: {DECIDE}}


@pytest.mark.parametrize(
    ("scope", "decides"),
    [
        ("100000", True),
        ("370000", True),
        ("370100", False),
        ("370102", False),
        ("440000", False),
        (None, False),
    ],
)
def test_the_nation_and_the_province_of_a_base_decide(scope: str | None, *, decides: bool) -> None:
    assert may_decide(actor(scope, Permission.DECIDE), "370102") is decides


def test_nobody_decides_without_the_permission() -> None:
    assert not may_decide(actor("100000", Permission.APPLY), "370102")
    assert not may_decide(None, "370102")


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2025, 1, 9), False),
        (FIRST, True),
        (date(2026, 6, 1), True),
        (LAST, True),
        (date(2028, 1, 10), False),
    ],
)
def test_an_accreditation_holds_from_its_first_to_its_last_day(day: date, *, holds: bool) -> None:
    assert base().holds_on(day) is holds


@pytest.mark.parametrize("state", [state for state in BaseState if state is not BaseState.ACCREDITED])
def test_only_an_accredited_base_may_train(state: BaseState) -> None:
    assert not base(state).holds_on(FIRST)


def test_without_a_period_nothing_holds() -> None:
    assert not base(first=None).holds_on(FIRST)
    assert not base(last=None).holds_on(FIRST)


def test_an_inspection_has_one_to_fifteen_experts() -> None:
    assert misjudged(InspectionRules, "experts", [1, 15], [0, 16]) == []
    assert is_closed(InspectionRules)
