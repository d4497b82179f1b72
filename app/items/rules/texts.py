"""The text of items: plain lines with Markdown tables, pictures, links to kept files, TeX formulas and gaps."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import Any

import nh3
from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

GAP = re.compile(r"_{3,}")
"""A gap of the stem: three underscores or more."""
ONE_GAP = "_____"
BLANK = re.compile(r"（\s*）")  # zh: where the answer to a stem belongs
UNBROKEN = "（\u00a0\u00a0）"  # zh: the same with spaces at which no line ends
STORED = "stored:"
LINK = "]("
"""Without these two characters a text has neither picture nor link."""
STORED_FILE = re.compile(r"stored:([0-9a-f]{64})")
FORMULAS = re.compile(
    r"(?<!\\)(?:"
    r"\$\$(?P<block>[^$]{1,2000}?)(?<!\\)\$\$"
    r"|\\\[(?P<display>.{1,2000}?)\\\]"
    r"|\\\((?P<inline>.{1,2000}?)\\\)"
    r"|\$(?P<dollar>[^\s$](?:[^$]{0,1998}[^\s$\\])?)\$(?!\d)"
    r")",
    re.DOTALL,
)
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
MATH_TAGS = frozenset(
    {
        *("math", "semantics", "mrow", "mi", "mn", "mo", "mtext", "ms", "mspace", "mfrac", "msqrt", "mroot", "mstyle"),
        *("merror", "mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"),
        *("mprescripts", "mtable", "mtr", "mlabeledtr", "mtd", "menclose"),
    }
)
MATH_ATTRIBUTES = {
    "math": {"display", "xmlns"},
    "mo": {"stretchy", "fence", "separator", "form", "lspace", "rspace", "minsize", "maxsize", "movablelimits"},
    "mi": {"mathvariant"},
    "mn": {"mathvariant"},
    "mtext": {"mathvariant"},
    "mspace": {"width", "linebreak"},
    "mfrac": {"linethickness"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"columnalign", "rowspacing", "columnspacing", "columnlines", "rowlines"},
    "mtd": {"columnalign"},
    "menclose": {"notation"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
    "mover": {"accent"},
    "munder": {"accentunder"},
}


NAMELESS = re.compile(r"!\[\s*\]\(\s*stored:")
"""A kept picture of which nobody says what it shows."""


def shows_nameless(text: str) -> bool:
    """Tell whether a text shows a picture without saying what it shows."""
    return NAMELESS.search(text) is not None


def files_in(text: str) -> list[str]:
    """Return the SHA-256 of the kept files that a text refers to, in their order."""
    return STORED_FILE.findall(text)


def formulas_in(text: str) -> Iterator[str]:
    """Yield the TeX of each formula of a text."""
    for found in FORMULAS.finditer(text):
        yield _tex(found)


def _tex(found: re.Match[str]) -> str:
    return next(said for said in found.groups() if said is not None)


def bad_formulas(text: str) -> Iterator[str]:
    """Yield the formulas of a text that cannot be shown."""
    return (tex for tex in formulas_in(text) if mathml(tex) is None)


@lru_cache(maxsize=2048)
def mathml(tex: str, display: str = "inline") -> str | None:
    """Return a formula as MathML of harmless elements only; None for TeX that cannot be converted."""
    try:
        written = convert(tex, display=display)
    except Exception:  # noqa: BLE001 - the converter raises whatever its parts raise on broken TeX
        return None
    return nh3.clean(written, tags=set(MATH_TAGS), attributes=MATH_ATTRIBUTES, link_rel=None)


class ItemRenderer(RendererHTML):
    """Writes the tokens of an item's text; addresses of kept files begin with `env["base"]`."""

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a kept picture; whatever else was meant stays as its description."""
        token = tokens[idx]
        text = self.renderInlineAsText(token.children, options, env)
        found = STORED_FILE.fullmatch(str(token.attrGet("src") or ""))
        if found is None or env["base"] is None:
            return escape(text)
        return f'<img class="figure" src="{escape(env["base"] + found[1])}" alt="{escape(text)}" loading="lazy">'

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Open a link to a kept file; other addresses are left out, so that an item never leads away."""
        del options
        found = STORED_FILE.fullmatch(str(tokens[idx].attrGet("href") or ""))
        if found is None or env["base"] is None:
            return "<span>"
        return f'<a href="{escape(env["base"] + found[1])}" download>'

    def link_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Close the link, or what stands for one."""
        del options
        opening = next(one for one in reversed(tokens[:idx]) if one.type == "link_open")
        known = STORED_FILE.fullmatch(str(opening.attrGet("href") or "")) and env["base"] is not None
        return "</a>" if known else "</span>"

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

    def formula(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a formula as MathML, or as its TeX where it cannot be converted."""
        del options, env
        token = tokens[idx]
        return mathml(token.content, token.info) or f'<code class="code">{escape(token.content)}</code>'

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write words; the empty brackets of a stem stay on one line."""
        return BLANK.sub(UNBROKEN, super().text(tokens, idx, options, env))

    def gap(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Write a gap with its number."""
        del tokens, idx, options
        env["gaps"] += 1
        return f'<span class="code">__{env["gaps"]}__</span>'


