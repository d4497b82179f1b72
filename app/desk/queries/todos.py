"""Reads of to-dos and of what happened, in words for the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    ScalarSelect,
    Select,
    and_,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)

from app.accounts.access import region_span
from app.accounts.models import Person
from app.accounts.states import NATION, ROLE_LABELS, Role
from app.core import clock, events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import Text
from app.core.events import Event, Subject
from app.core.room import rooms
from app.core.shredding import TextKey, opened
from app.core.text import _, pick
from app.desk.models import NEVER, Todo
from app.desk.queries.naming import Named, names_of_records

INBOX_LENGTH = 100
PER_PAGE = 25
COUNTED = 1000
"""Up to here what waits is counted."""
FOLLOWED = 8
LOOKED_AT = 80
"""So many of the latest acts are read to find those that differ: work on a list leaves the same line many times."""


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
    """One line of a timeline, as `ui.timeline` shows it: what was done, how many times, and to which record."""

    at: datetime
    who: str
    text: str
    reason: str | None
    subject: Subject
    times: int = 1
    about: Named | None = None


def _branches(actor: Actor) -> list[ColumnElement[bool]]:
    """Return the ways in which an open to-do waits for the actor, each served by one index; none overlaps another.

    A to-do for a role reaches those whose region covers its region and who act for its organisation, but nobody who is
    recused from its record under another role.
    """
    mine = Todo.person_id == actor.person_id
    role = or_(Todo.role.is_(None), Todo.role == actor.role)
    organisation = or_(Todo.organisation_id.is_(None), Todo.organisation_id == actor.organisation_id)
    found = [mine & role & organisation]
    if actor.role:
        recused = [codes(actor.person_id) for room in rooms() for codes in room.recused_codes]
        anyone = and_(
            Todo.person_id.is_(None), Todo.role == actor.role, *(Todo.subject_code.not_in(one) for one in recused)
        )
        regions = _regions(actor)
        if actor.organisation_id is not None:
            found.append(anyone & (Todo.organisation_id == actor.organisation_id) & or_(*regions))
        found += [anyone & Todo.organisation_id.is_(None) & region for region in regions]
    another = or_(Todo.not_person_id.is_(None), Todo.not_person_id != actor.person_id)
    return [Todo.closed_at.is_(None) & branch & another for branch in found]


def _regions(actor: Actor) -> list[ColumnElement[bool]]:
    if actor.region_code == NATION:
        return [true()]
    if actor.region_code is None:
        return [Todo.region_code.is_(None)]
    return [Todo.region_code.is_(None), Todo.region_code.between(*region_span(actor.region_code))]


def _walked(
    actor: Actor, condition: ColumnElement[bool], order: tuple[ColumnElement[Any], ...], limit: int
) -> CompoundSelect[Any]:
    """Return the keys of each branch, cut before they are put together: no branch is read further than needed."""
    parts = [
        select(Todo.id).where(branch, condition).order_by(*order).limit(limit).subquery() for branch in _branches(actor)
    ]
    return union_all(*(select(part.c.id) for part in parts))


BY_DATE: tuple[ColumnElement[Any], ...] = (Todo.sort_on.asc(), Todo.id.asc())
ORDERS: dict[str, tuple[ColumnElement[Any], ...]] = {
    "due": BY_DATE,
    "-due": (Todo.sort_on.desc(), Todo.id.desc()),
    "opened": (Todo.opened_at.asc(), Todo.id.asc()),
    "-opened": (Todo.opened_at.desc(), Todo.id.desc()),
}
DUE = ("overdue", "week", "later", "undated")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the inbox is looked for: a kind, when it is due, in which order."""

    kind: str = ""
    due: str = ""
    sort: str = "due"

    def condition(self, on: date) -> ColumnElement[bool]:
        """Return the condition on a day."""
        found: ColumnElement[bool] = Todo.kind == self.kind if self.kind else true()
        week = on + timedelta(days=7)
        due = {
            "overdue": Todo.sort_on < on,
            "week": Todo.sort_on.between(on, week),
            "later": (Todo.sort_on > week) & (Todo.sort_on < NEVER),
            "undated": Todo.sort_on == NEVER,
        }.get(self.due)
        return found if due is None else found & due

    @property
    def order(self) -> tuple[ColumnElement[Any], ...]:
        """Return the columns to sort by; what is due first where nothing known was asked for."""
        return ORDERS.get(self.sort, BY_DATE)


EVERYTHING = Wanted()


def todos_of(actor: Actor, *, limit: int = INBOX_LENGTH) -> list[Todo]:
    """Return what waits for the actor: what is due first, then what waited longest."""
    ids = _walked(actor, true(), BY_DATE, limit)
    return list(session.scalars(select(Todo).where(Todo.id.in_(ids)).order_by(*BY_DATE).limit(limit)))


def counting(actor: Actor, condition: ColumnElement[bool] | None = None) -> ScalarSelect[int]:
    """Return the query that counts what waits for the actor, up to `COUNTED`."""
    ids = _walked(actor, true() if condition is None else condition, (), COUNTED).limit(COUNTED).subquery()
    return select(func.count()).select_from(ids).scalar_subquery()


