"""The sandbox of layouts: which words a layout may use, and how one is filled; nothing of it reaches anything else.

A layout is HTML with named blanks and a style sheet. Its blanks are a small part of Jinja: fields, conditions and
loops over fields. Everything else is refused with its line: calls, filters, arithmetic, includes, other elements and
attributes, addresses, and functions of CSS that read something.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Any

import nh3
import tinycss2  # type: ignore[import-untyped]
from jinja2 import Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.filters import do_batch
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape
from tinycss2 import ast

LONGEST_LAYOUT = 64 * 1024
LONGEST_FILLED = 256 * 1024
MOST_DEPTH = 40
KEPT = 64
MOST_LOOPS = 2
MOST_ELEMENTS = 2_000
ROWS = "batch"
"""The one filter: `cells|batch(5)` gives a list in rows of five, for the rows of a table."""
ROW_SIZES = [[size] for size in range(1, 21)]
NOTHING: Mapping[str, str] = MappingProxyType({})
FIELDS = frozenset({"facts", "label", "lines", "cells", "entries", "days", "qr", "seal", "sizes", "statement"})
"""What a layout may name; docs/certificates.md lists what each holds."""
PLAIN_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.If,
    nodes.For,
    nodes.Tuple,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
)
ELEMENTS = frozenset(
    {"header", "main", "footer", "section", "div", "p", "span", "h1", "h2", "h3", "br", "b", "i", "strong", "em"}
    | {"dl", "dt", "dd", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "caption"}
)
DRAWINGS = frozenset(
    {"svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"}
    | {"textPath", "use", "linearGradient", "radialGradient", "stop", "clipPath"}
)
DOCUMENT = frozenset({"html", "head", "meta", "title", "body"})
"""The document around the sheet is made anew, whatever a layout says of it."""
EVERYWHERE = frozenset({"class", "id", "lang", "aria-hidden"})
OF_DRAWINGS = frozenset(
    {
        "viewBox",
        "xmlns",
        "width",
        "height",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "d",
        "points",
    }
    | {"transform", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray"}
    | {"stroke-linecap", "stroke-linejoin", "opacity", "font-size", "font-family", "font-weight", "text-anchor", "dx"}
    | {"dy", "letter-spacing", "offset", "stop-color", "stop-opacity", "gradientUnits", "gradientTransform", "href"}
    | {"startOffset", "clip-path", "preserveAspectRatio"}
)
OF_CELLS = frozenset({"colspan", "rowspan", "scope"})
VOID = frozenset({"br", "meta"})
AT_RULES = frozenset({"page", "media"})
FUNCTIONS = frozenset(
    {"rgb", "rgba", "hsl", "hsla", "calc", "min", "max", "counter", "counters", "linear-gradient", "radial-gradient"}
    | {"repeating-linear-gradient", "translate", "translatex", "translatey", "rotate", "scale", "scalex", "scaley"}
    | {
        "element",
        "running",
        "not",
        "is",
        "where",
        "nth-child",
        "nth-of-type",
        "nth-last-child",
        "lang",
        "repeat",
    }
    | {"minmax", "fit-content"}
)
BODY_CLASS = re.compile(r"<body\b[^>]*\bclass=\"([a-z0-9 _-]{0,60})\"", re.IGNORECASE)
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
ADDRESS = re.compile(r"url\s*\(", re.IGNORECASE)
LOCAL = re.compile(r"url\s*\(\s*['\"]?#[\w-]+['\"]?\s*\)", re.IGNORECASE)
WRAPPER = (
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
    '<meta name="author" content="{author}"><meta name="description" content="{description}"></head>'
    '<body class="{look}">{body}</body></html>'
)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a certificate is drawn: a page with named blanks to fill, and its style sheet."""

    html: str
    css: str


@dataclass(frozen=True, slots=True)
class About:
    """What the document says of itself, unseen on the sheet."""

    title: str
    author: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a layout is refused: in which part (`html`, `css`, `sheet`), on which line, as a code with parameters."""

    part: str
    line: int
    code: str
    params: Mapping[str, str] = field(default_factory=lambda: NOTHING)


class LayoutError(ValueError):
    """A layout that cannot be filled; `faults` say why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults[0].code)
        self.faults = faults


_ENVIRONMENT = ImmutableSandboxedEnvironment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.filters = {ROWS: do_batch}
_ENVIRONMENT.tests.clear()


