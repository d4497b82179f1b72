"""XHTML and the text of items: read what other systems write, write what gives the same text back.

Paragraphs, line breaks, tables, pictures, links to enclosed files, emphasis (kept as strong), formulas with their TeX.
What the text of items cannot say is refused by its name. A text that XHTML would change is written verbatim, in
elements of the class `plain`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from markdown_it.token import Token

from app.core.lazily import lazily
from app.items.rules.content import BadItemError, Refusals
from app.items.rules.formulas import tex_of
from app.items.rules.reasons import because
from app.items.rules.texts import STORED, STORED_FILE, mathml, parsed

if TYPE_CHECKING:
    from lxml import etree

    Element = etree._Element  # noqa: SLF001 - the name under which its types know an element
else:
    etree = lazily("lxml.etree")
    Element = object

MATHML = "http://www.w3.org/1998/Math/MathML"
PLAIN = "plain"
TEX = "application/x-tex"
DOLLAR = "dollar"
SPACE = re.compile(r"[ \t\r\n]+")
GAP_ELEMENT = "textentryinteraction"
STRONG = {"strong", "b", "em", "i", "u", "mark"}
LINES = {"div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "dd", "dt", "pre", "tr", "caption"}
INLINE = {"span", "font", "small", "big", "code", "tt", "abbr", "cite", "q", "body", "html", "center", "label"}
LISTS = {"contentbody", "ul", "ol", "dl", "section", "article", "tbody", "thead"}
MATH = {"sub": "_", "sup": "^"}
KEPT = {
    *("p", "br", "div", "span", "li", "ul", "dd", "dt", "dl", "section", "article", "body", "html", "label"),
    *("table", "thead", "tbody", "tr", "td", "th", "caption", "img", "object", "a", "math", "contentbody"),
    *(*STRONG, *MATH),
}
"""Elements whose meaning the text keeps; of others it keeps the words and loses the layout."""
VOID = {"br", "img"}
READ = {
    ("a", "href"),
    *(("img", name) for name in ("src", "alt")),
    *(("object", name) for name in ("data", "alt")),
    *(("math", name) for name in ("display", "class")),
    *((cell, name) for cell in ("td", "th") for name in ("colspan", "rowspan")),
}
"""Attributes that are read, by their element; every other one is layout."""
OURS = {"plain", "stem", "part", "blanks", "unit", "reference", "rubric"}
"""Classes that our own files give to texts."""
Address = Callable[[str], str | None]
"""Gives the SHA-256 of the enclosed file that an address names; None where it names none."""


def local(element: Element) -> str:
    """Return the name of an element without its namespace, in lower case."""
    tag = element.tag
    return etree.QName(tag).localname.lower() if isinstance(tag, str) else ""


def nowhere(address: str) -> str | None:
    """Find no file at any address."""
    del address
    return None


@dataclass
class Lines:
    """Text as it grows: pieces joined, with lines and paragraphs asked for in between."""

    address: Address
    pieces: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    refused: Refusals = field(default_factory=Refusals)

    def inner(self, element: Element) -> str:
        """Return the text of an element within this one."""
        return text_of(element, self.address, self.lost)

    def look(self, element: Element) -> None:
        """Note what of an element's layout no text keeps."""
        name = local(element)
        if name == GAP_ELEMENT:
            return
        if name not in KEPT:
            self.lost.add(name)
        if name in VOID:
            self.lost.update(map(local, element))
        for attribute, value in element.attrib.items():
            called = str(attribute).rpartition("}")[2]
            if (name, called) not in READ and not (called == "class" and set(str(value).split()) <= OURS):
                self.lost.add(f"{name} {called}")

    def add(self, text: str) -> None:
        """Add running text; spaces and line ends of the markup are one space."""
        told = SPACE.sub(" ", text)
        if told.startswith(" ") and (not self.pieces or self.pieces[-1].endswith(("\n", " "))):
            told = told[1:]
        if told:
            self.pieces.append(told)

    def line(self, breaks: int = 1) -> None:
        """See to it that so many line breaks stand here, unless nothing does yet."""
        text = "".join(self.pieces).rstrip(" ")
        if text:
            standing = len(text) - len(text.rstrip("\n"))
            self.pieces = [text + "\n" * max(0, breaks - standing)]

    def text(self) -> str:
        """Return the text."""
        return "".join(self.pieces).strip()


def text_of(element: Element, address: Address = nowhere, lost: set[str] | None = None) -> str:
    """Return the text of an element's content; raises BadItemError with all that the text of items cannot say.

    Elements and attributes of which only the layout is lost are added to `lost` by their names.
    """
    lines = Lines(address, lost=set() if lost is None else lost)
    _walk(element, lines)
    lines.refused.demand_none()
    return lines.text()


