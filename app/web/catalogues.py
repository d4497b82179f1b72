"""Translations of all packages, merged into one catalogue for each language.

Each package keeps `translations/<locale>/LC_MESSAGES/messages.po`. Set-up compiles them with
`python -m app.web.catalogues`; where the compiled file is missing or older, the text is read instead.
"""

from io import BytesIO
from pathlib import Path

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
    with source.open("rb") as text:
        catalogue = read_po(text, locale=source.parts[-3])
    binary = BytesIO()
    write_mo(binary, catalogue)
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


def _is_fresh(source: Path) -> bool:
    target = source.with_suffix(".mo")
    return target.exists() and target.stat().st_mtime >= source.stat().st_mtime


class MergedDomain(Domain):  # type: ignore[misc]
    """The one domain of messages; Flask-Babel's own looks for `zh_Hans_CN` folders only."""

    def __init__(self) -> None:
        super().__init__(domain="messages")
        self.catalogues = {language: load(locale) for language, locale in LOCALES.items()}
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
