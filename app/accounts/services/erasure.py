"""Erasure (PIPL art. 47): asked for, confirmed by a second person, carried out by destroying the person's key.

What the law keeps (holds that the rooms declare) stays until it need not; contacts, roles and sign-in go at once.
Events stay as they are: they hold codes and digests, never a personal field, so the log remains verifiable.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, SelectBase, String, cast, delete, literal, null, or_, select, union_all, update

from app.accounts.access import Permission
from app.accounts.models import (
    ERASED_NAME,
    Account,
    Invitation,
    Membership,
    Passkey,
    PasswordReset,
    PastPassword,
    Person,
    PersonDocument,
    RecoveryCode,
    SignInSession,
)
from app.accounts.queries import in_force
from app.accounts.rights import Consent, ContactChange, DataExport, Erasure
from app.accounts.services import orders
from app.accounts.services.factors import reset_factors
from app.accounts.services.sessions import end_all_sessions
from app.accounts.states import ERASURE, ErasureState
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import JsonObject, UtcDateTime
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, Text
from app.core.events import Subject
from app.core.personal_data import NO_END
from app.core.room import Hold, HoldKind, rooms
from app.core.text import _l, in_language

AT_ONCE = 100
"""So many requests at most are looked at in one run."""


def holds_of(person_id: int, on: date) -> list[Hold]:
    """Return what the rooms must keep of a person on a day, with the law that says so: one statement for all rooms."""
    declared = [data for room in rooms() for data in room.personal_data]
    kinds = [kind for data in declared for kind in data.holds]
    parts = [_place_of(number, kind.rows(person_id, on)) for number, kind in enumerate(kinds)]
    held = [
        _hold(kinds[number], name, day or (day_of(at) if at else None))
        for number, name, day, at in (session.execute(union_all(*parts)) if parts else ())
    ]
    held = [one for one in held if one.until is None or one.until >= on]
    return held + [hold for data in declared if data.reckoned for hold in data.reckoned(person_id, on)]


def _hold(kind: HoldKind, name: str, day: date | None) -> Hold:
    until = kind.until(day) if kind.until and day else day
    return Hold(_Named(kind.what, name), kind.law, until, kind.tag)


def _place_of(number: int, told: SelectBase) -> Select[Any]:
    """Give the rows of a kind their place among the kinds, a day or an instant as their end."""
    name, until = told.subquery().c
    instant = isinstance(until.type, UtcDateTime)
    day = NO_END if instant else until
    at = until if instant else cast(null(), UtcDateTime())
    return select(literal(number), cast(name, String), day, at)


@dataclass(frozen=True, slots=True)
class _Named:
    """A sentence whose one parameter, whatever it is called, is filled when it is shown."""

    sentence: Text
    name: str

    def __str__(self) -> str:
        return str(self.sentence) % defaultdict(lambda: self.name)


def request_erasure(*, by: Actor, at: datetime) -> Erasure:
    """Ask for the erasure of one's own data; a request that is open already is returned."""
    known = open_erasure(by.person_id)
    if known is not None:
        return known
    erasure = Erasure(person_id=by.person_id, requested_by_id=by.person_id, requested_at=at)
    session.add(erasure)
    session.flush()
    _record("accounts.erasure_requested", erasure, by.person_code, by=by, at=at)
    return erasure


def open_erasure(person_id: int) -> Erasure | None:
    """Return the request of a person that is not ended."""
    query = select(Erasure).where(
        Erasure.person_id == person_id, Erasure.state.in_((ErasureState.REQUESTED, ErasureState.LIMITED))
    )
    return session.scalar(query)


def withdraw_erasure(*, by: Actor, at: datetime) -> None:
    """Take one's own request back before it is decided; raises ConflictError where it is too late."""
    erasure = open_erasure(by.person_id)
    if erasure is None:
        raise ConflictError(_l("There is no request of yours that waits for a decision."))
    ERASURE.move(erasure, "withdraw")
    session.flush()
    _record("accounts.erasure_withdrawn", erasure, by.person_code, by=by, at=at)


def decide_erasure(erasure: Erasure, *, grant: bool, answer: str, by: Actor, at: datetime, real_at: datetime) -> None:
    """Decide on somebody else's request with an answer that the person can read; a grant is carried out at once.

    Raises ForbiddenError for one's own request, ConflictError where it was decided.
    """
    if not by.may(Permission.ERASURE_DECIDE) or by.person_id == erasure.person_id:
        raise ForbiddenError(_l("A second person decides on a request: not whoever made it."))
    person = session.get_one(Person, erasure.person_id)
    decided = {"decided_by_id": by.person_id, "decided_at": at, "answer": answer}
    if not grant:
        ERASURE.move(erasure, "refuse", **decided)
        session.flush()
        _record("accounts.erasure_refused", erasure, person.code, by=by, at=at)
        return
    holds = holds_of(person.id, day_of(at))
    _end_access(person, on=day_of(at), at=at, real_at=real_at, by=by)
    if holds:
        ERASURE.move(erasure, "limit", **decided)
        _keep(erasure, holds)
        session.flush()
        _record("accounts.erasure_limited", erasure, person.code, by=by, at=at)
        return
    ERASURE.move(erasure, "erase", erased_at=at, **decided)
    _shred(person, at=at)
    _record("accounts.person_erased", erasure, person.code, by=by, at=at)


