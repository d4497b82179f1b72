"""What each kind of file can hold of an item, and what it leaves out: the reason, so that none is dropped unsaid."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from app.items.rules.aiken import reads_alike
from app.items.rules.bodies import Body
from app.items.rules.building import all_texts
from app.items.rules.content import BadItemError, ItemContent
from app.items.rules.gift import ABSENT
from app.items.rules.gift_answers import ARROW
from app.items.rules.moodle import inverse
from app.items.rules.reasons import Reason, because
from app.items.rules.texts import GAP
from app.items.states import FileKind, ItemType

CLOZE_OPEN = "{"
STARRED = "\\*"
AIKEN_ONLY = {ItemType.SINGLE}
CELL_LIMIT = 32_000


def obstacle(item: ItemContent, kind: FileKind) -> Reason | None:
    """Return why a kind of file cannot hold an item; None where reading the file gives the same item back."""
    return next(OBSTACLES[kind](item), None)


def loss(item: ItemContent, kind: FileKind) -> Reason | None:
    """Return what a kind of file leaves out of an item that it holds; None where it leaves out nothing."""
    if kind is FileKind.AIKEN and item.type in AIKEN_ONLY:
        return because("loses_notes")
    dashed = ABSENT in (item.topic, item.law, item.article, item.edition)
    return because("loses_dash") if dashed and kind in {FileKind.XLSX, FileKind.CSV} else None


def _table(item: ItemContent) -> Iterator[Reason]:
    yield from _files(item)
    if any(len(text) > CELL_LIMIT for text in (item.stem, item.explanation, *all_texts(item))):
        yield because("holds_long")


def _files(item: ItemContent) -> Iterator[Reason]:
    if item.body.files:
        yield because("holds_files")


def _gift(item: ItemContent) -> Iterator[Reason]:
    yield from _files(item)
    body = item.body
    if item.type is ItemType.CASE:
        yield because("holds_case")
    if body.reference or body.rubric:
        yield because("holds_rubric")
    if len(body.blanks) > 1 or any(blank.exact for blank in body.blanks):
        yield because("holds_blanks")
    if body.unit:
        yield because("holds_units")
    yield from _relative(body)
    yield from _starred(body)
    if any(ARROW in text for text in (*body.prompts, *(one.text for one in item.options if body.prompts))):
        yield because("holds_sign", sign=ARROW)
    if item.type is ItemType.MATCHING and any("\n" in text for text in body.prompts):
        yield because("holds_lines")


def _relative(body: Body) -> Iterator[Reason]:
    if any(one.relative for one in body.numbers):
        yield because("holds_relative")


def _starred(body: Body) -> Iterator[Reason]:
    if any(STARRED in text for blank in body.blanks for text in blank.accepted):
        yield because("holds_sign", sign=STARRED)


def _moodle(item: ItemContent) -> Iterator[Reason]:
    body = item.body
    if item.type is ItemType.CASE:
        yield because("holds_case")
    if len(body.blanks) > 1:
        if not GAP.search(item.stem):
            yield because("holds_gaps")
        if CLOZE_OPEN in item.stem:
            yield because("holds_sign", sign=CLOZE_OPEN)
    if not all(map(_has_inverse, (unit.factor for unit in body.units))):
        yield because("holds_factor")
    yield from _relative(body)
    yield from _starred(body)


def _has_inverse(factor: Decimal) -> bool:
    try:
        return factor != 1 and inverse(inverse(factor)) == factor
    except BadItemError:
        return False


def _aiken(item: ItemContent) -> Iterator[Reason]:
    yield from _files(item)
    if item.type not in AIKEN_ONLY:
        yield because("holds_type")
    if any("\n" in text for text in (item.stem, *(option.text for option in item.options))):
        yield because("holds_lines")
    if not reads_alike(item):
        yield because("holds_sign", sign="ANSWER:")


def _qti(item: ItemContent) -> Iterator[Reason]:
    for body in (item.body, *(part.body for part in item.body.parts)):
        if body.units or body.unit_asked:
            yield because("holds_units")


OBSTACLES: dict[FileKind, Callable[[ItemContent], Iterator[Reason]]] = {
    FileKind.GIFT: _gift,
    FileKind.XLSX: _table,
    FileKind.CSV: _table,
    FileKind.AIKEN: _aiken,
    FileKind.MOODLE_XML: _moodle,
    FileKind.QTI: _qti,
    FileKind.QTI2: _qti,
    FileKind.QTI3: _qti,
}
