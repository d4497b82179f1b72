"""Built scripts, styles and icons: addresses by content hash, sent compressed as the build left them."""

import json
from collections.abc import Iterator
from mimetypes import guess_type
from pathlib import Path
from typing import cast

from flask import Flask, Response, current_app, g, request, send_from_directory, url_for
from werkzeug.security import safe_join

DIST = Path(__file__).resolve().parent / "static" / "dist"
MANIFEST = "manifest.json"
YEAR_SECONDS = 365 * 24 * 3600
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


def asset(name: str) -> str:
    """Return the address of a built file by its plain name, such as `app.css`; looked up once a request.

    A page asks for the file of its icons a hundred times.
    """
    known: dict[str, str] = g.setdefault("assets", {})
    if name not in known:
        known[name] = url_for("web.static", filename=_manifest().get(name, name))
    return known[name]


def asset_path(name: str) -> Path:
    """Return where a built file lies, for renderers that read files (PDF)."""
    return DIST / _manifest().get(name, name)


def _manifest() -> dict[str, str]:
    """Read the build's list of hashed names; read again when a new build replaces it."""
    path = DIST / MANIFEST
    if not path.exists():
        return {}
    stamp = path.stat().st_mtime_ns
    cache: dict[str, object] = current_app.extensions["bundles"]
    if cache.get("stamp") != stamp:
        cache.update(stamp=stamp, names=json.loads(path.read_text("utf-8")))
    return cast("dict[str, str]", cache["names"])


def send(filename: str) -> Response:
    """Send a built file, in the smallest form the browser takes."""
    encoding, suffix = next(_packed(filename), ("", ""))
    response = send_from_directory(DIST, f"{filename}{suffix}", mimetype=guess_type(filename)[0])
    if encoding:
        response.content_encoding = encoding
    response.vary.add("Accept-Encoding")
    if filename in _manifest().values():
        response.cache_control.no_cache = None  # Flask's own wish, under which a browser asks again for each page
        response.cache_control.public = True
        response.cache_control.max_age = YEAR_SECONDS
        response.cache_control.immutable = True
    return response


def _packed(filename: str) -> Iterator[tuple[str, str]]:
    """Yield the encodings that the build wrote and the browser takes, the smallest first."""
    for encoding, suffix in ENCODINGS:
        path = safe_join(str(DIST), f"{filename}{suffix}")
        if request.accept_encodings[encoding] and path and Path(path).is_file():
            yield encoding, suffix


def init_app(app: Flask) -> None:
    """Let templates ask for built files by name."""
    app.extensions["bundles"] = {}
    app.add_template_global(asset)
