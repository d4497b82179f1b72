"""Which characters certificates can be set in."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.lazily import lazily
from app.web.pdf import WEIGHTS, face_path

if TYPE_CHECKING:
    from fontTools import ttLib
else:
    ttLib = lazily("fontTools.ttLib")  # noqa: N816 - its name

FOLDER = Path("/usr/share/fonts")
SYSTEM = ("NotoSerifCJK-Regular.ttc", "BabelStoneHan.ttf")
SIMPLIFIED = 2
"""The face for simplified Chinese within the Noto collections."""


@cache
def covered() -> frozenset[int] | None:
    """Return the code points that a sheet draws, by a face of ours or one of the system's; None without any font."""
    found = [path for name in SYSTEM for path in sorted(FOLDER.rglob(name))]
    found += [path for weight in WEIGHTS if (path := face_path(weight)).is_file()]
    return frozenset[int]().union(*map(_code_points, found)) if found else None


def _code_points(path: Path) -> frozenset[int]:
    if path.suffix == ".ttc":
        with ttLib.TTCollection(path, lazy=True) as collection:
            return frozenset(collection.fonts[SIMPLIFIED].getBestCmap())
    with ttLib.TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())
