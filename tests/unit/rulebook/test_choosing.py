"""Which pack binds: the nearest region first, then the latest start, then the latest revision."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rulebook.models import RulePack
from app.rulebook.rules import chain, choose

FIRST = date(2025, 1, 1)
LIXIA = "370102"
CHAIN = ["370102", "370100", "370000", "100000"]


def pack(region: str, *, days: int = 0, revision: int = 1) -> RulePack:
    return RulePack(region_code=region, starts_on=FIRST + timedelta(days=days), revision=revision)


packs = st.builds(
    pack,
    st.sampled_from(CHAIN),
    days=st.integers(min_value=0, max_value=4),
    revision=st.integers(min_value=1, max_value=4),
)


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (LIXIA, CHAIN),
        ("370100", CHAIN[1:]),
        ("370000", CHAIN[2:]),
        ("100000", ["100000"]),
    ],
)
def test_rules_come_from_the_region_and_those_above_it(region: str, expected: list[str]) -> None:
    assert chain(region) == expected


@given(st.lists(packs, min_size=1, max_size=12))
def test_no_other_pack_is_nearer_newer_or_of_a_later_revision(found: list[RulePack]) -> None:
    chosen = choose(found, LIXIA)

    assert chosen is not None
    for other in found:
        nearer = CHAIN.index(other.region_code) - CHAIN.index(chosen.region_code)
        assert nearer >= 0
        if nearer == 0:
            assert other.starts_on <= chosen.starts_on
        if nearer == 0 and other.starts_on == chosen.starts_on:
            assert other.revision <= chosen.revision


@given(st.permutations([pack(LIXIA), pack("370000", days=9), pack("100000", revision=9)]))
def test_the_order_in_which_packs_are_read_does_not_matter(found: list[RulePack]) -> None:
    chosen = choose(found, LIXIA)

    assert chosen is not None
    assert chosen.region_code == LIXIA


def test_a_later_start_goes_before_a_later_revision() -> None:
    later, revised = pack(LIXIA, days=1), pack(LIXIA, revision=7)

    assert choose([revised, later], LIXIA) is later


def test_without_a_pack_nothing_binds() -> None:
    assert choose([], LIXIA) is None
