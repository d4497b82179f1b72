"""What each kind of file holds of an item, as the tables of docs/items.md: from the items that tests write and read."""

from collections.abc import Mapping

from app.core.text import in_language
from app.items.rules.content import ItemContent
from app.items.rules.holds import fields_of, loss, obstacle
from app.items.states import TYPE_LABELS, WRITTEN_KINDS, FileKind, ItemType
from tests.unit.items.fields import items_by_field
from tests.unit.items.samples import detailed, sample


def cell(item: ItemContent, kind: FileKind, field: str | None = None) -> str:
    """Return what a kind of file does with an item or a field of one: holds it, goes without, leaves the item out."""
    if (reason := obstacle(item, kind)) is not None:
        codes = dict.fromkeys(one.code.removeprefix("holds_") for one in reason.each)
        return f"no: {', '.join(codes)}"
    lost = loss(item, kind)
    if field is None:
        return "in part" if lost else "yes"
    return "without" if lost and field in fields_of(lost) else "yes"


def types() -> str:
    """Return the table of types by kinds of files."""
    items = {**{in_language(TYPE_LABELS[kind], "en"): sample(kind) for kind in ItemType}, **detailed()}
    return _table({name: [cell(item, kind) for kind in WRITTEN_KINDS] for name, item in items.items()})


def fields() -> str:
    """Return the table of fields by kinds of files."""
    items = items_by_field()
    return _table({name: [cell(item, kind, field) for kind in WRITTEN_KINDS] for name, (field, item) in items.items()})


def _table(rows: Mapping[str, list[str]]) -> str:
    head = ["| | " + " | ".join(kind.value for kind in WRITTEN_KINDS) + " |", "|" + " --- |" * (len(WRITTEN_KINDS) + 1)]
    return "\n".join([*head, *(f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items())]) + "\n"
