"""Periodic work of the accounts room."""

from app.accounts import services
from app.core.clock import real_now
from app.core.db import unit_of_work
from app.core.room import Periodic

HOUR = 3600


def _sweep() -> None:
    with unit_of_work():
        services.forget_old_tries(at=real_now())
        services.forget_old_resets(at=real_now())


SWEEP = Periodic("accounts.sweep", HOUR, _sweep)
