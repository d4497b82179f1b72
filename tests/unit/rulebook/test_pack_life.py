"""The life of a rule pack, and whose hands move it."""

from types import SimpleNamespace

import pytest

from app.accounts.states import Role
from app.core.access import Actor
from app.core.errors import ForbiddenError
from app.rulebook.access import GRANTS, Permission, check_region, may_see_drafts, sets_rules_of
from app.rulebook.models import RulePack
from app.rulebook.states import PACK, PackState, Tag

MOVES = {
    "propose": ({"draft"}, "proposed", "rulebook.propose"),
    "publish": ({"proposed"}, "published", "rulebook.publish"),
    "return": ({"proposed"}, "draft", "rulebook.publish"),
    "withdraw": ({"draft", "proposed"}, "withdrawn", "rulebook.propose"),
}


def actor(region: str | None, *permissions: str) -> Actor:
    return Actor(1, "p1", "王敏", Role.REGULATOR, "", frozenset(permissions), region_code=region)


def test_the_moves_are_these_and_no_others() -> None:
    assert PACK.name == "rule_pack"
    assert PACK.initial is PackState.DRAFT
    assert {
        move.name: ({str(source) for source in move.sources}, str(move.target), move.permission)
        for move in PACK.moves.values()
    } == MOVES


def test_a_published_pack_never_changes_again() -> None:
    assert PACK.available(PackState.PUBLISHED) == ()
    assert PACK.available(PackState.WITHDRAWN) == ()


def test_the_closed_lists_are_stored_under_these_words() -> None:
    assert [state.value for state in PackState] == ["draft", "proposed", "published", "withdrawn"]
    assert [tag.value for tag in Tag] == ["official", "sample"]


def test_regulators_alone_propose_and_publish() -> None:
    assert {Role.REGULATOR: {"rulebook.propose", "rulebook.publish"}} == GRANTS


@pytest.mark.parametrize(
    ("who", "sets"),
    [
        (actor("370000", Permission.PROPOSE), True),
        (actor("440000", Permission.PROPOSE), False),
        (actor("100000", Permission.PROPOSE), False),
        (actor("370000"), False),
        (None, False),
    ],
)
def test_an_authority_sets_the_rules_of_its_own_region_only(who: Actor | None, *, sets: bool) -> None:
    pack = RulePack(region_code="370000")

    assert sets_rules_of(pack, who) is sets
    if who is not None and not sets:
        with pytest.raises(ForbiddenError):
            check_region(pack, who)
    elif who is not None:
        check_region(pack, who)


def test_drafts_are_for_those_who_propose() -> None:
    assert may_see_drafts(actor("370000", Permission.PROPOSE))
    assert not may_see_drafts(actor("370000", Permission.PUBLISH))
    assert not may_see_drafts(None)


def test_a_move_sets_the_state() -> None:
    record = SimpleNamespace(state=PackState.DRAFT)

    PACK.move(record, "propose")

    assert record.state is PackState.PROPOSED
