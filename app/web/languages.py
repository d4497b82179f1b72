"""Which language a request speaks: the switch, then the person's preference, then the browser, then Chinese."""

from flask import Flask, request
from flask_babel import get_locale

from app.core.access import current_actor
from app.web.catalogues import MergingBabel

COOKIE = "lang"
DEFAULT = "zh_CN"
OFFERED = (DEFAULT, "en")
HTML_LANG = {"zh": "zh-CN", "en": "en"}


def choose() -> str:
    """Return the locale of this request, one of OFFERED."""
    cookie = request.cookies.get(COOKIE, "")
    if cookie in OFFERED:
        return cookie
    return _preferred() or _browser() or DEFAULT


def _preferred() -> str | None:
    actor = current_actor()
    preferred = actor.extra.get("lang") if actor is not None else None
    return preferred if preferred in OFFERED else None


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
