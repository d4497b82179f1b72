"""Domain time moved for a part of the demo's past, and set back after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from app.core import clock
from app.core.db import unit_of_work


@contextmanager
def moved_to(instant: datetime) -> Iterator[None]:
    """Let the block happen at an instant of domain time."""
    with unit_of_work():
        moved = clock.now() - clock.real_now()
        clock.set_clock(instant)
    try:
        yield
    finally:
        with unit_of_work():
            clock.set_clock(clock.real_now() + moved)
