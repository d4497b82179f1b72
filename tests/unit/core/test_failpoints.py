"""A process dies at the point that the settings name, at the time they name, and nowhere else."""

import os
import signal
from collections import Counter

import pytest

from app.core import failpoints
from app.settings import Settings

pytestmark = pytest.mark.one_database


@pytest.fixture
def deaths(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Tell who was sent which signal, where a process of its own would be gone."""
    sent: list[tuple[int, int]] = []
    monkeypatch.setattr(failpoints, "_reached", Counter())
    monkeypatch.setattr(os, "kill", lambda process, number: sent.append((process, number)))
    return sent


@pytest.mark.parametrize(
    ("failpoint", "reached", "dies_at"),
    [
        ("", ["in_sign", "in_sign"], None),
        ("in_sign", ["in_store", "in_sign"], 1),
        ("in_sign:1", ["in_sign"], 0),
        ("in_sign:3", ["in_sign", "in_store", "in_sign", "in_store", "in_sign"], 4),
        ("in_sign:3", ["in_sign", "in_store", "in_sign", "in_store"], None),
        ("in_sign", ["in_signing", "in"], None),
    ],
)
def test_a_process_dies_where_and_when_it_is_told_to(
    failpoint: str,
    reached: list[str],
    dies_at: int | None,
    settings: Settings,
    deaths: list[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(failpoints, "settings", lambda: settings.model_copy(update={"failpoint": failpoint}))

    died = []
    for number, name in enumerate(reached):
        failpoints.reach(name)
        died += [number] * len(deaths)
        deaths.clear()

    assert died == ([] if dies_at is None else [dies_at])


def test_the_death_is_that_of_a_power_cut(
    settings: Settings, deaths: list[tuple[int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failpoints, "settings", lambda: settings.model_copy(update={"failpoint": "in_sign"}))

    failpoints.reach("in_sign")

    assert deaths == [(os.getpid(), signal.SIGKILL)]
