"""How long a door stays closed after wrong tries."""

from datetime import datetime, timedelta

FREE_TRIES = 5
LONGEST = timedelta(minutes=15)
SECOND = timedelta(seconds=1)
FORGOTTEN_AFTER = timedelta(hours=1)


def opens_at(failures: int, last_at: datetime, free: int = FREE_TRIES, unit: timedelta = SECOND) -> datetime:
    """Return when the next try is heard: at once for the free ones, then after 2, 4, 8 units and so on."""
    if failures < free:
        return last_at
    doublings: int = min(failures - free + 1, 12)
    wait = unit * (1 << doublings)
    return last_at + min(wait, LONGEST)


SOURCE_TRIES = 100
DRAIN = timedelta(seconds=10)
"""An address may hold a whole training base: so many tries wait for nobody, and one more is free each ten seconds."""


def drained(failures: int, last_at: datetime, at: datetime) -> tuple[int, datetime]:
    """Return how many tries from an address still count at an instant, and since when the next one drains away."""
    gone = max(int((at - last_at) / DRAIN), 0)
    return (failures - gone, last_at + gone * DRAIN) if gone < failures else (0, at)


def is_forgotten(last_at: datetime, at: datetime) -> bool:
    """Tell whether so much time has passed that earlier tries no longer count."""
    return at - last_at >= FORGOTTEN_AFTER
