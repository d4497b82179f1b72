"""The event trail as the auditor reads it: filtered, paged by the last event seen, exported in chunks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, or_, select

from app.accounts.access import within
from app.accounts.models import Membership, Person
from app.accounts.orders import missing
from app.accounts.states import NATION
from app.core.access import Actor
from app.core.clock import SHANGHAI
from app.core.db import session
from app.core.errors import Text
from app.core.events import Event
from app.core.room import rooms

PAGE_LENGTH = 50
CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events to show; None leaves a part open. Days are those of Shanghai, both included."""

    kind: str | None = None
    who: str | None = None
    subject: str | None = None
    since: date | None = None
    until: date | None = None


def labels() -> dict[str, Text]:
    """Return what the rooms call their kinds of events."""
    return {kind: label for room in rooms() for kind, label in room.events.items()}


def events_page(actor: Actor, wanted: Wanted, *, before: int | None) -> list[Event]:
    """Return the latest events before one, one more than a page: it tells whether there are older ones."""
    query = _chosen(actor, wanted)
    if before is not None:
        query = query.where(Event.id < before)
    return list(session.scalars(query.order_by(Event.id.desc()).limit(PAGE_LENGTH + 1)))


def event_of(code: str, actor: Actor) -> Event:
    """Return an event within the actor's scope; raises NotFoundError."""
    found = session.scalar(_chosen(actor, Wanted()).where(Event.code == code))
    if found is None:
        raise missing()
    return found


def events_after(actor: Actor, wanted: Wanted, after: int) -> list[Event]:
    """Return the next thousand wanted events after one, the oldest first; 0 begins."""
    query = _chosen(actor, wanted).where(Event.id > after)
    return list(session.scalars(query.order_by(Event.id).limit(CHUNK)))


def _chosen(actor: Actor, wanted: Wanted) -> Select[Event]:
    return select(Event).where(_in_scope(actor), *_conditions(wanted))


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.kind:
        yield Event.kind == wanted.kind
    if wanted.subject:
        yield Event.subject_code == wanted.subject
    if wanted.who:
        yield Event.actor_id.in_(select(Person.id).where(Person.code == wanted.who))
    if wanted.since:
        yield Event.recorded_at >= _midnight(wanted.since)
    if wanted.until:
        yield Event.recorded_at < _midnight(wanted.until + timedelta(days=1))


def _in_scope(actor: Actor) -> ColumnElement[bool]:
    """Limit to acts of, and about, people who hold or held a role in the actor's region; the nation reads all."""
    if actor.region_code == NATION:
        return Event.id > 0
    people = select(Membership.person_id).where(within(Membership.region_code, actor))
    codes = select(Person.code).where(Person.id.in_(people))
    return or_(Event.actor_id.in_(people), (Event.subject_type == "person") & Event.subject_code.in_(codes))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
