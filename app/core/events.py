"""The append-only event table: audit trail, timeline and source of the outbox."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, ForeignKey, Index, Select, Table, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.access import Actor
from app.core.clock import real_now
from app.core.columns import (
    PK,
    BigKey,
    Code,
    Instant,
    JsonObject,
    OptionalLong,
    OptionalShort,
    Short,
    new_code,
)
from app.core.db import Base, session, writing
from app.core.room import Subscriber, all_subscribers
from app.core.shredding import MARK, sealed
from app.core.triggers import made_with

BATCH = 500


class Event(Base):
    """One important act: who, what, when, why and the rule used.

    `data` holds ids, codes and digests, never a personal field.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_subject", "subject_type", "subject_code", "id"),)

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[Short] = mapped_column(index=True)
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    actor_id: Mapped[int | None] = mapped_column(BigKey, index=True)
    acting_role: Mapped[OptionalShort]
    at: Mapped[Instant]
    recorded_at: Mapped[Instant]
    reason: Mapped[OptionalLong]
    rule: Mapped[OptionalShort]
    data: Mapped[JsonObject]


class Outbox(Base):
    """What a subscriber still has to do about an event."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "done_at", "due_at"),)

    id: Mapped[PK]
    event_id: Mapped[int] = mapped_column(BigKey, ForeignKey("event.id"), index=True)
    subscriber: Mapped[Short]
    due_at: Mapped[Instant]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[OptionalLong]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about: the kind of record and its outside code."""

    type: str
    code: str


REFUSE_SQLITE = (
    "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
)
REFUSE_FUNCTION = (
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$ "
    "BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
)
REFUSE_POSTGRESQL = (
    "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
)


@dataclass(frozen=True, slots=True)
class Sealable:
    """The one text of an append-only row that may be put under the key of its record, once, and all that stays."""

    column: str
    others: tuple[str, ...]

    def refused(self, dialect: str) -> str:
        """Return the condition of the trigger: anything but plain text that becomes a cipher."""
        same = "NEW.{0} IS OLD.{0}" if dialect == "sqlite" else "NEW.{0} IS NOT DISTINCT FROM OLD.{0}"
        begins = "substr({0}.{1}, 1, {2}) {3} '{4}'"
        became = begins.format("NEW", self.column, len(MARK), "=", MARK)
        was_plain = begins.format("OLD", self.column, len(MARK), "<>", MARK)
        allowed = " AND ".join((became, was_plain, *(same.format(one) for one in self.others)))
        return f"(({allowed}) IS NOT TRUE)"


@dataclass(frozen=True, slots=True)
class Shreddable:
    """The wrapped key of one sealed field of an append-only row, the blind index beside it, and all that stays.

    A rotation wraps the key anew; an erasure takes key and index away for good. The cipher itself stays as it is.
    """

    key: str
    index: str
    others: tuple[str, ...]

    def refused(self, dialect: str) -> str:
        """Return the condition of the trigger: anything but a key wrapped anew, or gone together with its index."""
        # as text: PostgreSQL does not compare JSON
        same = "NEW.{0} IS OLD.{0}" if dialect == "sqlite" else "NEW.{0}::text IS NOT DISTINCT FROM OLD.{0}::text"
        rest = " AND ".join(same.format(one) for one in self.others)
        wrapped = f"NEW.{self.key} IS NOT NULL AND OLD.{self.key} IS NOT NULL AND {same.format(self.index)}"
        gone = f"NEW.{self.key} IS NULL AND NEW.{self.index} IS NULL"
        return f"(({rest} AND (({wrapped}) OR ({gone}))) IS NOT TRUE)"


def append_only_ddl(table: str, dialect: str, passing: Sealable | Shreddable | None = None) -> list[str]:
    """Return the statements that make a table refuse UPDATE and DELETE; migrations run the same.

    `passing` is the one change that the table lets pass.
    """
    refuse, act = (REFUSE_SQLITE, " BEGIN ") if dialect == "sqlite" else (REFUSE_POSTGRESQL, " EXECUTE ")
    update, delete = (refuse.format(table=table, verb=verb) for verb in ("update", "delete"))
    if passing is not None:
        update = update.replace(act, f" WHEN {passing.refused(dialect)}{act}")
    triggers = [update, delete]
    return triggers if dialect == "sqlite" else [REFUSE_FUNCTION.replace("%%", "%"), *triggers]


