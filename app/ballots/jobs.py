"""What a decision or a day changes about who may keep the key of a ballot."""

from app.ballots import services
from app.ballots.states import SERVE
from app.core import clock
from app.core.db import unit_of_work
from app.core.events import Event
from app.core.room import Periodic, Subscriber

HOUR = 3600


def on_restriction(event: Event) -> None:
    """Look at the trustees where a restriction of experts was imposed or lifted."""
    if event.data["kind"] == SERVE:
        services.heed_restrictions(at=event.at)


def watch_days() -> None:
    """Look at the trustees as restrictions begin and end with a day."""
    with unit_of_work():
        services.heed_restrictions(at=clock.now())


RESTRICTIONS = Periodic("ballots.restrictions", HOUR, watch_days)
SUBSCRIBERS = tuple(
    Subscriber(event, "ballots.heed_restriction", on_restriction, now=True)
    for event in ("cases.restricted", "cases.restriction_lifted")
)
