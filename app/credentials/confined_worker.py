"""A program of its own that reads hostile PDF files and pictures, in a process that can be lost.

Run as `python -I confined_worker.py` with a Unix socket as standard input. It loads its parsers once, forks for
every file it is handed, and lets the child work under limits of the kernel: so many seconds of processor, so much
memory, no file written. It imports nothing of the application, gets no settings, and fetches nothing.
"""

import base64
import hashlib
import io
import json
import logging
import os
import resource
import signal
import socket
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import zxingcpp
from PIL import Image, UnidentifiedImageError
from pyhanko.pdf_utils.reader import PdfFileReader as SignedReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader, apply_configuration
from pypdf.errors import LimitReachedError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

CREDENTIAL_NAME = "credential.json"
RESULT_NAMES = ("result-sheet.jws", "rows.json")
CPU_SECONDS = 6
MEMORY = 1024 * 1024 * 1024
REQUEST_LIMIT = 16 * 1024 * 1024
MAX_PAGES = 10
MAX_ATTACHMENTS = 20
MAX_ATTACHMENT = 256 * 1024
MAX_RESULT = 4 * 1024 * 1024
MAX_TEXT = 100_000
MAX_PARTS = 20_000
MAX_DEPTH = 80
MAX_SIGNATURES = 10
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 2400
FIELDS = 180
MAX_CODES = 20
PICTURES = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
# What ties a page to its document or only names it, but draws nothing.
NOT_DRAWN = frozenset({"/Parent", "/P", "/Annots", "/StructParents", "/StructParent", "/Metadata", "/Length"})

# A sheet of ours has a few thousand operators and some hundred kilobytes of fonts.
PDF_LIMITS: dict[str, Any] = {
    "maximum_declared_stream_length": 8_000_000,
    "array_based_stream_maximum_output_length": 8_000_000,
    "array_maximum_element_count": 50_000,
    "dictionary_maximum_element_count": 20_000,
    "lzw_maximum_output_length": 8_000_000,
    "run_length_maximum_output_length": 8_000_000,
    "zlib_maximum_output_length": 8_000_000,
    "stream_decoding_work_maximum_length": 16_000_000,
    "stream_parsing_work_maximum_count": 200_000,
    "page_tree_maximum_entries": 1_000,
    "page_tree_maximum_page_entries": 20_000,
    "named_destinations_maximum_entries": 1_000,
    "xform_maximum_invocations_per_extraction": 500,
    "jbig2dec_binary": None,
}

Answer = dict[str, Any]


class Refused(Exception):  # noqa: N818 - a refusal, not a fault of ours
    """The file goes no further; the argument is the code of the sentence that says why."""


def read_pdf(raw: bytes) -> Answer:
    """Return what a PDF carries and shows: credentials inside, text, drawing, signatures."""
    with apply_configuration(**PDF_LIMITS):
        return _read_pdf(raw)


def _read_pdf(raw: bytes) -> Answer:
    reader = PdfReader(io.BytesIO(raw), strict=False)
    if reader.is_encrypted:
        raise Refused("pdf-encrypted")
    pages = len(reader.pages)
    found = [base64.b64encode(one).decode() for one in _credentials(reader)]
    if pages > MAX_PAGES:
        return {"credentials": found, "pages": pages, "text": "", "drawing": "", "notes": 0, "signatures": []}
    return {
        "credentials": found,
        "pages": pages,
        "text": _text(reader)[:MAX_TEXT],
        "drawing": _drawing(reader),
        "notes": sum(_is_note(one) for one in _annotations(reader)),
        "signatures": _signatures(raw),
    }


def _credentials(reader: PdfReader) -> list[bytes]:
    """Return the different contents attached under the one name, so that a second one cannot hide."""
    found: list[bytes] = []
    for number, one in enumerate(reader.attachment_list):
        if number >= MAX_ATTACHMENTS:
            raise Refused("pdf-too-many-attachments")
        if one.name != CREDENTIAL_NAME:
            continue
        content = bytes(one.content)
        if len(content) > MAX_ATTACHMENT:
            raise Refused("too-large")
        if content not in found:
            found.append(content)
    return found


def read_result(raw: bytes) -> Answer:
    """Return the signed result and its rows that lie in a PDF, and its signatures."""
    with apply_configuration(**PDF_LIMITS):
        reader = PdfReader(io.BytesIO(raw), strict=False)
        if reader.is_encrypted:
            raise Refused("pdf-encrypted")
        return {"files": _result_files(reader), "signatures": _signatures(raw)}


