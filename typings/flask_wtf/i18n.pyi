from collections.abc import Callable

class Translations:
    gettext: Callable[..., str]

translations: Translations
