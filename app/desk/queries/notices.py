"""Reads of notices: only those that the person may still see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select

from app.accounts.models import Membership
from app.accounts.queries import in_force
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError, Text
from app.core.room import rooms
from app.core.text import _l
from app.desk.kinds import NoticeKind
from app.desk.models import Notice, NoticeChoice, NoticeRhythm
from app.desk.queries.todos import counting, in_words
from app.desk.states import Channel, Rhythm

PER_PAGE = 25
UNREAD_SHOWN = 100
HOUR = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One notice in words."""

    code: str
    text: str
    label: Text
    url: str
    at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of notices, as `ui.pagination` reads it."""

    rows: list[Line]
    page: int
    pages: int
    total: int


def notice_kinds() -> dict[str, NoticeKind]:
    """Return every kind of notice that the rooms declare, by name."""
    return {kind.name: cast("NoticeKind", kind) for room in rooms() for kind in room.notices}


def seen(person_id: int, on: date) -> ColumnElement[bool]:
    """Return the condition that a person may still see a notice: not withdrawn, the role of it in force."""
    holds = select(Membership.id).where(Membership.id == Notice.membership_id, in_force(on)).exists()
    return (Notice.person_id == person_id) & Notice.withdrawn_at.is_(None) & or_(Notice.membership_id.is_(None), holds)


def unread(actor: Actor, on: date) -> ScalarSelect[int]:
    """Return the query that counts the unread notices of the actor, up to a hundred."""
    ids = select(Notice.id).where(seen(actor.person_id, on), Notice.read_at.is_(None)).limit(UNREAD_SHOWN).subquery()
    return select(func.count()).select_from(ids).scalar_subquery()


def frame_counts(actor: Actor, on: date) -> tuple[int, int]:
    """Return how many things wait and how many notices are unread: one statement for the frame of every page."""
    todos, notices = session.execute(select(counting(actor), unread(actor, on))).one()
    return todos, notices


def notices(actor: Actor, *, on: date, only_unread: bool = False, page: int = 1) -> Page:
    """Return a page of the actor's notices, the latest first; one beyond the last gives the last."""
    condition = seen(actor.person_id, on)
    if only_unread:
        condition &= Notice.read_at.is_(None)
    total = session.scalar(select(func.count()).select_from(Notice).where(condition)) or 0
    pages = max(-(-total // PER_PAGE), 1)
    shown = min(max(page, 1), pages)
    query = select(Notice).where(condition).order_by(Notice.id.desc())
    rows = session.scalars(query.limit(PER_PAGE).offset((shown - 1) * PER_PAGE))
    kinds = notice_kinds()
    return Page([_line(row, kinds) for row in rows], shown, pages, total)


def _line(row: Notice, kinds: Mapping[str, NoticeKind]) -> Line:
    kind = kinds.get(row.kind)
    return Line(
        code=row.code,
        text=in_words(kind.sentence if kind else row.kind, row.label),
        label=kind.label if kind else row.kind,
        url=row.url,
        at=row.at,
        read=row.read_at is not None,
    )


def own_notice(code: str, actor: Actor, on: date) -> Notice:
    """Return one of the actor's notices; raises NotFoundError for any other, and for one gone silent."""
    found = session.scalar(select(Notice).where(Notice.code == code, seen(actor.person_id, on)))
    if found is None:
        raise NotFoundError(_l("There is no such notice."))
    return found


def choices_of(person_ids: set[int], kind: str) -> dict[int, dict[Channel, bool]]:
    """Return what people chose for a kind, by person and channel."""
    found: dict[int, dict[Channel, bool]] = {}
    query = select(NoticeChoice).where(NoticeChoice.person_id.in_(person_ids), NoticeChoice.kind == kind)
    for row in session.scalars(query):
        found.setdefault(row.person_id, {})[row.channel] = row.wanted
    return found


def wanted_by(kind: NoticeKind, chosen: Mapping[Channel, bool]) -> dict[Channel, bool]:
    """Return by which channels a kind is wanted: what was chosen, else what the kind does."""
    usual = {Channel.PAGE: True, Channel.MAIL: kind.mail, Channel.SMS: kind.sms}
    return {**usual, **chosen}


def all_choices(person_id: int) -> dict[str, dict[Channel, bool]]:
    """Return for every kind by which channels a person wants it."""
    chosen: dict[str, dict[Channel, bool]] = {}
    for row in session.scalars(select(NoticeChoice).where(NoticeChoice.person_id == person_id)):
        chosen.setdefault(row.kind, {})[row.channel] = row.wanted
    return {name: wanted_by(kind, chosen.get(name, {})) for name, kind in notice_kinds().items()}


def rhythm_of(person_id: int) -> NoticeRhythm:
    """Return when a person's notices are mailed; each at once where they never chose."""
    known = session.get(NoticeRhythm, person_id)
    return known or NoticeRhythm(person_id=person_id, rhythm=Rhythm.AT_ONCE, hour=HOUR, weekday=0)
