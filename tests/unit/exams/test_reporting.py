"""Reports: no group so small that it shows a person, not by subtraction either."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment.exams.rules.reporting import Group, module_shares, percent, percentile, withheld


def groups(*sizes: int) -> list[Group]:
    return [Group(f"g{place}", size, size // 2, Decimal(60)) for place, size in enumerate(sizes)]


def shown(*sizes: int) -> list[int | None]:
    return [group.candidates for group in withheld(groups(*sizes))]


def test_groups_under_five_are_withheld() -> None:
    assert shown(5, 9) == [5, 9]
    assert shown(4, 3, 9) == [None, None, 9]
    assert shown(4) == [None]


def test_a_single_small_group_takes_the_next_smallest_with_it() -> None:
    assert shown(4, 7, 30) == [None, None, 30]


def test_small_groups_together_are_not_small_either() -> None:
    assert shown(1, 2, 6, 30) == [None, None, None, 30]


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_what_is_withheld_follows_from_no_total(sizes: list[int]) -> None:
    kept = [one for one in shown(*sizes) if one is not None]
    hidden = sum(sizes) - sum(kept)

    assert all(one >= 5 for one in kept)
    assert hidden == 0 or hidden >= 5 or not kept
    assert len(sizes) - len(kept) != 1 or len(sizes) == 1


def test_a_withheld_group_shows_nothing() -> None:
    (group,) = withheld(groups(3))

    assert group.withheld
    assert (group.passed, group.mean, group.pass_rate) == (None, None, None)
    assert groups(8)[0].pass_rate == Decimal("50.0")


def test_shares_are_of_a_hundred_to_the_tenth() -> None:
    assert percent(1, 3) == Decimal("33.3")
    assert percent(1, 16) == Decimal("6.3"), "half goes up"
    assert percent(1, 0) is None
    results = [{"policy": {"score": "2.00", "max": "4.00"}}, {"policy": {"score": "1.00", "max": "4.00"}}]
    assert module_shares(results) == {"policy": Decimal("37.5")}
    assert module_shares([{"policy": {"score": "0.00", "max": "0.00"}}]) == {}


@pytest.mark.parametrize(("own", "place"), [(1, 5), (5, 45), (10, 95)])
def test_a_percentile_counts_equal_scores_half(own: int, place: int) -> None:
    scores = [Decimal(one) for one in range(1, 11)]

    assert percentile(Decimal(own), scores) == place
    assert percentile(Decimal(own), scores[:9]) is None, "of few candidates none is told"
