"""A person's telephone and mail address: changed by themselves once the new one is proved, or set by an officer.

One signs in by either, and a forgotten password is reset through them: so the old address hears of every change, and
what an officer has set opens no reset for some days. Times are security time.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import PasswordReset, Person
from app.accounts.queries import EMAIL, PHONE
from app.accounts.rights import ContactChange, Erasure
from app.accounts.rules.contacts import clean_email, clean_phone
from app.accounts.services.people import is_taken, open_field, seal_field, unseal_field
from app.accounts.states import ErasureState, ResetWay
from app.core import events
from app.core.access import Actor
from app.core.crypto import blind_index
from app.core.db import session
from app.core.errors import ConflictError, InvalidError, Text
from app.core.events import Subject
from app.core.text import _l

OPEN_FOR = timedelta(minutes=15)
RESTS_FOR = timedelta(days=3)
"""So long no password is reset through an address that an officer set: its owner hears of it at the old one first."""
KEPT_FOR = timedelta(days=7)
TRIES = 5
DIGITS = 6
ASKED, BEFORE, SECRET = "contact_change.asked", "contact_change.before", "contact_change.code"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one of the two is cleaned and kept, and what is said of it."""

    purpose: str
    field: str
    index: InstrumentedAttribute[bytes | None]
    same: Text
    taken: Text


KINDS = {
    ResetWay.SMS: Kind(
        PHONE,
        "phone",
        Person.phone_index,
        _l("This is the telephone number that is kept already."),
        _l("This telephone number belongs to another person. If it is yours, ask that the two records be joined."),
    ),
    ResetWay.MAIL: Kind(
        EMAIL,
        "email",
        Person.email_index,
        _l("This is the mail address that is kept already."),
        _l("This mail address belongs to another person. If it is yours, ask that the two records be joined."),
    ),
}
CLEANERS = {ResetWay.SMS: clean_phone, ResetWay.MAIL: clean_email}


@dataclass(frozen=True, slots=True)
class Proof:
    """What leaves for a new address: by which way, to whom, where to, with which code."""

    change: str
    way: ResetWay
    person: Person
    to: str
    secret: str


def checked(person: Person, way: ResetWay, typed: str) -> str:
    """Return a new address as it is kept; raises InvalidError beside its field where it cannot be or stands already."""
    written = CLEANERS[way](typed)
    if open_field(person, KINDS[way].purpose) == written:
        raise InvalidError(KINDS[way].same, field=KINDS[way].field)
    return written


def check_free(way: ResetWay, written: str) -> None:
    """Raise ConflictError where an address belongs to another person; whose it is is not told."""
    if is_taken(KINDS[way].index, written, KINDS[way].purpose):
        raise ConflictError(KINDS[way].taken, field=KINDS[way].field)


def check_stands(person: Person) -> None:
    """Raise ConflictError for a record that was erased, is being erased, or was joined with another."""
    limited = select(Erasure.id).where(Erasure.person_id == person.id, Erasure.state == ErasureState.LIMITED)
    if person.data_key is None or session.scalar(limited) is not None:
        raise ConflictError(_l("This record was erased or joined with another."))


def ask_change(way: ResetWay, typed: str, *, by: Actor, at: datetime) -> ContactChange:
    """Note that a person wants to be reached elsewhere; one wish of theirs is open at a time.

    The code that proves the new address is made when its message leaves. Whether another person has the address
    is told to nobody who has not proved that it is theirs. Raises InvalidError beside the field.
    """
    person = session.get_one(Person, by.person_id)
    check_stands(person)
    written = checked(person, way, typed)
    drop_wish(person.id, at=at)
    change = ContactChange(person_id=person.id, way=way, asked_sealed=seal_field(person, written, ASKED), asked_at=at)
    session.add(change)
    session.flush()
    _record("accounts.contact_asked", change, person, by=by, at=at)
    return change


def drop_wish(person_id: int, *, at: datetime) -> None:
    """End what a person has asked for and not proved."""
    session.execute(update(ContactChange).where(_open(person_id)).values(ended_at=at, asked_sealed=None))


def _open(person_id: int) -> ColumnElement[bool]:
    return (ContactChange.person_id == person_id) & ContactChange.done_at.is_(None) & ContactChange.ended_at.is_(None)


def wish_of(person_id: int, at: datetime) -> ContactChange | None:
    """Return what a person has asked for and has not proved yet."""
    query = select(ContactChange).where(
        ContactChange.person_id == person_id,
        ContactChange.done_at.is_(None),
        ContactChange.ended_at.is_(None),
        or_(ContactChange.expires_at.is_(None), ContactChange.expires_at > at),
    )
    return session.scalar(query)


def address_asked(change: ContactChange, person: Person) -> str:
    """Return the address that a person has asked for."""
    return unseal_field(person, change.asked_sealed, ASKED) if change.asked_sealed else ""


