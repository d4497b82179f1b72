"""Which language a request speaks: the switch or the preference at sign-in, then the browser, then Chinese."""

from flask import Flask, Response, has_request_context, request
from flask_babel import get_locale

from app.web.catalogues import MergingBabel

COOKIE = "lang"
YEAR_SECONDS = 365 * 24 * 3600
DEFAULT = "zh_CN"
OFFERED = (DEFAULT, "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}


def choose() -> str:
    """Return the locale of this request, one of OFFERED; jobs and commands speak the default."""
    if not has_request_context():
        return DEFAULT
    cookie = request.cookies.get(COOKIE, "")
    return cookie if cookie in OFFERED else _browser() or DEFAULT


def adopt(response: Response, preferred: str | None, *, secure: bool) -> None:
    """At sign-in, let this browser speak the person's language unless the switch was used on it.

    A cookie and not a look at the actor: whoever loads the actor already asks for words.
    """
    if preferred in OFFERED and COOKIE not in request.cookies:
        keep(response, COOKIE, preferred, secure=secure)


def keep(response: Response, cookie: str, value: str, *, secure: bool) -> None:
    """Remember a choice of appearance or language on this browser for a year."""
    response.set_cookie(cookie, value, max_age=YEAR_SECONDS, httponly=True, samesite="Lax", secure=secure)


def _browser() -> str | None:
    best = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans-CN", "en"])
    if best is None:
        return None
    return "en" if best == "en" else DEFAULT


def html_lang() -> str:
    """Return the value of the `lang` attribute: `zh-CN` or `en`."""
    locale = get_locale()
    return HTML_LANG.get(locale.language if locale else "zh", "zh-CN")


def init_app(app: Flask) -> None:
    """Load every package's translations and let each request choose."""
    MergingBabel().init_app(
        app,
        default_locale=DEFAULT,
        default_timezone="Asia/Shanghai",
        locale_selector=choose,
    )
    app.add_template_global(html_lang)
