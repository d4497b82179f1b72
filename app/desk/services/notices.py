"""Notices: made after an event, once an event, kind and person; read, withdrawn, chosen by their person."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import select, update

from app.core.access import Actor
from app.core.clock import real_now
from app.core.db import session
from app.core.errors import InvalidError
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.core.text import _l
from app.desk.kinds import NoticeKind, Told
from app.desk.models import Notice, NoticeChoice, NoticeDelivery, NoticeRhythm
from app.desk.queries.notices import choices_of, notice_kinds, wanted_by
from app.desk.states import Channel, Rhythm

LAST_HOUR, LAST_WEEKDAY = 23, 6
NAME = "desk.notices"


def listeners() -> Iterator[Subscriber]:
    """Yield what makes notices: one subscriber an event, however many kinds follow from it."""
    for event in sorted({kind.event for kind in notice_kinds().values()}):
        yield Subscriber(event, NAME, tell)


def tell(happened: Event) -> None:
    """Make the notices of an event; a second delivery of the same event makes none."""
    for kind in notice_kinds().values():
        if kind.event == happened.kind:
            _tell(kind, happened)


def _tell(kind: NoticeKind, happened: Event) -> None:
    told = {one.person_id: one for one in kind.told(happened) if one.person_id != happened.actor_id}
    query = select(Notice.person_id).where(Notice.event_id == happened.id, Notice.kind == kind.name)
    known = set(session.scalars(query))
    chosen = choices_of(set(told), kind.name)
    for person_id, one in told.items():
        wanted = wanted_by(kind, chosen.get(person_id, {}))
        if person_id not in known and any(wanted.values()):
            _make(kind, happened, one, wanted)


def _make(kind: NoticeKind, happened: Event, one: Told, wanted: Mapping[Channel, bool]) -> None:
    """Write a notice; who does not want it on the site has it as read, so that no number stands at the bell."""
    notice = Notice(
        event_id=happened.id,
        kind=kind.name,
        person_id=one.person_id,
        membership_id=one.membership_id,
        subject_type=happened.subject_type,
        subject_code=happened.subject_code,
        url=one.url,
        label=one.params,
        at=happened.at,
        read_at=None if wanted[Channel.PAGE] else happened.at,
    )
    session.add(notice)
    session.flush()
    session.add_all(
        NoticeDelivery(notice_id=notice.id, person_id=one.person_id, channel=channel, due_at=real_now())
        for channel in (Channel.MAIL, Channel.SMS)
        if wanted[channel]
    )
    session.flush()


def withdraw_notices(subject: Subject, *, at: datetime, person_id: int | None = None) -> int:
    """Silence the notices about a record, of one person or of all: who is recused or out of scope hears no more."""
    condition = (
        (Notice.subject_type == subject.type) & (Notice.subject_code == subject.code) & Notice.withdrawn_at.is_(None)
    )
    if person_id is not None:
        condition &= Notice.person_id == person_id
    return len(session.execute(update(Notice).where(condition).values(withdrawn_at=at).returning(Notice.id)).all())


def mark_read(notice: Notice, *, at: datetime) -> None:
    """Note that the person has read a notice; the first time counts."""
    notice.read_at = notice.read_at or at
    session.flush()


def mark_all_read(*, by: Actor, at: datetime) -> int:
    """Note that the person has read every notice; return how many were unread."""
    condition = (Notice.person_id == by.person_id) & Notice.read_at.is_(None)
    return len(session.execute(update(Notice).where(condition).values(read_at=at).returning(Notice.id)).all())


def choose(wanted: Mapping[str, Mapping[Channel, bool]], *, by: Actor) -> None:
    """Set by which channels a person wants each kind of notice; raises InvalidError for an unknown kind."""
    unknown = set(wanted) - set(notice_kinds())
    if unknown:
        raise InvalidError(_l("There is no such kind of notice. Reload the page and choose again."))
    for kind, channels in wanted.items():
        for channel, is_wanted in channels.items():
            session.merge(NoticeChoice(person_id=by.person_id, kind=kind, channel=channel, wanted=is_wanted))
    session.flush()


def set_rhythm(rhythm: Rhythm, *, hour: int, weekday: int, by: Actor) -> None:
    """Set when a person's notices are mailed; raises InvalidError for an hour or weekday that does not exist."""
    if not 0 <= hour <= LAST_HOUR:
        raise InvalidError(_l("Choose an hour from 0 to 23."), field="hour")
    if not 0 <= weekday <= LAST_WEEKDAY:
        raise InvalidError(_l("Choose a day of the week."), field="weekday")
    known = session.get(NoticeRhythm, by.person_id) or NoticeRhythm(person_id=by.person_id)
    known.rhythm, known.hour, known.weekday = rhythm, hour, weekday
    session.add(known)
    session.flush()
