"""The badge of a certificate: one medallion, drawn as SVG and as PNG, in which the credential is baked."""

import hashlib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from app.credentials.paper import guilloche, letters
from app.credentials.paper.guilloche import BRONZE, CINNABAR, INK, MIST, TEAL, Rosette, Stroke, circle, rosette, star
from app.credentials.rules.baked import DRAWING
from app.credentials.rules.openbadge import Certificate as Facts

SIDE = 720
SHARPER = 3
"""Lines are drawn so many times larger and then reduced, which smooths them."""
COLOURS = 96
STEPS = 5
"""Straight pieces of one curve when it is drawn in pixels."""
EDGE = Rosette(petals=60, rings=4, depth=0.09, colour=TEAL, width=1.1, points=6)
WEAVE = Rosette(petals=72, rings=5, depth=0.15, colour=TEAL, width=0.9, points=6)
THREAD = Rosette(petals=72, rings=2, depth=0.15, colour=BRONZE, width=0.9, points=6)
HEART = Rosette(petals=24, rings=6, depth=0.55, colour=MIST, width=1.1, points=8)
LONGEST_LINE = 400


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text centred at y: its size is the largest of at most `size` at which it is `widest` or less."""

    text: str
    y: float
    size: float
    weight: str = "Regular"
    colour: str = INK
    widest: float = LONGEST_LINE
    spacing: float = 0

    @property
    def fitting(self) -> float:
        """Return the size at which the line fits."""
        wide = letters.width_of(self.text, self.weight, spacing=self.spacing)
        return min(self.size, self.widest / wide) if wide else self.size

    @property
    def left(self) -> float:
        """Return where the line begins."""
        return -letters.width_of(self.text, self.weight, spacing=self.spacing) * self.fitting / 2


def medallion() -> list[Stroke]:
    """Draw all that every badge shares, around the origin, reaching 350 to each side."""
    return [
        Stroke((circle(0, 0, 344),), "#ffffff", 0),
        rosette(0, 0, 352, EDGE),
        Stroke((circle(0, 0, 330),), TEAL, 5),
        rosette(0, 0, 322, WEAVE),
        rosette(0, 0, 322, THREAD),
        Stroke((circle(0, 0, 264),), BRONZE, 1.6),
        Stroke((circle(0, 0, 258),), TEAL, 3.2),
        rosette(0, 0, 240, HEART),
        Stroke((star(0, -196, 27),), CINNABAR, 0),
        Stroke((guilloche.straight((-120, 74), (120, 74)),), BRONZE, 1.6),
    ]


def lines_of(facts: Facts) -> Iterator[Line]:
    """Return what the badge says: what was achieved, by whom, its number and who certified it."""
    title = facts.achievement.name.zh
    rows = _halves(title) if len(title) > LONG_TITLE else [title]
    yield from (
        Line(row, -118 + 48 * i + (24 if len(rows) == 1 else 0), 44, "Bold", widest=430) for i, row in enumerate(rows)
    )
    yield Line(facts.holder.name, 30, 64, "Bold", widest=380, spacing=0.12)
    if facts.holder.name_latin:
        yield Line(facts.holder.name_latin, 62, 22, widest=400)
    if facts.number:
        yield Line(facts.number, 108, 24, "Bold", TEAL, widest=360, spacing=0.05)
    yield Line(facts.issuer.name.zh, 148, 25, widest=340)
    if facts.issuer.name.en:
        yield Line(facts.issuer.name.en, 174, 15, widest=300)
    yield Line("VERIFIABLE CREDENTIAL", 206, 13, "Bold", CINNABAR, widest=230, spacing=0.12)


LONG_TITLE = 11


def _halves(text: str) -> list[str]:
    middle = math.ceil(len(text) / 2)
    return [text[:middle], text[middle:]]


@cache
def drawing() -> str:
    """Name how badges are drawn here: under another name with other fonts, or once what all badges share is another.

    Raises LettersMissingError.
    """
    faces = [f"{path.name} {path.stat().st_size}" for weight in ("Regular", "Bold") for path in letters.files(weight)]
    return hashlib.sha256("\n".join([_shared(), *faces]).encode()).hexdigest()[:16]


@cache
def _shared() -> str:
    return guilloche.as_svg(medallion(), prefix="m")


def svg(facts: Facts) -> str:
    """Return the badge as SVG whose letters are outlines, so that it looks the same without any font.

    Raises LettersMissingError.
    """
    half = SIDE / 2
    title = _escaped(f"{facts.achievement.name.zh} {facts.holder.name}")
    words = "".join(_outlined(line) for line in lines_of(facts))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-half:g} {-half:g} {SIDE} {SIDE}" role="img" '
        f'{DRAWING}="{drawing()}"><title>{title}</title>{_shared()}{words}</svg>'
    )


def _outlined(line: Line) -> str:
    parts, x, size = [], line.left, line.fitting
    for face, run in letters.runs(line.text, line.weight):
        for one in run:
            parts.append(face.outline(one, size=size, x=x, y=line.y))
            x += (face.width(one) + line.spacing) * size
    return f'<path d="{"".join(parts)}" fill="{line.colour}"/>'


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def png(facts: Facts) -> bytes:
    """Return the badge as PNG of 720 by 720 pixels on a clear ground; raises LettersMissingError."""
    image = _engraved().copy()
    draw = ImageDraw.Draw(image)
    half = SIDE / 2
    for line in lines_of(facts):
        size, x = round(line.fitting), line.left
        for face, run in letters.runs(line.text, line.weight):
            for one in run:
                draw.text((half + x, half + line.y), one, font=face.at(size), fill=line.colour, anchor="ls")
                x += (face.width(one) + line.spacing) * line.fitting
    out = io.BytesIO()
    said = PngInfo()
    said.add_text(DRAWING, drawing())
    few = image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
    few.save(out, "PNG", optimize=False, compress_level=7, pnginfo=said)
    return out.getvalue()


@cache
def _engraved() -> Image.Image:
    """Draw the medallion once: every badge has the same."""
    large = SIDE * SHARPER
    image = Image.new("RGBA", (large, large), (255, 255, 255, 0))
    draw = ImageDraw.Draw(image)
    for stroke in medallion():
        place = guilloche.after((SHARPER, 0, 0, SHARPER, large / 2, large / 2), stroke.place)
        for _time in range(stroke.times):
            for curve in stroke.curves:
                _drawn(draw, [_at(place, point) for point in curve], stroke)
            place = guilloche.after(place, stroke.step)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _drawn(draw: ImageDraw.ImageDraw, curve: list[guilloche.Point], stroke: Stroke) -> None:
    points = [curve[0]]
    for i in range(1, len(curve), 3):
        points += [_bent((points[-1], *curve[i : i + 3]), step / STEPS) for step in range(1, STEPS + 1)]
    if stroke.width:
        draw.line(points, fill=stroke.colour, width=max(round(stroke.width * SHARPER), 1), joint="curve")
    else:
        draw.polygon(points, fill=stroke.colour)


def _at(matrix: guilloche.Matrix, point: guilloche.Point) -> guilloche.Point:
    a, b, c, d, e, f = matrix
    return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f


def _bent(curve: tuple[guilloche.Point, ...], t: float) -> guilloche.Point:
    """Return the point of a cubic curve at a parameter from 0 to 1."""
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    x, y = (sum(w * point[axis] for w, point in zip(weights, curve, strict=True)) for axis in (0, 1))
    return x, y
