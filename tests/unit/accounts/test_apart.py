"""The three administrators apart, as a rule."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules.apart import Held, clash
from app.accounts.states import APART, Role

JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 1)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
periods = st.tuples(days, st.none() | st.integers(0, 200)).map(
    lambda pair: (pair[0], None if pair[1] is None else pair[0] + timedelta(days=pair[1]))
)


def held(role: Role, starts_on: date = JANUARY, ends_on: date | None = None) -> Held:
    return Held(role, starts_on, ends_on)


@pytest.mark.parametrize("one", sorted(APART))
@pytest.mark.parametrize("other", sorted(APART))
def test_nobody_holds_two_of_the_three(one: Role, other: Role) -> None:
    found = clash(held(one), [held(other)])
    assert (found is None) == (one is other)


@pytest.mark.parametrize("role", sorted(set(Role) - APART))
def test_every_other_role_stands_beside_an_administration(role: Role) -> None:
    assert clash(held(role), [held(Role.AUDITOR)]) is None
    assert clash(held(Role.AUDITOR), [held(role)]) is None


@pytest.mark.parametrize(("first", "clashes"), [(MARCH, True), (MARCH + timedelta(days=1), False)])
def test_one_administration_may_follow_another_but_not_share_a_day(first: date, clashes: bool) -> None:
    before = held(Role.SYSADMIN, JANUARY, MARCH)
    assert (clash(held(Role.AUDITOR, first), [before]) is not None) is clashes
    assert (clash(before, [held(Role.AUDITOR, first)]) is not None) is clashes


@given(periods, periods)
def test_two_administrations_clash_exactly_where_they_share_a_day(
    one: tuple[date, date | None], other: tuple[date, date | None]
) -> None:
    last = date(2028, 1, 1)
    shared = max(one[0], other[0]) <= min(one[1] or last, other[1] or last)
    assert (clash(held(Role.SYSADMIN, *one), [held(Role.SECADMIN, *other)]) is not None) == shared
