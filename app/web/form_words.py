"""What a field says where it has no sentence of its own: those of WTForms, in the words of the product."""

from flask_wtf.i18n import Translations, translations

from app.core.errors import Text
from app.core.text import _l

CHOOSE = _l("Choose one of the options offered.")
OWN: dict[str, Text] = {
    "This field is required.": _l("Enter a value."),
    "Not a valid choice.": CHOOSE,
    "Invalid Choice: could not coerce.": CHOOSE,
    "Invalid choice(s): one or more data inputs could not be coerced.": CHOOSE,
    "Not a valid integer value.": _l("Enter a whole number."),
    "Not a valid decimal value.": _l("Enter a number."),
    "Not a valid date value.": _l("Enter a day such as 2026-11-23."),
    "Not a valid datetime value.": _l("Enter day and time such as 2026-11-23 09:00."),
    "Number must be at least %(min)s.": _l("Enter %(min)s or more."),
    "Number must be at most %(max)s.": _l("Enter %(max)s or less."),
    "Number must be between %(min)s and %(max)s.": _l("Enter a number from %(min)s to %(max)s."),
}


def init_app() -> None:
    """Let every form ask here first; Flask-WTF offers no other place."""
    translations.gettext = _said


def _said(sentence: str) -> str:
    own = OWN.get(sentence)
    return Translations.gettext(translations, sentence) if own is None else str(own)