def append_only(model: type[Base], *, seals: str = "", shreds: tuple[str, str] | None = None) -> None:
    """Declare a table append-only: triggers are made with it on both databases.

    `seals` names the text that may be put under the key of its record later, where rows are older than such keys;
    `shreds` names a wrapped key, which is wrapped anew by rotations, and the blind index that is destroyed with it.
    """
    table = cast("Table", model.__table__)
    names = [one.name for one in table.columns]
    passing: Sealable | Shreddable | None = None
    if seals:
        passing = Sealable(seals, tuple(one for one in names if one != seals))
    elif shreds:
        passing = Shreddable(*shreds, tuple(one for one in names if one not in shreds))
    made_with(model, lambda dialect: append_only_ddl(str(table.name), dialect, passing))
    table.info["append_only"] = True


append_only(Event)


@dataclass(frozen=True, slots=True)
class OwnEvent:
    """An event that a new row writes by itself, in the very statement that inserts it; for hot paths.

    It takes the code of the row, happened at `at`, where that is set, and was recorded at `recorded_at`; it is about
    the record of the `subject_type` whose code is in `subject`, and `data` names columns by key. Each but the type is
    a column of `table`. Nobody may subscribe to its kind: a database calls no subscriber.
    """

    table: str
    kind: str
    subject_type: str
    subject: str
    at: str
    recorded_at: str
    data: Mapping[str, str]

    def ddl(self, dialect: str) -> list[str]:
        """Return the statements that make the trigger; migrations run the same."""
        build = "json_object" if dialect == "sqlite" else "json_build_object"
        pairs = ", ".join(f"'{key}', NEW.{column}" for key, column in self.data.items())
        columns = "code, kind, subject_type, subject_code, at, recorded_at, data"
        values = f"NEW.code, '{self.kind}', '{self.subject_type}', NEW.{self.subject}, NEW.{self.at}"
        insert_ = f"INSERT INTO event ({columns}) VALUES ({values}, NEW.{self.recorded_at}, {build}({pairs}));"  # noqa: S608 - declared in code
        name = f"{self.table}_own_event"
        when = f"NEW.{self.at} IS NOT NULL"
        if dialect == "sqlite":
            return [f"CREATE TRIGGER {name} AFTER INSERT ON {self.table} WHEN {when} BEGIN {insert_} END"]
        body = f"BEGIN {insert_} RETURN NULL; END"
        return [
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $$ {body} $$ LANGUAGE plpgsql",
            f"CREATE TRIGGER {name} AFTER INSERT ON {self.table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()",
        ]

    def undo(self, dialect: str) -> list[str]:
        """Return the statements that take the trigger away."""
        name = f"{self.table}_own_event"
        if dialect == "sqlite":
            return [f"DROP TRIGGER {name}"]
        return [f"DROP TRIGGER {name} ON {self.table}", f"DROP FUNCTION {name}()"]


def writes_own(model: type[Base], own: OwnEvent) -> None:
    """Let new rows of a table write their event themselves: the trigger is made with the table on both databases."""
    made_with(model, own.ddl)


def record(
    kind: str,
    subject: Subject,
    *,
    by: Actor | None,
    at: datetime,
    data: JsonObject | None = None,
    reason: str | None = None,
    rule: str | None = None,
    about_person: bool = False,
) -> Event:
    """Write an event and its outbox rows in the running transaction, then tell `now` subscribers.

    A reason that is `about_person` is kept under the key of the record, which an erasure destroys.
    """
    if not writing():
        msg = f"event {kind} outside of a unit of work"
        raise RuntimeError(msg)
    happened = Event(
        kind=kind,
        subject_type=subject.type,
        subject_code=subject.code,
        actor_id=by.person_id if by else None,
        acting_role=by.role if by else None,
        at=at,
        recorded_at=real_now(),
        reason=sealed(reason, subject.type, subject.code) if about_person and reason else reason,
        rule=rule,
        data=data or {},
    )
    session.add(happened)
    session.flush()
    _tell(happened, subscribers(kind))
    return happened