def _keep(erasure: Erasure, holds: list[Hold]) -> None:
    """Note what stays for now and until when; without a day where one of the holds names none."""
    ends = [hold.until for hold in holds if hold.until]
    until = max(ends) if len(ends) == len(holds) else None
    kept = [_told(hold) for hold in holds]
    if (erasure.kept, erasure.kept_until) != (kept, until):
        erasure.kept, erasure.kept_until = kept, until


def _told(hold: Hold) -> JsonObject:
    return {
        "what_zh": in_language(hold.what, "zh_CN"),
        "what_en": in_language(hold.what, "en"),
        "law_zh": in_language(hold.law, "zh_CN"),
        "law_en": in_language(hold.law, "en"),
        "until": hold.until.isoformat() if hold.until else None,
        "tag": hold.tag,
    }


def _end_access(person: Person, *, on: date, at: datetime, real_at: datetime, by: Actor) -> None:
    """End sign-in, roles, consents and open links, and clear contacts and copies: none of it need be kept."""
    one = person.id
    end_all_sessions(person, by=by, at=real_at)
    session.execute(update(SignInSession).where(SignInSession.person_id == one).values(address_sealed=None))
    _drop_factors(person, at=real_at)
    open_link = (Invitation.person_id == one) & Invitation.used_at.is_(None) & Invitation.ended_at.is_(None)
    session.execute(update(Invitation).where(open_link).values(ended_at=real_at))
    holding = (Membership.person_id == one) & in_force(on)
    session.execute(update(Membership).where(holding).values(ends_on=on))
    _refuse_corrections(person, by=by, at=real_at)
    standing = (Consent.person_id == one) & Consent.withdrawn_at.is_(None)
    session.execute(update(Consent).where(standing).values(withdrawn_at=at))
    session.execute(update(DataExport).where(DataExport.person_id == one).values(sealed=None))
    person.phone_sealed = person.phone_index = person.email_sealed = person.email_index = None


def _refuse_corrections(person: Person, *, by: Actor, at: datetime) -> None:
    """Refuse the corrections that wait for a second person, with what they say; one's own is taken back."""
    for order in orders.corrections_waiting(person):
        if order.asked_by_id == by.person_id:
            orders.withdraw(order, reason=None, by=by, at=at)
        else:
            orders.refuse(order, by=by, at=at)


def _drop_factors(person: Person, *, at: datetime) -> None:
    """Drop everything that opened the door for the person: factors, recovery codes, passwords, wishes to reset."""
    account = session.scalar(select(Account).where(Account.person_id == person.id))
    if account is not None:
        reset_factors(account, at=at)
    for model in (Passkey, RecoveryCode, PastPassword, PasswordReset, ContactChange, Account):
        session.execute(delete(model).where(model.person_id == person.id))


def _shred(person: Person, *, at: datetime) -> None:
    for room in rooms():
        for data in room.personal_data:
            if data.forget is not None:
                data.forget(person.id)
    session.execute(delete(PersonDocument).where(PersonDocument.person_id == person.id))
    person.name, person.name_latin = ERASED_NAME, None
    person.identity_kind = person.identity_sealed = person.identity_index = None
    person.data_key, person.erased_at = None, at
    session.flush()


def finish_erasures(*, on: date, at: datetime) -> int:
    """Erase what was kept for a time where nothing holds it any more; return how many people.

    What is still held is looked at again once a day, at most a hundred requests in a run, the longest unseen first.
    """
    due = or_(Erasure.kept_until.is_(None), Erasure.kept_until < on)
    unseen = or_(Erasure.looked_on.is_(None), Erasure.looked_on < on)
    query = select(Erasure).where(Erasure.state == ErasureState.LIMITED, due, unseen)
    order = Erasure.looked_on.is_not(None), Erasure.looked_on, Erasure.id
    done = 0
    for erasure in session.scalars(query.order_by(*order).limit(AT_ONCE)).all():
        erasure.looked_on = on
        holds = holds_of(erasure.person_id, on)
        if holds:
            _keep(erasure, holds)
            continue
        person = session.get_one(Person, erasure.person_id)
        ERASURE.move(erasure, "erase", erased_at=at)
        _shred(person, at=at)
        _record("accounts.person_erased", erasure, person.code, by=None, at=at)
        done += 1
    return done


def _record(kind: str, erasure: Erasure, person_code: str, *, by: Actor | None, at: datetime) -> None:
    events.record(kind, Subject("person", person_code), by=by, at=at, data={"erasure": erasure.code})
