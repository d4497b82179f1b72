"""The numbers of a role on its home: tiles that the rooms declare; and what the other roles of a person would show."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ScalarSelect, select

from app.accounts import queries as accounts
from app.accounts.actors import under
from app.accounts.models import Membership
from app.core.access import Actor
from app.core.db import session
from app.core.errors import Text
from app.core.room import rooms
from app.desk.kinds import NumberTile
from app.desk.queries.todos import counting


@dataclass(frozen=True, slots=True)
class Number:
    """One number with the list it counts, named by its endpoint."""

    label: Text
    value: int
    endpoint: str


@dataclass(frozen=True, slots=True)
class OtherRole:
    """A role that a person could act under instead: its membership, what waits for it, and its numbers."""

    code: str
    role: Text
    scope: Text
    waiting: int
    numbers: list[Number]


def _tiles(actor: Actor) -> list[NumberTile]:
    return [tile for room in rooms() for tile in room.home_numbers if actor.may(tile.permission)]


def _numbers(tiles: list[NumberTile], values: Iterator[Any]) -> list[Number]:
    return [Number(tile.label, next(values) or 0, tile.endpoint) for tile in tiles]


def home_numbers(actor: Actor) -> list[Number]:
    """Return the numbers of the acting role in the order of the rooms; one statement, none where there are none."""
    tiles = _tiles(actor)
    if not tiles:
        return []
    row = session.execute(select(*(tile.value(actor) for tile in tiles))).one()
    return _numbers(tiles, iter(row))


def _told_apart(actor: Actor, held: list[Membership]) -> list[Membership]:
    """Leave out a membership of the same role in the same place as another: it would show the same."""
    now = (actor.role, actor.region_code, actor.organisation_id)
    places = {(one.role.value, one.region_code, one.organisation_id): one for one in reversed(held)}
    return [one for place, one in reversed(places.items()) if place != now]


def other_roles(actor: Actor, on: date) -> list[OtherRole]:
    """Return what each other role of a person would show on its home: two statements, one where there are none."""
    held = _told_apart(actor, accounts.other_roles(actor, on))
    if not held:
        return []
    actors = [under(actor, one) for one in held]
    asked: list[ScalarSelect[int]] = []
    for one in actors:
        asked += [counting(one), *(tile.value(one) for tile in _tiles(one))]
    values = iter(session.execute(select(*asked)).one())
    return [
        OtherRole(membership.code, one.role_label, one.scope_label, next(values) or 0, _numbers(_tiles(one), values))
        for membership, one in zip(held, actors, strict=True)
    ]
