"""What the script of a sitting notes of the world around the paper: what happened, never what was pasted."""

import json
import subprocess
from typing import Any

import pytest

from app.assessment.exams.signal_kinds import SignalKind
from scripts.front_end import find_node
from scripts.places import ROOT

Happened = list[Any]
SECRET = "第八百四十三条"
HAPPENS: list[Happened] = [
    ["window", "blur"],
    ["window", "focus"],
    ["document", "visibilitychange", {"page": {"hidden": True}}],
    ["document", "visibilitychange", {"page": {"hidden": False}}],
    ["window", "offline"],
    ["window", "online"],
    ["document", "fullscreenchange", {"page": {"fullscreenElement": 1}}],
    ["document", "fullscreenchange", {"page": {"fullscreenElement": None}}],
    ["document", "paste", {"text": SECRET}],
    ["document", "copy"],
]


def sent(happens: list[Happened], lost: int = 0) -> list[list[dict[str, Any]]]:
    """Let things happen to a page that has just been opened; return the batches that it sent."""
    done = subprocess.run(
        [find_node().program, "tests/node/signals.mjs"],
        cwd=ROOT,
        input=json.dumps({"happens": happens, "lost": lost}),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    batches: list[list[dict[str, Any]]] = json.loads(done.stdout)
    return batches


def test_leaving_pasting_and_a_lost_network_are_noted_in_order_and_the_pasted_text_is_not() -> None:
    first, last = sent(HAPPENS)

    kinds = [one["kind"] for one in (*first, *last)]
    assert kinds == [
        "opened", "blurred", "focused", "hidden", "shown", "offline", "online", "fullscreen", "windowed", "pasted",
        "copied",
    ]  # fmt: skip
    assert set(kinds) == {one.value for one in SignalKind} - {SignalKind.ADDRESS.value}, "an address is the server's"
    assert [one["number"] for one in (*first, *last)] == list(range(1, 12))
    assert [one["detail"] for one in last[-2:]] == [
        {"place": 3, "characters": len(SECRET)},
        {"place": 3, "characters": 6},
    ]
    assert SECRET not in str(last)


@pytest.mark.parametrize("lost", [0, 1])
def test_what_a_lost_connection_kept_back_goes_with_the_next_batch(lost: int) -> None:
    first, last = sent([["window", "blur"]], lost)

    assert [one["kind"] for one in first] == ["opened"]
    assert [one["kind"] for one in last] == ["opened", "blurred"][1 - lost :]


def test_a_page_notes_so_many_of_a_kind_and_sends_fifty_at_once() -> None:
    _first, last = sent([["window", "blur"]] * 60)

    assert len(last) == 50
