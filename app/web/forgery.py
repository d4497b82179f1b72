"""Requests forged by other sites: a token in every form; for JSON, the browser's own word that our page sent it."""

from flask import Flask, request
from flask_wtf import CSRFProtect

from app.core.access import takes_keys

SAME_ORIGIN = "same-origin"


class Protection(CSRFProtect):
    """The token of Flask-WTF, or for JSON the fetch metadata that no page can set or change.

    A form cannot send JSON, and a script of another site says `cross-site`; browsers that say nothing need the token.
    A route that programs call with a key reads no cookie, so nothing can be forged there.
    """

    def protect(self, apply_exemptions: bool = False) -> None:  # noqa: FBT001, FBT002 - Flask-WTF's own signature
        """Refuse a request without token unless a page of ours sent it as JSON."""
        if not takes_keys() and not from_our_page():
            super().protect(apply_exemptions=apply_exemptions)


def from_our_page() -> bool:
    """Tell whether the browser vouches that a page of this very origin sent JSON."""
    return request.headers.get("Sec-Fetch-Site") == SAME_ORIGIN and request.mimetype == "application/json"


def init_app(app: Flask) -> None:
    """Protect every request that changes something."""
    Protection(app)
