"""Tables of to-dos, of what can be found, and of notices."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import (
    PK,
    BigKey,
    Code,
    Day,
    Instant,
    JsonList,
    JsonObject,
    Long,
    Name,
    OptionalDay,
    OptionalFK,
    OptionalInstant,
    OptionalShort,
    Short,
)
from app.core.db import Base
from app.desk.states import Channel, Rhythm


def _partial(name: str, *columns: str, where: str) -> Index:
    """Declare an index over the rows of a condition, the same on both databases."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


OPEN = "closed_at IS NULL"
UNREAD = "read_at IS NULL AND withdrawn_at IS NULL"
UNSENT = "sent_at IS NULL"
NEVER = date.max
"""Where a to-do without a date stands among those with one: last."""


class Todo(Base):
    """One thing that waits: for a person, or for whoever holds a role in an organisation or region.

    Opened and closed by lifecycle moves, never by hand.
    """

    __tablename__ = "todo"
    __table_args__ = (
        CheckConstraint("person_id IS NOT NULL OR role IS NOT NULL", name="addressee"),
        CheckConstraint("due_on IS NULL OR sort_on = due_on", name="sort"),
        Index("ix_todo_subject", "subject_type", "subject_code"),
        _partial("ix_todo_person", "person_id", "sort_on", "id", where=OPEN),
        _partial("ix_todo_role", "role", "organisation_id", "sort_on", "id", where=OPEN),
        _partial("ix_todo_region", "role", "region_code", where=OPEN),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[Short]
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    person_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("person.id"))
    role: Mapped[OptionalShort]
    organisation_id: Mapped[int | None] = mapped_column(BigKey, ForeignKey("organisation.id"))
    region_code: Mapped[str | None] = mapped_column(String(6), ForeignKey("region.code"))
    not_person_id: Mapped[int | None] = mapped_column(BigKey)
    url: Mapped[str] = mapped_column(String(300))
    label: Mapped[JsonObject]
    due_on: Mapped[OptionalDay]
    sort_on: Mapped[Day] = mapped_column(default=NEVER)
    opened_at: Mapped[Instant]
    closed_at: Mapped[OptionalInstant]


class SearchDocument(Base):
    """What a room lets people find, once a kind and subject; `scopes` holds [realm, key] pairs."""

    __tablename__ = "search_document"
    __table_args__ = (UniqueConstraint("kind", "subject_code"),)

    id: Mapped[PK]
    kind: Mapped[Short]
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    title_zh: Mapped[Name]
    title_en: Mapped[Name]
    words: Mapped[Long]
    identifiers: Mapped[JsonList]
    url: Mapped[str] = mapped_column(String(300))
    scopes: Mapped[JsonList]
    indexed_at: Mapped[Instant]


class SearchPosting(Base):
    """A token in a document under one of its scopes: the table is its own index, on SQLite without row ids.

    `realm` is a kind of document and a form of scope as one number, `key` the region, organisation or person;
    so one seek finds a token within one range of what a person may see, newest documents last.
    """

    __tablename__ = "search_posting"
    __table_args__ = ({"sqlite_with_rowid": False},)

    token: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    realm: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    key: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    document_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)


class SearchIdentifier(Base):
    """An identifier of a document under one of its scopes, found by its beginning; bytes compare alike everywhere.

    The scope stands first, so that only what a person may see is read, however many numbers begin alike.
    """

    __tablename__ = "search_identifier"
    __table_args__ = ({"sqlite_with_rowid": False},)

    realm: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    identifier: Mapped[bytes] = mapped_column(LargeBinary(64), primary_key=True)
    key: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    document_id: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)


class Notice(Base):
    """What a person is told about an event, once an event, kind and person.

    `membership_id` is the role under which they are told: when it ends, the notice is silent. Times are domain time.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("event_id", "kind", "person_id"),
        Index("ix_notice_person", "person_id", "id"),
        _partial("ix_notice_unread", "person_id", where=UNREAD),
        Index("ix_notice_subject", "subject_type", "subject_code"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    event_id: Mapped[int] = mapped_column(BigKey, ForeignKey("event.id"))
    kind: Mapped[Short]
    person_id: Mapped[int] = mapped_column(BigKey, ForeignKey("person.id"))
    membership_id: Mapped[OptionalFK] = mapped_column(ForeignKey("membership.id"))
    subject_type: Mapped[Short]
    subject_code: Mapped[Short]
    url: Mapped[str] = mapped_column(String(300))
    label: Mapped[JsonObject]
    at: Mapped[Instant]
    read_at: Mapped[OptionalInstant]
    withdrawn_at: Mapped[OptionalInstant]


class NoticeDelivery(Base):
    """A notice on its way by mail or short message; `sent_at` is security time, and when it was given up too."""

    __tablename__ = "notice_delivery"
    __table_args__ = (
        UniqueConstraint("notice_id", "channel"),
        CheckConstraint("channel <> 'page'", name="by_post"),
        _partial("ix_notice_delivery_waiting", "person_id", "id", where=UNSENT),
    )

    id: Mapped[PK]
    notice_id: Mapped[int] = mapped_column(BigKey, ForeignKey("notice.id"))
    person_id: Mapped[int] = mapped_column(BigKey, ForeignKey("person.id"))
    channel: Mapped[Channel]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Instant]
    sent_at: Mapped[OptionalInstant]
    outcome: Mapped[OptionalShort]


class NoticeChoice(Base):
    """Whether a person wants a kind of notice by a channel, where they chose otherwise than the kind does."""

    __tablename__ = "notice_choice"

    person_id: Mapped[int] = mapped_column(BigKey, ForeignKey("person.id"), primary_key=True, autoincrement=False)
    kind: Mapped[Short] = mapped_column(primary_key=True)
    channel: Mapped[Channel] = mapped_column(primary_key=True)
    wanted: Mapped[bool]


class NoticeRhythm(Base):
    """When a person's notices are mailed: each at once, or together on every day or one day a week at an hour.

    `last_on` is the Shanghai day of the last letter that held several.
    """

    __tablename__ = "notice_rhythm"
    __table_args__ = (
        CheckConstraint("hour BETWEEN 0 AND 23", name="hour"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
    )

    person_id: Mapped[int] = mapped_column(BigKey, ForeignKey("person.id"), primary_key=True, autoincrement=False)
    rhythm: Mapped[Rhythm]
    hour: Mapped[int] = mapped_column(default=8)
    weekday: Mapped[int] = mapped_column(default=0)
    last_on: Mapped[OptionalDay]
