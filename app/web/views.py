"""Static files, the switches for language and appearance, and the gallery of components."""

from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request

from app.core.access import public
from app.core.config import settings
from app.core.errors import NotFoundError
from app.core.text import _l
from app.web import bundles, gallery, languages
from app.web.page_context import THEME_COOKIE, THEMES

blueprint = Blueprint("web", __name__, template_folder="templates")


@blueprint.get("/static/<path:filename>", endpoint="static")
@public
def static(filename: str) -> Response:
    """Send a built file."""
    return bundles.send(filename)


@blueprint.get("/lang/<code>")
@public
def set_language(code: str) -> Response:
    """Remember the language of this browser and go back."""
    return _remember(languages.COOKIE, code, languages.OFFERED)


@blueprint.get("/theme/<name>")
@public
def set_theme(name: str) -> Response:
    """Remember the appearance on this browser and go back."""
    return _remember(THEME_COOKIE, name, THEMES)


def _remember(cookie: str, value: str, offered: tuple[str, ...]) -> Response:
    if value not in offered:
        raise NotFoundError(_l("There is no such choice."))
    response = make_response(redirect(local_path(request.args.get("next"))))
    secure = settings().public_url.startswith("https://")
    languages.keep(response, cookie, value, secure=secure)
    return response


def local_path(wanted: str | None) -> str:
    """Return a path of this site to go to next, the start page for anything else."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return "/"
    parts = urlsplit(wanted)
    unsafe = parts.scheme or parts.netloc or any(ord(letter) < ord(" ") for letter in wanted)
    return "/" if unsafe else wanted


@public
def design() -> str:
    """Show every component in all its states."""
    return render_template("web/gallery.html", **gallery.samples())


@public
def design_part(name: str) -> str:
    """Show one of the other layouts: public, exam, document, or an error page by its number."""
    return gallery.layout(name)


def open_gallery(app: Flask) -> None:
    """Offer the gallery in demo and tests only."""
    if app.extensions["settings"].settable_clock:
        app.add_url_rule("/design", "web_design", design)
        app.add_url_rule("/design/<name>", "web_design_part", design_part)
