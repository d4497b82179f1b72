"""When a sitting may start and ends: minutes, window and extra time; the phase is derived."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.assessment.exams.rules.timing import (
    HEARTBEAT,
    SILENT_AFTER,
    Phase,
    Times,
    deadline,
    held,
    last_start,
    phase,
    resumed,
    share_of,
)

OPENS = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLOSES = OPENS + timedelta(hours=2)
TIMES = Times(OPENS, CLOSES, minutes=60)
STARTED = replace(TIMES, started_at=OPENS, deadline_at=OPENS + timedelta(minutes=60))


def test_a_sitting_lasts_its_minutes() -> None:
    assert deadline(TIMES, OPENS) == OPENS + timedelta(minutes=60)


def test_a_late_start_ends_with_the_window() -> None:
    assert deadline(TIMES, CLOSES - timedelta(minutes=10)) == CLOSES


def test_extra_time_moves_both_the_minutes_and_the_window() -> None:
    extra = replace(TIMES, extra=15)

    assert deadline(extra, OPENS) == OPENS + timedelta(minutes=75)
    assert deadline(extra, CLOSES - timedelta(minutes=10)) == CLOSES + timedelta(minutes=15)


def test_a_pause_that_held_the_start_moves_the_close_and_not_the_minutes() -> None:
    kept = replace(TIMES, held=timedelta(minutes=5), extends=False)

    assert deadline(kept, OPENS) == OPENS + timedelta(minutes=60)
    assert deadline(kept, CLOSES - timedelta(minutes=10)) == CLOSES + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("before", "paused_after", "lasted", "expected"),
    [(0, 0, 60, 60), (30, 0, 60, 90), (0, 0, 0.001, 1), (0, -60, 90, 30), (0, -60, 30, 0)],
)
def test_only_what_a_pause_took_of_the_window_is_given_back(
    before: int, paused_after: int, lasted: float, expected: int
) -> None:
    paused_at = OPENS + timedelta(seconds=paused_after)

    assert held(before, OPENS, paused_at, paused_at + timedelta(seconds=lasted)) == expected


@pytest.mark.parametrize(("lasted", "expected"), [(90, 90), (0, 0), (-20, 0)])
def test_a_deadline_moves_by_the_pause_and_never_back(lasted: int, expected: int) -> None:
    ends = OPENS + timedelta(minutes=60)

    assert resumed(ends, OPENS, OPENS + timedelta(seconds=lasted)) == ends + timedelta(seconds=expected)


@pytest.mark.parametrize(
    ("late", "paused", "expected"),
    [(0, 0, 120), (0, 20, 140), (30, 0, 30), (30, 20, 50), (120, 20, 140), (180, 20, 140)],
)
def test_a_pause_moves_the_latest_start(late: int, paused: int, expected: int) -> None:
    times = replace(TIMES, held=timedelta(minutes=paused))

    assert last_start(times, late) == OPENS + timedelta(minutes=expected)


@pytest.mark.parametrize(
    ("times", "at", "expected"),
    [
        (TIMES, OPENS - timedelta(seconds=1), Phase.WAITING),
        (TIMES, OPENS, Phase.READY),
        (TIMES, CLOSES - timedelta(seconds=1), Phase.READY),
        (TIMES, CLOSES, Phase.MISSED),
        (STARTED, OPENS, Phase.RUNNING),
        (STARTED, OPENS + timedelta(minutes=60), Phase.RUNNING),
        (STARTED, OPENS + timedelta(minutes=60, microseconds=1), Phase.TIME_UP),
        (replace(STARTED, submitted_at=OPENS), OPENS, Phase.SUBMITTED),
        (replace(TIMES, paused_at=OPENS), OPENS, Phase.HELD),
        (replace(TIMES, paused_at=OPENS), CLOSES, Phase.HELD),
        (replace(TIMES, held=timedelta(seconds=1)), CLOSES, Phase.READY),
        (replace(TIMES, held=timedelta(seconds=1)), CLOSES + timedelta(seconds=1), Phase.MISSED),
    ],
)
def test_the_phase_follows_from_the_instants(times: Times, at: datetime, expected: Phase) -> None:
    assert phase(times, at) is expected


@pytest.mark.parametrize(("minutes", "percent", "more"), [(90, 25, 23), (120, 25, 30), (60, 100, 60), (10, 1, 1)])
def test_a_share_of_the_minutes_is_whole_minutes_rounded_up(minutes: int, percent: int, more: int) -> None:
    assert share_of(minutes, percent) == more


def test_what_is_done_to_a_sitting_shows_within_a_minute_and_silent_is_who_missed_a_heartbeat() -> None:
    longest = HEARTBEAT * 1.1

    assert longest < timedelta(seconds=60)
    assert longest < SILENT_AFTER == timedelta(seconds=90), "the board's words for it name 90 seconds"
