"""A demo that is made after the time it tells of begins in the days it tells of."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from app.cli.demo import story_time
from app.cli.demo.moved import moved_to
from app.cli.demo.step import Demo
from app.core import clock

pytestmark = pytest.mark.one_database


def at(monkeypatch: pytest.MonkeyPatch, real: datetime) -> None:
    monkeypatch.setattr(clock, "real_now", lambda: real)


def test_within_its_time_the_clock_is_left_alone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    del app
    at(monkeypatch, datetime(2027, 11, 30, 15, 59, tzinfo=UTC))

    assert story_time.load(Demo()) == 0
    assert clock.now() == clock.real_now()


def test_after_it_domain_time_is_taken_back_once_and_the_hour_stays(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    at(monkeypatch, datetime(2027, 11, 30, 16, 20, tzinfo=UTC))

    assert story_time.load(Demo()) == 1
    assert clock.now() == datetime(2026, 11, 27, 0, 20, tzinfo=clock.SHANGHAI)
    assert story_time.load(Demo()) == 0


def test_a_part_of_the_past_is_told_and_time_goes_on_where_it_was(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    del app
    at(monkeypatch, datetime(2028, 3, 1, tzinfo=UTC))
    story_time.load(Demo())

    with moved_to(datetime(2026, 6, 13, 1, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 6, 13)
    assert clock.now() == datetime(2026, 11, 27, 8, 0, tzinfo=clock.SHANGHAI)
