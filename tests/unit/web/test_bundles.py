"""Built files have addresses by content and arrive in the smallest form."""

import gzip
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web import bundles


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundles, "DIST", tmp_path)
    (tmp_path / "app-1.css").write_text("p{}")
    (tmp_path / "app-1.css.gz").write_bytes(gzip.compress(b"p{}", mtime=0))
    (tmp_path / "app-1.css.br").write_bytes(b"brotli")
    (tmp_path / "seal.svg").write_text("<svg/>")
    (tmp_path / "manifest.json").write_text(json.dumps({"app.css": "app-1.css"}))
    return tmp_path


@pytest.mark.usefixtures("dist")
def test_the_address_carries_the_content_hash(app: Flask) -> None:
    with app.test_request_context():
        assert bundles.asset("app.css") == "/static/app-1.css"
        assert bundles.asset("seal.svg") == "/static/seal.svg"


def test_a_new_build_is_noticed(app: Flask, dist: Path) -> None:
    with app.test_request_context():
        bundles.asset("app.css")
        (dist / "manifest.json").write_text(json.dumps({"app.css": "app-22.css"}))
        assert bundles.asset("app.css") == "/static/app-1.css", "a page is of one build"

    with app.test_request_context():
        assert bundles.asset("app.css") == "/static/app-22.css"
        assert bundles.asset_path("app.css") == dist / "app-22.css"


def test_before_the_first_build_the_plain_name_is_used(app: Flask, dist: Path) -> None:
    (dist / "manifest.json").unlink()
    with app.test_request_context():
        assert bundles.asset("app.css") == "/static/app.css"


@pytest.mark.usefixtures("dist")
@pytest.mark.parametrize(
    ("accepts", "encoding", "body"),
    [("br, gzip", "br", b"brotli"), ("gzip", "gzip", gzip.compress(b"p{}", mtime=0)), ("", None, b"p{}")],
)
def test_a_file_is_sent_as_small_as_the_browser_takes(
    client: FlaskClient, accepts: str, encoding: str | None, body: bytes
) -> None:
    response = client.get("/static/app-1.css", headers={"Accept-Encoding": accepts}, buffered=True)

    assert response.headers.get("Content-Encoding") == encoding
    assert response.mimetype == "text/css"
    assert "Accept-Encoding" in response.headers["Vary"]
    assert response.data[8:] == body[8:]  # gzip writes the time into its first bytes


@pytest.mark.usefixtures("dist")
def test_a_hashed_file_is_kept_for_ever_and_a_plain_one_is_not(client: FlaskClient) -> None:
    hashed = client.get("/static/app-1.css", buffered=True).cache_control
    plain = client.get("/static/seal.svg", buffered=True).cache_control

    assert (hashed.max_age, hashed.immutable, hashed.no_cache) == (365 * 24 * 3600, True, None)
    assert not plain.immutable


@pytest.mark.usefixtures("dist")
@pytest.mark.parametrize("path", ["missing.css", "../bundles.py", "manifest.json/../../x"])
def test_nothing_else_is_sent(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


@pytest.mark.skipif(not (bundles.DIST / bundles.MANIFEST).exists(), reason="the front end is not built")
def test_the_first_page_stays_under_100_kilobytes() -> None:
    names = json.loads((bundles.DIST / bundles.MANIFEST).read_text("utf-8"))

    sent = sum((bundles.DIST / f"{names[name]}.br").stat().st_size for name in ("app.css", "app.js", "icons.svg"))

    assert sent < 100_000
