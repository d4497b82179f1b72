"""Writes of the item bank: banks, imports, review."""

from app.items.services.banks import create_bank, export, look_at_export
from app.items.services.enclosing import add_file
from app.items.services.imports import (
    ImportRefusedError,
    alike_of,
    drop,
    import_items,
    look,
    planned_of,
    preview,
    stage,
    take_staged,
)
from app.items.services.review import approve, approve_choice, ask_revision, clear_alike, comment, retire
from app.items.services.subjects import of_bank, of_item
from app.items.services.writing import Fault, ItemRefusedError, Written, faults, save_item

__all__ = [
    "Fault",
    "ImportRefusedError",
    "ItemRefusedError",
    "Written",
    "add_file",
    "alike_of",
    "approve",
    "approve_choice",
    "ask_revision",
    "clear_alike",
    "comment",
    "create_bank",
    "drop",
    "export",
    "faults",
    "import_items",
    "look",
    "look_at_export",
    "of_bank",
    "of_item",
    "planned_of",
    "preview",
    "retire",
    "save_item",
    "stage",
    "take_staged",
]
