"""Working days: holidays, make-up days, overrides, years not yet published."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.calendar import (
    LAST_KNOWN_YEAR,
    add_working_days,
    is_working_day,
    working_days_between,
)

DAYS = st.dates(date(2020, 1, 1), date(LAST_KNOWN_YEAR, 10, 1))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2025, 1, 28), False),  # eve of Spring Festival
        (date(2025, 2, 8), True),  # a Saturday worked to make up for it
        (date(2025, 2, 9), False),  # an ordinary Sunday
        (date(2025, 10, 1), False),
        (date(2025, 9, 28), True),  # a Sunday worked before the National Day holiday
    ],
)
def test_holidays_and_make_up_days_are_known(day: date, working: bool) -> None:
    assert is_working_day(day, {}) is working


def test_working_days_over_spring_festival_skip_the_holiday_and_count_both_make_up_days() -> None:
    deadline = add_working_days(date(2025, 1, 24), 6, {})

    assert deadline.day == date(2025, 2, 8)
    assert not deadline.provisional


def test_an_override_wins_over_the_kept_calendar() -> None:
    monday = date(2025, 3, 3)

    assert is_working_day(monday, {})
    assert not is_working_day(monday, {monday: False})


def test_a_year_without_published_holidays_is_counted_by_weekends_and_marked() -> None:
    start = date(LAST_KNOWN_YEAR + 1, 3, 1)

    deadline = add_working_days(start, 5, {})

    assert deadline.provisional
    assert deadline.day.weekday() < 5


@given(start=DAYS, count=st.integers(1, 40))
def test_counting_back_finds_the_days_that_were_counted(start: date, count: int) -> None:
    end = add_working_days(start, count, {}).day

    assert working_days_between(start, end, {}) == count
    assert is_working_day(end, {})
