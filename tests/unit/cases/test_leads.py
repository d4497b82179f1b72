"""Anonymous leads: how many are free."""

import pytest

from app.cases.rules.leads import free_leads

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(("heard", "free"), [(0, 5), (199, 5), (200, 1), (10**6, 1)])
def test_five_leads_are_free_and_in_a_flood_of_200_an_hour_the_first(heard: int, free: int) -> None:
    assert free_leads(heard) == free