@lru_cache(maxsize=KEPT)
def faults_of(layout: Layout) -> tuple[Fault, ...]:
    """Return every reason to refuse a layout that its text alone shows; drawing it may show more."""
    for part, text in (("html", layout.html), ("css", layout.css)):
        if len(text) > LONGEST_LAYOUT:
            return (Fault(part, 1, "too-long", {"limit": str(LONGEST_LAYOUT)}),)
    blanks = list(_faults_of_blanks(layout.html))
    return (*blanks, *_faults_of_elements(layout.html), *_faults_of_sheet(layout.css))


# ---- blanks


def _faults_of_blanks(html: str) -> Iterator[Fault]:
    try:
        tree = _ENVIRONMENT.parse(html)
    except TemplateSyntaxError as error:
        yield Fault("html", error.lineno, "blank-syntax", {"what": (error.message or "")[:120]})
        return
    except RecursionError:
        yield Fault("html", 1, "too-deep")
        return
    yield from _walk(tree, frozenset(FIELDS), loops=0, depth=0)


def _walk(node: nodes.Node, known: frozenset[str], *, loops: int, depth: int) -> Iterator[Fault]:
    wrong = _fault_of(node, known) if depth <= MOST_DEPTH else Fault("html", node.lineno, "too-deep")
    if wrong is not None:
        yield wrong
        return
    if isinstance(node, nodes.For):
        loops += 1
        if loops > MOST_LOOPS or not _is_bounded(node.iter) or node.recursive or node.test:
            yield Fault("html", node.lineno, "loop")
            return
        known |= {one.name for one in node.target.find_all(nodes.Name)}
        known |= {node.target.name} if isinstance(node.target, nodes.Name) else set()
    for child in node.iter_child_nodes():
        yield from _walk(child, known, loops=loops, depth=depth + 1)


def _is_bounded(source: nodes.Node) -> bool:
    """Tell whether a loop runs over a field, perhaps in rows of so many."""
    if isinstance(source, nodes.Filter):
        sizes = [one.value for one in source.args if isinstance(one, nodes.Const)]
        in_rows = source.name == ROWS and len(source.args) == 1 and not source.kwargs
        return in_rows and sizes in ROW_SIZES and isinstance(source.node, nodes.Node) and _is_bounded(source.node)
    return isinstance(source, nodes.Name | nodes.Getattr)


def _fault_of(node: nodes.Node, known: frozenset[str]) -> Fault | None:
    if isinstance(node, nodes.Filter) and _is_bounded(node):
        return None
    if not isinstance(node, PLAIN_NODES):
        return Fault("html", node.lineno, "blank-refused", {"what": type(node).__name__.lower()})
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in known:
        return Fault("html", node.lineno, "unknown-field", {"name": node.name})
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return Fault("html", node.lineno, "unknown-field", {"name": node.attr})
    if isinstance(node, nodes.Getitem) and not (isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, int)):
        return Fault("html", node.lineno, "blank-refused", {"what": "getitem"})
    return None


# ---- elements


