"""From where a round, an application and a withdrawal may move, who moves them, and what a committee may read."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.accounts.states import Role
from app.assessment.titles import states
from app.assessment.titles.access import GRANTS, Permission
from app.core.states import Lifecycle

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("lifecycle", "moves"),
    [
        (
            states.ROUND,
            {
                "confirm": "proposed > open by confirm",
                "call": "open > review by organise",
                "vote": "review > voting by organise",
                "vote_again": "voting > review by nobody",
                "decide": "voting > decided by nobody",
                "reopen": "decided voting > open by nobody",
            },
        ),
        (
            states.APPLICATION,
            {
                "submit": "draft returned > submitted by apply",
                "accept": "submitted > accepted by organise",
                "give_back": "submitted > returned by organise",
                "pass": "accepted > passed by nobody",
                "refuse": "accepted > refused by nobody",
                "clear": "passed > cleared by nobody",
                "stop": "cleared passed > stopped by nobody",
                "confirm": "cleared > confirmed by confirm",
                "reopen": "refused > accepted by nobody",
            },
        ),
        (
            states.WITHDRAWAL,
            {
                "approve": "proposed > in_force by confirm",
                "reject": "proposed > rejected by confirm",
                "set_aside": "in_force > set_aside by nobody",
            },
        ),
    ],
    ids=lambda one: one.name if isinstance(one, Lifecycle) else "",
)
def test_the_moves_are_these_and_no_others(lifecycle: Lifecycle[Any], moves: Mapping[str, str]) -> None:
    assert {
        name: f"{' '.join(sorted(move.sources))} > {move.target} by {(move.permission or 'nobody').split('.')[-1]}"
        for name, move in lifecycle.moves.items()
    } == moves


def test_a_committee_reads_what_passed_the_formal_check_and_the_applicant_changes_what_did_not() -> None:
    assert set(states.CHECKED) == {"accepted", "passed", "refused", "cleared", "confirmed", "stopped"}
    assert set(states.EDITABLE) == {"draft", "returned"}
    assert set(states.BEFORE_ACCEPTANCE) == {"draft", "returned", "submitted"}


def test_each_role_does_its_own_part_of_a_review() -> None:
    told = {
        Role.TRAINEE: "read apply",
        Role.SECRETARY: "read organise scores withdraw",
        Role.REGULATOR: "read confirm scores withdraw",
        Role.EXPERT: "read review scores",
        Role.CHAIR: "read review scores",
    }
    assert {role: set(given) for role, given in GRANTS.items()} == {
        role: {Permission(f"titles.{name}") for name in names.split()} for role, names in told.items()
    }
