"""Who uses the shared rooms: counted from the rows that this walk, not the demo, leaves in the product's database.

A room uses a shared one where its rows name rows of it by a foreign key, and where rows of the shared room are about
its records: the room of a record is the room of the first event about it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from sqlalchemy import ColumnElement, Select, Table, exists, func, or_, select

from app.core.db import Base, session
from app.core.events import Event
from app.core.room import rooms
from tests.story.browser import StoryError
from tests.story.people import product
from tests.story.state import Journey

SHARED = ("accounts", "desk", "rulebook", "cases", "evidence", "panels")
LEAST = 2
"""So many other rooms use each shared room."""
Used = tuple[str, str, int]
"""The shared room, the room that uses it, and by how many rows."""


def nothing_of_this_walk_is_there_yet(story: Journey) -> str:
    """Note the last row of each table, so that what the demo brought counts for nothing."""
    with product().app_context():
        numbered = [one for one in Base.metadata.sorted_tables if "id" in one.c and one.c.id.type.python_type is int]
        story.began = {one.name: session.scalar(select(func.max(one.c.id))) or 0 for one in numbered}
    return f"{len(story.began)} tables"


def each_shared_room_is_used_by_two_others(story: Journey) -> str:
    """Count by room what rests on each shared room; each carries two others, which all stand above it."""
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    with product().app_context():
        order = [one.name for one in rooms()]
        for shared, other, rows in _uses(_tables_of_rooms(order), story.began):
            if rows and order.index(other) > order.index(shared):
                uses[shared][other] += rows
    table = "".join(f"\n    {shared:<9} {_told(uses[shared])}" for shared in SHARED)
    if any(len(uses[shared]) < LEAST for shared in SHARED):
        raise StoryError(f"a shared room is used by fewer than {LEAST} others{table}")
    return f"rows by room{table}"


def _told(by: Counter[str]) -> str:
    return ", ".join(f"{other} {rows}" for other, rows in by.most_common()) or "nobody"


def _tables_of_rooms(names: list[str]) -> dict[Table, str]:
    """Return the room of each table that belongs to one."""
    found = {}
    for mapper in Base.registry.mappers:
        room = mapper.class_.__module__.removeprefix("app.").removeprefix("assessment.").split(".", maxsplit=1)[0]
        if room in names and isinstance(mapper.local_table, Table):
            found[mapper.local_table] = room
    return found


def _uses(tables: Mapping[Table, str], began: Mapping[str, int]) -> Iterator[Used]:
    for table, room in tables.items():
        named: dict[str, list[ColumnElement[bool]]] = defaultdict(list)
        for key in table.foreign_keys:
            shared = tables.get(key.column.table)
            if shared in SHARED and shared != room and key.column.table.name in began:
                named[shared].append(key.parent.in_(_made(key.column.table, began)))
        for shared, conditions in named.items():
            yield shared, room, session.scalar(select(func.count()).select_from(table).where(or_(*conditions))) or 0
        if room in SHARED and table.name in began and "subject_code" in table.c:
            for kind, rows in session.execute(_owners(table, began)):
                yield room, str(kind).split(".", maxsplit=1)[0], rows


def _made(table: Table, began: Mapping[str, int]) -> Select[int]:
    """Select the rows of this walk; none is about a record that the demo brought, as where its periods run out."""
    made = select(table.c.id).where(table.c.id > began[table.name])
    if "subject_code" in table.c:
        made = made.where(~exists().where(_about(table), Event.id <= began[Event.__tablename__]))
    return made


def _about(table: Table) -> ColumnElement[bool]:
    return (Event.subject_type == table.c.subject_type) & (Event.subject_code == table.c.subject_code)


def _owners(table: Table, began: Mapping[str, int]) -> Select[str, int]:
    """Count the rows of this walk by the kind of the first event about their record; those without an event not."""
    first = select(func.min(Event.id)).where(_about(table)).correlate(table).scalar_subquery()
    rows = select(table.c.id, first.label("first")).where(table.c.id.in_(_made(table, began))).subquery()
    return select(Event.kind, func.count()).join(rows, rows.c.first == Event.id).group_by(Event.kind)
