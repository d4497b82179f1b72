"""The engraved lines of a certificate: frames, rosettes and seals as plain curves, in millimetres.

One drawing is written as SVG, for images and screens, and as operators of a PDF page, so that a
sheet need not lay out thousands of curves each time it is made.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

INK = "#16202c"
TEAL, BRONZE, MIST, VEIL, CINNABAR = "#0d5960", "#9a7b3c", "#dfe9e6", "#edf3f1", "#ab2b1b"
POINTS_A_MILLIMETRE = 72 / 25.4
Point = tuple[float, float]
Curve = tuple[Point, ...]
"""A start and then any number of cubic curves of three points each; a closed one ends where it begins."""


Matrix = tuple[float, float, float, float, float, float]
SAME: Matrix = (1, 0, 0, 1, 0, 0)


@dataclass(frozen=True, slots=True)
class Stroke:
    """Curves of one colour: drawn as lines of a width in millimetres, or filled where the width is 0.

    They stand where `place` puts them and are drawn `times` times, each `step` further than the last: what
    repeats is written once, so that an engraving of ten thousand curves takes a few kilobytes.
    """

    curves: tuple[Curve, ...]
    colour: str
    width: float
    place: Matrix = SAME
    step: Matrix = SAME
    times: int = 1


def move(x: float, y: float) -> Matrix:
    """Return the matrix that moves by millimetres."""
    return 1, 0, 0, 1, x, y


def turn(angle: float) -> Matrix:
    """Return the matrix that turns around the origin by an angle in radians."""
    return math.cos(angle), math.sin(angle), -math.sin(angle), math.cos(angle), 0, 0


def after(first: Matrix, then: Matrix) -> Matrix:
    """Return the matrix that does `then` within the place that `first` leads to."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (
        g * a + h * c,
        g * b + h * d,
        i * a + j * c,
        i * b + j * d,
        k * a + m * c + e,
        k * b + m * d + f,
    )


def straight(*points: Point) -> Curve:
    """Return a line through points."""
    return points[0], *(one for a, b in pairwise(points) for one in (a, b, b))


def rectangle(left: float, top: float, right: float, bottom: float) -> Curve:
    """Return the outline of a rectangle."""
    return straight((left, top), (right, top), (right, bottom), (left, bottom), (left, top))


def smooth(points: list[Point], *, closed: bool = True) -> Curve:
    """Return a smooth curve through points (Catmull-Rom)."""
    count = len(points)

    def at(place: int) -> Point:
        return points[place % count if closed else max(0, min(place, count - 1))]

    curve = [points[0]]
    for i in range(count if closed else count - 1):
        before, start, end, after = at(i - 1), at(i), at(i + 1), at(i + 2)
        curve += [
            (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6),
            (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6),
            end,
        ]
    return tuple(curve)


