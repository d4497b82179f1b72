"""A badge against its certificate: what the picture shows must be what is drawn of the credential inside it.

What a picture looks like is no proof, and anybody may bake a credential into one of their own. What is drawn of a
credential is known, so an SVG is compared stroke by stroke, and a PNG as it looks, whatever its size (decision 0087).
"""

import base64
from typing import TYPE_CHECKING

from app.core.errors import UnavailableError
from app.core.lazily import lazily
from app.credentials.confined import reader
from app.credentials.models import Certificate
from app.credentials.reading import Presented
from app.credentials.rules.baked import canonical_drawing, drawn_how, is_plain_png, png_drawn_how
from app.credentials.rules.cose import drawn_as
from app.credentials.rules.document import DocumentError
from app.credentials.rules.inputs import Kind
from app.credentials.rules.openbadge import Certificate as Facts
from app.credentials.rules.verdict import Check, CheckName, Result, Verdict

if TYPE_CHECKING:
    from app.credentials.paper import badge
else:
    badge = lazily("app.credentials.paper.badge")

BAKED = frozenset({Kind.PNG, Kind.SVG})
MOST_APART = 16
"""By how much a colour (0 to 255) of one of 180 by 180 fields may differ: more than the packing of a file, a smooth
rescaling or another release of the drawing library moves it (10), less than a letter of the smallest line (20)."""
MOST_RESCALED = 90
"""Of a picture of another side more than any rescaling, the coarsest included, moves a field (84); a changed name, or
a digit of the number, moves one further (101). Between the two nobody can tell a coarse copy from a small change."""
SMALLEST = 300
"""Pixels of a side: below, the smallest line cannot be read."""
AS_DRAWN, CHANGED, DIFFERS, OTHER = "picture-as-drawn", "picture-changed", "picture-differs", "picture-other"
RESULTS = {AS_DRAWN: Result.PASS, CHANGED: Result.FAIL}


def picture_check(found: Presented, raw: bytes, made: Verdict, record: Certificate | None) -> Check:
    """Compare a PNG or SVG with what is drawn of its credential, once that holds: as badge or as QR code.

    Without the record of the register the code is not known, and the program may be another than the one that drew
    the picture: then what differs is not called changed.
    """
    if made.certificate is None or made.check(CheckName.SIGNATURE).result is not Result.PASS:
        return Check(CheckName.PICTURE, Result.UNCHECKED, "earlier-check")
    qr = record.qr if record else None
    try:
        code = (_svg if found.kind is Kind.SVG else _png)(raw, made.certificate, qr)
    except DocumentError:
        code = OTHER
    except UnavailableError:
        code = "picture-undrawn"
    if code == CHANGED and record is None:
        code = DIFFERS
    return Check(CheckName.PICTURE, RESULTS.get(code, Result.UNKNOWN), code)


def _svg(raw: bytes, facts: Facts, qr: str | None) -> str:
    drawings = [badge.svg(facts).encode(), *([drawn_as("svg", qr)] if qr else [])]
    if canonical_drawing(raw) in map(canonical_drawing, drawings):
        return AS_DRAWN
    return CHANGED if drawn_how(raw) in {"", badge.drawing()} else DIFFERS


def _png(raw: bytes, facts: Facts, qr: str | None) -> str:
    side, looks = _looks(raw)
    if side < SMALLEST or not is_plain_png(raw):
        return OTHER
    drawn = [_looks(one) for one in (badge.png(facts), *([drawn_as("png", qr)] if qr else []))]
    apart = min(_apart(looks, theirs) for _side, theirs in drawn)
    if apart <= MOST_APART:
        return AS_DRAWN
    if png_drawn_how(raw) not in {"", badge.drawing()}:
        return DIFFERS
    return CHANGED if apart > MOST_RESCALED or side in {one for one, _theirs in drawn} else OTHER


def _looks(raw: bytes) -> tuple[int, list[bytes]]:
    """Return the side of a square picture and how it looks, on white and, where it can be seen through, on black."""
    found = reader.ask("fields", raw)
    return found["side"], [base64.b64decode(one) for one in found["looks"]]


def _apart(shown: list[bytes], drawn: list[bytes]) -> int:
    """Return by how much two pictures differ at most; one that covers its ground is compared on white alone."""
    grounds = zip(shown, drawn if len(drawn) == len(shown) else drawn * 2, strict=False)
    return max(abs(one - other) for mine, theirs in grounds for one, other in zip(mine, theirs, strict=True))
