"""Writing an item on its page: a new one, or the next version of a draft or of what a reviewer sent back."""

from collections.abc import Mapping
from datetime import datetime

from app.core.access import Actor
from app.core.errors import ConflictError, InvalidError
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


def save_item(
    bank: ItemBank, kind: ItemType, cells: Mapping[str, str], *, item: Item | None, by: Actor, at: datetime
) -> str:
    """Keep what an author wrote as a version that waits for review; return the code of the item.

    `cells` are those of `rules.editing.fields_of` with `code`. Raises InvalidError naming the field, ConflictError
    where the item is approved or retired or nothing was changed.
    """
    content = _content(kind, cells, item)
    if item is not None and item.state not in {ItemState.DRAFT, ItemState.REVISION}:
        raise ConflictError(_l("Only a draft, or an item that was sent back, gets a new version."))
    (planned,) = planned_of(bank, [content])
    if planned.fate in {Fate.SAME, Fate.FAILED}:
        raise _refusal(planned, kind)
    if item is None and planned.fate is Fate.REVISED:
        raise InvalidError(_l("The bank has an item with this code already. Choose another."), field="code")
    write(bank, [planned], by=by, at=at, act="items.written")
    return content.code


def _content(kind: ItemType, cells: Mapping[str, str], item: Item | None) -> ItemContent:
    """Read the cells; a case keeps its sub-items, and every item the files its text still names."""
    before = queries.content_of(item.code, item.versions[-1]).body if item is not None else None
    given = {**cells, "type": TYPES[kind][0]}
    try:
        return read_cells(given, parts=before.parts if before else (), known=before.files if before else ())
    except BadItemError as error:
        raise InvalidError(str(error.reason), field=_field(error.reason, kind)) from error


def _refusal(planned: Planned, kind: ItemType) -> InvalidError:
    reason = planned.reason or Reason("same_item")
    if reason.code == "same_item":
        return InvalidError(_l("Nothing was changed. Change the item, or leave the page."), field="stem")
    return InvalidError(str(reason), field=_field(reason, kind))


def _field(reason: Reason, kind: ItemType) -> str:
    return field_of(reason.code, reason.params, kind)
