"""From what was handed in to the credential inside it, or to the number or address that leads to one."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass

from app.core.columns import JsonObject
from app.credentials.confined import reader
from app.credentials.rules.baked import read_png, read_svg
from app.credentials.rules.document import CREDENTIAL_LIMITS, DocumentError
from app.credentials.rules.inputs import Kind, sniff
from app.credentials.rules.printed import Sheet, Signature
from app.credentials.rules.sheets import FILES


@dataclass(frozen=True, slots=True)
class Presented:
    """What was handed in: its form, and its credential, or the references that it names instead.

    `sheet` is what a PDF shows beside its credential. A picture may hold several codes.
    """

    kind: Kind
    credential: bytes | None = None
    references: tuple[str, ...] = ()
    sheet: Sheet | None = None


RESULT_COLUMNS = 13
"""The codes of a signed row, as `services.checks.signed_values` writes them."""
REFUSED: dict[Kind, str] = {
    Kind.EMPTY: "empty",
    Kind.PHOTO_UNREADABLE: "photo-unreadable",
    Kind.TABLE: "table",
    Kind.ENCODING: "encoding",
    Kind.UNKNOWN: "not-json",
}


def present(raw: bytes) -> Presented:
    """Open what was handed in with bounded work; raises DocumentError with the code of what is wrong with it."""
    kind = sniff(raw)
    if kind in REFUSED:
        raise DocumentError(REFUSED[kind])
    return OPENERS[kind](kind, raw)


def _document(kind: Kind, raw: bytes) -> Presented:
    return Presented(kind, credential=raw.strip() if kind is Kind.JWT else raw)


def _reference(kind: Kind, raw: bytes) -> Presented:
    return Presented(kind, references=(raw.decode("utf-8-sig").strip(),))


def _png(kind: Kind, raw: bytes) -> Presented:
    """Read what is baked in; apps and photo libraries take it out, and the code in the picture is left."""
    try:
        return Presented(kind, credential=read_png(raw))
    except DocumentError as error:
        if error.code != "png-without-credential":
            raise
    return _picture(kind, raw)


def _picture(kind: Kind, raw: bytes) -> Presented:
    codes = tuple(str(one) for one in reader.ask("picture", raw)["codes"])
    if not codes:
        raise DocumentError("no-code")
    return Presented(kind, references=codes)


def _svg(kind: Kind, raw: bytes) -> Presented:
    return Presented(kind, credential=read_svg(raw))


def _pdf(kind: Kind, raw: bytes) -> Presented:
    found = reader.ask("pdf", raw)
    credentials = [base64.b64decode(one) for one in found["credentials"]]
    if not credentials:
        raise DocumentError("pdf-without-credential")
    if len(credentials) > 1:
        raise DocumentError("two-credentials")
    if len(credentials[0]) > CREDENTIAL_LIMITS.size:
        raise DocumentError("too-large", limit=str(CREDENTIAL_LIMITS.size))
    return Presented(kind, credential=credentials[0], sheet=_sheet(found))


def sheet_of(raw: bytes) -> Sheet:
    """Return what a PDF of ours shows; raises DocumentError where it cannot be read."""
    return _sheet(reader.ask("pdf", raw))


def result_of(raw: bytes) -> tuple[str, list[list[str]], tuple[Signature, ...]]:
    """Return the signed result in a PDF, its rows and the signatures of the file; raises DocumentError."""
    found = reader.ask("result", raw)
    texts = [base64.b64decode(found["files"].get(name, "")).decode("utf-8", "replace") for name in FILES]
    try:
        rows = json.loads(texts[1])
        read = [[str(cell) for cell in row] for row in rows if len(row) == RESULT_COLUMNS]
    except (ValueError, TypeError, RecursionError) as error:
        raise DocumentError("result-broken") from error
    if len(read) != len(rows):
        raise DocumentError("result-broken")
    return texts[0], read, tuple(_signature(one) for one in found["signatures"])


def _sheet(found: JsonObject) -> Sheet:
    return Sheet(
        text=found["text"],
        pages=found["pages"],
        drawing=found["drawing"],
        notes=found["notes"],
        signatures=tuple(_signature(one) for one in found["signatures"]),
    )


def _signature(found: JsonObject) -> Signature:
    return Signature(
        intact=found["intact"],
        coverage=found["coverage"],
        changed=found["changed"],
        allowed=found["allowed"],
        key=bytes.fromhex(found["key"]),
    )


OPENERS: dict[Kind, Callable[[Kind, bytes], Presented]] = {
    Kind.PDF: _pdf,
    Kind.PNG: _png,
    Kind.PICTURE: _picture,
    Kind.SVG: _svg,
    Kind.JSON: _document,
    Kind.JWT: _document,
    Kind.QR: _reference,
    Kind.ADDRESS: _reference,
    Kind.REFERENCE: _reference,
}
