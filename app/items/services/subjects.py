"""How banks and items are named in events and to-dos."""

from app.core.events import Subject
from app.items.models import ItemBank


def of_bank(bank: ItemBank) -> Subject:
    """Name a bank."""
    return Subject("item_bank", bank.code)


def of_item(bank: ItemBank, code: str) -> Subject:
    """Name an item: its code is unique within its bank only."""
    return Subject("item", f"{bank.code}/{code}")
