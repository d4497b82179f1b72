"""Credentials inside pictures as Open Badges 3.0 section 5.3 bakes them, read with bounded work."""

import struct
import zlib
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from app.credentials.rules.document import CREDENTIAL_LIMITS, DocumentError
from app.credentials.rules.inputs import PNG_MAGIC

KEYWORD = b"openbadgecredential"
TEXT_CHUNK = b"iTXt"
END_CHUNK = b"IEND"
MAX_CHUNKS = 10_000
HEAD_LENGTH = 8
CRC_LENGTH = 4
NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
CREDENTIAL_TAG = f"{{{NAMESPACE}}}credential"
TOKEN_ATTRIBUTE = "verify"  # noqa: S105 - the name of an attribute, not a password
MAX_ELEMENTS = 50_000
MAX_DEPTH = 64
# A JWT in base64url is a third longer than what it carries.
LONGEST = CREDENTIAL_LIMITS.size * 3 // 2


def baked_in_png(raw: bytes) -> bytes | None:
    """Return the credential in a PNG file, None where none is baked in.

    Raises DocumentError for a broken file, a credential larger than one can be, and for two of them.
    """
    found: bytes | None = None
    place = len(PNG_MAGIC)
    for _number in range(MAX_CHUNKS):
        kind, body, place = _chunk(raw, place)
        if kind == END_CHUNK:
            return found
        if kind != TEXT_CHUNK or not body.startswith(KEYWORD + b"\0"):
            continue
        if found is not None:
            raise DocumentError("two-credentials")
        found = _text_of(body[len(KEYWORD) + 1 :])
    raise DocumentError("picture-broken")


def _chunk(raw: bytes, place: int) -> tuple[bytes, bytes, int]:
    """Return type, data and end of the chunk at a place; raises DocumentError where it is cut or damaged."""
    try:
        length, kind = struct.unpack_from(">I4s", raw, place)
    except struct.error as error:
        raise DocumentError("picture-broken") from error
    start = place + HEAD_LENGTH
    end = start + length
    body, sum_given = raw[start:end], raw[end : end + CRC_LENGTH]
    if len(sum_given) != CRC_LENGTH or int.from_bytes(sum_given, "big") != zlib.crc32(body, zlib.crc32(kind)):
        raise DocumentError("picture-broken")
    return kind, body, end + CRC_LENGTH


def _text_of(body: bytes) -> bytes:
    """Return the text of an iTXt chunk after its keyword: flags, language, translated keyword, text."""
    compressed, rest = body[:1], body[2:]
    _language, _null, rest = rest.partition(b"\0")
    _keyword, null, text = rest.partition(b"\0")
    if not null or compressed not in {b"\0", b"\1"}:
        raise DocumentError("picture-broken")
    if compressed == b"\1":
        text = _inflated(text)
    if len(text) > LONGEST:
        raise DocumentError("too-large", limit=str(LONGEST))
    return text


def _inflated(packed: bytes) -> bytes:
    unpack = zlib.decompressobj()
    try:
        text = unpack.decompress(packed, LONGEST + 1)
    except zlib.error as error:
        raise DocumentError("picture-broken") from error
    if len(text) <= LONGEST and not unpack.eof:
        raise DocumentError("picture-broken")
    return text


def baked_in_svg(raw: bytes) -> bytes | None:
    """Return the credential in an SVG file, None where none is baked in.

    Document types and entities are refused, so nothing can grow or be fetched. Raises DocumentError
    for a broken file, one with more parts than a picture needs, and for two credentials.
    """
    target = _Credentials()
    parser = DefusedXMLParser(target=target, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(raw)
        parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError("svg-broken") from error
    if len(target.found) > 1:
        raise DocumentError("two-credentials")
    return target.found[0].strip().encode() if target.found else None


class _Credentials:
    """Collects the text of credential elements while the parser reads, and nothing else."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._depth = 0
        self._elements = 0
        self._inside = 0
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Count an element; a JWT stands in the attribute of the credential element."""
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise DocumentError("svg-too-many-parts")
        if self._inside:
            raise DocumentError("svg-broken")
        if tag == CREDENTIAL_TAG:
            self._inside = self._depth
            self.found.append("")
            self.data(attributes.get(TOKEN_ATTRIBUTE, ""))

    def end(self, tag: str) -> None:
        """Leave an element."""
        del tag
        if self._inside == self._depth:
            self._inside = 0
        self._depth -= 1

    def data(self, text: str) -> None:
        """Keep the text of a credential element up to what a credential can be."""
        if not self._inside:
            return
        self._length += len(text)
        if self._length > LONGEST:
            raise DocumentError("too-large", limit=str(LONGEST))
        self.found[-1] += text

    def close(self) -> None:
        """End the reading."""
