"""What the drawing program sees of a sheet: every text that must be read stands on one page, in ink on paper."""

import base64
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
import segno
from PIL import Image

from app.core.lazily import lazily
from app.credentials import paper

if TYPE_CHECKING:
    from app.credentials import drawing
else:
    drawing = lazily("app.credentials.drawing")

pytestmark = pytest.mark.skipif(not paper.available(), reason="needs Pango and CJK fonts")

ADDRESS = "https://sample.invalid/credentials/1"
CODE = segno.make(ADDRESS).svg_inline(scale=4, border=4, light="white")
STYLE = "@page { size: 120mm 90mm; margin: 5mm } p { font-size: 14pt; margin: 0 } svg { position: absolute; right: 0 }"
PIXELS = (709, 532)
"""The page in dots at 150 to the inch."""


def drawn(**given: object) -> dict[str, Any]:
    """Draw a sheet that shows a name, a number over two lines and the code, but for what is given."""
    sheet: dict[str, object] = {
        "html": f"<p class='name'>Ding Yi</p><p class='number'>JJC<br>3700001</p>{CODE}",
        "css": STYLE,
        "fonts": "",
        "under": "",
        "needles": [
            {"part": "name", "text": "Ding Yi", "least": 10.0},
            {"part": "number", "text": "JJC 3700001", "least": 6.0},
        ],
        "qr": ADDRESS,
        "dpi": 150,
    }
    answer = drawing.drawn(sheet | given)
    assert json.loads(json.dumps(answer)) == answer
    return answer


def picture_of(answer: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(answer["png"])))


def test_a_sheet_that_shows_everything_has_no_fault() -> None:
    answer = drawn()

    assert (answer["pages"], answer["faults"]) == (1, [])
    assert picture_of(answer).size == PIXELS


@pytest.mark.parametrize(
    ("css", "code", "part"),
    [
        (".name { display: none }", "missing", "name"),
        (".name { font-size: 9.9pt }", "too-small", "name"),
        (".number { font-size: 5.9pt }", "too-small", "number"),
        (".number { color: #fff }", "hidden", "number"),
        (".name { opacity: 0.05 }", "hidden", "name"),
        (".name { background: #000 }", "hidden", "name"),
        (".name { position: absolute; left: -60mm }", "hidden", "name"),
        (".name { position: absolute; top: 300mm }", "hidden", "name"),
        ("svg { display: none }", "hidden", "qr"),
    ],
)
def test_a_part_that_cannot_be_read_is_named_with_what_is_wrong(css: str, code: str, part: str) -> None:
    (fault,) = drawn(css=STYLE + css)["faults"]

    assert (fault["code"], fault["params"]["part"]) == (code, part)


def test_the_smallest_size_that_is_allowed_is_large_enough() -> None:
    assert drawn(css=f"{STYLE} .name {{ font-size: 10pt }} .number {{ font-size: 6pt }}")["faults"] == []


def test_a_second_page_is_the_only_fault_that_is_told() -> None:
    answer = drawn(css=f"{STYLE} .number {{ break-before: page }} .name {{ color: #fff }}")

    assert answer["pages"] == 2
    assert answer["faults"] == [{"code": "pages", "params": {"count": "2"}}]


def test_a_sheet_with_the_code_of_another_certificate_is_refused() -> None:
    assert drawn(qr=f"{ADDRESS}2")["faults"] == [{"code": "hidden", "params": {"part": "qr"}}]


def test_what_is_laid_under_the_text_is_drawn_and_hides_nothing() -> None:
    band = base64.b64encode(b"q 1 0.9 0.8 rg 0 0 400 20 re f Q").decode()

    plain, underlaid = drawn(), drawn(under=band)

    corner = (5, PIXELS[1] - 5)
    assert picture_of(plain).getpixel(corner) == (255, 255, 255)
    assert picture_of(underlaid).getpixel(corner) == pytest.approx((255, 230, 204), abs=2)
    assert underlaid["faults"] == []
