"""How large a picture is the page of the QR check reads from its head, before the browser unpacks anything."""

import base64
import io
import json
import subprocess
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
SIZE = (1237, 419)
HEAD = 256 * 1024


def sizes(heads: dict[str, bytes]) -> dict[str, list[int] | None]:
    given = {name: base64.b64encode(head[:HEAD]).decode() for name, head in heads.items()}
    done = subprocess.run(
        ["node", "tests/node/picture.mjs"],
        cwd=ROOT,
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, list[int] | None] = json.loads(done.stdout)
    return found


def saved(form: str, mode: str = "RGB", **more: Any) -> bytes:  # noqa: ANN401 - options of Pillow
    out = io.BytesIO()
    Image.new(mode, SIZE).save(out, form, **more)
    return out.getvalue()


def test_the_head_of_every_form_says_how_large_it_is() -> None:
    pictures = {
        "png": saved("PNG"),
        "gif": saved("GIF"),
        "bmp": saved("BMP"),
        "jpeg": saved("JPEG"),
        "jpeg in passes": saved("JPEG", progressive=True),
        "jpeg with a long comment": saved("JPEG", comment=b"x" * 60_000),
        "jpeg with a preview": saved("JPEG", exif=b"Exif\0\0" + bytes(40_000)),
        "webp": saved("WEBP"),
        "webp without loss": saved("WEBP", lossless=True),
        "webp with alpha": saved("WEBP", "RGBA", exact=True),
        "webp with more": saved("WEBP", exif=b"Exif\0\0" + bytes(100)),
    }

    assert sizes(pictures) == {name: list(SIZE) for name in pictures}


def test_what_says_nothing_is_left_to_the_browser_and_a_lie_is_read_as_it_stands() -> None:
    png = bytearray(saved("PNG"))
    png[16:24] = (100_000).to_bytes(4, "big") * 2
    jpeg = saved("JPEG")
    place = jpeg.index(b"\xff\xc0") + 5
    found = sizes(
        {
            "nothing": b"",
            "short": b"\x89PNG",
            "text": b"this is no picture at all, only some text",
            "heic": b"\0\0\0\x18ftypheic" + bytes(40),
            "cut jpeg": jpeg[:40],
            "jpeg of nothing else": b"\xff\xd8" + b"\xff\xd9" * 40,
            "huge png": bytes(png),
            "huge jpeg": jpeg[:place] + b"\xff\xff\xff\xff" + jpeg[place + 4 :],
        }
    )

    assert found == {
        **dict.fromkeys(("nothing", "short", "text", "heic", "cut jpeg", "jpeg of nothing else")),
        "huge png": [100_000, 100_000],
        "huge jpeg": [65_535, 65_535],
    }
