"""Every English text of the product has one Chinese text."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

from app.web import catalogues

KEYWORDS = {
    **dict.fromkeys(("_", "_l", "gettext", "lazy_gettext")),
    **dict.fromkeys(("_n", "ngettext"), (1, 2)),
    "pgettext": ((1, "c"), 2),
}


def test_one_english_text_is_one_chinese_text_in_the_whole_product() -> None:
    assert catalogues.conflicts("zh_CN") == {}


def _said(source: Path) -> Iterable[str]:
    method = "jinja2.ext:babel_extract" if source.suffix == ".html" else "python"
    options = {"silent": "false", "newstyle_gettext": "true"} if source.suffix == ".html" else {}
    for _line, message, _comments, context in extract_from_file(
        method, str(source), keywords=KEYWORDS, options=options
    ):
        original = message if isinstance(message, str) else message[0]
        yield f"{context}|{original}" if context else original


def _sources() -> list[Path]:
    templates = catalogues.APP.glob("**/templates/**/*.html")
    return sorted([*catalogues.APP.glob("**/*.py"), *templates])


@cache
def _known() -> frozenset[str]:
    return frozenset(text for source in catalogues.sources("zh_CN") for text in catalogues.messages(source))


@pytest.mark.parametrize("source", _sources(), ids=lambda path: str(path.relative_to(catalogues.APP)))
def test_every_text_has_its_chinese(source: Path) -> None:
    assert [text for text in _said(source) if text and text not in _known()] == []
