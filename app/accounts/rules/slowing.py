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


def is_forgotten(last_at: datetime, at: datetime) -> bool:
    """Tell whether so much time has passed that earlier tries no longer count."""
    return at - last_at >= FORGOTTEN_AFTER
