"""Anonymous leads: how many are free, and what counts as one place."""

import pytest

from app.cases.rules.leads import FREE, FREE_IN_A_FLOOD, MOST_AN_HOUR, free_leads, place

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("heard", "free"), [(0, FREE), (MOST_AN_HOUR - 1, FREE), (MOST_AN_HOUR, FREE_IN_A_FLOOD), (10**6, FREE_IN_A_FLOOD)]
)
def test_a_flood_takes_the_free_leads_but_never_the_first(heard: int, free: int) -> None:
    assert free_leads(heard) == free
    assert free >= 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("", "unknown", False),
    ],
)
def test_one_network_of_ipv6_is_one_place(one: str, other: str, same: bool) -> None:
    assert (place(one) == place(other)) is same
