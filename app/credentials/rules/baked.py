"""Credentials baked into images: written as Open Badges 3.0 says, read back with bounded work.

A PNG carries the credential in an iTXt chunk `openbadgecredential`, an SVG in an element
`openbadges:credential`: its text where the proof is embedded, its attribute `verify` where the
credential is a JWT (Open Badges 3.0, section 5.3 "Baking").
"""

import io
import struct
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import C14NWriterTarget, ParseError
from xml.sax.saxutils import quoteattr

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from app.credentials.rules.document import CREDENTIAL_LIMITS, DocumentError

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"openbadgecredential"
NAMESPACE = "https://purl.imsglobal.org/ob/v3p0"
ELEMENT = f"{{{NAMESPACE}}}credential"
SVG_ROOT = "{http://www.w3.org/2000/svg}svg"
MOST_CHUNKS = 10_000
MOST_ELEMENTS = 20_000
DEEPEST = 64
DRAWING = "data-drawing"
"""The attribute of a drawing of ours that names how it was drawn: where that was otherwise, it looks otherwise."""
PLAIN = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"tRNS",
        b"IDAT",
        b"tEXt",
        b"zTXt",
        b"iTXt",
        b"tIME",
        b"pHYs",
        b"sRGB",
        b"sBIT",
        b"hIST",
        b"bKGD",
    }
)
"""Chunks with which every program shows the same picture."""
OF_SRGB = {
    b"gAMA": struct.pack(">I", 45_455),
    b"cHRM": struct.pack(">8I", 31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000),
}
"""Chunks that say no more than that colours are those of sRGB, in this one form."""
DEPTH_AT = 24
OVERHEAD = 12
"""Bytes of a PNG chunk besides its data: length, type and checksum."""


