"""What is done by two: roles given and ended, factors reset, a person's data corrected.

A security administrator asks, or an officer for a correction; another security administrator carries it out.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts.access import covers
from app.accounts.models import Membership, Person, SecurityOrder
from app.accounts.queries import account_of
from app.accounts.rules.apart import Held
from app.accounts.rules.contacts import mask_email, mask_phone
from app.accounts.rules.identity import mask_identity
from app.accounts.services import contacts, documents
from app.accounts.services.factors import reset_factors
from app.accounts.services.people import seal_field, unseal_field
from app.accounts.services.roles import check_apart, check_end, check_open, end_role, grant_role
from app.accounts.services.sessions import end_all_sessions
from app.accounts.states import CORRECTIONS, ORDER, IdentityKind, OrderKind, OrderState, ResetWay, Role
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l

SHORTEST_REASON = 4
ASKED = "security_order.asked"
MASKS = {OrderKind.CORRECT_PHONE: mask_phone, OrderKind.CORRECT_EMAIL: mask_email}


@dataclass(frozen=True, slots=True)
class NewRole:
    """The role that an order gives: where and from when until when it holds."""

    role: Role
    region_code: str
    organisation_id: int | None
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Correction:
    """What shall stand of a person: a telephone number, a mail address or a document, as it is kept."""

    kind: OrderKind
    text: str
    identity_kind: IdentityKind | None = None


def ask_role(person: Person, new: NewRole, *, reason: str, by: Actor, at: datetime) -> SecurityOrder:
    """Ask that a person be given a role.

    Raises InvalidError for days or a reason, ForbiddenError for a region that is not the asker's or for
    oneself, ConflictError where the administrations would not stay apart or the same order waits.
    """
    if not covers(by.region_code, new.region_code):
        raise ForbiddenError(_l("This region is not yours. Ask a security administrator of that region."))
    if new.ends_on is not None and new.ends_on < new.starts_on:
        raise InvalidError(_l("The last day lies before the first."), field="ends_on")
    check_open(new.organisation_id)
    check_apart(person, Held(new.role, new.starts_on, new.ends_on))
    same = (SecurityOrder.role == new.role, SecurityOrder.region_code == new.region_code)
    refuse_waiting(person, OrderKind.GRANT_ROLE, *same)
    order = SecurityOrder(
        kind=OrderKind.GRANT_ROLE,
        person_id=person.id,
        scope_code=new.region_code,
        role=new.role,
        region_code=new.region_code,
        organisation_id=new.organisation_id,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
    )
    return _ask(order, person, reason=reason, by=by, at=at)


def ask_end(membership: Membership, *, last_day: date, reason: str, by: Actor, at: datetime) -> SecurityOrder:
    """Ask that a role end with a day; raises InvalidError for the day or the reason, ConflictError where it waits."""
    check_end(membership, last_day, field="ends_on")
    person = session.get_one(Person, membership.person_id)
    refuse_waiting(person, OrderKind.END_ROLE, SecurityOrder.membership_id == membership.id)
    order = SecurityOrder(
        kind=OrderKind.END_ROLE,
        person_id=person.id,
        scope_code=membership.region_code,
        membership_id=membership.id,
        ends_on=last_day,
    )
    return _ask(order, person, reason=reason, by=by, at=at)


def ask_factor_reset(person: Person, *, reason: str, by: Actor, at: datetime) -> SecurityOrder:
    """Ask that every second factor of a person be taken away, so that they set up a new one at the next sign-in.

    Raises InvalidError for the reason, ConflictError where there is no account or the same order waits.
    """
    if account_of(person.id) is None:
        raise ConflictError(_l("This person has no account yet, so there is nothing to reset."))
    refuse_waiting(person, OrderKind.RESET_FACTORS)
    order = SecurityOrder(kind=OrderKind.RESET_FACTORS, person_id=person.id, scope_code=by.region_code)
    return _ask(order, person, reason=reason, by=by, at=at)


def ask_correction(person: Person, wanted: Correction, *, reason: str, by: Actor, at: datetime) -> SecurityOrder:
    """Ask that what is kept of a person be corrected; raises ConflictError where such a correction waits."""
    refuse_waiting(person, wanted.kind)
    order = SecurityOrder(
        kind=wanted.kind,
        person_id=person.id,
        scope_code=by.region_code,
        identity_kind=wanted.identity_kind,
        asked_sealed=seal_field(person, wanted.text, ASKED),
    )
    return _ask(order, person, reason=reason, by=by, at=at)


def corrections_waiting(person: Person) -> list[SecurityOrder]:
    """Return the corrections of a person that wait for a second one."""
    query = select(SecurityOrder).where(
        SecurityOrder.person_id == person.id,
        SecurityOrder.kind.in_(CORRECTIONS),
        SecurityOrder.state == OrderState.ASKED,
    )
    return list(session.scalars(query.order_by(SecurityOrder.id)))


def text_asked(order: SecurityOrder) -> str | None:
    """Return what a correction that waits says, None for any other order and after an erasure."""
    person = session.get_one(Person, order.person_id)
    if order.asked_sealed is None or person.data_key is None:
        return None
    return unseal_field(person, order.asked_sealed, ASKED)


def masked_asked(order: SecurityOrder) -> str | None:
    """Return what a correction that waits says as screens show it to who asked for it; None as `text_asked`."""
    asked = text_asked(order)
    return None if asked is None else MASKS.get(order.kind, mask_identity)(asked)


def refuse_waiting(person: Person, kind: OrderKind, *same: object) -> None:
    """Raise ConflictError where such an order waits for a second person already."""
    query = select(SecurityOrder.id).where(
        SecurityOrder.person_id == person.id, SecurityOrder.kind == kind, SecurityOrder.state == OrderState.ASKED
    )
    if session.scalar(query.where(*same)) is not None:  # type: ignore[arg-type]
        raise ConflictError(_l("The same order waits for a second person already."))


def _ask(order: SecurityOrder, person: Person, *, reason: str, by: Actor, at: datetime) -> SecurityOrder:
    check_reason(person, reason, by)
    order.reason = reason.strip()
    order.asked_by_id, order.asked_at = by.person_id, at
    session.add(order)
    session.flush()
    _record("accounts.order_asked", order, person, by=by, at=at)
    return order


def check_reason(person: Person, reason: str, by: Actor) -> None:
    """Raise ForbiddenError for one's own record, InvalidError for a reason that tells nothing."""
    if person.id == by.person_id:
        raise ForbiddenError(_l("Nobody orders for themselves. Ask another security administrator."))
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidError(_l("Say why, so that the second person can check it."), field="reason")


