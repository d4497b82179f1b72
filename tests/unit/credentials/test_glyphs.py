"""Characters that few fonts hold are drawn as themselves: what stands in the name looks like the font's own glyph."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.credentials import paper
from app.credentials.paper import fonts
from app.credentials.rules.openbadge import Holder
from app.credentials.states import CertificateKind
from app.web.pdf import WEIGHTS, face_path
from tests.unit.credentials.test_sheet import RARE, facts_of

pytestmark = pytest.mark.skipif(not paper.available(), reason="needs Pango and CJK fonts")

DPI = 300
POINTS = 72
SIDE = 48
NOWHERE = "\ue0ff"
"""A private character that no font of certificates holds: it is drawn as the box of what is missing."""
WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<')
Ink = NDArray[np.float64]
Box = tuple[float, float, float, float]


def ink(picture: Image.Image) -> Ink:
    """Return the ink of a glyph within the box that it fills, on a field of one size; empty where nothing is drawn."""
    grey = 255 - np.asarray(picture.convert("L"), dtype=float)
    rows, columns = np.nonzero(grey > 96)
    if not rows.size:
        return np.zeros((SIDE, SIDE))
    box = grey[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return np.asarray(Image.fromarray(box.astype(np.uint8)).resize((SIDE, SIDE)), dtype=float) / 255


def unlike(one: Ink, other: Ink) -> float:
    return float(np.abs(one - other).mean())


def faces() -> Iterator[tuple[Path, int]]:
    for weight in WEIGHTS:
        yield face_path(weight), 0
    for name in fonts.SYSTEM:
        for path in sorted(fonts.FOLDER.rglob(name)):
            yield path, fonts.SIMPLIFIED if path.suffix == ".ttc" else 0


def own(character: str) -> list[Ink]:
    """Return the glyph as each font draws it that holds it; for a character that none holds, what they draw instead."""
    found = []
    for path, face in faces():
        if not path.is_file():
            continue
        with TTFont(path, fontNumber=face, lazy=True) as font:
            held = ord(character) in font.getBestCmap()
        if held is (character != NOWHERE):
            canvas = Image.new("L", (400, 400), 255)
            drawn = ImageFont.truetype(path, 240, index=face)
            ImageDraw.Draw(canvas).text((80, 40), character, font=drawn, fill=0)
            found.append(ink(canvas))
    return found


@pytest.fixture(name="cells", scope="module")
def _cells(tmp_path_factory: pytest.TempPathFactory) -> list[Image.Image]:
    """Draw a sheet for a holder with three rare characters, and cut the cell of each out of poppler's picture."""
    folder = tmp_path_factory.mktemp("glyphs")
    facts, layout = facts_of(CertificateKind.CAPABILITY, holder=Holder(RARE, None))
    path = folder / "sheet.pdf"
    path.write_bytes(paper.draw_sheet(facts, layout))
    told = whole(subprocess.run(["pdftotext", "-bbox", path, "-"], capture_output=True, check=True).stdout)
    boxes = dict(boxes_in(told))
    assert set(boxes) == set(RARE), told
    subprocess.run(["pdftoppm", "-r", str(DPI), "-png", "-singlefile", path, folder / "sheet"], check=True)
    page = Image.open(folder / "sheet.png").convert("L")
    return [page.crop(on_picture(boxes[one])) for one in RARE]


def on_picture(box: Box) -> tuple[int, int, int, int]:
    """Return a cell in pixels, without its upper and lower edge, into which the marks of other lines may reach."""
    left, top, right, bottom = (int(side * DPI / POINTS) for side in box)
    edge = (bottom - top) // 20
    return left, top + edge, right, bottom - edge


def whole(told: bytes) -> str:
    """Read what poppler says of places, where it writes a character beyond the first plane as two halves."""
    return told.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")


def boxes_in(told: str) -> Iterator[tuple[str, Box]]:
    """Yield where the rare characters stand: a word has as many cells as characters."""
    for left, top, right, bottom, word in WORD.findall(told):
        if not set(word) & set(RARE):
            continue
        width = (float(right) - float(left)) / len(word)
        for at, one in enumerate(word):
            start = float(left) + at * width
            yield one, (start, float(top), start + width, float(bottom))


@pytest.mark.parametrize("place", range(len(RARE)))
def test_a_rare_character_is_drawn_as_itself(cells: list[Image.Image], place: int) -> None:
    drawn = ink(cells[place])
    assert drawn.mean() > 0.05, "nothing is drawn"

    nearest = {character: min(unlike(drawn, one) for one in own(character)) for character in (*RARE, "\u738b", NOWHERE)}

    assert min(nearest, key=lambda one: nearest[one]) == RARE[place], nearest
    assert nearest[RARE[place]] < 0.6 * nearest[NOWHERE], "it looks like the box of what is missing"


def test_the_box_of_what_is_missing_would_be_seen() -> None:
    """The comparison tells boxes from glyphs: without it the test above could not fail."""
    boxes = own(NOWHERE)
    assert boxes
    for character in RARE:
        assert min(unlike(one, box) for one in own(character) for box in boxes) > 0.1