def bake_png(image: bytes, credential: str) -> bytes:
    """Return a PNG with a credential, JSON or compact JWT, in front of its end."""
    text = KEYWORD + b"\0" + b"\0\0" + b"\0" + b"\0" + credential.encode()
    end = image.rindex(b"IEND") - 4
    return image[:end] + _chunk(b"iTXt", text) + image[end:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def read_png(raw: bytes) -> bytes:
    """Return the credential inside a PNG, JSON or compact JWT.

    Raises DocumentError with `png-broken`, `png-without-credential`, `baked-twice` or `too-large`.
    """
    found = [text for kind, data in _chunks(raw) if kind == b"iTXt" and (text := _credential_text(data)) is not None]
    return _only(found, "png-without-credential")


def is_plain_png(raw: bytes) -> bool:
    """Tell whether every program shows the same picture: no frames that follow, no colours of its own, 8 bits at most.

    Raises DocumentError where it is no PNG.
    """
    kinds = all(kind in PLAIN or OF_SRGB.get(kind) == data for kind, data in _chunks(raw))
    return kinds and raw[DEPTH_AT] <= 8  # noqa: PLR2004 - bits


def _chunks(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield type and data of each chunk up to the end; every checksum must fit and the header come first."""
    if not raw.startswith(PNG_MAGIC):
        raise DocumentError("png-broken")
    place = len(PNG_MAGIC)
    for number in range(MOST_CHUNKS):
        head = raw[place : place + 8]
        if len(head) < 8:  # noqa: PLR2004 - length and type of a chunk
            break
        length, kind = struct.unpack(">I4s", head)
        data, check = raw[place + 8 : place + 8 + length], raw[place + 8 + length : place + OVERHEAD + length]
        if len(check) < 4 or zlib.crc32(kind + data) != int.from_bytes(check) or (kind == b"IHDR") != (number == 0):  # noqa: PLR2004 - a check sum of a chunk has 4 bytes
            break
        if kind == b"IEND":
            return
        yield kind, data
        place += OVERHEAD + length
    raise DocumentError("png-broken")


def _credential_text(data: bytes) -> bytes | None:
    """Return the text of an iTXt chunk that holds a credential, None for any other."""
    keyword, nul, rest = data.partition(b"\0")
    if keyword != KEYWORD or not nul:
        return None
    compressed, method, tail = rest[:1], rest[1:2], rest[2:]
    _language, first, tail = tail.partition(b"\0")
    _translated, second, text = tail.partition(b"\0")
    if not (first and second) or compressed not in {b"\0", b"\1"} or method != b"\0":
        raise DocumentError("png-broken")
    return _inflated(text) if compressed == b"\1" else text


def _inflated(data: bytes) -> bytes:
    """Unpack at most as much as a credential can hold: a small file may unpack to gigabytes."""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(data, CREDENTIAL_LIMITS.size + 1)
    except zlib.error as error:
        raise DocumentError("png-broken") from error
    if not unpacker.eof and len(text) <= CREDENTIAL_LIMITS.size:
        raise DocumentError("png-broken")
    return text


def bake_svg(image: str, credential: str) -> bytes:
    """Return an SVG with a credential, JSON or compact JWT, right behind its opening tag."""
    opening, bracket, rest = image.partition(">")
    space = f' xmlns:openbadges="{NAMESPACE}"'
    if credential.lstrip().startswith("{"):
        inside = credential.replace("]]>", "]]]]><![CDATA[>")
        element = f"<openbadges:credential><![CDATA[{inside}]]></openbadges:credential>"
    else:
        element = f"<openbadges:credential verify={quoteattr(credential)}/>"
    return f"{opening}{space}{bracket}{element}{rest}".encode()


def read_svg(raw: bytes) -> bytes:
    """Return the credential inside an SVG, JSON or compact JWT; entities and document types are refused.

    Raises DocumentError with `svg-broken`, `svg-without-credential`, `baked-twice` or `too-large`.
    """
    try:
        found = list(_baked(raw))
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        if isinstance(error, DocumentError):
            raise
        raise DocumentError("svg-broken") from error
    return _only(found, "svg-without-credential")


def _baked(raw: bytes) -> Iterator[bytes]:
    """Yield each credential while the file is read piece by piece, so that a hostile one ends early."""
    depth = elements = 0
    for event, element in ElementTree.iterparse(io.BytesIO(raw), events=("start", "end"), forbid_dtd=True):
        if event == "start":
            depth, elements = depth + 1, elements + 1
            if depth > DEEPEST or elements > MOST_ELEMENTS or (elements == 1 and element.tag != SVG_ROOT):
                raise DocumentError("svg-broken")
            continue
        depth -= 1
        if element.tag == ELEMENT:
            token, text = element.get("verify"), (element.text or "").strip()
            if (token and text) or len(element):
                raise DocumentError("baked-twice")
            if token or text:
                yield (token or text).encode()


def canonical_drawing(raw: bytes) -> str:
    """Return all that an SVG draws in canonical form, without its credential and without how it was drawn.

    Order and quotes of attributes, prefixes, comments and blanks between elements make no difference. For files that
    `read_svg` read; raises DocumentError.
    """
    parts: list[str] = []
    target = C14NWriterTarget(
        parts.append, strip_text=True, rewrite_prefixes=True, exclude_tags=[ELEMENT], exclude_attrs=[DRAWING]
    )
    parser = ElementTree.XMLParser(target=target, forbid_dtd=True)
    try:
        parser.feed(raw)
        parser.close()
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        raise DocumentError("svg-broken") from error
    return "".join(parts)


def drawn_how(raw: bytes) -> str:
    """Return how an SVG says that it was drawn, empty where it says nothing; for files that `read_svg` read."""
    _start, root = next(iter(ElementTree.iterparse(io.BytesIO(raw), events=("start",), forbid_dtd=True)))
    return str(root.get(DRAWING, ""))


def png_drawn_how(raw: bytes) -> str:
    """Return how a PNG says that it was drawn, empty where it says nothing; raises DocumentError where it is no PNG."""
    own = DRAWING.encode() + b"\0"
    named = (data for kind, data in _chunks(raw) if kind == b"tEXt" and data.startswith(own))
    return next(named, own).removeprefix(own).decode("latin-1")


def _only(found: list[bytes], missing: str) -> bytes:
    """Return the one credential: of two, readers could see different ones."""
    if not found:
        raise DocumentError(missing)
    if len(found) > 1:
        raise DocumentError("baked-twice")
    if len(found[0]) > CREDENTIAL_LIMITS.size:
        raise DocumentError("too-large", limit=str(CREDENTIAL_LIMITS.size))
    return found[0]
