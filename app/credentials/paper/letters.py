"""Letters of the certificate's own faces for images: measured, set in a line, and turned into outlines."""

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import ImageFont

from app.core.errors import UnavailableError
from app.core.text import _l
from app.credentials.paper.fonts import FOLDER, SIMPLIFIED
from app.web.pdf import face_path

SYSTEM = ("NotoSerifCJK-{}.ttc", "BabelStoneHan.ttf")


class LettersMissingError(UnavailableError):
    """No font for Chinese is installed here."""

    def __init__(self) -> None:
        super().__init__(_l("Images of certificates cannot be drawn on this machine: install fonts-noto-cjk."))


class Face:
    """One font file: its characters, their widths and outlines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index = SIMPLIFIED if path.suffix == ".ttc" else 0
        with path.open("rb") as file:
            content = mmap(file.fileno(), 0, access=ACCESS_READ)
        font: Any = TTFont(content, fontNumber=self.index, lazy=True)
        self.units: int = font["head"].unitsPerEm
        self.names: dict[int, str] = font.getBestCmap()
        self._widths: dict[str, tuple[int, int]] = font["hmtx"].metrics
        self._glyphs = font.getGlyphSet()

    def width(self, character: str) -> float:
        """Return how far a character moves on, in parts of the size."""
        return self._widths[self.names.get(ord(character), ".notdef")][0] / self.units

    def outline(self, character: str, *, size: float, x: float, y: float) -> str:
        """Return a character as an SVG path with its baseline at a point."""
        pen = SVGPathPen(self._glyphs, ntos=_short)
        scale = size / self.units
        self._glyphs[self.names[ord(character)]].draw(TransformPen(pen, (scale, 0, 0, -scale, x, y)))
        return str(pen.getCommands())

    @cache  # noqa: B019 - faces live as long as the process
    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """Return the face for drawing pixels."""
        return ImageFont.truetype(str(self.path), size, index=self.index)


def _short(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


@cache
def files(weight: str) -> tuple[Path, ...]:
    """Return the font files of a weight, `Regular` or `Bold`, our own first; raises LettersMissingError."""
    system = [path for name in SYSTEM for path in sorted(FOLDER.rglob(name.format(weight)))]
    found = tuple(path for path in (face_path(weight), *system) if path.is_file())
    if not found:
        raise LettersMissingError
    return found


@cache
def face(path: Path) -> Face:
    """Return the face in a file, opened once and only where a text needs it."""
    return Face(path)


def runs(text: str, weight: str) -> Iterator[tuple[Face, str]]:
    """Cut a text into runs of the first face that has their characters; what none has is left out."""
    known = files(weight)

    def first(character: str) -> Path | None:
        return next((path for path in known if ord(character) in face(path).names), None)

    for path, run in groupby(text, first):
        if path is not None:
            yield face(path), "".join(run)


def width_of(text: str, weight: str, *, spacing: float = 0) -> float:
    """Return the width of a line in parts of its size; `spacing` is added between characters."""
    letters = sum(drawn.width(one) for drawn, run in runs(text, weight) for one in run)
    return letters + spacing * max(len(text) - 1, 0)
