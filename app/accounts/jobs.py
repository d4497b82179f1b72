"""Periodic work of the accounts room."""

from datetime import timedelta

from app.accounts import services
from app.core.clock import real_now
from app.core.db import unit_of_work
from app.core.room import Periodic

HOUR = 3600
ANSWERED_WITHIN = timedelta(hours=1)


def _sweep() -> None:
    with unit_of_work():
        services.forget_old_tries(at=real_now())
        services.forget_old_resets(at=real_now())
        services.forget_old_challenges(before=real_now() - ANSWERED_WITHIN)


SWEEP = Periodic("accounts.sweep", HOUR, _sweep)