def text_of_html(markup: str, address: Address = nowhere, lost: set[str] | None = None) -> str:
    """Return the text of a piece of HTML as other systems write it; raises BadItemError."""
    if not markup.strip():
        return ""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    root = etree.HTML(f"<div>{markup}</div>", etree.HTMLParser())
    return text_of(root, address, lost)


def _walk(element: Element, lines: Lines) -> None:
    lines.add(element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            lines.refused.take(partial(_element, child, lines), None)
        lines.add(child.tail or "")


def _element(child: Element, lines: Lines) -> None:
    name = local(child)
    lines.look(child)
    if PLAIN in (child.get("class") or "").split() and all(local(one) == "br" for one in child):
        _paragraph(child, lines, "".join(_verbatim(child)))
    elif name in READERS:
        READERS[name](child, lines)
    elif name in INLINE or name in LISTS:
        _walk(child, lines)
    elif name in LINES:
        lines.line()
        _walk(child, lines)
        lines.line()
    else:
        raise BadItemError(because("element", element=name))


def _verbatim(child: Element) -> Iterator[str]:
    yield child.text or ""
    for one in child:
        yield "\n" if local(one) == "br" else ""
        yield one.tail or ""


def _paragraph(child: Element, lines: Lines, told: str | None = None) -> None:
    lines.line(2)
    if told is None:
        _walk(child, lines)
    else:
        lines.pieces.append(told)
    lines.line(2)


def _break(child: Element, lines: Lines) -> None:
    del child
    lines.pieces.append("\n")


def _strong(child: Element, lines: Lines) -> None:
    told = lines.inner(child)
    if told:
        lines.add(f"**{told}**" if "\n" not in told and "*" not in told else told)


def _script(child: Element, lines: Lines) -> None:
    lines.add(f"${MATH[local(child)]}{{{lines.inner(child)}}}$")


def _picture(child: Element, lines: Lines) -> None:
    address = child.get("src") or child.get("data") or ""
    digest = lines.address(address)
    if digest is None:
        raise BadItemError(because("file_missing", file=address))
    alt = SPACE.sub(" ", child.get("alt") or "".join(map(str, child.itertext()))).replace("[", "(").replace("]", ")")
    lines.pieces.append(f"![{alt}]({STORED}{digest})")


def _link(child: Element, lines: Lines) -> None:
    address = child.get("href") or ""
    told = lines.inner(child)
    digest = lines.address(address)
    if digest is not None:
        lines.pieces.append(f"[{told}]({STORED}{digest})")
    else:
        lines.add(told if address in {"", told} else f"{told} ({address})")


def _table(child: Element, lines: Lines) -> None:
    rows = []
    for one in child.iterdescendants("{*}*"):
        if local(one) == "tr":
            rows.append([_cell(cell, lines) for cell in one if local(cell) in {"td", "th"}])
        elif local(one) == "caption":
            lines.line(2)
            lines.add(lines.inner(one))
        if local(one) not in {"td", "th"}:
            lines.look(one)
    if not rows:
        return
    width = max(map(len, rows))
    listed = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
    lines.line(2)
    lines.pieces.append("\n".join([listed[0], "|" + " --- |" * width, *listed[1:]]))
    lines.line(2)


def _cell(cell: Element, lines: Lines) -> str:
    lines.look(cell)
    if cell.get("colspan", "1") != "1" or cell.get("rowspan", "1") != "1":
        raise BadItemError(because("element", element="colspan"))
    return SPACE.sub(" ", lines.inner(cell)).replace("|", "\\|")


def _math(child: Element, lines: Lines) -> None:
    tex = next(
        (one.text for one in child.iter() if local(one) == "annotation" and "tex" in (one.get("encoding") or "")), None
    )
    # a formula of others is set off by parentheses: between signs of dollar a number behind it would end it
    block, dollar = child.get("display") == "block", DOLLAR in (child.get("class") or "")
    tex = tex or tex_of(child, lines.lost)
    opened, closed = {
        (True, True): ("$$", "$$"),
        (True, False): ("\\[", "\\]"),
        (False, True): ("$", "$"),
        (False, False): ("\\(", "\\)"),
    }[block, dollar]
    lines.pieces.append(f"{opened}{tex}{closed}")


def _gap(child: Element, lines: Lines) -> None:
    del child
    lines.pieces.append("_____")


READERS: dict[str, Callable[[Element, Lines], None]] = {
    "p": _paragraph,
    "br": _break,
    "img": _picture,
    "object": _picture,
    "a": _link,
    "table": _table,
    "math": _math,
    GAP_ELEMENT: _gap,
    **dict.fromkeys(STRONG, _strong),
    **dict.fromkeys(MATH, _script),
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes texts as elements of a namespace; `address` gives the path of a kept file, `gap` an element for a gap."""

    namespace: str
    address: Callable[[str], str]
    gap: Callable[[], Element] | None = None

    def blocks(self, text: str) -> list[Element]:
        """Return paragraphs and tables that read back as the text."""
        try:
            written = self._blocks(parsed(text))
            if _again(written) == text:
                return written
        except BadItemError:
            pass
        return [self._plain("p", text)]

    def put(self, text: str, into: Element) -> Element:
        """Write a text into an element that takes no paragraphs; return the element."""
        for block in self.blocks(text):
            into.append(block)
        return into

    def make(self, name: str, parent: Element | None = None, text: str = "", **attributes: str) -> Element:
        """Make an element, under a parent where one is given."""
        tag = f"{{{self.namespace}}}{name}"
        made = etree.Element(tag) if parent is None else etree.SubElement(parent, tag)
        for attribute, value in attributes.items():
            made.set(attribute.rstrip("_"), value)
        if text:
            made.text = text
        return made

    def _plain(self, name: str, text: str) -> Element:
        made = self.make(name, class_=PLAIN)
        first, *others = text.split("\n")
        made.text = first
        for other in others:
            self.make("br", made).tail = other
        return made

    def _blocks(self, tokens: Sequence[Token]) -> list[Element]:
        root = self.make("div")
        stack = [root]
        for token in tokens:
            if token.type == "inline":
                self._inline(token.children or [], stack[-1])
            elif token.nesting == 1:
                stack.append(self.make(token.tag, stack[-1]))
            else:
                stack.pop()
        return list(root)

    def _inline(self, tokens: Sequence[Token], into: Element) -> None:
        stack = [into]
        for token in tokens:
            here = stack[-1]
            if token.type in {"strong_open", "link_open"}:
                stack.append(self._opened(token, here))
            elif token.nesting < 0:
                stack.pop()
            elif token.type in {"text", "text_special"}:
                _add_text(here, token.content)
            else:
                here.append(self._single(token))

    def _opened(self, token: Token, parent: Element) -> Element:
        if token.type == "strong_open":
            return self.make("strong", parent)
        found = STORED_FILE.fullmatch(str(token.attrGet("href") or ""))
        if found is None:
            raise BadItemError(because("element", element="a"))
        return self.make("a", parent, href=self.address(found[1]))

    def _single(self, token: Token) -> Element:
        if token.type == "image":
            found = STORED_FILE.fullmatch(str(token.attrGet("src") or ""))
            if found is None:
                raise BadItemError(because("element", element="img"))
            return self.make("img", src=self.address(found[1]), alt=token.content)
        if token.type == "formula":
            return _formula(token)
        if token.type == "gap":
            return self.gap() if self.gap else self._underscores(token)
        return self.make("br")

    def _underscores(self, token: Token) -> Element:
        return self.make("span", text=token.content)


def _add_text(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def _formula(token: Token) -> Element:
    written = mathml(token.content, token.info)
    if written is None:
        raise BadItemError(because("mathml"))
    shown = etree.fromstring(written.replace("&nbsp;", "&#160;"), etree.XMLParser(resolve_entities=False))
    math = etree.Element(f"{{{MATHML}}}math", nsmap={None: MATHML})
    math.set("display", token.info)
    if token.markup.startswith("$"):
        math.set("class", DOLLAR)
    semantics = etree.SubElement(math, f"{{{MATHML}}}semantics")
    row = etree.SubElement(semantics, f"{{{MATHML}}}mrow")
    row.extend(list(shown))
    annotation = etree.SubElement(semantics, f"{{{MATHML}}}annotation", encoding=TEX)
    annotation.text = token.content
    return math


def _again(written: Sequence[Element]) -> str:
    """Read back what was written; the addresses of files are then their hashes."""
    lines = Lines(lambda address: found[0] if (found := re.search(r"[0-9a-f]{64}", address)) else None)
    for block in written:
        _element(block, lines)
    return lines.text()


def document(data: bytes) -> Element:
    """Read an XML document without entities, document types and network; raises BadItemError with the line."""
    parser = etree.XMLParser(
        resolve_entities=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, etree.XMLSyntaxError) else 1
        raise BadItemError(because("not_xml", line=line or 1, told=str(error))) from error
    if root.getroottree().docinfo.doctype:
        raise BadItemError(because("doctype"))
    return root
