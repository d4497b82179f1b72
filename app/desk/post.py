"""Notices on their way by mail and short message: each at once, or several in one letter at the chosen hour.

Letters wait for the network outside of any transaction. Each has a key of its own, so that one which was sent and
whose mark was lost is not sent a second time.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import force_locale
from sqlalchemy import ColumnElement, Row, Select, func, or_, select, update

from app.accounts.models import Account, Membership, Person
from app.accounts.queries import EMAIL, PHONE, in_force
from app.accounts.services import open_field
from app.core import clock, post
from app.core.config import settings
from app.core.db import session, unit_of_work
from app.core.errors import DomainError
from app.core.post import Letter, ShortMessage
from app.core.room import Periodic
from app.core.text import _, _n
from app.desk.models import Notice, NoticeDelivery, NoticeRhythm
from app.desk.queries.notices import notice_kinds
from app.desk.queries.todos import in_words
from app.desk.states import SILENT, Channel, Rhythm

log = logging.getLogger("jijing.desk")
BATCH = 200
MOST_ATTEMPTS = 8
BACKOFF = timedelta(minutes=1)
LANGUAGE = "zh_CN"
NO_ADDRESS, GIVEN_UP = "no_address", "given_up"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that waits to be sent, with whom it tells."""

    delivery_id: int
    attempts: int
    channel: Channel
    notice: Notice
    person: Person
    language: str

    @property
    def text(self) -> str:
        """Return the sentence in the person's language."""
        kind = notice_kinds().get(self.notice.kind)
        with force_locale(self.language):
            return in_words(kind.sentence if kind else self.notice.kind, self.notice.label)

    @property
    def link(self) -> str:
        """Return the full address that the notice leads to."""
        return settings().public_url + self.notice.url


def send_waiting() -> int:
    """Send what is due: single letters and messages, then the letters that hold several; return how many were tried."""
    now, today = clock.now().astimezone(clock.SHANGHAI), clock.today()
    _silence(today)
    single = _waiting(at_once=True)
    for one in single:
        _send([one], _single(one))
    gathered: dict[int, list[Waiting]] = {}
    for one in _waiting(at_once=False, at=now):
        gathered.setdefault(one.person.id, []).append(one)
    for listed in gathered.values():
        _send(listed, _digest(listed, today), today)
    return len(single) + len(gathered)


