"""Makes the faces that certificates are set in: the common characters of Noto Serif CJK, with TrueType outlines.

A sheet is drawn in a third of the time with them, and every reader of PDF files draws TrueType. Characters that
they lack come from the whole system fonts behind them, so no name goes without.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont

from scripts.places import BUILD, ROOT, digest, say

FONTS = BUILD / "fonts"
FAMILY = "Jijing Song"
WEIGHTS = ("Regular", "Bold")
SYSTEM = Path("/usr/share/fonts")
SIMPLIFIED = 2
"""The face for simplified Chinese within the Noto collections."""
NAMES = ROOT / "content" / "certificates" / "characters.txt"
RANGES = (
    range(0x20, 0x7F),
    range(0xA0, 0x180),  # Latin with accents
    range(0x1CD, 0x1DD),  # vowels with the tones of pinyin
    range(0x2010, 0x2040),
    range(0x3000, 0x3020),
    range(0xFF00, 0xFF60),
)
WORST_ERROR = 1.0
"""How far an outline may stray, in thousandths of the size: less than a printer can show."""


def main() -> None:
    """Make what is missing or was made from something else; without the source nothing is made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=FONTS)
    into = parser.parse_args().into
    sources = [next(SYSTEM.rglob(f"NotoSerifCJK-{weight}.ttc"), None) for weight in WEIGHTS]
    if not all(sources):
        return
    found = [source for source in sources if source is not None]
    origin = digest([Path(__file__), NAMES], *(f"{one} {one.stat().st_size}" for one in found))
    mark, faces = into / "origin.txt", [into / f"{FAMILY.replace(' ', '')}-{weight}.ttf" for weight in WEIGHTS]
    if mark.is_file() and mark.read_text() == origin and all(face.is_file() for face in faces):
        return
    say("Making the faces of certificates")
    into.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(len(WEIGHTS)) as pool:
        list(pool.map(make_face, found, WEIGHTS, faces))
    mark.write_text(origin)


def make_face(source: Path, weight: str, target: Path) -> None:
    """Write one face; a half-written one never stands under its name."""
    with TTCollection(source, lazy=True) as collection:
        face = build_face(collection.fonts[SIMPLIFIED], weight, characters())
    part = target.with_suffix(".part")
    face.save(part)
    part.replace(target)


def characters() -> frozenset[int]:
    """Return the characters of the face: GB 2312, Latin with the tones of pinyin, and those of given names."""
    names = {ord(one) for one in NAMES.read_text("utf-8") if not one.isspace()}
    return frozenset(names.union(*RANGES, _gb2312()))


def _gb2312() -> Iterator[int]:
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                yield ord(bytes([high, low]).decode("gb2312"))
            except UnicodeDecodeError:
                continue


def build_face(source: TTFont, weight: str, wanted: frozenset[int]) -> FontBuilder:
    """Return a face with TrueType outlines for the wanted characters that the source draws."""
    mapped = {code: name for code, name in source.getBestCmap().items() if code in wanted}
    order = [".notdef", *sorted(set(mapped.values()) - {".notdef"})]
    outlines = source.getGlyphSet()
    glyphs = {name: _outline(outlines[name]) for name in order}
    builder = FontBuilder(source["head"].unitsPerEm, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(mapped)
    builder.setupGlyf(glyphs)
    advances = source["hmtx"].metrics
    builder.setupHorizontalMetrics({name: (advances[name][0], getattr(glyphs[name], "xMin", 0)) for name in order})
    builder.setupHorizontalHeader(ascent=source["hhea"].ascent, descent=source["hhea"].descent)
    builder.setupNameTable({"familyName": FAMILY, "styleName": weight})
    metrics = ("usWeightClass", "sTypoAscender", "sTypoDescender", "sTypoLineGap", "usWinAscent", "usWinDescent")
    builder.setupOS2(**{name: getattr(source["OS/2"], name) for name in (*metrics, "sxHeight", "sCapHeight")})
    builder.setupPost(keepGlyphNames=False)
    return builder


def _outline(glyph: object) -> object:
    pen = TTGlyphPen(None)
    glyph.draw(Cu2QuPen(pen, WORST_ERROR, reverse_direction=True))  # type: ignore[attr-defined]
    return pen.glyph()


if __name__ == "__main__":
    main()
