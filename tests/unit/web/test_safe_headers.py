"""Every response tells the browser what the page may do."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core.access import public


@pytest.mark.parametrize("path", ["/design", "/nowhere", "/verify", "/lang/en"])
def test_every_response_forbids_scripts_and_styles_of_others(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]

    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in headers["Permissions-Policy"]


def test_transport_security_is_asked_for_over_https_only(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/verify").headers
    assert "Strict-Transport-Security" in client.get("/verify", base_url="https://localhost").headers


def test_pages_of_signed_in_people_stay_out_of_shared_caches(
    client: FlaskClient, known: Callable[[], FlaskClient]
) -> None:
    assert "Cache-Control" not in client.get("/design").headers
    assert known().get("/cohorts").headers["Cache-Control"] == "no-store"


def test_a_view_may_set_its_own_policy(app: Flask) -> None:
    app.add_url_rule("/own", "own", public(lambda: ("x", {"Content-Security-Policy": "sandbox"})))

    assert app.test_client().get("/own").headers["Content-Security-Policy"] == "sandbox"