def seal_proof(code: str, *, at: datetime) -> Proof | None:
    """Make the code of a wish and return what to send; None where it has ended. A second try makes a new code."""
    change = session.scalar(select(ContactChange).where(ContactChange.code == code).with_for_update())
    if change is None or change.asked_sealed is None or change.done_at or change.ended_at:
        return None
    person = session.get_one(Person, change.person_id)
    secret = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    change.secret, change.expires_at = _digest(change, secret), at + OPEN_FOR
    session.flush()
    return Proof(change.code, change.way, person, address_asked(change, person), secret)


def count_proof_try(person_id: int) -> None:
    """Count a try at a code before it is heard; raises InvalidError where no try is left.

    Where nothing waits for a code, as after one that was right, nothing is counted.
    """
    counted = session.execute(
        update(ContactChange)
        .where(_open(person_id), ContactChange.tries < TRIES)
        .values(tries=ContactChange.tries + 1)
        .returning(ContactChange.id)
    ).first()
    if counted is None and session.scalar(select(ContactChange.id).where(_open(person_id))) is not None:
        raise InvalidError(_l("This code was tried too often. Ask for a new one."), field="code")


def prove(typed: str, *, by: Actor, at: datetime) -> ContactChange:
    """Put the new address in the place of the old one, where the code that it was sent is right.

    Raises InvalidError for a wrong code, ConflictError where the address belongs to another person.
    """
    person = session.get_one(Person, by.person_id)
    change = wish_of(person.id, at)
    if change is None or change.secret is None or not compare_digest(change.secret, _digest(change, typed.strip())):
        raise InvalidError(
            _l("This code is not right or has run out. Compare it with what was sent, or ask for a new one."),
            field="code",
        )
    check_stands(person)
    written = address_asked(change, person)
    check_free(change.way, written)
    _put(person, change, written, at=at)
    _record("accounts.contact_changed", change, person, by=by, at=at)
    return change


def set_contact(person: Person, way: ResetWay, written: str, *, reason: str, by: Actor, at: datetime) -> ContactChange:
    """Set an address of a person as an officer, with the reason; who may decide it alone is for the caller to ask.

    Raises ConflictError where it belongs to another person or the record was erased meanwhile.
    """
    check_stands(person)
    check_free(way, written)
    drop_wish(person.id, at=at)
    change = ContactChange(person_id=person.id, way=way, changed_by_id=by.person_id, asked_at=at)
    session.add(change)
    _put(person, change, written, at=at)
    _record("accounts.contact_corrected", change, person, by=by, at=at, reason=reason)
    return change


def _put(person: Person, change: ContactChange, written: str, *, at: datetime) -> None:
    """Keep an address and remember the old one until it was told; letters under way to the old one open nothing."""
    kind = KINDS[change.way]
    before = open_field(person, kind.purpose)
    change.before_sealed = seal_field(person, before, BEFORE) if before else None
    change.asked_sealed, change.done_at = None, at
    setattr(person, f"{kind.field}_sealed", seal_field(person, written, kind.purpose))
    setattr(person, f"{kind.field}_index", blind_index(written, kind.purpose))
    under_way = (
        (PasswordReset.person_id == person.id) & PasswordReset.used_at.is_(None) & PasswordReset.ended_at.is_(None)
    )
    session.execute(update(PasswordReset).where(under_way).values(ended_at=at))
    session.flush()


def address_before(change: ContactChange, person: Person) -> str | None:
    """Return the address that stood before a change, None where there was none."""
    return unseal_field(person, change.before_sealed, BEFORE) if change.before_sealed else None


def rests(person_id: int, way: ResetWay, at: datetime) -> bool:
    """Tell whether an address was set by an officer so lately that no password is reset through it yet."""
    latest = session.scalar(
        select(ContactChange)
        .where(ContactChange.person_id == person_id, ContactChange.way == way, ContactChange.done_at.is_not(None))
        .order_by(ContactChange.id.desc())
        .limit(1)
    )
    if latest is None or latest.changed_by_id is None or latest.done_at is None:
        return False
    return latest.done_at > at - RESTS_FOR


def forget_changes(*, at: datetime) -> int:
    """Delete changes a week after they were asked for, with the old addresses; events keep that there were any."""
    old = delete(ContactChange).where(ContactChange.asked_at < at - KEPT_FOR)
    return len(session.execute(old.returning(ContactChange.id)).all())


def _digest(change: ContactChange, digits: str) -> bytes:
    """Return the digest of six digits under a key of the house: without it, a million guesses would tell them."""
    return blind_index(f"{change.code}:{digits}", SECRET)


def _record(
    kind: str, change: ContactChange, person: Person, *, by: Actor, at: datetime, reason: str | None = None
) -> None:
    data = {"contact": change.code, "way": str(change.way)}
    events.record(kind, Subject("person", person.code), by=by, at=at, data=data, reason=reason)
