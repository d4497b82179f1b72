"""Anonymous leads: how many are free, and what counts as one place."""

import pytest

from app.cases.rules.leads import free_leads, place

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(("heard", "free"), [(0, 5), (199, 5), (200, 1), (10**6, 1)])
def test_five_leads_are_free_and_in_a_flood_of_200_an_hour_the_first(heard: int, free: int) -> None:
    assert free_leads(heard) == free


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
