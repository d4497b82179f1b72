"""Consents with a purpose (PIPL arts. 14 to 16, 23, 25, 29): given for exact words, withdrawn at any time."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, select

from app.accounts.rights import Consent, ConsentText
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.events import Subject
from app.core.room import ConsentPurpose, rooms
from app.core.text import _l, in_language


def purposes() -> tuple[ConsentPurpose, ...]:
    """Return every purpose that the rooms declare, lower rooms first."""
    return tuple(purpose for room in rooms() for purpose in room.consents)


def purpose(name: str) -> ConsentPurpose:
    """Return a declared purpose; raises NotFoundError."""
    for one in purposes():
        if one.name == name:
            return one
    raise NotFoundError(_l("Nobody asks for a consent of this name."))


def given(person_id: int, purpose_name: str, on: date) -> bool:
    """Tell whether a person's consent to a purpose holds on a day; a withdrawal holds from its own day on."""
    query = select(Consent.given_at, Consent.withdrawn_at).where(
        Consent.person_id == person_id, Consent.purpose == purpose_name
    )
    return any(
        day_of(given_at) <= on and (withdrawn_at is None or day_of(withdrawn_at) > on)
        for given_at, withdrawn_at in session.execute(query)
    )


PUBLISH_NAME = "accounts.publish_name"


def standing(person_id: SQLColumnExpression[int], purpose_name: str) -> ColumnElement[bool]:
    """Return the condition that a person's consent to a purpose stands: given and not withdrawn."""
    return (
        select(Consent.id)
        .where(Consent.person_id == person_id, Consent.purpose == purpose_name, Consent.withdrawn_at.is_(None))
        .exists()
    )


def standing_among(person_ids: Iterable[int], purpose_name: str) -> set[int]:
    """Return which of these people's consents to a purpose stand: one statement for all."""
    query = select(Consent.person_id).where(
        Consent.person_id.in_(set(person_ids)), Consent.purpose == purpose_name, Consent.withdrawn_at.is_(None)
    )
    return set(session.scalars(query))


def consents_of(person_id: int) -> list[Consent]:
    """Return every consent of a person with its words, latest first."""
    query = select(Consent).where(Consent.person_id == person_id)
    return list(session.scalars(query.order_by(Consent.id.desc())))


def give_consent(name: str, *, by: Actor, at: datetime) -> Consent:
    """Give one's own consent to the present words of a purpose; given already, the first stays.

    A consent to an older version of the words ends and the new one begins.
    """
    declared = purpose(name)
    text = _text(declared, at=at)
    standing = _open(by.person_id, name)
    if standing is not None and standing.text_id == text.id:
        return standing
    if standing is not None:
        standing.withdrawn_at = at
        session.flush()
    consent = Consent(person_id=by.person_id, purpose=name, text_id=text.id, given_at=at)
    session.add(consent)
    session.flush()
    _record("accounts.consent_given", consent, text, by=by, at=at)
    return consent


def withdraw_consent(name: str, *, by: Actor, at: datetime) -> None:
    """Withdraw one's own consent; rooms that used it hear of it by the event. Not given, nothing happens."""
    standing = _open(by.person_id, name)
    if standing is None:
        return
    standing.withdrawn_at = at
    session.flush()
    _record("accounts.consent_withdrawn", standing, session.get_one(ConsentText, standing.text_id), by=by, at=at)


def _open(person_id: int, name: str) -> Consent | None:
    query = select(Consent).where(
        Consent.person_id == person_id, Consent.purpose == name, Consent.withdrawn_at.is_(None)
    )
    return session.scalar(query)


def _text(declared: ConsentPurpose, *, at: datetime) -> ConsentText:
    query = select(ConsentText).where(ConsentText.purpose == declared.name, ConsentText.number == declared.number)
    known = session.scalar(query)
    if known is not None:
        return known
    text = ConsentText(
        purpose=declared.name,
        number=declared.number,
        text_zh=in_language(declared.words, "zh_CN"),
        text_en=in_language(declared.words, "en"),
        at=at,
    )
    session.add(text)
    session.flush()
    return text


def _record(kind: str, consent: Consent, text: ConsentText, *, by: Actor, at: datetime) -> None:
    data = {"consent": consent.code, "purpose": consent.purpose, "number": text.number}
    events.record(kind, Subject("person", by.person_code), by=by, at=at, data=data)
