"""Writing an item on its page: a new one, or the next version of a draft or of what a reviewer sent back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.access import Actor
from app.core.errors import ConflictError, InvalidError, Text
from app.core.text import _l
from app.items import queries
from app.items.models import Item, ItemBank
from app.items.rules.content import BadItemError, Defaults, ItemContent
from app.items.rules.editing import WrittenPart, field_of, part_name
from app.items.rules.headings import TYPES
from app.items.rules.planning import Planned
from app.items.rules.reasons import Reason
from app.items.rules.tables import read_cells
from app.items.rules.texts import files_in, shows_nameless
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


@dataclass(frozen=True, slots=True)
class Written:
    """What an author wrote: the cells of `rules.editing.fields_of` with `code`, and the sub-items of a case."""

    kind: ItemType
    cells: Mapping[str, str]
    parts: Sequence[WrittenPart] = ()

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every cell under the name that the page gives it."""
        yield from self.cells.items()
        for number, part in enumerate(self.parts, 1):
            yield from ((part_name(number, name), text) for name, text in part.cells.items())

    def field_of(self, reason: Reason) -> str:
        """Return the cell that a reason is about."""
        return field_of(reason, self.kind, self.cells, self.parts)


def save_item(bank: ItemBank, written: Written, *, item: Item | None, by: Actor, at: datetime) -> str:
    """Keep what an author wrote as a version that waits for review; return the code of the item.

    Raises ItemRefusedError with every reason beside its
    cell, ConflictError where the item is approved or retired.
    """
    planned, faults = _looked_over(bank, written, item)
    if planned is None or planned.content is None or faults:
        raise ItemRefusedError(faults)
    if item is not None and item.state not in {ItemState.DRAFT, ItemState.REVISION}:
        raise ConflictError(_l("Only a draft, or an item that was sent back, gets a new version."))
    write(bank, [planned], by=by, at=at, act="items.written")
    return planned.content.code


def faults(bank: ItemBank, written: Written, *, item: Item | None) -> list[Fault]:
    """Return everything for which `save_item` would refuse what an author wrote; writes nothing."""
    return _looked_over(bank, written, item)[1]


def _looked_over(bank: ItemBank, written: Written, item: Item | None) -> tuple[Planned | None, list[Fault]]:
    """Return what would become of an item, None where it cannot be read, and what is wrong with it."""
    taken = item is None and queries.holds_code(bank, written.cells.get("code", "").strip())
    wrong: list[Fault] = [("code", TAKEN)] if taken else []
    wrong += [(name, str(Reason("nameless"))) for name, text in written.texts() if shows_nameless(text)]
    try:
        content = _content(bank, written, item)
    except BadItemError as error:
        return None, [*((written.field_of(one), str(one)) for one in error.reason.each), *wrong]
    (planned,) = planned_of(bank, [content])
    return planned, wrong + _refused(planned, written, new=item is None, taken=taken)


def _content(bank: ItemBank, written: Written, item: Item | None) -> ItemContent:
    """Read the cells; the texts may show the files of the version before, and those that were added to the bank."""
    before = queries.content_of(item.code, item.versions[-1]).body.files if item is not None else ()
    added = queries.bank_files(bank, {digest for _name, text in written.texts() for digest in files_in(text)})
    return read_cells(
        {**written.cells, "type": TYPES[written.kind][0]},
        sub_items=[{**part.cells, "type": TYPES[part.type][0]} for part in written.parts],
        known=[*added, *before],
        defaults=Defaults(modules=queries.words_of(bank)),
    )


def _refused(planned: Planned, written: Written, *, new: bool, taken: bool) -> list[Fault]:
    """Return why the bank does not take an item that can be read; of a code that is taken nothing more is said."""
    reason = planned.reason or Reason("same_item")
    if planned.fate is Fate.REVISED:
        return [("code", TAKEN)] if new and not taken else []
    if planned.fate not in {Fate.SAME, Fate.FAILED} or (taken and reason.code != "same_content"):
        return []
    if reason.code == "same_item":
        return [("stem", _l("Nothing was changed. Change the item, or leave the page."))]
    return [(written.field_of(reason), str(reason))]
