"""A room declares itself once; the application lists the rooms and there is no other registry."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from click import Command
from flask import Blueprint, Flask, current_app

from app.core.errors import Text

if TYPE_CHECKING:
    from app.core.events import Event
    from app.core.jobs import Job


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the navigation, shown to roles that carry the permission."""

    label: Text
    endpoint: str
    permission: str | None
    icon: str
    order: int = 50


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What a room does on an event of a room below.

    `now` runs in the event's own transaction (effects on state); otherwise the outbox calls it
    later, at least once, and the done-mark commits together with what it wrote. `outside` runs
    outside of any transaction, for what waits for the network: it opens its own units of work.
    """

    event: str
    name: str
    handle: "Callable[[Event], None]"
    now: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class JobKind:
    """Long work in chunks: `chunk(job)` runs in one transaction and returns whether work is left."""

    name: str
    label: Text
    chunk: "Callable[[Job], bool]"


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that the job runner does when so many seconds of real time have passed, looked at each minute."""

    name: str
    seconds: int
    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Room:
    """Everything a package gives to the house."""

    name: str
    blueprints: tuple[Blueprint, ...] = ()
    navigation: tuple[NavItem, ...] = ()
    grants: Mapping[Any, Iterable[str]] = field(default_factory=dict)
    events: Mapping[str, Text] = field(default_factory=dict)
    subscribers: tuple[Subscriber, ...] = ()
    jobs: tuple[JobKind, ...] = ()
    periodic: tuple[Periodic, ...] = ()
    rule_kinds: tuple[Any, ...] = ()
    todo_kinds: Mapping[str, Text] = field(default_factory=dict)
    lifecycles: tuple[Any, ...] = ()
    personal_data: tuple[Any, ...] = ()
    commands: tuple[Command, ...] = ()
    start: Callable[[Flask], None] | None = None


def rooms() -> tuple[Room, ...]:
    """Return the rooms of the running application, lowest first."""
    return cast("tuple[Room, ...]", current_app.extensions["rooms"])


def open_rooms(app: Flask, listed: tuple[Room, ...]) -> None:
    """Register what each room declares."""
    app.extensions["rooms"] = listed
    for room in listed:
        for blueprint in room.blueprints:
            app.register_blueprint(blueprint)
        for command in room.commands:
            app.cli.add_command(command)
        if room.start is not None:
            room.start(app)


def permissions_of(role: str) -> frozenset[str]:
    """Return every permission that the rooms grant to a role."""
    return frozenset(permission for room in rooms() for permission in room.grants.get(role, ()))
