"""Review: approve items that somebody else wrote, retire those that should not be used."""

from collections.abc import Sequence
from datetime import datetime

from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.text import _l
from app.desk import services as desk
from app.items import queries
from app.items.models import Item, ItemBank
from app.items.queries import Choice
from app.items.services.subjects import of_bank, of_item
from app.items.states import ITEM

NAMED = 5


def approve(bank: ItemBank, items: Sequence[Item], *, by: Actor, at: datetime) -> int:
    """Approve drafts of a bank and return how many; nobody approves what they wrote.

    Raises ForbiddenError naming the items whose author asks, ConflictError for an item that is no draft.
    """
    _refuse_own(items, by)
    for item in items:
        ITEM.move(item, "approve", approved_by_id=by.person_id, approved_at=at)
    session.flush()
    for item in items:
        facts = {"version": item.number}
        events.record("items.approved", of_item(bank, item.code), by=by, at=at, data=facts)
    _close_when_done(bank, at)
    return len(items)


def approve_choice(bank: ItemBank, choice: Choice, *, expected: int, by: Actor, at: datetime) -> int:
    """Approve every draft that a choice leaves and the actor did not write.

    Raises ConflictError where their number is no longer the one that was confirmed.
    """
    items = queries.approvable(bank, by, choice)
    if len(items) != expected:
        raise ConflictError(
            _l(
                "The list has changed: it now holds %(now)s drafts, not %(then)s. Look at it again.",
                now=len(items),
                then=expected,
            )
        )
    return approve(bank, items, by=by, at=at)


def _refuse_own(items: Sequence[Item], by: Actor) -> None:
    written = queries.authors_of([item.id for item in items])
    own = [item.code for item in items if by.person_id in {item.author_id, *written.get(item.id, ())}]
    if own:
        raise ForbiddenError(_l("You wrote %(codes)s. Another person must approve them.", codes=", ".join(own[:NAMED])))


def retire(bank: ItemBank, item: Item, *, reason: str, by: Actor, at: datetime) -> None:
    """Take an item out of use with a reason; papers that pin it keep it."""
    ITEM.move(item, "retire")
    session.flush()
    events.record("items.retired", of_item(bank, item.code), by=by, at=at, reason=reason)
    _close_when_done(bank, at)


def _close_when_done(bank: ItemBank, at: datetime) -> None:
    if queries.drafts_left(bank.id) == 0:
        desk.close_todos(of_bank(bank), kind="items.review", at=at)
