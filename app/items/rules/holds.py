"""What each kind of file can hold of an item, and what it leaves out: each reason names the field that it is about."""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from app.items.rules.aiken import reads_alike
from app.items.rules.bodies import Body, Option
from app.items.rules.content import BadItemError, ItemContent
from app.items.rules.gift import ABSENT
from app.items.rules.gift_answers import ARROW
from app.items.rules.moodle import inverse
from app.items.rules.reasons import FIELDS, Reason, about_fields, because, together
from app.items.rules.texts import GAP
from app.items.states import FileKind, ItemType

CLOZE_OPEN = "{"
STARRED = "\\*"
AIKEN_ONLY = {ItemType.SINGLE}
CELL_LIMIT = 32_000
BESIDE = ("code", "explanation", "module", "level", "difficulty", "topic", "law", "article", "edition", "source_read")
"""What an item says beside what it asks."""
DASHED = ("topic", "law", "article", "edition")
ABOUT = {
    "holds_files": ("files",),
    "holds_case": ("parts",),
    "holds_rubric": ("reference", "rubric"),
    "holds_blanks": ("blanks",),
    "holds_gaps": ("blanks",),
    "holds_units": ("unit", "units", "unit_asked"),
    "holds_factor": ("units",),
    "holds_relative": ("numbers",),
    "holds_type": ("type",),
}
"""The fields that a reason is about which is about the same ones in every item."""


def obstacle(item: ItemContent, kind: FileKind) -> Reason | None:
    """Return every reason why a kind of file cannot hold an item; None where reading the file gives the same back."""
    return together(OBSTACLES[kind](item))


def loss(item: ItemContent, kind: FileKind) -> Reason | None:
    """Return what a kind of file leaves out of an item that it holds, by its fields; None where it leaves nothing."""
    if kind is FileKind.AIKEN and item.type in AIKEN_ONLY:
        return about_fields("loses_fields", (name for name in BESIDE if getattr(item, name)))
    dashed = [name for name in DASHED if getattr(item, name) == ABSENT]
    return about_fields("loses_dash", dashed) if dashed and kind in {FileKind.XLSX, FileKind.CSV} else None


def fields_of(reason: Reason) -> set[str]:
    """Return the names of the fields that a reason is about, with all that it says."""
    return {name for one in reason.each for name in _about(one)}


def _about(reason: Reason) -> set[str]:
    said = reason.params.get(FIELDS, reason.params.get("field", "")).split()
    return {one.removeprefix("field:") for one in said} or set(ABOUT[reason.code])


def _named_texts(item: ItemContent) -> Iterator[tuple[str, str]]:
    """Yield the texts of an item with the fields in which they stand; those of sub-items as its sub-items."""
    yield "stem", item.stem
    yield "explanation", item.explanation
    yield from _texts_of(item.options, item.body)
    for part in item.body.parts:
        said = (part.stem, part.explanation, *(text for _field, text in _texts_of(part.options, part.body)))
        yield from (("parts", text) for text in said)


def _texts_of(options: Iterable[Option], body: Body) -> Iterator[tuple[str, str]]:
    yield from (("option", option.text) for option in options)
    yield from (("prompts", text) for text in body.prompts)
    yield "reference", body.reference
    yield from (("rubric", one.guidance) for one in body.rubric)


def _table(item: ItemContent) -> Iterator[Reason]:
    yield from _files(item)
    for field, text in _named_texts(item):
        if len(text) > CELL_LIMIT:
            yield because("holds_long", field=f"field:{field}")


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
    for field, text in _texts_of(item.options if body.prompts else (), body):
        if ARROW in text and field in {"option", "prompts"}:
            yield because("holds_sign", field=f"field:{field}", sign=ARROW)
    if item.type is ItemType.MATCHING and any("\n" in text for text in body.prompts):
        yield because("holds_lines", field="field:prompts")


def _relative(body: Body) -> Iterator[Reason]:
    if any(one.relative for one in body.numbers):
        yield because("holds_relative")


def _starred(body: Body) -> Iterator[Reason]:
    if any(STARRED in text for blank in body.blanks for text in blank.accepted):
        yield because("holds_sign", field="field:blanks", sign=STARRED)


def _moodle(item: ItemContent) -> Iterator[Reason]:
    body = item.body
    if item.type is ItemType.CASE:
        yield because("holds_case")
    if len(body.blanks) > 1:
        if not GAP.search(item.stem):
            yield because("holds_gaps")
        if CLOZE_OPEN in item.stem:
            yield because("holds_sign", field="field:stem", sign=CLOZE_OPEN)
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
    for field, text in (("stem", item.stem), *(("option", option.text) for option in item.options)):
        if "\n" in text:
            yield because("holds_lines", field=f"field:{field}")
        if not reads_alike(text):
            yield because("holds_sign", field=f"field:{field}", sign="ANSWER:")


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
