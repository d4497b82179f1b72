"""Item files of every kind we read and write, chosen by kind or by the name of the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from app.core.tables import decode
from app.items.rules import aiken, delimited, gift, moodle, moodle_writing, qti, qti_writing, xlsx
from app.items.rules.content import Defaults, ItemContent, Parsed
from app.items.rules.gift import NO_DEFAULTS
from app.items.rules.holds import loss, obstacle
from app.items.rules.reasons import Reason, because
from app.items.rules.words import NATIONAL, ModuleWords
from app.items.states import FileKind

SUFFIXES = {
    ".gift": FileKind.GIFT,
    ".txt": FileKind.GIFT,
    ".xlsx": FileKind.XLSX,
    ".csv": FileKind.CSV,
    ".aiken": FileKind.AIKEN,
    ".xml": FileKind.MOODLE_XML,
    ".zip": FileKind.QTI,
}
ENDINGS = {
    FileKind.MOODLE_XML: "xml",
    FileKind.QTI2: "qti2.zip",
    FileKind.QTI3: "qti3.zip",
    FileKind.AIKEN: "aiken.txt",
}
"""How the names of written files end, where that is not the name of their kind."""
MEDIA_TYPES = {
    FileKind.GIFT: "text/plain; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.CSV: "text/csv; charset=utf-8",
    FileKind.AIKEN: "text/plain; charset=utf-8",
    FileKind.MOODLE_XML: "application/xml; charset=utf-8",
    FileKind.QTI: "application/zip",
    FileKind.QTI2: "application/zip",
    FileKind.QTI3: "application/zip",
}
Load = Callable[[str], bytes]
"""Gives the bytes of a kept file by its SHA-256."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A written file; which items it holds, which were left out and all reasons why, and of which something was.

    `retired` counts the retired items of the bank, which nobody asked for.
    """

    data: bytes
    codes: list[str] = field(default_factory=list)
    left_out: list[tuple[str, Reason]] = field(default_factory=list)
    lessened: list[tuple[str, Reason]] = field(default_factory=list)
    retired: int = 0


def kind_of(name: str, data: bytes = b"") -> FileKind | None:
    """Return the kind that a file's name says, None where it says none we know.

    A document of XML may be Moodle's or of QTI; its first bytes tell.
    """
    if name.lower().endswith(f".{ENDINGS[FileKind.AIKEN]}"):
        return FileKind.AIKEN
    kind = SUFFIXES.get(PurePath(name).suffix.lower())
    return FileKind.QTI if kind is FileKind.MOODLE_XML and b"item" in data and b"<quiz" not in data else kind


def read(data: bytes, kind: FileKind, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read a file of items; text may be UTF-8, UTF-16 with its mark, or GBK as Excel in Chinese saves it."""
    if kind in BINARY:
        return BINARY[kind](data, defaults)
    text = decode(data)
    if text is None:
        return Parsed().fail("1", because("not_text"))
    return TEXTS[kind](text, defaults)


BINARY: dict[FileKind, Callable[[bytes, Defaults], Parsed]] = {
    FileKind.XLSX: xlsx.parse,
    FileKind.MOODLE_XML: moodle.parse,
    FileKind.QTI: qti.parse,
    FileKind.QTI2: qti.parse,
    FileKind.QTI3: qti.parse,
}
TEXTS: dict[FileKind, Callable[[str, Defaults], Parsed]] = {
    FileKind.GIFT: gift.parse,
    FileKind.CSV: delimited.parse,
    FileKind.AIKEN: aiken.parse,
}


def no_file(digest: str) -> bytes:
    """Find no kept file; raises KeyError."""
    raise KeyError(digest)


def export(
    items: Sequence[ItemContent], kind: FileKind, load: Load = no_file, modules: ModuleWords = NATIONAL
) -> Exported:
    """Write the items that a kind of file holds, and say of the others why it does not."""
    judged = [(item, obstacle(item, kind)) for item in items]
    held = [item for item, reason in judged if reason is None]
    lost = [(item.code, reason) for item in held if (reason := loss(item, kind)) is not None]
    left = [(item.code, reason) for item, reason in judged if reason is not None]
    return Exported(write(held, kind, load, modules), [item.code for item in held], left, lost)


def write(items: Sequence[ItemContent], kind: FileKind, load: Load = no_file, modules: ModuleWords = NATIONAL) -> bytes:
    """Write items as a file that gives equal items back when it is read; each must be one that the kind holds."""
    if kind in {FileKind.QTI, FileKind.QTI2, FileKind.QTI3}:
        return qti_writing.write(items, load, FileKind.QTI3 if kind is FileKind.QTI else kind)
    if kind is FileKind.MOODLE_XML:
        return moodle_writing.write(items, load)
    if kind is FileKind.XLSX:
        return xlsx.write(items, modules)
    if kind is FileKind.CSV:
        return delimited.write(items, modules).encode("utf-8-sig")
    return (aiken.write(items) if kind is FileKind.AIKEN else gift.write(items)).encode()