def _due_rhythm(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a person's hour has come: not yet done today, and of a week the chosen day."""
    today = at.date()
    weekly = (NoticeRhythm.rhythm == Rhythm.WEEKLY) & (NoticeRhythm.weekday == today.weekday())
    return (
        or_(NoticeRhythm.rhythm == Rhythm.DAILY, weekly),
        NoticeRhythm.hour <= at.hour,
        or_(NoticeRhythm.last_on.is_(None), NoticeRhythm.last_on < today),
    )


def _waiting(*, at_once: bool, at: datetime | None = None) -> list[Waiting]:
    query = (
        select(NoticeDelivery, Notice, Person, Account.language)
        .join(Notice, Notice.id == NoticeDelivery.notice_id)
        .join(Person, Person.id == NoticeDelivery.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(NoticeRhythm, NoticeRhythm.person_id == Person.id)
        .where(*_due())
        .order_by(NoticeDelivery.id)
    )
    rhythm = or_(NoticeRhythm.rhythm.is_(None), NoticeRhythm.rhythm == Rhythm.AT_ONCE)
    if at_once:
        query = query.where(or_(rhythm, NoticeDelivery.channel == Channel.SMS)).limit(BATCH)
    else:
        query = query.where(NoticeDelivery.channel == Channel.MAIL, Person.id.in_(_next_people(at or clock.now())))
    return [_as_waiting(row) for row in session.execute(query)]


def _due() -> tuple[ColumnElement[bool], ...]:
    return NoticeDelivery.sent_at.is_(None), NoticeDelivery.due_at <= clock.real_now()


def _next_people(at: datetime) -> Select[int]:
    """Select for whom a letter that holds several is due, who waits longest first: each gets all that waits in one."""
    return (
        select(NoticeDelivery.person_id)
        .join(NoticeRhythm, NoticeRhythm.person_id == NoticeDelivery.person_id)
        .where(*_due(), *_due_rhythm(at), NoticeDelivery.channel == Channel.MAIL)
        .group_by(NoticeDelivery.person_id)
        .order_by(func.min(NoticeDelivery.id))
        .limit(BATCH)
    )


def _as_waiting(row: Row[NoticeDelivery, Notice, Person, str | None]) -> Waiting:
    delivery, notice, person, language = row
    return Waiting(delivery.id, delivery.attempts, delivery.channel, notice, person, language or LANGUAGE)


def _silence(today: date) -> None:
    """Give up what the person may no longer see, or has read on the site before it left."""
    holds = select(Membership.id).where(Membership.id == Notice.membership_id, in_force(today)).exists()
    gone = select(Notice.id).where(
        or_(
            Notice.withdrawn_at.is_not(None),
            Notice.read_at > Notice.at,
            Notice.membership_id.is_not(None) & ~holds,
        )
    )
    with unit_of_work():
        session.execute(
            update(NoticeDelivery)
            .where(NoticeDelivery.sent_at.is_(None), NoticeDelivery.notice_id.in_(gone))
            .values(sent_at=clock.real_now(), outcome=SILENT)
        )


def _single(one: Waiting) -> Letter | ShortMessage | None:
    address = _address(one.person, one.channel)
    if address is None:
        return None
    key = f"notice:{one.notice.code}:{one.channel}"
    with force_locale(one.language):
        if one.channel is Channel.SMS:
            return ShortMessage(address, f"{one.text} {one.link}", key)
        body = _("Good day, %(name)s.", name=one.person.name) + f"\n\n{one.text}\n{one.link}\n\n{_closing()}"
        return Letter(address, one.text, body, key)


def _digest(listed: Sequence[Waiting], today: date) -> Letter | None:
    first = listed[0]
    address = _address(first.person, Channel.MAIL)
    if address is None:
        return None
    with force_locale(first.language):
        subject = _n("%(num)s notice from Jijing", "%(num)s notices from Jijing", len(listed))
        lines = "\n\n".join(f"{one.text}\n{one.link}" for one in listed)
        body = _("Good day, %(name)s.", name=first.person.name) + f"\n\n{lines}\n\n{_closing()}"
    return Letter(address, subject, body, f"digest:{first.person.code}:{today}:{first.delivery_id}")


def _closing() -> str:
    choices = settings().public_url + "/messages/choices"
    return str(_("You choose what we write to you about, and when: %(link)s", link=choices))


def _address(person: Person, channel: Channel) -> str | None:
    if person.data_key is None:
        return None
    return open_field(person, EMAIL if channel is Channel.MAIL else PHONE)


def _send(listed: Sequence[Waiting], message: Letter | ShortMessage | None, today: date | None = None) -> None:
    """Hand a message over and mark what it held; one that could not go now is tried later, each time twice as late."""
    person_id = listed[0].person.id
    try:
        outcome = NO_ADDRESS if message is None else post.send(message).value
    except DomainError as error:
        log.warning("a notice could not be sent: %s", type(error).__name__)
        _postpone(listed)
        return
    with unit_of_work():
        session.execute(
            update(NoticeDelivery)
            .where(NoticeDelivery.id.in_([one.delivery_id for one in listed]))
            .values(sent_at=clock.real_now(), outcome=outcome)
        )
        if today is not None:
            session.execute(update(NoticeRhythm).where(NoticeRhythm.person_id == person_id).values(last_on=today))


def _postpone(listed: Sequence[Waiting]) -> None:
    with unit_of_work():
        for one in listed:
            row = session.get_one(NoticeDelivery, one.delivery_id)
            row.attempts = one.attempts + 1
            row.due_at = clock.real_now() + BACKOFF * 2**row.attempts
            if row.attempts >= MOST_ATTEMPTS:
                row.sent_at, row.outcome = clock.real_now(), GIVEN_UP


def _run() -> None:
    send_waiting()


POST = Periodic("desk.post", 60, _run)
