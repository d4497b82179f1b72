"""Draws one sheet in a process of its own, and looks at the drawing: run by its path, it imports nothing of ours.

One JSON document comes in (html, css, fonts, under, needles, qr, dpi) and one goes out (pages, faults, png). The
process bounds its own work before it looks at anything.
"""

import base64
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydyf  # type: ignore[import-untyped]
import weasyprint  # type: ignore[import-untyped]
import zxingcpp
from PIL import Image

CPU_SECONDS = 20
MEMORY = 3 * 1024**3
FILE_SIZE = 64 * 1024**2
POINTS_A_PIXEL = 0.75
MOST_PAGES = 1
DARK, LIGHT = 150, 190
LEAST_DARK, LEAST_LIGHT = 0.02, 0.15
"""Shares of the pixels around a text: some ink, and some paper between the strokes."""


def main() -> None:
    """Draw what comes in and say what was seen."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_SIZE, FILE_SIZE))
    warnings.simplefilter("ignore")
    given = json.load(sys.stdin)
    json.dump(drawn(given), sys.stdout)


def drawn(given: dict[str, Any]) -> dict[str, Any]:
    """Return the number of pages, the faults and the picture of the first page."""
    fonts = weasyprint.text.fonts.FontConfiguration()
    faces = weasyprint.urls.URLFetcher(allowed_protocols=["file"], fail_on_errors=True)
    weasyprint.CSS(string=given["fonts"], font_config=fonts, url_fetcher=faces)
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=[], fail_on_errors=True)
    sheet = weasyprint.CSS(string=given["css"], font_config=fonts, url_fetcher=nothing)
    page = weasyprint.HTML(string=given["html"], url_fetcher=nothing)
    document = page.render(stylesheets=[sheet], font_config=fonts)
    if len(document.pages) > MOST_PAGES:
        faults = [{"code": "pages", "params": {"count": str(len(document.pages))}}]
    else:
        faults = []
    picture = _picture(document.write_pdf(finisher=_underlay(given["under"])), given["dpi"])
    if not faults:
        faults = list(_hidden(document.pages[0], picture, given))
    return {"pages": len(document.pages), "faults": faults, "png": _png(picture)}


def _underlay(under: str) -> Any:  # noqa: ANN401 - WeasyPrint's own
    """Lay the operators of our ornament, code and seal under the text of each page."""

    def finish(_document: object, pdf: Any) -> None:  # noqa: ANN401 - WeasyPrint's own
        for found in [one for one in pdf.objects if isinstance(one, dict) and one.get("Type") == "/Page"]:
            stream = pydyf.Stream([zlib.compress(base64.b64decode(under))], {"Filter": "/FlateDecode"})
            pdf.add_object(stream)
            found["Contents"] = pydyf.Array([stream.reference, found["Contents"]])

    return finish if under else None


def _picture(pdf: bytes, dpi: int) -> Image.Image:
    """Draw the first page in colour."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "sheet.pdf"
        source.write_bytes(pdf)
        command = ["pdftoppm", "-r", str(dpi), "-png", "-singlefile", str(source), str(Path(folder) / "sheet")]
        # No limit by the clock, which a busy machine would spend: the limit of processor time is inherited
        done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - a fixed command on a file of ours
        if done.returncode < 0:
            os.kill(os.getpid(), -done.returncode)  # a limit of work that ends the child ends us: who asked sees which
        done.check_returncode()
        with Image.open(Path(folder) / "sheet.png") as found:
            return found.convert("RGB")


def _png(picture: Image.Image) -> str:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()


def _hidden(page: Any, picture: Image.Image, given: dict[str, Any]) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - WeasyPrint's own
    """Yield what must be seen and is not: each text by its name, and the code."""
    grey = np.asarray(picture.convert("L"))
    texts = list(_texts(page._page_box))  # noqa: SLF001 - WeasyPrint tells nobody else where a text stands
    whole = "".join(text for text, _box in texts)
    for needle in given["needles"]:
        wanted = "".join(needle["text"].split())
        at = whole.find(wanted)
        if at < 0:
            yield {"code": "missing", "params": {"part": needle["part"]}}
            continue
        boxes = list(_boxes(texts, at, at + len(wanted)))
        if any(box.style["font_size"] * POINTS_A_PIXEL < needle["least"] for box in boxes):
            yield {"code": "too-small", "params": {"part": needle["part"], "least": str(needle["least"])}}
        elif not all(_seen(box, grey, given["dpi"]) for box in boxes):
            yield {"code": "hidden", "params": {"part": needle["part"]}}
    if given["qr"] not in {one.text for one in zxingcpp.read_barcodes(picture)}:
        yield {"code": "hidden", "params": {"part": "qr"}}


def _texts(box: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - WeasyPrint's own
    for one in box.descendants(placeholders=True):
        text = getattr(one, "text", None)
        if isinstance(text, str) and text.strip():
            yield "".join(text.split()), one


def _boxes(texts: list[tuple[str, Any]], first: int, last: int) -> Iterator[Any]:
    """Yield the boxes in which a stretch of the whole text stands."""
    at = 0
    for text, box in texts:
        if at < last and at + len(text) > first:
            yield box
        at += len(text)


def _seen(box: Any, grey: Any, dpi: int) -> bool:  # noqa: ANN401 - WeasyPrint's own
    """Tell whether there is ink on paper where a text stands."""
    scale = dpi / 96
    left, top = int(box.position_x * scale), int(box.position_y * scale)
    right, bottom = int((box.position_x + box.width) * scale) + 1, int((box.position_y + box.height) * scale) + 1
    if left < 0 or top < 0 or right > grey.shape[1] + 1 or bottom > grey.shape[0] + 1:
        return False
    around = grey[top:bottom, left:right]
    if not around.size:
        return False
    return bool((around < DARK).mean() >= LEAST_DARK and (around > LIGHT).mean() >= LEAST_LIGHT)


if __name__ == "__main__":
    main()
