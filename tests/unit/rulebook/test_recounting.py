"""Days counted anew: nobody's time ends on a day that has passed, and no day told to a party becomes earlier."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.calendar import Deadline
from app.rulebook.rules.recounting import recounted

TODAY = date(2091, 1, 10)
WAS = Deadline(date(2091, 1, 15), provisional=True)
days = st.integers(-20, 20).map(lambda number: TODAY + timedelta(days=number))


@pytest.mark.parametrize(
    ("anew", "day", "changed"),
    [
        (Deadline(date(2091, 1, 18), provisional=False), date(2091, 1, 18), True),
        (Deadline(date(2091, 1, 15), provisional=False), date(2091, 1, 15), True),
        (Deadline(TODAY, provisional=False), TODAY, True),
        (Deadline(date(2091, 1, 9), provisional=False), WAS.day, True),  # has passed: the old day stays, and is told
        (WAS, WAS.day, False),
    ],
)
def test_a_clock_of_an_authority_never_ends_before_today(anew: Deadline, day: date, changed: bool) -> None:
    found = recounted(WAS, anew, TODAY, told=False)

    assert (found.day, found.provisional, found.changed) == (day, anew.provisional, changed)
    assert (found.was, found.counted) == (WAS.day, anew.day)
    assert found.stays == (found.day != anew.day)


@pytest.mark.parametrize(
    ("was", "anew", "day"),
    [
        (15, 18, 18),
        (15, 12, 15),  # told, so it stands
        (8, 12, 12),  # had passed, but wrongly: it runs again
        (5, 8, 5),  # both have passed
    ],
)
def test_a_day_told_to_a_party_becomes_later_only(was: int, anew: int, day: int) -> None:
    stood, due = (Deadline(date(2091, 1, one), provisional=False) for one in (was, anew))

    found = recounted(stood, due, TODAY, told=True)

    assert (found.day.day, found.changed, found.stays) == (day, day != was, day != anew)


@given(was=days, anew=days)
def test_what_was_told_is_never_taken_back(was: date, anew: date) -> None:
    stood, due = Deadline(was, provisional=False), Deadline(anew, provisional=False)

    trusted, own = (recounted(stood, due, TODAY, told=told).day for told in (True, False))

    assert trusted >= max(was, own)
    assert own == was or own >= TODAY
