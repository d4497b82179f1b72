"""Item files of every kind we read and write, chosen by kind or by the name of the file."""

import codecs
from collections.abc import Sequence
from pathlib import PurePath

from app.items.rules import delimited, gift, xlsx
from app.items.rules.content import Defaults, ItemContent, Parsed
from app.items.rules.gift import NO_DEFAULTS
from app.items.rules.reasons import because
from app.items.states import FileKind

SUFFIXES = {
    ".gift": FileKind.GIFT,
    ".txt": FileKind.GIFT,
    ".xlsx": FileKind.XLSX,
    ".csv": FileKind.CSV,
}
MEDIA_TYPES = {
    FileKind.GIFT: "text/plain; charset=utf-8",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.CSV: "text/csv; charset=utf-8",
}
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def kind_of(name: str) -> FileKind | None:
    """Return the kind that a file's name says, None where it says none we know."""
    return SUFFIXES.get(PurePath(name).suffix.lower())


def read(data: bytes, kind: FileKind, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read a file of items; text may be UTF-8, UTF-16 with its mark, or GBK as Excel in Chinese saves it."""
    if kind is FileKind.XLSX:
        return xlsx.parse(data, defaults)
    text = decode(data)
    if text is None:
        return Parsed().fail("1", because("not_text"))
    return gift.parse(text, defaults) if kind is FileKind.GIFT else delimited.parse(text, defaults)


def decode(data: bytes) -> str | None:
    """Return a file's text in whichever encoding fits, None where none does."""
    encodings = ("utf-16",) if data.startswith(UTF16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def write(items: Sequence[ItemContent], kind: FileKind) -> bytes:
    """Write items as a file that gives equal items back when it is read."""
    if kind is FileKind.XLSX:
        return xlsx.write(items)
    if kind is FileKind.CSV:
        return delimited.write(items).encode("utf-8-sig")
    return gift.write(items).encode()
