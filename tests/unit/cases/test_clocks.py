"""Clocks run in working days: over the Spring Festival, make-up days, stops, and packs that say nothing."""

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.cases.rules.clocks import (
    CaseClock,
    Mask,
    Period,
    Step,
    When,
    counted,
    period_of,
    resumed,
    sentences,
    step_of,
)
from app.cases.states import Instance
from app.core.calendar import (
    LAST_KNOWN_YEAR,
    Published,
    add_working_days,
    is_working_day,
    working_days_between,
)
from app.core.errors import InvalidError

BEFORE_FESTIVAL, AFTER_FESTIVAL = date(2026, 1, 20), date(2026, 3, 20)
starts = st.dates(date(2025, 1, 1), date(2027, 6, 30))
festivals = st.dates(BEFORE_FESTIVAL, AFTER_FESTIVAL)
counts = st.integers(1, 40)
changes = st.builds(Published, st.dictionaries(festivals, st.booleans(), max_size=6))
NONE = Published()
STEP = Step(kind="a.b", instance=Instance.FIRST, accept_in=1, decide_in=3, object_within=5)
CLOCK = CaseClock(deemed_after=5, steps=(STEP,), publicity=(Period(kind="p.q", days=5, mask=Mask.SURNAME),))


@given(start=festivals, count=counts, changed=changes)
def test_a_clock_ends_on_a_working_day_after_its_start(start: date, count: int, changed: Published) -> None:
    end = add_working_days(start, count, changed).day

    assert end > start
    assert is_working_day(end, changed)
    assert working_days_between(start, end, changed) == count


@given(start=festivals, one=counts, more=counts, changed=changes)
def test_n_and_m_working_days_are_n_plus_m(start: date, one: int, more: int, changed: Published) -> None:
    first = add_working_days(start, one, changed).day

    assert add_working_days(first, more, changed).day == add_working_days(start, one + more, changed).day


@given(start=starts, later=st.integers(0, 30), count=counts)
def test_who_starts_later_never_ends_earlier(start: date, later: int, count: int) -> None:
    end = add_working_days(start, count, NONE).day

    assert add_working_days(start + timedelta(days=later), count, NONE).day >= end
    assert add_working_days(start, count + 1, NONE).day > end


@given(start=starts, count=counts)
def test_a_day_is_provisional_where_its_holidays_are_not_published(start: date, count: int) -> None:
    deadline = add_working_days(start, count, NONE)

    assert deadline.provisional == (deadline.day.year > LAST_KNOWN_YEAR)


@given(due=festivals, stop=festivals, length=st.integers(0, 40), changed=changes)
def test_a_stop_moves_the_last_day_by_the_working_days_it_took(
    due: date, stop: date, length: int, changed: Published
) -> None:
    until = stop + timedelta(days=length)
    stood = working_days_between(stop, until, changed)

    moved = resumed(due, stop, until, changed).day

    assert working_days_between(due, moved, changed) == stood
    assert moved >= due


def test_the_spring_festival_and_its_make_up_days_count_as_they_are_worked() -> None:
    # 2026: holidays from 15 to 23 February, worked on Saturdays 14 and 28 February
    assert add_working_days(date(2026, 2, 13), 1, NONE).day == date(2026, 2, 14)
    assert add_working_days(date(2026, 2, 14), 1, NONE).day == date(2026, 2, 24)
    assert add_working_days(date(2026, 2, 27), 1, NONE).day == date(2026, 2, 28)


def test_a_day_declared_free_later_is_not_counted() -> None:
    assert add_working_days(date(2026, 3, 2), 1, Published({date(2026, 3, 3): False})).day == date(2026, 3, 4)


@given(start=festivals, within=counts, stop=festivals, length=st.integers(0, 40), changed=changes)
def test_a_clock_counted_anew_over_its_stops_is_what_it_was_step_by_step(
    start: date, within: int, stop: date, length: int, changed: Published
) -> None:
    until = stop + timedelta(days=length)
    first = add_working_days(start, within, changed)

    assert counted(start, within, [], changed) == first
    assert counted(start, within, [(stop, until)], changed) == resumed(first.day, stop, until, changed)


def test_the_clocks_of_a_kind_and_rung_are_found() -> None:
    assert step_of(CLOCK, "a.b", Instance.FIRST) is STEP
    assert period_of(CLOCK, "p.q") == CLOCK.publicity[0]
    assert period_of(CLOCK, "x.y") is None


@pytest.mark.parametrize(("kind", "instance"), [("x.y", Instance.FIRST), ("a.b", Instance.APPEAL)])
def test_a_pack_that_says_nothing_of_a_kind_starts_no_clock(kind: str, instance: Instance) -> None:
    with pytest.raises(InvalidError):
        step_of(CLOCK, kind, instance)


@pytest.mark.parametrize(
    "changed",
    [
        {"steps": (STEP, STEP)},
        {"publicity": (CLOCK.publicity[0], CLOCK.publicity[0])},
        {"steps": ()},
        {"deemed_after": 0},
        {"deemed_after": 251},
        {"supply_within": 0},
        {"supply_within": 251},
    ],
)
def test_a_pack_that_contradicts_itself_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CaseClock(**{**CLOCK.model_dump(), **changed})


@pytest.mark.parametrize("field", ["accept_in", "decide_in", "object_within"])
def test_a_clock_runs_from_one_working_day_to_about_a_year(field: str) -> None:
    for days in (1, 250):
        assert getattr(Step(**{**STEP.model_dump(), field: days}), field) == days
    for days in (0, 251):
        with pytest.raises(ValidationError):
            Step(**{**STEP.model_dump(), field: days})


@pytest.mark.parametrize("days", [1, 250])
def test_what_is_public_is_so_from_one_working_day_to_about_a_year(days: int) -> None:
    assert Period(kind="p.q", days=days).days == days
    for other in (0, 251):
        with pytest.raises(ValidationError):
            Period(kind="p.q", days=other)


def test_a_delivery_and_a_supply_may_take_from_one_working_day_to_about_a_year() -> None:
    for days in (1, 250):
        clock = CaseClock(**{**CLOCK.model_dump(), "deemed_after": days, "supply_within": days})
        assert (clock.deemed_after, clock.supply_within) == (days, days)


@pytest.mark.parametrize(("length", "held"), [(0, False), (1, True), (64, True), (65, False)])
def test_a_kind_of_case_is_named_in_one_to_64_characters(length: int, held: bool) -> None:
    for made in (partial(Step, **STEP.model_dump(exclude={"kind"})), partial(Period, days=5)):
        if held:
            made(kind="k" * length)
        else:
            with pytest.raises(ValidationError):
                made(kind="k" * length)


def test_publicity_follows_the_decision_and_masks_the_middle_unless_the_pack_says_otherwise() -> None:
    period = Period(kind="p.q", days=5)

    assert period.when is When.AFTER
    assert period.mask is Mask.MIDDLE


def test_the_pack_is_read_out_in_a_sentence_a_rule() -> None:
    assert len(sentences(CLOCK)) == 4
    assert len(sentences(CLOCK.model_copy(update={"supply_within": 10}))) == 5
    without = CLOCK.model_copy(update={"steps": (STEP.model_copy(update={"object_within": None}),), "publicity": ()})
    assert len(sentences(without)) == 2
