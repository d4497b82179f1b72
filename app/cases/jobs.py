"""Work of the case room that time or a request starts."""

from collections.abc import Callable

from app.cases import services
from app.core import clock
from app.core.db import unit_of_work
from app.core.room import Periodic

CLOCK_SECONDS = 900
YEARLY_SECONDS = 24 * 3600


def watch_clocks() -> None:
    """Escalate what is overdue and tell of publicity periods that have passed, chunk by chunk."""
    _until_done(lambda: services.escalate(at=clock.now()))
    _until_done(lambda: services.end_publicity(at=clock.now()))


def _until_done(step: Callable[[], int]) -> None:
    while True:
        with unit_of_work():
            done = step()
        if done == 0:
            return


def ask_for_declarations() -> None:
    """Ask every member of staff who has not declared this year, chunk by chunk."""
    after: int | None = 0
    while after is not None:
        with unit_of_work():
            after = services.remind_of_declarations(after=after, at=clock.now())


CLOCKS = Periodic("cases.clocks", CLOCK_SECONDS, watch_clocks)
DECLARATIONS = Periodic("cases.declarations", YEARLY_SECONDS, ask_for_declarations)
