"""Reads of orders by two: of the security administrators within their region, and of who asked for a correction."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.accounts.access import within
from app.accounts.models import Account, Membership, Passkey, Person, SecurityOrder
from app.accounts.queries import person_by_name
from app.accounts.states import CORRECTIONS, NATION, OrderState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.events import Event
from app.core.text import _l

PAGE_LENGTH = 50


class OrderPage(NamedTuple):
    """One page of orders, as `ui.pagination` reads it."""

    rows: list[SecurityOrder]
    page: int
    pages: int
    total: int


class Factors(NamedTuple):
    """Whether a person has an account and an app, and how many passkeys."""

    account: bool
    app: bool
    passkeys: int


def order_page(actor: Actor, *, state: OrderState | None, number: int) -> OrderPage:
    """Return a page of the orders within the actor's region, the latest first."""
    listed = select(SecurityOrder).where(within(SecurityOrder.scope_code, actor))
    if state is not None:
        listed = listed.where(SecurityOrder.state == state)
    total = session.scalar(select(func.count()).select_from(listed.subquery())) or 0
    pages = max(-(-total // PAGE_LENGTH), 1)
    shown = min(max(number, 1), pages)
    rows = session.scalars(
        listed.options(joinedload(SecurityOrder.person), joinedload(SecurityOrder.membership))
        .order_by(SecurityOrder.id.desc())
        .offset((shown - 1) * PAGE_LENGTH)
        .limit(PAGE_LENGTH)
    )
    return OrderPage(list(rows), shown, pages, total)


def order(code: str, actor: Actor) -> SecurityOrder:
    """Return an order within the actor's region; raises NotFoundError."""
    query = (
        select(SecurityOrder)
        .options(
            joinedload(SecurityOrder.person),
            joinedload(SecurityOrder.membership),
            joinedload(SecurityOrder.organisation),
        )
        .where(SecurityOrder.code == code, within(SecurityOrder.scope_code, actor))
    )
    found = session.scalar(query)
    if found is None:
        raise missing()
    return found


def own_corrections(actor: Actor, about: Person | None = None) -> list[SecurityOrder]:
    """Return the corrections that the actor asked for, the latest first; `about` those of a person that wait."""
    query = _own_corrections(actor)
    if about is not None:
        query = query.where(SecurityOrder.person_id == about.id, SecurityOrder.state == OrderState.ASKED)
    return list(session.scalars(query.order_by(SecurityOrder.id.desc()).limit(PAGE_LENGTH)))


def own_correction(code: str, actor: Actor) -> SecurityOrder:
    """Return a correction that the actor asked for; raises NotFoundError for those of others."""
    found = session.scalar(_own_corrections(actor).where(SecurityOrder.code == code))
    if found is None:
        raise missing()
    return found


def _own_corrections(actor: Actor) -> Select[SecurityOrder]:
    asked = (SecurityOrder.asked_by_id == actor.person_id, SecurityOrder.kind.in_(CORRECTIONS))
    return select(SecurityOrder).options(joinedload(SecurityOrder.person)).where(*asked)


def why_withdrawn(order: SecurityOrder) -> str | None:
    """Return why who asked for an order took it back, None for one that an erasure ended."""
    told = (Event.kind == "accounts.order_withdrawn", Event.subject_type == "person")
    query = select(Event.reason).where(*told, Event.subject_code == order.person.code)
    return session.scalar(query.where(Event.data["order"].as_string() == order.code))


def person_in_scope(code: str, actor: Actor) -> Person:
    """Return a person who holds or held a role in the actor's region, or none anywhere; raises NotFoundError."""
    theirs = select(Membership.id).where(Membership.person_id == Person.id)
    query = select(Person).where(Person.code == code, Person.erased_at.is_(None))
    if actor.region_code != NATION:
        query = query.where(theirs.where(within(Membership.region_code, actor)).exists() | ~theirs.exists())
    found = session.scalar(query)
    if found is None:
        raise missing()
    return found


def person_named(typed: str, actor: Actor) -> Person:
    """Return the person in the actor's scope who goes by what was typed in full; raises NotFoundError."""
    found = person_by_name(typed)
    if found is None:
        raise missing()
    return person_in_scope(found.code, actor)


def memberships_in_scope(person: Person, actor: Actor) -> list[Membership]:
    """Return the roles of a person within the actor's region, those that began last first."""
    query = select(Membership).where(Membership.person_id == person.id, within(Membership.region_code, actor))
    return list(session.scalars(query.order_by(Membership.starts_on.desc(), Membership.id.desc())))


def membership_in_scope(code: str, actor: Actor, on: date) -> Membership:
    """Return a role within the actor's region that has not ended before a day; raises NotFoundError."""
    query = select(Membership).where(Membership.code == code, within(Membership.region_code, actor))
    found = session.scalar(query.where(Membership.ends_on.is_(None) | (Membership.ends_on >= on)))
    if found is None:
        raise missing()
    return found


def factors_of(person: Person) -> Factors:
    """Return what second factors a person has, in one statement."""
    count = select(func.count()).select_from(Passkey).where(Passkey.person_id == person.id).scalar_subquery()
    row = session.execute(select(Account.totp_sealed, count).where(Account.person_id == person.id)).first()
    return (
        Factors(account=False, app=False, passkeys=0)
        if row is None
        else Factors(account=True, app=row[0] is not None, passkeys=row[1])
    )


def missing() -> NotFoundError:
    """Return the refusal of what lies outside of the actor's scope."""
    return NotFoundError(_l("There is no such record within what you may see."))
