"""Lesson text: Markdown without raw HTML, figures by name, wide tables that scroll."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

FIGURES = "figures/"


class LessonRenderer(RendererHTML):
    """Writes the tokens of a lesson; whatever is not known as a figure becomes its description."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a figure with its size, so that the page does not jump; others as their text."""
        token = tokens[idx]
        text = self.renderInlineAsText(token.children, options, env)
        name = str(token.attrGet("src") or "").removeprefix(FIGURES)
        figure = cast("Mapping[str, Any]", env["figures"]).get(name)
        if figure is None:
            return _escape(text)
        address = _escape(f"{env['base']}{name}")
        return (
            f'<img class="figure" src="{address}" alt="{_escape(text)}" '
            f'width="{int(figure["width"])}" height="{int(figure["height"])}" loading="lazy">'
        )

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a table in a box that scrolls on a narrow screen."""
        del tokens, idx, options, env
        return '<div class="table-scroll" tabindex="0"><table class="table">\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Close the table and its box."""
        del tokens, idx, options, env
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Say that a heading heads its column."""
        del tokens, idx, options, env
        return '<th scope="col">'


def _escape(text: str) -> str:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, name)
    return text


_MARKDOWN = MarkdownIt("commonmark", {"html": False}, renderer_cls=LessonRenderer).enable("table")


def render(body: str, figures: Mapping[str, Any], base: str) -> str:
    """Return the HTML of a lesson; `base` is the address that figure names are added to."""
    sizes = tuple(sorted((name, one["width"], one["height"]) for name, one in figures.items()))
    return _render(body, sizes, base)


@lru_cache(maxsize=256)
def _render(body: str, sizes: tuple[tuple[str, int, int], ...], base: str) -> str:
    figures = {name: {"width": width, "height": height} for name, width, height in sizes}
    return str(_MARKDOWN.render(body, {"figures": figures, "base": base}))


def figure_names(body: str) -> list[str]:
    """Return the names of the figures that a lesson shows, in order."""
    tokens = [child for token in _MARKDOWN.parse(body) for child in token.children or ()]
    sources = [str(token.attrGet("src") or "") for token in tokens if token.type == "image"]
    return list(dict.fromkeys(source.removeprefix(FIGURES) for source in sources if source.startswith(FIGURES)))
