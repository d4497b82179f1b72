"""Working days: holidays, make-up days, published, years not yet published."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.calendar import (
    LAST_KNOWN_YEAR,
    Published,
    add_working_days,
    is_working_day,
    working_days_between,
)

NONE = Published()
FAR = 2091
"""A far year with days made up for the test: no real holiday is claimed."""
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
    assert is_working_day(day, NONE) is working


def test_working_days_over_spring_festival_skip_the_holiday_and_count_both_make_up_days() -> None:
    deadline = add_working_days(date(2025, 1, 24), 6, NONE)

    assert deadline.day == date(2025, 2, 8)
    assert not deadline.provisional


def test_an_override_wins_over_the_kept_calendar() -> None:
    monday = date(2025, 3, 3)

    assert is_working_day(monday, NONE)
    assert not is_working_day(monday, Published({monday: False}))


def test_a_year_without_published_holidays_is_counted_by_weekends_and_marked() -> None:
    start = date(LAST_KNOWN_YEAR + 1, 3, 1)

    deadline = add_working_days(start, 5, NONE)

    assert deadline.provisional
    assert deadline.day.weekday() < 5


@given(start=DAYS, count=st.integers(1, 40))
def test_counting_back_finds_the_days_that_were_counted(start: date, count: int) -> None:
    end = add_working_days(start, count, NONE).day

    assert working_days_between(start, end, NONE) == count
    assert is_working_day(end, NONE)


def test_a_year_that_was_entered_is_counted_by_its_days_and_is_not_provisional() -> None:
    # 2091: 1 January is a Monday; here it and the next two days are free, Saturday the 6th is worked
    free = {date(FAR, 1, day): False for day in (1, 2, 3)}
    entered = Published({**free, date(FAR, 1, 6): True}, frozenset({FAR - 1, FAR}))

    deadline = add_working_days(date(FAR - 1, 12, 29), 3, entered)

    assert deadline == (date(FAR, 1, 6), False)
    assert add_working_days(date(FAR - 1, 12, 29), 3, NONE) == (date(FAR, 1, 3), True)


def test_overrides_alone_do_not_make_a_year_known() -> None:
    changed = Published({date(FAR, 1, 2): False})

    assert add_working_days(date(FAR, 1, 1), 1, changed) == (date(FAR, 1, 3), True)


def test_a_day_counted_through_a_year_that_is_not_published_is_provisional() -> None:
    later = Published(years=frozenset({FAR}))

    assert add_working_days(date(FAR - 1, 12, 20), 20, later).provisional
    assert not add_working_days(date(FAR, 1, 4), 20, later).provisional


def test_an_entered_year_replaces_what_the_kept_calendar_says_of_it() -> None:
    holiday = date(2025, 10, 1)

    assert not is_working_day(holiday, NONE)
    assert is_working_day(holiday, Published(years=frozenset({2025})))
