"""A badge against its certificate: what the picture shows must be what is drawn of the credential inside it.

What the picture looks like is no proof, and anybody may bake a credential into a picture of their own: so only one of
the same size that shows something else fails; one of another size, or written by another program, is not compared.
"""

import base64
from typing import TYPE_CHECKING

from app.core.errors import UnavailableError
from app.core.lazily import lazily
from app.credentials.confined import reader
from app.credentials.models import Certificate
from app.credentials.reading import Presented
from app.credentials.rules.baked import bake_png, bake_svg
from app.credentials.rules.cose import drawn_as
from app.credentials.rules.document import DocumentError
from app.credentials.rules.inputs import Kind
from app.credentials.rules.verdict import Check, CheckName, Result, Verdict

if TYPE_CHECKING:
    from app.credentials.paper import badge
else:
    badge = lazily("app.credentials.paper.badge")

BAKED = frozenset({Kind.PNG, Kind.SVG})
MOST_APART = 16
"""By how much the grey (0 to 255) of a field of 4 by 4 pixels may differ: more than another release of the drawing
library smooths edges otherwise, less than a changed letter of the smallest line."""


def picture_check(found: Presented, raw: bytes, made: Verdict, record: Certificate | None) -> Check:
    """Compare a PNG or SVG with what is drawn of its credential, once that holds: as badge or as QR code."""
    if made.certificate is None or made.check(CheckName.SIGNATURE).result is not Result.PASS:
        return Check(CheckName.PICTURE, Result.UNCHECKED, "earlier-check")
    text, qr = (found.credential or b"").decode(), record.qr if record else None
    try:
        if found.kind is Kind.SVG:
            drawings = [badge.svg(made.certificate), *([drawn_as("svg", qr).decode()] if qr else [])]
            return _said(Result.PASS if raw in {bake_svg(one, text) for one in drawings} else Result.UNKNOWN)
        pictures = [badge.png(made.certificate), *([drawn_as("png", qr)] if qr else [])]
        return _said(Result.PASS if raw in {bake_png(one, text) for one in pictures} else _seen(raw, pictures))
    except (DocumentError, UnavailableError):
        return _said(Result.UNKNOWN)


def _said(result: Result) -> Check:
    codes = {Result.PASS: "picture-as-drawn", Result.FAIL: "picture-changed"}
    return Check(CheckName.PICTURE, result, codes.get(result, "picture-other"))


def _seen(raw: bytes, pictures: list[bytes]) -> Result:
    """Compare pictures field by field, as they look: how a file packs them makes no difference."""
    width, shown = _fields(raw)
    alike = [fields for wide, fields in map(_fields, pictures) if (wide, len(fields)) == (width, len(shown))]
    if not alike:
        return Result.UNKNOWN
    apart = min(max(abs(mine - theirs) for mine, theirs in zip(shown, one, strict=True)) for one in alike)
    return Result.PASS if apart <= MOST_APART else Result.FAIL


def _fields(raw: bytes) -> tuple[int, bytes]:
    found = reader.ask("fields", raw)
    return found["width"], base64.b64decode(found["grey"])