def carry_out(order: SecurityOrder, *, by: Actor, at: datetime) -> None:
    """Do what an order says, as the second person; nothing is done where any part of it is refused.

    Raises ForbiddenError for who asked it or is concerned, ConflictError where it has moved on.
    """
    _check_second(order, by)
    asked = text_asked(order)
    ORDER.move(order, "carry_out", decided_by_id=by.person_id, decided_at=at, asked_sealed=None)
    person = session.get_one(Person, order.person_id)
    session.flush()
    _record("accounts.order_carried_out", order, person, by=by, at=at)
    if order.kind in CORRECTIONS:
        _correct(order, person, asked, by=by, at=at)
    else:
        EFFECTS[order.kind](order, person, by, at)


def refuse(order: SecurityOrder, *, by: Actor, at: datetime) -> None:
    """Refuse an order as the second person; raises as `carry_out`."""
    _check_second(order, by)
    ORDER.move(order, "refuse", decided_by_id=by.person_id, decided_at=at, asked_sealed=None)
    session.flush()
    _record("accounts.order_refused", order, session.get_one(Person, order.person_id), by=by, at=at)


def withdraw(order: SecurityOrder, *, reason: str | None, by: Actor, at: datetime) -> None:
    """Take one's own order back, and say why; the reason is None where an erasure ends it.

    Raises ForbiddenError for anybody else, ConflictError where it has moved on.
    """
    check_asker(order, by)
    ORDER.move(order, "withdraw", decided_at=at, asked_sealed=None)
    session.flush()
    person = session.get_one(Person, order.person_id)
    _record("accounts.order_withdrawn", order, person, by=by, at=at, reason=reason)


def check_asker(order: SecurityOrder, by: Actor) -> None:
    """Raise ForbiddenError for anybody but who asked for an order."""
    if order.asked_by_id != by.person_id:
        raise ForbiddenError(_l("Only who asked for it may withdraw an order. You may refuse it."))


def _check_second(order: SecurityOrder, by: Actor) -> None:
    if by.person_id in {order.asked_by_id, order.person_id}:
        raise ForbiddenError(
            _l("A second security administrator decides this: neither who asked for it nor the person concerned.")
        )


def _give(order: SecurityOrder, person: Person, by: Actor, at: datetime) -> None:
    if order.role is None or order.region_code is None or order.starts_on is None:
        msg = f"order {order.code} gives no role"
        raise RuntimeError(msg)
    grant_role(
        person,
        order.role,
        region_code=order.region_code,
        organisation_id=order.organisation_id,
        starts_on=order.starts_on,
        ends_on=order.ends_on,
        by=by,
        at=at,
    )


def _end(order: SecurityOrder, person: Person, by: Actor, at: datetime) -> None:
    del person
    membership = session.get_one(Membership, order.membership_id)
    end_role(membership, last_day=order.ends_on or membership.starts_on, by=by, at=at)


def _reset(order: SecurityOrder, person: Person, by: Actor, at: datetime) -> None:
    account = account_of(person.id)
    if account is None:
        raise ConflictError(_l("This person has no account yet, so there is nothing to reset."))
    reset_factors(account, at=at)
    end_all_sessions(person, by=by, at=at)
    _record("accounts.second_factor_reset", order, person, by=by, at=at)


def _correct(order: SecurityOrder, person: Person, asked: str | None, *, by: Actor, at: datetime) -> None:
    contacts.check_stands(person)
    if asked is None:
        msg = f"order {order.code} corrects nothing"
        raise RuntimeError(msg)
    if order.identity_kind is None:
        way = ResetWay.SMS if order.kind is OrderKind.CORRECT_PHONE else ResetWay.MAIL
        contacts.set_contact(person, way, asked, reason=order.reason, by=by, at=at)
        return
    keep = documents.add_document if order.kind is OrderKind.ADD_DOCUMENT else documents.correct_document
    keep(person, order.identity_kind, asked, reason=order.reason, by=by, at=at)


EFFECTS = {OrderKind.GRANT_ROLE: _give, OrderKind.END_ROLE: _end, OrderKind.RESET_FACTORS: _reset}


def _record(
    kind: str, order: SecurityOrder, person: Person, *, by: Actor, at: datetime, reason: str | None = None
) -> None:
    events.record(
        kind,
        Subject("person", person.code),
        by=by,
        at=at,
        reason=reason,
        data={"order": order.code, "what": str(order.kind), "role": str(order.role or "")},
    )
