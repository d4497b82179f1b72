"""Notices: made after an event, once an event, kind and person; read, withdrawn, chosen by their person."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import insert, select, update

from app.core.access import Actor
from app.core.clock import real_now
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import InvalidError
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.core.text import _l
from app.desk.kinds import NoticeKind, Told
from app.desk.models import Notice, NoticeChoice, NoticeDelivery, NoticeRhythm
from app.desk.queries.notices import choices_of, notice_kinds, wanted_by
from app.desk.states import SILENT, Channel, Rhythm

LAST_HOUR, LAST_WEEKDAY = 23, 6
NAME = "desk.notices"
BY_POST = (Channel.MAIL, Channel.SMS)


def listeners() -> Iterator[Subscriber]:
    """Yield what makes notices: one subscriber an event, however many kinds follow from it."""
    for event in sorted({kind.event for kind in notice_kinds().values()}):
        yield Subscriber(event, NAME, tell, handle_all=tell_all)


def tell(happened: Event) -> None:
    """Make the notices of an event; a second delivery of the same event makes none."""
    tell_all([happened])


def tell_all(happened: Sequence[Event]) -> int:
    """Make the notices of many events in few statements, once an event, kind and person; return how many."""
    made = 0
    for kind in notice_kinds().values():
        about = [one for one in happened if one.kind == kind.event]
        if about:
            made += _tell_of_all(kind, about)
    return made


def _tell_of_all(kind: NoticeKind, happened: Sequence[Event]) -> int:
    named = kind.told_of_all(happened) if kind.told_of_all else {one.id: list(kind.told(one)) for one in happened}
    query = select(Notice.event_id, Notice.person_id).where(Notice.event_id.in_(named), Notice.kind == kind.name)
    known = {(event_id, person_id) for event_id, person_id in session.execute(query)}
    chosen = choices_of({told.person_id for listed in named.values() for told in listed}, kind.name)
    rows, wishes = [], {}
    for one in happened:
        for told in named.get(one.id, ()):
            wanted = wanted_by(kind, chosen.get(told.person_id, {}))
            if told.person_id == one.actor_id or (one.id, told.person_id) in known or not any(wanted.values()):
                continue
            known.add((one.id, told.person_id))
            rows.append(_notice(kind, one, told, wanted))
            wishes[one.id, told.person_id] = wanted
    if rows:
        session.execute(insert(Notice), rows)
        _deliver(kind, wishes)
    return len(rows)


def _notice(kind: NoticeKind, happened: Event, one: Told, wanted: Mapping[Channel, bool]) -> JsonObject:
    """Make a notice; who does not want it on the site has it as read, so that no number stands at the bell."""
    return {
        "event_id": happened.id,
        "kind": kind.name,
        "person_id": one.person_id,
        "membership_id": one.membership_id,
        "subject_type": happened.subject_type,
        "subject_code": happened.subject_code,
        "url": one.url,
        "label": one.params,
        "at": happened.at,
        "read_at": None if wanted[Channel.PAGE] else happened.at,
    }


def _deliver(kind: NoticeKind, wishes: Mapping[tuple[int, int], Mapping[Channel, bool]]) -> None:
    """Put the notices of events and persons on their way by mail and short message, as each wants it."""
    if not any(wanted[channel] for wanted in wishes.values() for channel in BY_POST):
        return
    query = select(Notice.id, Notice.event_id, Notice.person_id).where(
        Notice.kind == kind.name, Notice.event_id.in_({event_id for event_id, _person in wishes})
    )
    sent = [
        {"notice_id": notice_id, "person_id": person_id, "channel": channel, "due_at": real_now()}
        for notice_id, event_id, person_id in session.execute(query.order_by(Notice.id))
        for channel in BY_POST
        if wishes.get((event_id, person_id), {}).get(channel)
    ]
    session.execute(insert(NoticeDelivery), sent)


def withdraw_notices(subject: Subject, *, at: datetime, person_id: int | None = None) -> int:
    """Silence the notices about a record, of one person or of all: who is recused or out of scope hears no more."""
    condition = (
        (Notice.subject_type == subject.type) & (Notice.subject_code == subject.code) & Notice.withdrawn_at.is_(None)
    )
    if person_id is not None:
        condition &= Notice.person_id == person_id
    return len(session.execute(update(Notice).where(condition).values(withdrawn_at=at).returning(Notice.id)).all())


def return_notices(subject: Subject, *, person_id: int, withdrawn_at: datetime) -> int:
    """Give a person back, read or unread as they were, the notices of a record that fell silent at an instant.

    What was on its way to them by mail or short message then goes out after all; return how many notices came back.
    """
    condition = (
        (Notice.subject_type == subject.type)
        & (Notice.subject_code == subject.code)
        & (Notice.person_id == person_id)
        & (Notice.withdrawn_at == withdrawn_at)
    )
    back = session.scalars(update(Notice).where(condition).values(withdrawn_at=None).returning(Notice.id)).all()
    unsent = NoticeDelivery.notice_id.in_(back) & (NoticeDelivery.outcome == SILENT)
    session.execute(update(NoticeDelivery).where(unsent).values(sent_at=None, outcome=None, due_at=real_now()))
    return len(back)


def mark_read(notice: Notice, *, at: datetime) -> None:
    """Note that the person has read a notice; the first time counts."""
    notice.read_at = notice.read_at or at
    session.flush()


def mark_all_read(*, by: Actor, at: datetime) -> int:
    """Note that the person has read every notice that is not silent; return how many were unread."""
    condition = (Notice.person_id == by.person_id) & Notice.read_at.is_(None) & Notice.withdrawn_at.is_(None)
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
