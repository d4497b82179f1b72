"""What the shared rooms carry, counted from the rows that this walk leaves in the database of the product.

Beside the step that counts stands one that lets a second room use the drawn experts: judges for the cut score.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, func, select

from app.accounts.models import Organisation, Person
from app.cases.models import Case, Publicity
from app.core.db import Base, session
from app.core.events import Event
from app.core.room import rooms
from app.desk.models import Notice, Todo
from app.evidence.facts import KINDS
from app.evidence.models import EvidenceUse
from app.panels.models.draws import PanelCase
from app.panels.models.meetings import AgendaItem
from app.rulebook.models import DecisionRecord
from tests.story.browser import StoryError
from tests.story.people import product
from tests.story.state import Journey
from tests.story.title import draw

SHARED = ("accounts", "desk", "rulebook", "cases", "evidence", "panels")
LEAST = 2
"""So many other rooms rest on each shared room."""
POOL, JUDGES = "山东", "初级考试2026年第三次合格标准评定专家组"
Resting = tuple[str, str, int]


def nothing_of_this_walk_is_there_yet(story: Journey) -> str:
    """Note the last row of each table, so that what the demo brought counts for nothing."""
    with product().app_context():
        story.began = {table.name: session.scalar(select(func.max(table.c.id))) or 0 for table in _tables()}
    return f"{len(story.began)} tables"


def _tables() -> list[Table]:
    return [one for one in Base.metadata.sorted_tables if "id" in one.c and one.c.id.type.python_type is int]


def judges_for_the_cut_score_are_drawn(story: Journey) -> str:
    """Plan a study of the frozen paper; the office and witnesses draw its judges as they draw reviewers."""
    examiner = story.people.as_role("examiner")
    blueprint = examiner.get(f"/exams/papers/{story.paper}").link("/exams/blueprints/")
    page = examiner.get(f"{blueprint}/standard")
    pools = [one for one in page.tree.xpath("//select[@name='pool']/option") if POOL in one.text_content()]
    fields = {"paper": story.paper, "past": "", "pool": str(pools[0].get("value")), "field": "", "seats": "3"}
    study = examiner.submit(page, "/standard", fields).url.rsplit("/", 1)[-1]
    listed = story.people.as_role("secretary").get("/panels").tree.xpath("//main//a[contains(@href, '/panels/')]")
    panel = next(one.get("href").rsplit("/", 1)[-1] for one in listed if JUDGES in one.text_content())
    seed = draw(story, panel)
    return f"{study} by seed {seed[:12]}"


def each_shared_room_carries_two_others(story: Journey) -> str:
    """Count which rooms' rows rest on each shared room; each carries two others that stand above it."""
    with product().app_context():
        order = [one.name for one in rooms()]
        resting: dict[str, Counter[str]] = defaultdict(Counter)
        for shared, other, rows in _resting(story.began):
            if order.index(other) > order.index(shared):
                resting[shared][other] += rows
    short = {shared: dict(resting[shared]) for shared in SHARED if len(resting[shared]) < LEAST}
    if short:
        raise StoryError(f"fewer than {LEAST} rooms rest on {short}")
    return "; ".join(
        f"{shared}: " + ", ".join(f"{other} {rows}" for other, rows in resting[shared].most_common())
        for shared in SHARED
    )


def _resting(began: dict[str, int]) -> Iterator[Resting]:
    """Yield shared room, the room that rests on it, and how many of its rows of this walk say so."""
    yield from _about_people(began)
    kinds: dict[str, tuple[Any, ...]] = {
        "desk": (Todo.kind, Notice.kind),
        "cases": (Case.kind, Publicity.kind),
        "rulebook": (Event.kind,),
    }
    for shared, columns in kinds.items():
        for column in columns:
            ruled = (Event.rule.is_not(None),) if shared == "rulebook" else ()
            for kind, rows in _grouped(column, began, *ruled):
                yield shared, _room_of_kind(kind), rows
    owners = _owners_of_subjects()
    subjects: dict[str, tuple[Any, ...]] = {
        "evidence": (EvidenceUse.subject_type,),
        "panels": (PanelCase.subject_type, AgendaItem.subject_type),
    }
    for shared, columns in subjects.items():
        for column in columns:
            for kind, rows in _grouped(column, began):
                yield shared, owners[kind], rows
    yield from _judged_by_evidence(began, owners)


def _grouped(column: Any, began: dict[str, int], *conditions: Any) -> list[tuple[str, int]]:  # noqa: ANN401 - columns
    model = column.class_
    new = model.id > began[model.__tablename__]
    rows = session.execute(select(column, func.count()).where(new, *conditions).group_by(column))
    return [(str(kind), int(count)) for kind, count in rows]


def _room_of_kind(kind: str) -> str:
    return kind.split(".", maxsplit=1)[0]


def _owners_of_subjects() -> dict[str, str]:
    """Return by the type of a subject the room whose events are about it."""
    rows = session.execute(select(Event.subject_type, Event.kind).distinct())
    return {subject: _room_of_kind(kind) for subject, kind in rows}


def _about_people(began: dict[str, int]) -> Iterator[Resting]:
    """Rows of other rooms that name a person or a body of the accounts room by a foreign key."""
    named = {Person.__tablename__, Organisation.__tablename__}
    names = {one.name for one in rooms()}
    for mapper in Base.registry.mappers:
        table, room = mapper.local_table, mapper.class_.__module__.removeprefix("app.assessment.")
        room = room.removeprefix("app.").split(".", maxsplit=1)[0]
        keys = {key.column.table.name for key in table.foreign_keys} if isinstance(table, Table) else set()
        if room in names and room != "accounts" and named & keys and isinstance(table, Table) and table.name in began:
            rows = session.scalar(select(func.count()).where(table.c.id > began[table.name]))
            if rows:
                yield "accounts", room, rows


def _judged_by_evidence(began: dict[str, int], owners: dict[str, str]) -> Iterator[Resting]:
    """Decisions of this walk that were judged by facts of the ledger."""
    facts = {one.name for one in KINDS}
    query = select(DecisionRecord).where(DecisionRecord.id > began[DecisionRecord.__tablename__])
    for one in session.scalars(query):
        if facts & set(one.facts):
            yield "evidence", owners.get(one.subject_type, _room_of_kind(one.kind)), 1
