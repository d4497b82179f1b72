"""Periodic work is done when its seconds have passed, and at once after a restart."""

from functools import partial

import pytest

from app.core import jobs
from app.core.room import Periodic

pytestmark = pytest.mark.one_database


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tell which work was done, of one kind each hour and another each day, by a runner that has just started."""
    done: list[str] = []
    work = [Periodic(name, seconds, partial(done.append, name)) for name, seconds in PACE.items()]
    monkeypatch.setattr(jobs, "_all_periodic", lambda: work)
    monkeypatch.setattr(jobs, "_last_runs", {})
    monkeypatch.setattr(jobs, "beat", lambda: None)
    monkeypatch.setattr(jobs, "work", lambda: None)
    return done


PACE = {"hourly": 3600, "daily": 86_400}


@pytest.mark.parametrize(
    ("seconds", "done"),
    [
        (60, []),
        (3600 - jobs.EARLY_SECONDS - 1, []),
        (3600 - jobs.EARLY_SECONDS, ["hourly"]),
        (3600, ["hourly"]),
        (86_400, ["hourly", "daily"]),
    ],
)
def test_after_the_first_time_each_waits_for_its_own_seconds(
    runs: list[str], monkeypatch: pytest.MonkeyPatch, seconds: int, done: list[str]
) -> None:
    now = [1_000_000.0]
    monkeypatch.setattr("app.core.jobs.time.monotonic", lambda: now[0])
    jobs._each_minute()
    assert runs == ["hourly", "daily"], "after a restart all of it is due"
    runs.clear()

    now[0] += seconds
    jobs._each_minute()

    assert runs == done


def test_all_of_it_is_done_after_a_move_of_the_clock(runs: list[str]) -> None:
    jobs._each_minute()
    runs.clear()

    assert jobs.keep_periodic() == 2
    assert runs == ["hourly", "daily"]
