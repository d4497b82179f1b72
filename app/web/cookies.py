"""The signed cookie that holds a session's token: its signature is computed once a cookie, not once a request."""

import time

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

MOST_KNOWN = 16_384
"""So many cookies a process remembers, some five megabytes: every candidate of a large exam."""
KNOWN_SECONDS = 600.0
"""How long a check is remembered, so that the age of a cookie is looked at again and again."""


class RememberingCookies(SecureCookieSessionInterface):
    """Flask's signed cookies, remembering which exact texts were found to be well signed.

    A text that differs in one letter is checked anew. Whether the token within still opens anything is asked of the
    database at every request, so that a session stays revocable.
    """

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None
        self._known: dict[str, tuple[float, dict[str, str | bool]]] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the application's signer, made once: each application has an interface of its own."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie of a request holds, nothing where its signature is wrong."""
        text = request.cookies.get(self.get_cookie_name(app))
        until, held = self._known.get(text or "", (0.0, None))
        if held is not None and time.monotonic() < until:
            return self.session_class(held)
        opened = super().open_session(app, request)
        if text and opened:
            self._remember(text, opened)
        return opened

    def _remember(self, text: str, opened: SecureCookieSession) -> None:
        """Remember plain values only: what a view could change in place is read from the cookie each time."""
        if not all(isinstance(value, str | bool) for value in opened.values()):
            return
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[text] = (time.monotonic() + KNOWN_SECONDS, dict(opened))


def init_app(app: Flask) -> None:
    """Read the cookies of an application."""
    app.session_interface = RememberingCookies()