def _result_files(reader: PdfReader) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, one in enumerate(reader.attachment_list):
        if number >= MAX_ATTACHMENTS:
            raise Refused("pdf-too-many-attachments")
        if one.name not in RESULT_NAMES:
            continue
        content = bytes(one.content)
        if len(content) > MAX_RESULT or found.setdefault(one.name, base64.b64encode(content).decode()) != (
            base64.b64encode(content).decode()
        ):
            raise Refused("result-broken")
    return found


def _text(reader: PdfReader) -> str:
    """Return the text of all pages and of what is laid over them."""
    pages = [page.extract_text() for page in reader.pages]
    # The value of a signature's field is the signature itself, which is no text.
    laid_over = [one.get(key) for one in _annotations(reader) for key in ("/Contents", "/V")]
    return "\n".join([*pages, *(one for one in laid_over if isinstance(one, str))])


def _annotations(reader: PdfReader) -> Iterator[DictionaryObject]:
    for page in reader.pages:
        for one in page.get("/Annots") or []:
            found = one.get_object()
            if isinstance(found, DictionaryObject):
                yield found


def _is_link(annotation: DictionaryObject) -> bool:
    return annotation.get("/Subtype") == "/Link"


def _is_note(annotation: DictionaryObject) -> bool:
    """Tell whether an annotation may cover the page: any but a mere link and the field of a signature without a place.

    Readers draw a link, too, where it says what it looks like.
    """
    if _is_link(annotation):
        return "/AP" in annotation
    is_seal = annotation.get("/Subtype") == "/Widget" and annotation.get("/FT") == "/Sig"
    return not is_seal or any(float(one) for one in annotation.get("/Rect") or ())


def _drawing(reader: PdfReader) -> str:
    """Hash all that draws the pages: operators, fonts, pictures, links with their borders.

    It is the same after a mere re-packing of the file.
    """
    parts = _Parts()
    drawn = [parts.digest(one) for one in (*reader.pages, *filter(_is_link, _annotations(reader)))]
    return hashlib.sha256(b"".join(drawn)).hexdigest()


