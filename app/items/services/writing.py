"""Writing an item on its page: a new one, or the next version of a draft or of what a reviewer sent back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.core.access import Actor
from app.core.errors import ConflictError, InvalidError, Text
from app.core.text import _l
from app.items import queries
from app.items.models import Item, ItemBank
from app.items.rules.content import BadItemError, ItemContent
from app.items.rules.editing import field_of
from app.items.rules.headings import TYPES
from app.items.rules.planning import Planned
from app.items.rules.reasons import Reason
from app.items.rules.tables import read_cells
from app.items.services.imports import planned_of, write
from app.items.states import Fate, ItemState, ItemType

TAKEN = _l("The bank has an item with this code already. Choose another.")
Fault = tuple[str, Text]
"""The cell beside which something wrong is told, and what is wrong."""


class ItemRefusedError(InvalidError):
    """What an author wrote cannot be kept; `faults` are all reasons, each with its cell."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0][1], field=faults[0][0])
        self.faults = list(faults)


def save_item(
    bank: ItemBank, kind: ItemType, cells: Mapping[str, str], *, item: Item | None, by: Actor, at: datetime
) -> str:
    """Keep what an author wrote as a version that waits for review; return the code of the item.

    `cells` are those of `rules.editing.fields_of` with `code`. Raises ItemRefusedError with every reason beside its
    cell, ConflictError where the item is approved or retired.
    """
    planned, faults = _looked_over(bank, kind, cells, item)
    if planned is None or planned.content is None or faults:
        raise ItemRefusedError(faults)
    if item is not None and item.state not in {ItemState.DRAFT, ItemState.REVISION}:
        raise ConflictError(_l("Only a draft, or an item that was sent back, gets a new version."))
    write(bank, [planned], by=by, at=at, act="items.written")
    return planned.content.code


def faults(bank: ItemBank, kind: ItemType, cells: Mapping[str, str], *, item: Item | None) -> list[Fault]:
    """Return everything for which `save_item` would refuse what an author wrote; writes nothing."""
    return _looked_over(bank, kind, cells, item)[1]


def _looked_over(
    bank: ItemBank, kind: ItemType, cells: Mapping[str, str], item: Item | None
) -> tuple[Planned | None, list[Fault]]:
    """Return what would become of an item, None where it cannot be read, and what is wrong with it."""
    taken = item is None and queries.holds_code(bank, cells.get("code", "").strip())
    of_code: list[Fault] = [("code", TAKEN)] if taken else []
    try:
        content = _content(kind, cells, item)
    except BadItemError as error:
        return None, [*((field_of(one, kind, cells), str(one)) for one in error.reason.each), *of_code]
    (planned,) = planned_of(bank, [content])
    return planned, of_code + _refused(planned, kind, cells, new=item is None, taken=taken)


def _content(kind: ItemType, cells: Mapping[str, str], item: Item | None) -> ItemContent:
    """Read the cells; a case keeps its sub-items, and every item the files its text still names."""
    before = queries.content_of(item.code, item.versions[-1]).body if item is not None else None
    given = {**cells, "type": TYPES[kind][0]}
    return read_cells(given, parts=before.parts if before else (), known=before.files if before else ())


def _refused(planned: Planned, kind: ItemType, cells: Mapping[str, str], *, new: bool, taken: bool) -> list[Fault]:
    """Return why the bank does not take an item that can be read; of a code that is taken nothing more is said."""
    reason = planned.reason or Reason("same_item")
    if planned.fate is Fate.REVISED:
        return [("code", TAKEN)] if new and not taken else []
    if planned.fate not in {Fate.SAME, Fate.FAILED} or (taken and reason.code != "same_content"):
        return []
    if reason.code == "same_item":
        return [("stem", _l("Nothing was changed. Change the item, or leave the page."))]
    return [(field_of(reason, kind, cells), str(reason))]
