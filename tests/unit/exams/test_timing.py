"""When a sitting may start and ends: minutes, window and extra time; the phase is derived."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.assessment.exams.rules.timing import Phase, Times, deadline, phase

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
    ],
)
def test_the_phase_follows_from_the_instants(times: Times, at: datetime, expected: Phase) -> None:
    assert phase(times, at) is expected
