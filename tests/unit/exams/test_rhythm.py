"""When the page of a sitting shows that it lives, as its script draws the waits: spread out, never too late."""

import json
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from app.assessment.exams.rules.timing import HEARTBEAT, PAUSED_HEARTBEAT, PAUSED_RATE, paused_heartbeat
from scripts.front_end import find_node
from scripts.places import ROOT

MINUTE_MS = 60_000
TIMERS = {"beat": HEARTBEAT // timedelta(milliseconds=1), "paused": 5000}
CANDIDATES = 10_000
NOTHING_SAID: dict[str, Any] = {"paused": True}


def drawn(*said: dict[str, Any], paused: bool, times: int = 2000) -> tuple[list[bool], list[float]]:
    """Let the script learn from answers and draw waits; return which of them changed its pace, and the waits."""
    request = json.dumps({"timers": TIMERS, "said": said, "paused": paused, "times": times})
    done = subprocess.run(
        [find_node().program, "tests/node/rhythm.mjs"],
        cwd=ROOT,
        input=request,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    told = json.loads(done.stdout)
    return told["changed"], told["waits"]


def told_by_server(standing: int) -> dict[str, Any]:
    return {"paused": True, "again": paused_heartbeat(standing) // timedelta(milliseconds=1)}


def within_a_tenth(waits: Sequence[float], of_ms: float) -> bool:
    return of_ms * 0.9 <= min(waits) and max(waits) <= of_ms * 1.1


@pytest.mark.parametrize(
    ("standing", "seconds"), [(0, 5), (30, 5), (2500, 5), (5000, 10), (10_000, 20), (22_500, 45), (1_000_000, 45)]
)
def test_the_more_candidates_stand_still_the_later_each_page_asks_and_never_later_than_a_heartbeat(
    standing: int, seconds: int
) -> None:
    assert paused_heartbeat(standing) == timedelta(seconds=seconds)


def test_ten_thousand_pages_of_a_pause_ask_as_often_together_as_is_meant_and_not_all_at_once() -> None:
    _changed, waits = drawn(told_by_server(CANDIDATES), paused=True)

    assert within_a_tenth(waits, 20_000)
    a_second = CANDIDATES * 1000 * sum(1 / one for one in waits) / len(waits)
    assert a_second < PAUSED_RATE * 1.02
    tenths = {int((one - 18_000) // 400) for one in waits}
    assert len(tenths) == 10, "every tenth of the spread is drawn"


@pytest.mark.parametrize("standing", [1, CANDIDATES, 1_000_000])
def test_the_end_of_a_pause_shows_within_a_minute_whoever_stands_still(standing: int) -> None:
    _changed, waits = drawn(told_by_server(standing), paused=True)

    assert max(waits) < MINUTE_MS


def test_a_page_that_was_told_no_wait_asks_as_in_a_small_pause_and_out_of_one_as_ever() -> None:
    small = PAUSED_HEARTBEAT // timedelta(milliseconds=1)

    assert within_a_tenth(drawn(NOTHING_SAID, paused=True)[1], small)
    assert within_a_tenth(drawn(told_by_server(CANDIDATES), paused=False)[1], TIMERS["beat"])


def test_another_wait_counts_from_the_answer_that_tells_it_and_an_answer_that_tells_none_keeps_it() -> None:
    many, fewer = told_by_server(CANDIDATES), told_by_server(5000)

    changed, waits = drawn(many, many, {"paused": False}, fewer, NOTHING_SAID, paused=True)

    assert changed == [True, False, False, True, False]
    assert within_a_tenth(waits, 10_000)
