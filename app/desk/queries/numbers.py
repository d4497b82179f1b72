"""The numbers of a role on its home: tiles that the rooms declare, all in one statement."""

from dataclasses import dataclass

from sqlalchemy import select

from app.core.access import Actor
from app.core.db import session
from app.core.errors import Text
from app.core.room import rooms


@dataclass(frozen=True, slots=True)
class Number:
    """One number with the list it counts, named by its endpoint."""

    label: Text
    value: int
    endpoint: str


def home_numbers(actor: Actor) -> list[Number]:
    """Return the numbers of the acting role in the order of the rooms; one statement, none where there are none."""
    tiles = [tile for room in rooms() for tile in room.home_numbers if actor.may(tile.permission)]
    if not tiles:
        return []
    row = session.execute(select(*(tile.value(actor) for tile in tiles))).one()
    return [Number(tile.label, value or 0, tile.endpoint) for tile, value in zip(tiles, row, strict=True)]
