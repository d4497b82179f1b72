"""Keeping the trust bundle current: looked at each minute, built where something changed or a day has passed."""

import logging

from app.core.clock import real_now
from app.core.db import unit_of_work
from app.core.errors import UnavailableError
from app.core.room import Periodic
from app.credentials.services.trust import keep_bundle
from app.credentials.upkeep import keep_lists

log = logging.getLogger("jijing.trust")
MINUTE = 60


def bundle_trust() -> None:
    """Build the bundle where it is due; without a key to sign it the last one stays.

    Lists are signed first: one signed for the moment says another instant each time, and would look like a change.
    """
    keep_lists()
    try:
        with unit_of_work():
            keep_bundle(at=real_now())
    except UnavailableError as error:
        log.info("no trust bundle was built: %s", error)


BUNDLE = Periodic("credentials.trust_bundle", MINUTE, bundle_trust)
