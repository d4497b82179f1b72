"""Translations of all packages, merged into one catalogue for each language.

Each package keeps `translations/<locale>/LC_MESSAGES/messages.po`. Set-up compiles them with
`python -m app.web.catalogues`; where the compiled file is missing or older, the text is read instead.
"""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask_babel import Babel, Domain, get_locale

APP = Path(__file__).resolve().parent.parent
PATTERN = "**/translations/{locale}/LC_MESSAGES/messages.po"
LOCALES = {"zh": "zh_CN"}


def sources(locale: str, root: Path = APP) -> list[Path]:
    """Return the message files of every package for a locale such as `zh_CN`."""
    return sorted(root.glob(PATTERN.format(locale=locale)))


def compiled(source: Path) -> bytes:
    """Return the binary catalogue of a message file without writing it."""
    binary = BytesIO()
    write_mo(binary, _read(source))
    return binary.getvalue()


def compile_all(root: Path = APP) -> list[Path]:
    """Write the binary catalogues that are missing or stale and return their paths."""
    written = []
    for source in (found for locale in LOCALES.values() for found in sources(locale, root)):
        target = source.with_suffix(".mo")
        if not _is_fresh(source):
            fresh = target.with_suffix(".mo.new")
            fresh.write_bytes(compiled(source))
            fresh.replace(target)
            written.append(target)
    return written


def load(locale: str, root: Path = APP) -> NullTranslations:
    """Return the merged catalogue of a locale; a message keeps its first translation."""
    merged: Translations | None = None
    for source in reversed(sources(locale, root)):
        binary = source.with_suffix(".mo").read_bytes() if _is_fresh(source) else compiled(source)
        catalogue = Translations(BytesIO(binary))
        merged = catalogue if merged is None else merged.merge(catalogue)
    return merged or NullTranslations()


@cache
def shipped(locale: str) -> NullTranslations:
    """Return the product's own catalogue of a locale, read once a process however many applications ask."""
    return load(locale)


def conflicts(locale: str, root: Path = APP) -> dict[str, dict[str, list[str]]]:
    """Return the messages that packages translate differently: message, translation, packages.

    One English text is one Chinese text everywhere; where the sense differs, the English must differ too.
    """
    said: dict[str, dict[str, list[str]]] = {}
    for source in sources(locale, root):
        for original, translation in messages(source).items():
            said.setdefault(original, {}).setdefault(translation, []).append(source.parts[-5])
    return {original: ways for original, ways in said.items() if len(ways) > 1}


def messages(source: Path) -> dict[str, str]:
    """Return what a message file translates, by the English text (after its context and `|`, where it has one)."""
    said = {}
    for message in _read(source):
        if message.id and message.string and not message.fuzzy:
            original = message.id if isinstance(message.id, str) else message.id[0]
            translation = message.string if isinstance(message.string, str) else message.string[0]
            said[f"{message.context}|{original}" if message.context else original] = translation
    return {original: translation for original, translation in said.items() if translation}


def _read(source: Path) -> Catalog:
    with source.open("rb") as text:
        return read_po(text, locale=source.parts[-3])


def _is_fresh(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return target.exists() and target.stat().st_mtime >= source.stat().st_mtime


class MergedDomain(Domain):  # type: ignore[misc]
    """The one domain of messages; Flask-Babel's own looks for `zh_Hans_CN` folders only."""

    def __init__(self) -> None:
        super().__init__(domain="messages")
        self.catalogues = {language: shipped(locale) for language, locale in LOCALES.items()}
        self.untranslated = NullTranslations()

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the language of this request, English ids where it has none."""
        locale = get_locale()
        return self.catalogues.get(locale.language if locale else "", self.untranslated)


class MergingBabel(Babel):  # type: ignore[misc]
    """Flask-Babel with the merged catalogues."""

    def __init__(self) -> None:
        super().__init__()
        self.merged = MergedDomain()

    @property
    def domain_instance(self) -> Domain:
        """The domain that gettext asks."""
        return self.merged


if __name__ == "__main__":
    compile_all()