class _Parts:
    """Hashes what objects refer to, each once; that two share a part, or that it was copied, makes no difference."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bytes] = {}
        self._left = MAX_PARTS

    def digest(self, value: Any, depth: int = 0) -> bytes:  # noqa: ANN401 - any PDF object
        """Return the hash of an object with all below it; raises Refused past the limits."""
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            raise Refused("too-much-work")
        if isinstance(value, IndirectObject):
            return self._followed(value, depth)
        found = hashlib.sha256(_shown(value).encode("utf-8", "surrogatepass"))
        for name, child in _children(value):
            found.update(name.encode("utf-8", "surrogatepass") + b"=" + self.digest(child, depth + 1))
        return found.digest()

    def _followed(self, value: IndirectObject, depth: int) -> bytes:
        place = (value.idnum, value.generation)
        if place not in self._known:
            self._known[place] = b"itself"
            self._known[place] = self.digest(value.get_object(), depth + 1)
        return self._known[place]


def _shown(value: Any) -> str:  # noqa: ANN401 - any PDF object
    if isinstance(value, StreamObject):
        return f"stream {hashlib.sha256(_unpacked(value)).hexdigest()}"
    if isinstance(value, DictionaryObject):
        return "dictionary"
    if isinstance(value, ArrayObject):
        return f"array {len(value)}"
    return repr(value)


def _unpacked(value: StreamObject) -> bytes:
    """Return the data of a stream without its packing; of a picture that needs a codec, as it lies there."""
    try:
        return bytes(value.get_data())
    except NotImplementedError:
        return bytes(value._data)  # noqa: SLF001 - pypdf has no other way to the packed bytes


def _children(value: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - any PDF object
    if isinstance(value, DictionaryObject):
        names = sorted(set(value) - NOT_DRAWN - {"/Filter", "/DecodeParms"})
        return [(str(name), value.raw_get(name)) for name in names]
    if isinstance(value, ArrayObject):
        return [("", one) for one in list.__iter__(value)]
    return []


def _signatures(raw: bytes) -> list[Answer]:
    """Return every signature of the file and what was done to the file after it.

    A file whose signatures the library cannot read is told as one that is broken, since pypdf did read the rest.
    """
    if b"/ByteRange" not in raw:
        return []
    try:
        found = list(SignedReader(io.BytesIO(raw)).embedded_regular_signatures)
        return [_signature(one) for one in found[:MAX_SIGNATURES]]
    except (MemoryError, RecursionError):
        raise
    except Exception:  # noqa: BLE001 - as in `answer`: the file is at fault
        return [{"intact": False, "coverage": "UNCLEAR", "changed": "OTHER", "allowed": False, "key": ""}]


def _signature(embedded: Any) -> Answer:  # noqa: ANN401 - pyHanko's class
    # Nobody is trusted here: who the key belongs to is decided by whoever asked.
    status = validate_pdf_signature(embedded, ValidationContext(trust_roots=[], allow_fetching=False))
    return {
        "intact": bool(status.intact and status.valid),
        "coverage": status.coverage.name if status.coverage is not None else "UNCLEAR",
        "changed": status.modification_level.name if status.modification_level is not None else "NONE",
        "allowed": bool(status.docmdp_ok),
        "key": status.signing_cert.public_key.dump().hex(),
    }


def read_picture(raw: bytes) -> Answer:
    """Return the texts of the QR codes in a picture, which is made smaller first where it is large."""
    return {"codes": _codes(_on_white(_opened(raw)))}


def read_fields(raw: bytes) -> Answer:
    """Return how a square picture looks in fields of one number whatever its side; the side of another is 0.

    What can be seen through is looked at on white and on black: what does not show on one ground shows on the other.
    """
    picture = _opened(raw, "RGBA")
    if picture.width != picture.height:
        return {"side": 0, "looks": []}
    clear = picture.getchannel("A").getextrema() != (255, 255)
    looks = [_on(ground, picture, "RGB") for ground in ("white", "black")[: 1 + clear]]
    fields = [one.resize((FIELDS, FIELDS), Image.Resampling.BILINEAR).tobytes() for one in looks]
    return {"side": picture.width, "looks": [base64.b64encode(one).decode() for one in fields]}


def _opened(raw: bytes, mode: str = "L") -> Image.Image:
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2  # Pillow refuses at twice this number
    try:
        with Image.open(io.BytesIO(raw), formats=PICTURES) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Refused("picture-too-large")
            picture.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
            return picture.convert("RGBA" if picture.has_transparency_data else mode)
    except Image.DecompressionBombError as error:
        raise Refused("picture-too-large") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise Refused("picture-broken") from error


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGBA":
        picture = _on("white", picture, "L")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return picture


def _on(ground: str, picture: Image.Image, mode: str) -> Image.Image:
    paper = Image.new("RGBA", picture.size, ground)
    paper.alpha_composite(picture)
    return paper.convert(mode)


def _codes(picture: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.barcode_formats_from_str("QRCode"))
    return list(dict.fromkeys(one.text for one in found))[:MAX_CODES]


TASKS: dict[str, Callable[[bytes], Answer]] = {
    "pdf": read_pdf,
    "picture": read_picture,
    "fields": read_fields,
    "result": read_result,
}


def answer(task: str, raw: bytes) -> Answer:
    """Do one task; whatever a parser trips over becomes a code, since the file is at fault."""
    try:
        return TASKS[task](raw)
    except Refused as refusal:
        return {"refused": refusal.args[0]}
    except (MemoryError, RecursionError, LimitReachedError):
        return {"refused": "too-much-work"}
    except Exception as error:  # noqa: BLE001 - parsers fail on hostile files in every way there is
        return {"refused": f"{task}-broken", "why": type(error).__name__}


def limit() -> None:
    """Bound this process: processor, memory, nothing written, no dump."""
    for what, most in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _soft, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)  # noqa: PLW2901 - never above what is set
        resource.setrlimit(what, (most, most))


def handle(line: socket.socket) -> None:
    """Read a request (name of the task, line feed, file) until its end, and answer it in JSON."""
    with line, line.makefile("rb") as stream:
        task = stream.readline(64).decode().strip()
        raw = stream.read(REQUEST_LIMIT)
        line.sendall(json.dumps(answer(task, raw)).encode())


def serve(control: socket.socket) -> None:
    """Fork for every socket that comes along the control socket, until that closes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        message, handles, _flags, _address = socket.recv_fds(control, 1, 1)
        if not message:
            return
        for handle_number in handles:
            line = socket.socket(fileno=handle_number)
            if os.fork() == 0:
                _work(control, line)
            line.close()


def _work(control: socket.socket, line: socket.socket) -> None:
    try:
        control.close()
        limit()
        handle(line)
    finally:
        os._exit(0)


def main() -> None:
    """Serve along standard input, without a word."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with socket.socket(fileno=sys.stdin.fileno()) as control:
        serve(control)


if __name__ == "__main__":
    main()
