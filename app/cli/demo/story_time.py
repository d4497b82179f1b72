"""The domain time of the demo: the real one, for as long as what the demo tells of is in force."""

from datetime import date, datetime

from app.cli.demo.step import Demo
from app.core import clock
from app.core.db import unit_of_work

TOLD_UNTIL = date(2027, 12, 1)
"""Until here accreditations, terms of experts and delegations of the demo are in force."""
TOLD = date(2026, 11, 27)


def load(demo: Demo) -> int:
    """Take a demo that is made after its time back to a day it tells of, at the hour it is; security time stays."""
    del demo
    with unit_of_work():
        if clock.today() < TOLD_UNTIL:
            return 0
        clock.set_clock(datetime.combine(TOLD, clock.now().astimezone(clock.SHANGHAI).timetz()))
        return 1
