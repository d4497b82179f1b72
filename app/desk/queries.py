"""Reads of to-dos and of what happened, in words for the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, func, or_, select

from app.accounts.access import region_span
from app.accounts.queries import names_of
from app.accounts.states import NATION, ROLE_LABELS, Role
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import Text
from app.core.events import Event, Subject
from app.core.room import rooms
from app.core.text import _, pick
from app.desk.models import Todo

INBOX_LENGTH = 100
FOLLOWED = 8


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the inbox, as `ui.todo_list` shows it."""

    title: str
    url: str
    due: date | None
    overdue: bool
    action: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a timeline, as `ui.timeline` shows it; `subject` says what it was about."""

    at: datetime
    who: str
    text: str
    reason: str | None
    subject: Subject


def addressed_to(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an open to-do waits for the actor, under the acting role and scope.

    A to-do for a role reaches those whose region covers its region and who act for its organisation.
    """
    person = or_(Todo.person_id.is_(None), Todo.person_id == actor.person_id)
    role = or_(Todo.role.is_(None), Todo.role == actor.role)
    organisation = or_(Todo.organisation_id.is_(None), Todo.organisation_id == actor.organisation_id)
    another = or_(Todo.not_person_id.is_(None), Todo.not_person_id != actor.person_id)
    return Todo.closed_at.is_(None) & person & role & organisation & another & _region_covered(actor)


def _region_covered(actor: Actor) -> ColumnElement[bool]:
    if actor.region_code is None:
        return or_(Todo.person_id == actor.person_id, Todo.region_code.is_(None))
    if actor.region_code == NATION:
        return Todo.closed_at.is_(None)
    low, high = region_span(actor.region_code)
    return or_(
        Todo.person_id == actor.person_id,
        Todo.region_code.is_(None),
        Todo.region_code.between(low, high),
    )


def todos_of(actor: Actor, *, limit: int = INBOX_LENGTH) -> list[Todo]:
    """Return what waits for the actor: what is due first, then what waited longest."""
    query = select(Todo).where(addressed_to(actor)).order_by(Todo.due_on.is_(None), Todo.due_on, Todo.id).limit(limit)
    return list(session.scalars(query))


def count_todos(actor: Actor) -> int:
    """Return how many things wait for the actor."""
    query = select(func.count()).select_from(Todo).where(addressed_to(actor))
    return session.scalar(query) or 0


def inbox(actor: Actor, *, on: date) -> list[Waiting]:
    """Return the inbox of the actor in words; what is overdue is derived from the day."""
    sentences = {kind: text for room in rooms() for kind, text in room.todo_kinds.items()}
    return [
        Waiting(
            title=in_words(sentences.get(todo.kind, todo.kind), todo.label),
            url=todo.url,
            due=todo.due_on,
            overdue=todo.due_on is not None and todo.due_on < on,
            action=_("Deal with it"),
        )
        for todo in todos_of(actor)
    ]


def in_words(sentence: Text, params: Mapping[str, object]) -> str:
    """Fill a room's sentence with the parameters of a record; a missing one shows as a dash."""
    text = str(sentence)
    return text % _Params(params) if "%(" in text else text


class _Params(dict[str, object]):
    """Parameters of a sentence: a bilingual name is given as `x_zh` and `x_en`; a missing one is a dash."""

    def __missing__(self, key: str) -> str:
        named = self.get(f"{key}_zh")
        return pick(str(named), str(self.get(f"{key}_en") or "")) if named else "–"


def timeline_entries(subject: Subject, limit: int = 200) -> list[Happened]:
    """Return what happened to a record, latest first, with who did it: two statements."""
    return _told(events.timeline(subject, limit))


def followed_by(actor: Actor, limit: int = FOLLOWED) -> list[Happened]:
    """Return what the actor did lately, latest first: what they follow."""
    told = [kind for room in rooms() for kind in room.events if not kind.startswith(OWN_BUSINESS)]
    if not told:
        return []
    query = select(Event).where(_mine(actor), Event.kind.in_(told)).order_by(Event.id.desc()).limit(limit)
    return _told(list(session.scalars(query)))


OWN_BUSINESS = "accounts.session_"


def _mine(actor: Actor) -> ColumnElement[bool]:
    return Event.actor_id == actor.person_id if actor.person_id else false()


def _told(happened: Iterable[Event]) -> list[Happened]:
    listed = list(happened)
    names = names_of(event.actor_id for event in listed)
    labels = {kind: text for room in rooms() for kind, text in room.events.items()}
    return [
        Happened(
            at=event.at,
            who=_who(event, names),
            text=in_words(labels.get(event.kind, event.kind), event.data),
            reason=event.reason,
            subject=Subject(event.subject_type, event.subject_code),
        )
        for event in listed
    ]


def _who(event: Event, names: Mapping[int, str]) -> str:
    if event.actor_id is None:
        return str(_("The system"))
    name = names.get(event.actor_id) or str(_("A person whose data was erased"))
    if not event.acting_role:
        return name
    return str(_("%(name)s, %(role)s", name=name, role=ROLE_LABELS[Role(event.acting_role)]))
