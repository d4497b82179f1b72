"""Of two answers of a place the one typed last counts; what came without a time fills empty places only."""

from datetime import UTC, datetime, timedelta

import pytest

from app.assessment.exams.rules.merging import Known, merged_as

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RECEIVED = NOON + timedelta(minutes=9)


def test_an_empty_place_takes_whatever_comes() -> None:
    assert merged_as(None, 3, None, at=RECEIVED) == 3
    assert merged_as(None, 3, NOON, at=RECEIVED) == 3


@pytest.mark.parametrize(
    ("sequence", "typed", "expected"),
    [(5, NOON + SECOND, 5), (4, NOON + SECOND, 5), (1, NOON + SECOND, 5), (9, NOON, None), (9, NOON - SECOND, None)],
)
def test_a_later_typed_answer_comes_after_the_known_one(sequence: int, typed: datetime, expected: int | None) -> None:
    assert merged_as(Known(4, NOON), sequence, typed, at=RECEIVED) == expected


def test_an_answer_without_a_time_never_replaces_one() -> None:
    assert merged_as(Known(4, NOON), 9, None, at=RECEIVED) is None


def test_nobody_types_after_it_came() -> None:
    assert merged_as(Known(4, NOON), 9, NOON + timedelta(hours=1), at=NOON) is None
    assert merged_as(Known(4, NOON), 9, NOON + timedelta(hours=1), at=NOON + SECOND) == 9
