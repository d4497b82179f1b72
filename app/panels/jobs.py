"""Work of the panels room that time starts."""

from app.core.db import unit_of_work
from app.core.room import Periodic
from app.panels.services import pools

DAILY_SECONDS = 24 * 3600


def follow_namesakes() -> None:
    """Compute the kept wholes of units anew, chunk by chunk: which universities bear one name may have changed."""
    after: int | None = 0
    while after is not None:
        with unit_of_work():
            after = pools.reckon_units(after=after)


UNITS = Periodic("panels.units", DAILY_SECONDS, follow_namesakes)
