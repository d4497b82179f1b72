"""Writes of items that may not stand together."""

from datetime import datetime

from sqlalchemy import delete, select

from app.assessment.exams.models import ItemEnemy
from app.assessment.exams.queries import enemies as queries
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.items.models import ItemBank


def declare(bank: ItemBank, one: str, other: str, *, reason: str, by: Actor, at: datetime) -> ItemEnemy:
    """Declare that two items of a bank, by their codes, may not stand together on a paper.

    Raises InvalidError naming the field of an unknown code, ConflictError where the pair is declared already.
    """
    known = queries.ids_of(bank.id, {one, other})
    for code, field in ((one, "one"), (other, "other")):
        if code not in known:
            raise InvalidError(_l("The bank has no item “%(code)s”. Check its code.", code=code), field=field)
    if one == other:
        raise InvalidError(_l("Name two different items."), field="other")
    low, high = sorted((known[one], known[other]))
    if session.scalar(select(ItemEnemy.id).where(ItemEnemy.low_id == low, ItemEnemy.high_id == high)) is not None:
        raise ConflictError(_l("This pair is declared already."))
    made = ItemEnemy(
        bank_id=bank.id, low_id=low, high_id=high, reason=reason, declared_by_id=by.person_id, declared_at=at
    )
    session.add(made)
    session.flush()
    events.record("exams.enemies_declared", _of(bank), by=by, at=at, reason=reason, data={"pair": made.code})
    return made


def withdraw(bank: ItemBank, made: ItemEnemy, *, by: Actor, at: datetime) -> None:
    """Let two items stand together again."""
    events.record("exams.enemies_withdrawn", _of(bank), by=by, at=at, data={"pair": made.code})
    session.execute(delete(ItemEnemy).where(ItemEnemy.id == made.id))


def _of(bank: ItemBank) -> Subject:
    return Subject("item_bank", bank.code)
