"""To-dos: opened and closed by the moves of the rooms above, never by hand."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Select, String, bindparam, insert, or_, select, update

from app.accounts.models import ERASED_WORDS
from app.core.columns import UtcDateTime
from app.core.db import session
from app.core.events import Subject
from app.core.text import in_language
from app.desk.models import NEVER, Todo

CLOSE = (
    update(Todo)
    .where(
        Todo.subject_type == bindparam("todo_about", type_=String),
        Todo.subject_code == bindparam("todo_of", type_=String),
        Todo.kind == bindparam("todo_kind", type_=String),
        Todo.closed_at.is_(None),
    )
    .values(closed_at=bindparam("todo_at", type_=UtcDateTime))
    .execution_options(synchronize_session=False)
)


def open_todo(  # noqa: PLR0913 - a to-do names what, where, for whom and by when
    kind: str,
    subject: Subject,
    *,
    url: str,
    at: datetime,
    person_id: int | None = None,
    role: str | None = None,
    organisation_id: int | None = None,
    region_code: str | None = None,
    not_person_id: int | None = None,
    due_on: date | None = None,
    params: dict[str, str] | None = None,
) -> Todo:
    """Let a thing wait for a person, or for whoever holds a role; once a kind, subject and addressee.

    Where both are given, only that person under that role sees it. `params` fill the room's
    sentence for the kind; put no personal data there beyond what the addressee may see.
    """
    addressee = (
        Todo.person_id.is_not_distinct_from(person_id)
        & Todo.role.is_not_distinct_from(role)
        & Todo.organisation_id.is_not_distinct_from(organisation_id)
        & Todo.region_code.is_not_distinct_from(region_code)
    )
    known = session.scalar(select(Todo).where(_waiting(subject, kind), addressee))
    if known is not None:
        known.due_on, known.sort_on = due_on, due_on or NEVER
        if known.not_person_id != not_person_id:  # it waits for more than one reason, and each leaves out somebody else
            known.not_person_id = None
        return known
    todo = Todo(
        kind=kind,
        subject_type=subject.type,
        subject_code=subject.code,
        person_id=person_id,
        role=role,
        organisation_id=organisation_id,
        region_code=region_code,
        not_person_id=not_person_id,
        url=url,
        label=params or {},
        due_on=due_on,
        sort_on=due_on or NEVER,
        opened_at=at,
    )
    session.add(todo)
    session.flush()
    return todo


def open_todos(
    kind: str,
    rows: Iterable[tuple[Subject, int, str]],
    *,
    at: datetime,
    due_on: date | None = None,
    params: dict[str, str] | None = None,
) -> None:
    """Let new things wait, each for a person: (subject, person, url). For bulk work on records made just now."""
    common = {"kind": kind, "opened_at": at, "label": params or {}, "due_on": due_on, "sort_on": due_on or NEVER}
    opened = [
        {**common, "subject_type": subject.type, "subject_code": subject.code, "person_id": person_id, "url": url}
        for subject, person_id, url in rows
    ]
    if opened:
        session.execute(insert(Todo), opened)


def retitle_todos(subject: Subject, kind: str, *, params: dict[str, str]) -> None:
    """Let the sentence of what waits about a record say what is so now: its numbers may change while it waits."""
    session.execute(update(Todo).where(_waiting(subject, kind)).values(label=params))


def move_todos(subject: Subject, kind: str, *, due_on: date) -> None:
    """Let what waits about a record be due on another day."""
    session.execute(update(Todo).where(_waiting(subject, kind)).values(due_on=due_on, sort_on=due_on))


def readdress_todos(
    subject: Subject, kind: str, *, role: str, organisation_id: int | None, region_code: str | None
) -> bool:
    """Let what waits about a record for holders of a role wait for other ones; tell whether anything moved.

    When it is due, and whom it leaves out, stays.
    """
    addressee = {"role": role, "organisation_id": organisation_id, "region_code": region_code}
    others = or_(*(getattr(Todo, name).is_distinct_from(value) for name, value in addressee.items()))
    waiting = _waiting(subject, kind) & Todo.role.is_not(None) & others
    return bool(session.execute(update(Todo).where(waiting).values(addressee).returning(Todo.id)).all())


def close_todos(subject: Subject, *, at: datetime, kind: str | None = None, person_id: int | None = None) -> int:
    """Close what waits about a record: all of it, one kind, or one person's; return how many."""
    condition = _waiting(subject, kind)
    if person_id is not None:
        condition &= Todo.person_id == person_id
    closed = session.execute(update(Todo).where(condition).values(closed_at=at).returning(Todo.id)).all()
    return len(closed)


def close_shortly(connection: Connection, subject: Subject, kind: str, *, at: datetime) -> None:
    """Close what waits about a record, of one kind, in the transaction of a hot path: one Core statement."""
    connection.execute(CLOSE, {"todo_about": subject.type, "todo_of": subject.code, "todo_kind": kind, "todo_at": at})


def unname(subject_type: str, codes: Select[str]) -> None:
    """Say of records that they are about an erased person, where to-dos of others name the person; for `forget`."""
    label = {"name_zh": in_language(ERASED_WORDS, "zh_CN"), "name_en": in_language(ERASED_WORDS, "en")}
    about = (Todo.subject_type == subject_type) & Todo.subject_code.in_(codes) & Todo.person_id.is_(None)
    session.execute(update(Todo).where(about).values(label=label).execution_options(synchronize_session=False))


def _waiting(subject: Subject, kind: str | None) -> ColumnElement[bool]:
    condition = (Todo.subject_type == subject.type) & (Todo.subject_code == subject.code) & Todo.closed_at.is_(None)
    return condition if kind is None else condition & (Todo.kind == kind)