def record_shortly(
    connection: Connection,
    kind: str,
    subject: Subject,
    *,
    by: tuple[int, str] | None,
    at: datetime,
    data: JsonObject | None = None,
) -> None:
    """Write an event of a kind that nobody listens to, in the transaction of a hot path: one Core statement.

    The row is that of `record`; `by` is the person and their role. Raises RuntimeError for a kind with subscribers:
    they need the record.
    """
    if subscribers(kind):
        msg = f"event {kind} has subscribers"
        raise RuntimeError(msg)
    person_id, role = by or (None, None)
    row = {
        "kind": kind,
        "subject_type": subject.type,
        "subject_code": subject.code,
        "actor_id": person_id,
        "acting_role": role,
        "at": at,
        "recorded_at": real_now(),
        "data": data or {},
    }
    connection.execute(insert(cast("Table", Event.__table__)), row)


def record_many(
    kind: str,
    facts: Iterable[tuple[Subject, JsonObject]],
    *,
    by: Actor | None,
    at: datetime,
    reason: str | None = None,
    rule: str | None = None,
    untold: Collection[str] = (),
) -> None:
    """Write an event of a kind for each subject with its data, as `record` does one by one; for bulk work.

    `untold` names subscribers whom the caller tells in bulk itself, in a step of its own.
    """
    if not writing():
        msg = f"events {kind} outside of a unit of work"
        raise RuntimeError(msg)
    listed = list(facts)
    shared = {
        "kind": kind,
        "actor_id": by.person_id if by else None,
        "acting_role": by.role if by else None,
        "at": at,
        "recorded_at": real_now(),
        "reason": reason,
        "rule": rule,
    }
    rows = [
        {**shared, "code": new_code(), "subject_type": subject.type, "subject_code": subject.code, "data": data}
        for subject, data in listed
    ]
    if not rows:
        return
    session.execute(insert(Event), rows)
    told = [one for one in subscribers(kind) if one.name not in untold]
    if not told:
        return
    happened = _written([str(row["code"]) for row in rows])
    for one in told:
        _tell_all(happened, one)


def _written(codes: Sequence[str]) -> list[Event]:
    """Return events by their codes in the order they were written; SQLite tells no ids of rows written together."""
    found: list[Event] = []
    for start in range(0, len(codes), BATCH):
        part = select(Event).where(Event.code.in_(codes[start : start + BATCH])).order_by(Event.id)
        found += session.scalars(part)
    return found


def _tell(happened: Event, listening: Iterable[Subscriber]) -> None:
    for subscriber in listening:
        if subscriber.now:
            subscriber.handle(happened)
        else:
            session.add(Outbox(event_id=happened.id, subscriber=subscriber.name, due_at=happened.recorded_at))
            session().info["wake"] = True


def _tell_all(happened: Sequence[Event], subscriber: Subscriber) -> None:
    """Tell one subscriber of many events: in few statements where it can be told so."""
    if not subscriber.now:
        due = [
            {"event_id": one.id, "subscriber": subscriber.name, "due_at": one.recorded_at, "attempts": 0}
            for one in happened
        ]
        session.execute(insert(Outbox), due)
        session().info["wake"] = True
    elif subscriber.handle_all is not None:
        subscriber.handle_all(happened)
    else:
        for one in happened:
            subscriber.handle(one)


def subscribers(kind: str) -> Iterable[Subscriber]:
    """Return who listens to a kind of event, lower rooms first."""
    return [one for one in all_subscribers() if one.event == kind]


def timeline(subject: Subject, limit: int = 200) -> list[Event]:
    """Return what happened to a record, latest first."""
    return list(session.scalars(recorded(subject).limit(limit)))


def recorded(subject: Subject) -> Select[Event]:
    """Select what happened to a record, latest first."""
    about = (Event.subject_type == subject.type, Event.subject_code == subject.code)
    return select(Event).where(*about).order_by(Event.id.desc())
