"""Reads of items that may not stand together."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.assessment.exams.models import ItemEnemy
from app.assessment.exams.rules.assembly import Pair
from app.core.db import session
from app.core.errors import InvalidError, NotFoundError
from app.core.text import _l
from app.items.models import Item


@dataclass(frozen=True, slots=True)
class EnemyRow:
    """A declared pair with the codes of its items."""

    enemy: ItemEnemy
    low: str
    high: str


def pairs(bank_id: int) -> frozenset[Pair]:
    """Return the pairs of item ids of a bank that may not stand together."""
    query = select(ItemEnemy.low_id, ItemEnemy.high_id).where(ItemEnemy.bank_id == bank_id)
    return frozenset((low, high) for low, high in session.execute(query))


def pairs_named(bank_id: int, named: Iterable[tuple[str, str]]) -> frozenset[Pair]:
    """Return pairs of items by their codes; raises InvalidError for a code that the bank does not have."""
    listed = list(named)
    known = ids_of(bank_id, {code for pair in listed for code in pair}) if listed else {}
    for pair in listed:
        for code in pair:
            if code not in known:
                raise InvalidError(_l("The bank has no item “%(code)s”. Check its code.", code=code), field="enemies")
        if pair[0] == pair[1]:
            raise InvalidError(_l("Name two different items."), field="enemies")
    return frozenset((min(known[a], known[b]), max(known[a], known[b])) for a, b in listed)


def rows(bank_id: int) -> list[EnemyRow]:
    """Return the pairs of a bank by the code of their first item."""
    low, high = aliased(Item), aliased(Item)
    query = (
        select(ItemEnemy, low.code, high.code)
        .join(low, low.id == ItemEnemy.low_id)
        .join(high, high.id == ItemEnemy.high_id)
        .where(ItemEnemy.bank_id == bank_id)
        .order_by(low.code, high.code)
    )
    return [EnemyRow(*row) for row in session.execute(query)]


def enemy(bank_id: int, code: str) -> ItemEnemy:
    """Return one pair of a bank; raises NotFoundError."""
    found = session.scalar(select(ItemEnemy).where(ItemEnemy.bank_id == bank_id, ItemEnemy.code == code))
    if found is None:
        raise NotFoundError(_l("This pair is not declared, or not any more."))
    return found


def ids_of(bank_id: int, codes: set[str]) -> dict[str, int]:
    """Return the ids of items of a bank by their codes; codes that it does not have are left out."""
    query = select(Item.code, Item.id).where(Item.bank_id == bank_id, Item.code.in_(codes))
    return dict(session.execute(query).all())
