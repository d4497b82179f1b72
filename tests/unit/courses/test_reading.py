"""Reading time: signs count up to a minute, an open page up to twice the minimum."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.courses.models import LessonProgress
from app.courses.rules.reading import least_right, minutes_left, seconds_read, seconds_since

OPENED = datetime(2026, 3, 2, 1, tzinfo=UTC)


def after(seconds: int) -> datetime:
    return OPENED + timedelta(seconds=seconds)


def progress(*, beats: int = 0, seconds: int = 0, seen: int = 0) -> LessonProgress:
    return LessonProgress(opened_at=OPENED, seen_at=after(seen), beats=beats, seconds=seconds)


@pytest.mark.parametrize(("gap", "counts"), [(-5, 0), (0, 0), (30, 30), (60, 60), (61, 60), (9999, 60)])
def test_a_sign_stands_for_at_most_a_minute(gap: int, counts: int) -> None:
    assert seconds_since(OPENED, after(gap)) == counts


@pytest.mark.parametrize(("elapsed", "read"), [(-10, 0), (60, 60), (1200, 1200), (1201, 1200), (99999, 1200)])
def test_without_signs_time_runs_from_the_opening(elapsed: int, read: int) -> None:
    assert seconds_read(progress(), 10, after(elapsed)) == read


def test_with_signs_only_they_count() -> None:
    assert seconds_read(progress(beats=2, seconds=90, seen=100), 10, after(4000)) == 150


@pytest.mark.parametrize(("elapsed", "left"), [(0, 10), (1, 10), (60, 9), (599, 1), (600, 0), (601, 0)])
def test_what_is_left_is_rounded_up_to_minutes(elapsed: int, left: int) -> None:
    assert minutes_left(progress(), 10, after(elapsed)) == left


@pytest.mark.parametrize(("total", "share", "least"), [(5, "0.6", 3), (2, "0.6", 1), (3, "0.5", 2), (1, "0.1", 1)])
def test_a_quiz_needs_its_share_right_and_at_least_one(total: int, share: str, least: int) -> None:
    assert least_right(total, Decimal(share)) == least
