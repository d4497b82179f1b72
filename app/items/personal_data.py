"""What the items room keeps of a person: which items they wrote, reviewed or uploaded, by their codes only."""

from collections.abc import Iterable

from sqlalchemy import or_, select

from app.core.columns import JsonObject
from app.core.personal_data import rows
from app.core.room import PersonalData
from app.core.text import _l
from app.items.models import Item, ItemBank, ItemImport


def _items(person_id: int) -> Iterable[JsonObject]:
    told = select(
        ItemBank.code.label("bank"),
        Item.code,
        Item.state,
        (Item.author_id == person_id).label("author"),
        Item.created_at,
        Item.approved_at,
    ).join(ItemBank, ItemBank.id == Item.bank_id)
    mine = or_(Item.author_id == person_id, Item.approved_by_id == person_id)
    return rows(told.where(mine).order_by(Item.id))


def _imports(person_id: int) -> Iterable[JsonObject]:
    told = select(ItemImport.code, ItemImport.state, ItemImport.uploaded_at.label("at"))
    return rows(told.where(ItemImport.uploaded_by_id == person_id).order_by(ItemImport.id))


PERSONAL_DATA = (
    PersonalData(
        "items",
        _l("Items I wrote or reviewed"),
        _items,
        columns=("item.author_id", "item.approved_by_id"),
        fields={
            "bank": _l("Item bank"),
            "author": _l("Written by me"),
            "created_at": _l("Written on"),
            "approved_at": _l("Approved on"),
        },
    ),
    PersonalData("item_imports", _l("Files of items I uploaded"), _imports, columns=("item_import.uploaded_by_id",)),
)
