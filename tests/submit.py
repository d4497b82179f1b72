"""Sending forms as a browser does: with the token of the page that the person looked at."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def submit(client: FlaskClient, path: str, *, page: str | None = None, **fields: Any) -> TestResponse:  # noqa: ANN401 - form fields
    """Open a page (the form's own address if none is named), then post its form."""
    shown = client.get(page or path)
    token = TOKEN.search(shown.text)
    assert token, f"{page or path} shows no form (status {shown.status_code})"
    return client.post(path, data={"csrf_token": token[1], **fields})
