"""A room declares itself once; the application lists the rooms and there is no other registry."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from click import Command
from flask import Blueprint, Flask, current_app

from app.core.errors import Text

if TYPE_CHECKING:
    from sqlalchemy import SelectBase

    from app.core.events import Event
    from app.core.jobs import Job


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the navigation, shown to roles that carry the permission.

    Entries of one `group` stand together under its name where a role has many.
    """

    label: Text
    endpoint: str
    permission: str | None
    icon: str
    order: int = 50
    group: Text = ""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """What a room does on an event of a room below.

    `now` runs in the event's own transaction (effects on state); otherwise the outbox calls it
    later, at least once, and the done-mark commits together with what it wrote. `outside` runs
    outside of any transaction, for what waits for the network: it opens its own units of work.
    `handle_all` does the same for many events in few statements; bulk work and the outbox call it where it is given.
    """

    event: str
    name: str
    handle: "Callable[[Event], None]"
    now: bool = False
    outside: bool = False
    handle_all: "Callable[[Sequence[Event]], object] | None" = None


@dataclass(frozen=True, slots=True)
class JobKind:
    """Long work in chunks: `chunk(job)` runs in one transaction and returns whether work is left.

    Where `prepare` is given it computes, before that transaction and so under no write lock, what the chunk will
    write: `chunk(job, prepare(job))`.
    """

    name: str
    label: Text
    chunk: "Callable[..., bool]"
    prepare: "Callable[[Job], Any] | None" = None


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that the job runner does when so many seconds of real time have passed, looked at each minute."""

    name: str
    seconds: int
    run: Callable[[], None]


@dataclass(frozen=True, slots=True)
class ConsentPurpose:
    """What a person may agree to separately: `number` is the version of the words, `undoes` what a withdrawal does."""

    name: str
    number: int
    title: Text
    words: Text
    undoes: Text
    law: Text


@dataclass(frozen=True, slots=True)
class Hold:
    """What must be kept of a person for now although they ask for erasure: what, by which law, until which day.

    `until` is None where the law names no end. `tag` says whether the rule is `official` or a `sample` of ours.
    """

    what: Text
    law: Text
    until: date | None
    tag: str = "official"


@dataclass(frozen=True, slots=True)
class HoldKind:
    """Why something must be kept: `what` with one parameter, the law, and who it concerns.

    `rows(person_id, on)` selects what fills the sentence and the last day (or instant, or NULL) it must be kept, so
    that the holds of all rooms are asked for in one statement. Where a time is counted from that day, `until(day)`
    gives its last day; what has run out is no hold.
    """

    what: Text
    law: Text
    rows: Callable[[int, date], "SelectBase"]
    tag: str = "official"
    until: Callable[[date], date] | None = None


@dataclass(frozen=True, slots=True)
class PersonalData:
    """What a room keeps of a person: `collect(person_id)` for the export, `holds` against erasure.

    `reckoned(person_id, on)` gives holds that only a computation tells. `forget(person_id)` clears what an erasure must
    clear beyond the person's key. `columns` are the references to a person ("table.column") by which these rows are
    found; `fields` names what is this room's own, in words.
    """

    name: str
    label: Text
    collect: "Callable[[int], Iterable[dict[str, Any]]]"
    holds: tuple[HoldKind, ...] = ()
    reckoned: "Callable[[int, date], Iterable[Hold]] | None" = None
    forget: Callable[[int], None] | None = None
    columns: tuple[str, ...] = ()
    fields: Mapping[str, Text] = field(default_factory=dict)


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
    counted_days: tuple[Any, ...] = ()  # kept days counted in working days, each a `CountedDay` of the rulebook
    facts: tuple[Any, ...] = ()  # sources of facts that criteria may name: `FactSource` of the rulebook
    todo_kinds: Mapping[str, Text] = field(default_factory=dict)
    codes: Mapping[str, Mapping[str, Mapping[str, Text]]] = field(default_factory=dict)
    """Of events and to-dos whose sentence names a code, by kind and parameter: what each code is called."""
    todo_sources: tuple[Callable[[], Any], ...] = ()  # each gives the to-dos that follow from its records' states
    evidence_uses: Mapping[str, Any] = field(
        default_factory=dict
    )  # subject type: what relies on evidence, `app.evidence.kinds.UseKind`
    documents: Mapping[str, Any] = field(default_factory=dict)  # kinds of what can be found, `DocumentKind` by name
    notices: tuple[Any, ...] = ()  # which event tells whom what, each a `NoticeKind`
    home_numbers: tuple[Any, ...] = ()  # tiles of the home page, each a `NumberTile`
    lifecycles: tuple[Any, ...] = ()
    personal_data: tuple[PersonalData, ...] = ()
    untold: Mapping[str, str] = field(default_factory=dict)  # "table.column" of a person: why no copy tells it
    consents: tuple[ConsentPurpose, ...] = ()  # what people may agree to separately
    key_purposes: Mapping[str, Text] = field(
        default_factory=dict
    )  # permission: what a program may do with a key for it
    merges: Mapping[str, Callable[[int, int], None]] = field(default_factory=dict)  # "table.column": rule(kept, gone)
    case_kinds: tuple[Any, ...] = ()  # `app.cases.kinds.CaseKind`: what may be complained of in this room
    panel_cases: tuple[Any, ...] = ()  # each gives an office the cases it may put before drawn experts, as `Offered`
    declared_against: Mapping[str, Callable[[Sequence[str]], Mapping[str, Any]]] = field(
        default_factory=dict
    )  # subject type: who declared a relation to whom records (codes) concern, as `panels.queries.declared.Known`
    scored: Mapping[str, str] = field(default_factory=dict)  # subject type that experts score: purpose of its rubric
    certified: tuple[Any, ...] = ()  # `app.credentials.rules.certified.Certified`: records that certificates certify
    recused_codes: tuple[Callable[[int], Any], ...] = ()  # each selects the codes of records a person is recused from
    restrictions: tuple[Any, ...] = ()  # `app.cases.kinds.RestrictionKind`: what its doors ask about
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


LISTENERS = "listeners"


def listen(app: Flask, source: Callable[[], Iterable[Subscriber]]) -> None:
    """Let a room hear events that only the rooms above it know, from what they declare; called from its `start`."""
    app.extensions.setdefault(LISTENERS, []).append(source)


def all_subscribers() -> Iterator[Subscriber]:
    """Yield who listens to events: what rooms subscribe to, lowest first, then what `listen` added."""
    for room in rooms():
        yield from room.subscribers
    for source in current_app.extensions.get(LISTENERS, ()):
        yield from source()


def permissions_of(role: str) -> frozenset[str]:
    """Return every permission that the rooms grant to a role."""
    return frozenset(permission for room in rooms() for permission in room.grants.get(role, ()))