def count_todos(actor: Actor) -> int:
    """Return how many things wait for the actor, up to `COUNTED`."""
    return session.scalar(select(counting(actor))) or 0


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the inbox, as `ui.pagination` reads it."""

    rows: list[Waiting]
    page: int
    pages: int
    total: int


def inbox_page(actor: Actor, wanted: Wanted, *, on: date, page: int = 1) -> Page:
    """Return a page of the inbox; one beyond the last gives the last. Of more than `COUNTED` the first are listed."""
    condition = wanted.condition(on)
    total = session.scalar(select(counting(actor, condition))) or 0
    pages = max(-(-total // PER_PAGE), 1)
    shown = min(max(page, 1), pages)
    ids = _walked(actor, condition, wanted.order, shown * PER_PAGE)
    query = select(Todo).where(Todo.id.in_(ids)).order_by(*wanted.order)
    rows = session.scalars(query.limit(PER_PAGE).offset((shown - 1) * PER_PAGE))
    return Page(_in_words(rows, on), shown, pages, total)


def kinds_of(actor: Actor) -> list[tuple[str, Text]]:
    """Return the kinds of to-dos that a role can have, by what the rooms declare, for a filter."""
    held = {permission.split(".")[0] for permission in actor.permissions}
    kinds = [pair for room in rooms() for pair in room.todo_kinds.items()]
    return [(kind, label) for kind, label in kinds if kind.split(".")[0] in held]


def inbox(actor: Actor, *, on: date, limit: int = INBOX_LENGTH) -> list[Waiting]:
    """Return the inbox of the actor in words; what is overdue is derived from the day."""
    return _in_words(todos_of(actor, limit=limit), on)


def _in_words(todos: Iterable[Todo], on: date) -> list[Waiting]:
    sentences = {kind: text for room in rooms() for kind, text in room.todo_kinds.items()}
    codes = _codes()
    return [
        Waiting(
            title=in_words(sentences.get(todo.kind, todo.kind), todo.label, codes.get(todo.kind)),
            url=todo.url,
            due=todo.due_on,
            overdue=todo.due_on is not None and todo.due_on < on,
            action=_("Deal with it"),
        )
        for todo in todos
    ]


def _codes() -> Mapping[str, Mapping[str, Mapping[str, Text]]]:
    return {kind: named for room in rooms() for kind, named in room.codes.items()}


def in_words(
    sentence: Text, params: Mapping[str, object], codes: Mapping[str, Mapping[str, Text]] | None = None
) -> str:
    """Fill a room's sentence with the parameters of a record; a missing one shows as a dash.

    `codes` says of a parameter what the codes that it holds are called; several stand beside each other.
    """
    text = str(sentence)
    if "%(" not in text:
        return text
    called = {name: _called(str(params[name]), words) for name, words in (codes or {}).items() if name in params}
    return text % _Params({**params, **called})


def _called(codes: str, words: Mapping[str, Text]) -> str:
    return str(_("; ")).join(str(words.get(code, code)) for code in codes.split(", "))


class _Params(dict[str, object]):
    """Parameters of a sentence: a bilingual name is given as `x_zh` and `x_en`; a missing one is a dash."""

    def __missing__(self, key: str) -> str:
        named = self.get(f"{key}_zh")
        return pick(str(named), str(self.get(f"{key}_en") or "")) if named else "–"


def timeline_entries(subject: Subject, limit: int = 200) -> list[Happened]:
    """Return what happened to a record, latest first, with who did it: one statement."""
    return _told(events.recorded(subject).limit(limit))


def followed_by(actor: Actor, limit: int = FOLLOWED) -> list[Happened]:
    """Return what the actor did lately, latest first: what was done many times on one day is one line."""
    told = [kind for room in rooms() for kind in room.events if not kind.startswith(OWN_BUSINESS)]
    if not told:
        return []
    query = select(Event).where(_mine(actor), Event.kind.in_(told)).order_by(Event.id.desc()).limit(LOOKED_AT)
    latest = sorted(_told(query), key=lambda one: one.at, reverse=True)
    alike = groupby(latest, key=lambda one: (clock.day_of(one.at), one.text, one.reason))
    lines = [list(ones) for _what, ones in islice(alike, limit)]
    of_one = [ones[0].subject for ones in lines if len({one.subject for one in ones}) == 1]
    named = names_of_records(actor, of_one)
    return [_as_one(ones, named) for ones in lines]


def _as_one(ones: list[Happened], named: Mapping[Subject, Named]) -> Happened:
    """Return one line; it names a record only where all of it was done to that one."""
    about = named.get(ones[0].subject) if len({one.subject for one in ones}) == 1 else None
    return replace(ones[0], times=len(ones), about=about)


OWN_BUSINESS = "accounts.session_"


def _mine(actor: Actor) -> ColumnElement[bool]:
    return Event.actor_id == actor.person_id if actor.person_id else false()


def _told(happened: Select[Event]) -> list[Happened]:
    key = (TextKey.subject_type == Event.subject_type) & (TextKey.subject_code == Event.subject_code)
    joined = happened.outerjoin(Person, Person.id == Event.actor_id).outerjoin(TextKey, key)
    named = joined.add_columns(Person.name, TextKey.wrapped_key)
    labels = {kind: text for room in rooms() for kind, text in room.events.items()}
    codes = _codes()
    return [
        Happened(
            at=event.at,
            who=_who(event, name),
            text=in_words(labels.get(event.kind, event.kind), event.data, codes.get(event.kind)),
            reason=event.reason and opened(event.reason, wrapped, event.subject_type, event.subject_code),
            subject=Subject(event.subject_type, event.subject_code),
        )
        for event, name, wrapped in session.execute(named)
    ]


def _who(event: Event, name: str | None) -> str:
    if event.actor_id is None:
        return str(_("The system"))
    name = name or str(_("A person whose data was erased"))
    if not event.acting_role:
        return name
    return str(_("%(name)s, %(role)s", name=name, role=ROLE_LABELS[Role(event.acting_role)]))
