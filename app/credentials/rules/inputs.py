"""What was handed in: the one place that tells the forms of a certificate apart, by content and never by name."""

import re
import unicodedata
from enum import StrEnum

LONGEST_REFERENCE = 300
LONGEST_ADDRESS = 4096
# What is shown as text begins within these first bytes.
HEAD = 4096
PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
PDF_MAGIC = b"%PDF-"
# Adobe's readers find the head of a PDF anywhere in the first kilobyte, so we look as far.
PDF_HEAD = 1024
BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
JWT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE | re.ASCII)
QR_PATH = "/v#"
MINUS = "\N{MINUS SIGN}"
SEPARATORS = (",", "\t", ";")


class Kind(StrEnum):
    """A form in which a certificate, or what leads to one, can be handed in."""

    EMPTY = "empty"
    PDF = "pdf"
    PNG = "png"
    PICTURE = "picture"
    PHOTO_UNREADABLE = "photo_unreadable"
    SVG = "svg"
    JSON = "json"
    JWT = "jwt"
    QR = "qr"
    ADDRESS = "address"
    REFERENCE = "reference"
    TABLE = "table"
    ENCODING = "encoding"
    UNKNOWN = "unknown"


MAGIC: tuple[tuple[int, bytes, Kind], ...] = (
    (0, PNG_MAGIC, Kind.PNG),
    (0, b"\xff\xd8\xff", Kind.PICTURE),
    (0, b"GIF8", Kind.PICTURE),
    (0, b"BM", Kind.PICTURE),
    (0, b"II*\0", Kind.PICTURE),
    (0, b"MM\0*", Kind.PICTURE),
    (8, b"WEBP", Kind.PICTURE),
    (4, b"ftypheic", Kind.PHOTO_UNREADABLE),
    (4, b"ftypheix", Kind.PHOTO_UNREADABLE),
    (4, b"ftypmif1", Kind.PHOTO_UNREADABLE),
    (4, b"ftypavif", Kind.PHOTO_UNREADABLE),
    (0, b"PK\x03\x04", Kind.TABLE),
)


def sniff(raw: bytes) -> Kind:
    """Tell what the bytes are; the name and the media type that came with them are not asked.

    A table (CSV, or a workbook, which is a zip file) is told apart here and opened elsewhere.
    """
    if not raw.strip():
        return Kind.EMPTY
    if PDF_MAGIC in raw[:PDF_HEAD]:
        return Kind.PDF
    for place, magic, kind in MAGIC:
        if raw.startswith(magic, place):
            return kind
    return _of_text(raw)


def _of_text(raw: bytes) -> Kind:
    if raw.startswith(BYTE_ORDER_MARKS):
        return Kind.ENCODING
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return Kind.ENCODING if b"\0" not in raw and raw.lstrip()[:1] in {b"{", b"<"} else Kind.UNKNOWN
    if text.startswith(("{", "[", '"')):
        return Kind.JSON
    if text.startswith("<"):
        return Kind.SVG if "<svg" in text[:HEAD] else Kind.UNKNOWN
    return _of_line(text)


def _of_line(text: str) -> Kind:
    """Tell apart what is written by hand or read from a code: a line, or several."""
    if JWT.fullmatch(text) and len(text) > LONGEST_REFERENCE:
        return Kind.JWT
    if is_proof(text):
        return Kind.QR
    if len(text.splitlines()) > 1:
        return Kind.TABLE if all(len(line) <= LONGEST_REFERENCE for line in text.splitlines()) else Kind.UNKNOWN
    if SCHEME.match(text):
        return Kind.ADDRESS if len(text) <= LONGEST_ADDRESS else Kind.UNKNOWN
    if len(text) > LONGEST_REFERENCE or any(unicodedata.category(one) == "Cc" for one in text if one != "\t"):
        return Kind.UNKNOWN
    return Kind.TABLE if any(separator in text for separator in SEPARATORS) else Kind.REFERENCE


def is_proof(text: str) -> bool:
    """Tell whether a line is what a scanner reads from our QR codes: an address with digits behind `/v#`, or these."""
    head, mark, digits = text.partition(QR_PATH)
    return digits.isdigit() if mark else len(head) > LONGEST_REFERENCE and head.isdigit()


def as_reference(text: str) -> str:
    """Return a number as it is kept, however it was typed: full-width, spaced, with another dash, in small letters."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join("-" if unicodedata.category(one) == "Pd" or one == MINUS else one for one in plain)
    return "".join(plain.split())


def spellings(reference: str) -> tuple[str, ...]:
    """Return how a number may be kept: as it was typed and, where somebody set dashes for the eye, without them."""
    plain = reference.replace("-", "")
    return (reference,) if plain in {"", reference} else (reference, plain)