def _formula(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser calls it so
    found = FORMULAS.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content = _tex(found)
        token.markup = found[0]
        token.info = "block" if found["block"] is not None or found["display"] is not None else "inline"
    state.pos = found.end()
    return True


def _gap(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser calls it so
    found = GAP.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("gap", "span", 0).content = found[0]
    state.pos = found.end()
    return True


def _strong(state: StateInline, silent: bool) -> bool:  # noqa: FBT001 - the parser calls it so
    found = STRONG.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("strong_open", "strong", 1)
        state.push("text", "", 0).content = found[1]
        state.push("strong_close", "strong", -1)
    state.pos = found.end()
    return True


STRONG = re.compile(r"\*\*([^\s*](?:[^*\n]{0,200}[^\s*])?)\*\*")


def _parser() -> MarkdownIt:
    """Return a parser of paragraphs, tables, pictures, links, formulas, gaps and strong words; all else is text."""
    parser = MarkdownIt("zero", {"breaks": True}, renderer_cls=ItemRenderer)
    parser.enable(["table", "image", "link", "escape", "newline"])
    parser.inline.ruler.before("escape", "formula", _formula)
    parser.inline.ruler.before("escape", "gap", _gap)
    parser.inline.ruler.before("escape", "strong", _strong)
    return parser


_PARSER = _parser()


def render(text: str, base: str | None = None) -> str:
    """Return the HTML of a stem, a material or an explanation; `base` is the address that hashes of files end."""
    return _written(text, base if LINK in text else None)


def render_inline(text: str, base: str | None = None) -> str:
    """Return the HTML of an option or a prompt, without paragraphs and tables."""
    return _written(text, base if LINK in text else None, inline=True)


@lru_cache(maxsize=4096)
def _written(text: str, base: str | None, *, inline: bool = False) -> str:
    """Write a text once: one of an item stands on many pages, and only what may link to a file depends on the page."""
    write = _PARSER.renderInline if inline else _PARSER.render
    return str(write(text, {"base": base, "gaps": 0}))


def in_words(text: str) -> str:
    """Return a text on one line without its markup, for lists: pictures by their description, formulas by their TeX."""
    said = (_words(child) for token in parsed(text) for child in (*(token.children or ()), None))
    return " ".join("".join(said).split())


def _words(token: Token | None) -> str:
    """Return the words of a token; lines, cells and paragraphs stand apart."""
    if token is None or token.type in {"softbreak", "hardbreak"}:
        return " "
    return "".join(map(_words, token.children)) if token.type == "image" and token.children else token.content


PLAINLY = {"paragraph_open", "paragraph_close", "inline", "text", "softbreak"}


def is_plain(text: str) -> bool:
    """Tell whether a text is plain lines, without formulas, tables, files, strong words and escapes."""
    tokens = parsed(text)
    return all(token.type in PLAINLY for token in tokens) and all(
        child.type in PLAINLY for token in tokens for child in token.children or ()
    )


def parsed(text: str) -> list[Any]:
    """Return the tokens of a text, for writers of other markups."""
    return _PARSER.parse(text, {})