def circle(x: float, y: float, radius: float) -> Curve:
    """Return a circle."""
    turns = [2 * math.pi * i / 24 for i in range(24)]
    return smooth([(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns])


def star(x: float, y: float, radius: float) -> Curve:
    """Return a five-pointed star that stands on two points."""
    turns = [(-math.pi / 2 + math.pi * i / 5, radius if i % 2 == 0 else radius * 0.382) for i in range(11)]
    return straight(*((x + r * math.cos(turn), y + r * math.sin(turn)) for turn, r in turns))


def rosette(x: float, y: float, radius: float, look: "Rosette") -> Stroke:
    """Return interlaced waves around a centre, as on a banknote."""
    angle = 2 * math.pi / look.petals
    curves = []
    for ring in range(look.rings):
        points = []
        for i in range(-1, look.points + 2):
            phase = 2 * math.pi * (i / look.points + ring / look.rings)
            reach = radius * (1 - look.depth / 2 + look.depth / 2 * math.sin(phase))
            points.append((reach * math.cos(angle * i / look.points), reach * math.sin(angle * i / look.points)))
        curves.append(_inner(points))
    return Stroke(tuple(curves), look.colour, look.width, move(x, y), turn(angle), look.petals)


@dataclass(frozen=True, slots=True)
class Rosette:
    """How a rosette looks: petals, waves that interlace, how deep they swing, points of a petal, and its line."""

    petals: int
    rings: int
    depth: float
    colour: str
    width: float
    points: int = 8


def _inner(points: list[Point]) -> Curve:
    """Return the smooth curve through all points but the first and last, which only give its direction."""
    curve = smooth(points, closed=False)
    return curve[3:-3]


def wave(length: float, *, height: float, phase: float) -> Curve:
    """Return one period of a wave along x, from 0 to `length`, around y = 0."""
    points = 6
    places = range(-1, points + 2)
    return _inner([(length * i / points, height * math.sin(2 * math.pi * i / points + phase)) for i in places])


@dataclass(frozen=True, slots=True)
class Band:
    """The engraved band of a frame: how far from the edge, and how wide."""

    outside: float
    inside: float
    strands: int = 6

    @property
    def middle(self) -> float:
        """Return the distance of the middle of the band from the edge."""
        return (self.outside + self.inside) / 2


SHEET = Band(outside=9.0, inside=18.0)
LARGE = Rosette(petals=24, rings=8, depth=0.5, colour=VEIL, width=0.22)
SMALL = Rosette(petals=16, rings=6, depth=0.6, colour=MIST, width=0.16)
CORNER = Rosette(petals=8, rings=4, depth=0.75, colour=TEAL, width=0.15)
VEIL_PERIOD, BAND_PERIOD = 27.0, 9.0


def frame(width: float, height: float, band: Band = SHEET, *, accent: str = TEAL) -> list[Stroke]:
    """Draw the frame of a sheet of `width` by `height` millimetres, with the veil behind its text."""
    outside, inside = band.outside, band.inside
    corners = [(x, y) for x in (band.middle, width - band.middle) for y in (band.middle, height - band.middle)]
    return [
        *_veil(width, height),
        rosette(width / 2, height / 2, 62, LARGE),
        rosette(width / 2, height / 2, 30, SMALL),
        *_braid(width, height, band, accent),
        Stroke((_inset(width, height, outside - 1.6),), accent, 0.9),
        Stroke((_inset(width, height, outside - 0.5),), BRONZE, 0.22),
        Stroke((_inset(width, height, inside + 0.5),), BRONZE, 0.22),
        Stroke((_inset(width, height, inside + 1.5),), accent, 0.45),
        *_corners(corners, (inside - outside) / 2, accent),
    ]


def _inset(width: float, height: float, by: float) -> Curve:
    return rectangle(by, by, width - by, height - by)


def _veil(width: float, height: float) -> Iterator[Stroke]:
    """Draw the faint lines that a copier loses, between the frame's inner rules."""
    across, rows = width - 42, round((height - 44) / 2.6)
    times = round(across / VEIL_PERIOD)
    period = across / times
    for shift in range(4):
        lines = tuple(
            tuple((x, y + row * (height - 44) / rows) for x, y in wave(period, height=0.9, phase=row * 0.45))
            for row in range(shift, rows + 1, 4)
        )
        yield Stroke(lines, VEIL, 0.22, move(21, 22), move(period, 0), times)


def _braid(width: float, height: float, band: Band, accent: str) -> Iterator[Stroke]:
    """Draw the braid along all four sides, its strands by turns in two colours."""
    reach = (band.inside - band.outside) / 2 - 0.5
    upright: Matrix = (0, 1, 1, 0, 0, 0)
    for length, across, turned in ((width, height, False), (height, width, True)):
        times = round((length - 2 * band.inside) / BAND_PERIOD)
        period = (length - 2 * band.inside) / times
        for colour, first in ((accent, 0), (BRONZE, 1)):
            phases = [2 * math.pi * strand / band.strands for strand in range(first, band.strands, 2)]
            strands = tuple(wave(period, height=reach, phase=phase) for phase in phases)
            for middle in (band.middle, across - band.middle):
                place = move(band.inside, middle)
                if turned:
                    place = after(upright, place)
                yield Stroke(strands, colour, 0.17, place, move(period, 0), times)


def _corners(centres: list[Point], half: float, accent: str) -> Iterator[Stroke]:
    for x, y in centres:
        block = (rectangle(x - half, y - half, x + half, y + half),)
        yield Stroke(block, "#ffffff", 0)
        yield Stroke(block, accent, 0.3)
        yield Stroke((circle(x, y, half - 0.35),), BRONZE, 0.2)
        yield rosette(x, y, half - 0.7, replace(CORNER, colour=accent))
        yield Stroke((circle(x, y, 0.75),), CINNABAR, 0)


def seal(x: float = 0, y: float = 0) -> list[Stroke]:
    """Draw the mark of a digital signature around a point, 17 millimetres from its centre to its edge."""
    ring = Rosette(petals=36, rings=3, depth=0.16, colour=CINNABAR, width=0.14)
    return [
        Stroke((circle(x, y, 16.5),), CINNABAR, 0.9),
        rosette(x, y, 15.4, ring),
        Stroke((circle(x, y, 12.6),), CINNABAR, 0.25),
        Stroke((star(x, y - 3.7, 5.4),), CINNABAR, 0),
    ]


def code_as_pdf(matrix: Iterable[bytes], left: float, top: float, side: float, height: float) -> bytes:  # noqa: PLR0917 - a square on a page
    """Write a QR code as operators of a PDF page of a height in millimetres, each dark run as one bar."""
    rows = list(matrix)
    cell = side / len(rows) * POINTS_A_MILLIMETRE if rows else 0
    place = f"{cell:.5f} 0 0 -{cell:.5f} {left * POINTS_A_MILLIMETRE:.3f} {(height - top) * POINTS_A_MILLIMETRE:.3f} cm"
    lines = ["q", place, f"{_colour(INK)} rg"]
    for y, row in enumerate(rows):
        lines += [f"{x} {y} {wide} 1 re" for x, wide in _runs(row)]
    return "\n".join([*lines, "f", "Q"]).encode()


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each dark run of a row begins and how wide it is."""
    x = 0
    for dark, cells in groupby(row, bool):
        wide = len(list(cells))
        if dark:
            yield x, wide
        x += wide


def as_svg(strokes: Iterable[Stroke], *, prefix: str = "s") -> str:
    """Write a drawing as elements of an SVG; `prefix` keeps its ids apart from others in the same file."""
    return "".join(_svg_path(stroke, f"{prefix}{number}") for number, stroke in enumerate(strokes))


def _svg_path(stroke: Stroke, name: str) -> str:
    path = "".join(_svg_curve(curve) for curve in stroke.curves)
    line = f'fill="none" stroke="{stroke.colour}" stroke-width="{_number(stroke.width)}"'
    look = line if stroke.width else f'fill="{stroke.colour}"'
    if stroke.times == 1 and stroke.place == SAME:
        return f'<path d="{path}" {look}/>'
    uses, place = [], stroke.place
    for _time in range(stroke.times):
        uses.append(f'<use href="#{name}" transform="matrix({_matrix(place)})"/>')
        place = after(place, stroke.step)
    return f'<defs><path id="{name}" d="{path}"/></defs><g {look}>{"".join(uses)}</g>'


def _matrix(matrix: Matrix) -> str:
    return " ".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in matrix)


def _svg_curve(curve: Curve) -> str:
    places = [f"{_number(x)} {_number(y)}" for x, y in curve]
    return f"M{places[0]}C{' '.join(places[1:])}"


def as_pdf(strokes: Iterable[Stroke], height: float) -> bytes:
    """Write a drawing as operators of a PDF page of a height in millimetres, whose y grows upwards."""
    whole = (POINTS_A_MILLIMETRE, 0, 0, -POINTS_A_MILLIMETRE, 0, height * POINTS_A_MILLIMETRE)
    lines = ["q", f"{_matrix(whole)} cm"]
    for stroke in strokes:
        lines += ["q", f"{_colour(stroke.colour)} {'RG' if stroke.width else 'rg'}"]
        if stroke.width:
            lines.append(f"{_number(stroke.width)} w")
        if stroke.place != SAME:
            lines.append(f"{_matrix(stroke.place)} cm")
        one = "\n".join([*map(_pdf_curve, stroke.curves), "S" if stroke.width else "f"])
        lines.append(f"\n{_matrix(stroke.step)} cm\n".join([one] * stroke.times))
        lines.append("Q")
    return "\n".join([*lines, "Q"]).encode()


def _pdf_curve(curve: Curve) -> str:
    places = [f"{_number(x)} {_number(y)}" for x, y in curve]
    parts = [f"{places[0]} m"]
    parts += [f"{places[i]} {places[i + 1]} {places[i + 2]} c" for i in range(1, len(places), 3)]
    return "\n".join(parts)


def _colour(colour: str) -> str:
    return " ".join(_number(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