class _Elements(HTMLParser):
    """Walks the elements of a layout and notes what is refused."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[Fault] = []
        self.count = 0
        self.depth = 0

    def _refuse(self, code: str, **params: str) -> None:
        if len(self.faults) < MOST_DEPTH:
            self.faults.append(Fault("html", self.getpos()[0], code, params))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count += 1
        if tag not in VOID:
            self.depth += 1
        if self.count == MOST_ELEMENTS or self.depth == MOST_DEPTH:
            self._refuse("too-many-elements" if self.count == MOST_ELEMENTS else "too-deep")
        if tag in DOCUMENT:
            return
        if tag not in _LOWER:
            self._refuse("element", name=tag)
            return
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name not in _allowed(_LOWER[tag]):
            self._refuse("attribute", name=name, element=tag)
        elif (name == "href" and not value.startswith("#")) or ADDRESS.search(LOCAL.sub("", value)):
            self._refuse("address", name=value[:60])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.depth -= 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.depth -= 1

    def handle_pi(self, data: str) -> None:
        self._refuse("element", name=data[:20])


_LOWER = {name.lower(): name for name in ELEMENTS | DRAWINGS}


def _attributes_of(element: str) -> frozenset[str]:
    if element in DRAWINGS:
        return EVERYWHERE | OF_DRAWINGS
    return EVERYWHERE | OF_CELLS if element in {"td", "th"} else EVERYWHERE


def _allowed(element: str) -> frozenset[str]:
    """Return the attributes of an element in small letters, as the parser of HTML gives them."""
    return frozenset(name.lower() for name in _attributes_of(element))


def _faults_of_elements(html: str) -> list[Fault]:
    """Look at the elements with every blank closed; lines stay where they are."""
    closed = JINJA.sub(lambda found: "x" * found[0].startswith("{{") + "\n" * found[0].count("\n"), html)
    walker = _Elements()
    walker.feed(closed)
    walker.close()
    return walker.faults


# ---- style sheet


def _faults_of_sheet(css: str) -> Iterator[Fault]:
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        yield from _faults_of_rule(rule, depth=0)


def _faults_of_rule(rule: ast.Node, *, depth: int) -> Iterator[Fault]:
    line = rule.source_line
    if depth > MOST_DEPTH:
        yield Fault("css", line, "too-deep")
    elif isinstance(rule, ast.ParseError):
        yield Fault("css", line, "css-syntax", {"what": rule.message[:120]})
    elif isinstance(rule, ast.AtRule) and rule.lower_at_keyword not in AT_RULES:
        yield Fault("css", line, "at-rule", {"name": rule.at_keyword[:40]})
    else:
        for tokens in (getattr(rule, "prelude", None), getattr(rule, "content", None)):
            yield from _faults_of_tokens(tokens or [], depth=depth)


def _faults_of_tokens(tokens: list[ast.Node], *, depth: int) -> Iterator[Fault]:
    for token in tokens:
        if depth > MOST_DEPTH:
            yield Fault("css", token.source_line, "too-deep")
            return
        if isinstance(token, ast.URLToken):
            yield Fault("css", token.source_line, "address", {"name": token.value[:60]})
        elif isinstance(token, ast.FunctionBlock):
            if token.lower_name not in FUNCTIONS:
                yield Fault("css", token.source_line, "function", {"name": token.name[:40]})
            yield from _faults_of_tokens(token.arguments, depth=depth + 1)
        elif isinstance(token, ast.ParseError):
            yield Fault("css", token.source_line, "css-syntax", {"what": token.message[:120]})
        elif isinstance(token, ast.AtKeywordToken) and token.value.lower() in {"import", "font-face", "namespace"}:
            yield Fault("css", token.source_line, "at-rule", {"name": token.value[:40]})
        else:
            yield from _faults_of_tokens(getattr(token, "content", None) or [], depth=depth + 1)


# ---- filling


@lru_cache(maxsize=KEPT)
def _template(layout: Layout) -> Template:
    """Compile a layout that has no fault; raises LayoutError."""
    faults = faults_of(layout)
    if faults:
        raise LayoutError(list(faults))
    return _ENVIRONMENT.from_string(layout.html)


def fill(layout: Layout, fields: Mapping[str, Any], about: About) -> str:
    """Fill a layout and clean what came out, so that drawing it reaches nothing; raises LayoutError.

    A layout reaches paper only through here, and only where its text has no fault.
    """
    template = _template(layout)
    parts: list[str] = []
    size = 0
    try:
        for part in template.generate(**{name: fields[name] for name in FIELDS}):
            size += len(part)
            if size > LONGEST_FILLED:
                raise LayoutError([Fault("html", 1, "filled-too-long", {"limit": str(LONGEST_FILLED)})])
            parts.append(part)
    except (TemplateError, TypeError, LookupError, RecursionError) as error:
        raise LayoutError([Fault("html", _line_of(error), "blank-failed", {"what": str(error)[:120]})]) from error
    html = "".join(parts)
    look = BODY_CLASS.search(html)
    return WRAPPER.format(
        title=escape(about.title),
        author=escape(about.author),
        description=escape(about.description),
        look=look[1] if look else "",
        body=cleaned(html),
    )


def _line_of(error: BaseException) -> int:
    """Return the line of a layout on which filling failed: the last frame that is its own."""
    line, trace = 1, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "<template>":
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def cleaned(html: str) -> str:
    """Return HTML with nothing but the elements and attributes that a sheet may have, and no address."""
    return _cleaner().clean(html)


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(ELEMENTS | DRAWINGS),
        attributes={name: set(_attributes_of(name)) for name in ELEMENTS | DRAWINGS},
        attribute_filter=_without_address,
        clean_content_tags={"script", "style", "title"},
        url_schemes=set(),
        link_rel=None,
    )


def _without_address(_element: str, attribute: str, value: str) -> str | None:
    if attribute == "href" and not value.startswith("#"):
        return None
    return None if ADDRESS.search(LOCAL.sub("", value)) else value
