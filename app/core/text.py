"""Gettext for layers that know nothing of the web framework."""

from flask_babel import LazyString, force_locale, get_locale, gettext, lazy_gettext, ngettext

speaking = force_locale
"""`with speaking("zh_CN"):` says everything in a language, whoever is asking."""
_ = gettext
_l = lazy_gettext
_n = ngettext

__all__ = ["LazyString", "_", "_l", "_n", "in_language", "language", "pick", "speaking"]


def language() -> str:
    """Return `zh` or `en`: the language of the person who is asking."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "zh"


def pick(zh: str, en: str | None) -> str:
    """Choose between the two names of a thing; Chinese where no English name was given."""
    return en if en and language() == "en" else zh


def in_language(text: LazyString | str, locale: str) -> str:
    """Return a text as `zh_CN` or `en` says it, whoever is asking; for words that are kept."""
    with force_locale(locale):
        return str(text)
