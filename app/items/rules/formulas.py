"""Formulas in presentation MathML as TeX, for files that give none of their own (MathML Core of the W3C).

What TeX says here is what a formula of a question needs: fractions, roots, scripts, limits, fences, tables. Any other
element is refused by its name, so that no formula comes in as another one.
"""

import unicodedata
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from app.items.rules.content import BadItemError
from app.items.rules.reasons import because
from app.items.rules.texts import mathml

if TYPE_CHECKING:
    from lxml import etree

    Element = etree._Element  # noqa: SLF001 - the name under which its types know an element
else:
    Element = object

GREEK = {
    **{one: unicodedata.name(one).split()[-1].lower() for one in "αβγδεζηθικμνξπρστυφχψω"},
    **{one: unicodedata.name(one).split()[-1].capitalize() for one in "ΓΔΘΞΠΣΦΨΩ"},
    "λ": "lambda",
    "Λ": "Lambda",
}
NAMED = {
    "×": "times",
    "÷": "div",
    "±": "pm",
    "∓": "mp",
    "·": "cdot",
    "⋅": "cdot",
    "∗": "ast",
    "∘": "circ",
    "≤": "le",
    "≥": "ge",
    "≠": "ne",
    "≈": "approx",
    "≡": "equiv",
    "∼": "sim",
    "~": "sim",
    "∝": "propto",
    "→": "to",
    "⇒": "Rightarrow",
    "⇔": "Leftrightarrow",
    "∈": "in",
    "∉": "notin",
    "⊂": "subset",
    "⊆": "subseteq",
    "∪": "cup",
    "∩": "cap",
    "∅": "emptyset",
    "∀": "forall",
    "∃": "exists",
    "∞": "infty",
    "∂": "partial",
    "∑": "sum",
    "∏": "prod",
    "∫": "int",
    "∇": "nabla",
    "∠": "angle",
    "′": "prime",
    "…": "ldots",
    "⋯": "cdots",
}
SIGNS = {
    **{sign: f"\\{name}" for sign, name in {**GREEK, **NAMED}.items()},
    **{sign: f"\\{sign}" for sign in "#$%&_{}"},
    "\\": "\\backslash",
    "−": "-",
    "\N{NO-BREAK SPACE}": "\\;",
    **dict.fromkeys("\N{FUNCTION APPLICATION}\N{INVISIBLE TIMES}\N{INVISIBLE SEPARATOR}\N{INVISIBLE PLUS}", ""),
}
"""How signs are written in TeX; every other character stands for itself."""
UNSAID = frozenset("^")
FUNCTIONS = frozenset(
    {
        *("sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"),
        *("log", "ln", "lg", "exp", "lim", "max", "min", "sup", "inf", "det", "gcd"),
    }
)
NEXT_ROW = " \\\\ "
BIG = frozenset({"\\sum", "\\prod", "\\int", "\\lim", "\\max", "\\min", "\\sup", "\\inf", "⋃", "⋂"})
"""What has its limits below and above without a command of its own."""
VARIANTS = {
    "normal": "mathrm",
    "bold": "mathbf",
    "bold-italic": "mathbf",
    "double-struck": "mathbb",
    "script": "mathcal",
    "fraktur": "mathfrak",
}
OVER = {
    **dict.fromkeys("^ˆ\N{COMBINING CIRCUMFLEX ACCENT}", "hat"),
    **dict.fromkeys("¯‾―_\N{COMBINING OVERLINE}", "overline"),
    **dict.fromkeys("→\N{COMBINING RIGHT ARROW ABOVE}", "vec"),
    **dict.fromkeys("~˜∼", "tilde"),
    **dict.fromkeys("˙.", "dot"),
    "¨": "ddot",
    "⏞": "overbrace",
}
UNDER = {**dict.fromkeys("¯‾―_\N{COMBINING LOW LINE}", "underline"), "⏟": "underbrace"}
FENCES = {
    **{one: one for one in "()[]|/"},
    "{": "\\{",
    "}": "\\}",
    "‖": "\\|",
    "⟨": "\\langle",
    "⟩": "\\rangle",
    "": ".",
    "⌊": "\\lfloor",
    "⌋": "\\rfloor",
    "⌈": "\\lceil",
    "⌉": "\\rceil",
}
LAYOUT = frozenset(
    {
        *("stretchy", "fence", "separator", "form", "lspace", "rspace", "minsize", "maxsize", "movablelimits"),
        *("largeop", "symmetric", "accent", "accentunder", "displaystyle", "scriptlevel", "width", "linebreak"),
        *("columnalign", "rowalign", "rowspacing", "columnspacing", "height", "depth", "voffset", "id"),
        *("mathvariant", "linethickness", "open", "close", "separators", "display", "class", "colspan", "rowspan"),
    }
)
"""Attributes that are read, or that say nothing but how a formula is set."""


def tex_of(math: Element, lost: set[str]) -> str:
    """Return the TeX of a formula; raises BadItemError naming the element that has none.

    Attributes that a formula is kept without, such as colours, are added to `lost`.
    """
    told = _row(math)
    if not told:
        raise BadItemError(because("mathml"))
    if mathml(told) is None:
        raise _unsaid("math")
    for one in math.iterdescendants("{*}*"):
        lost.update(f"{_name(one)} {name}" for name in map(str, one.attrib) if name not in LAYOUT)
    return told


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _unsaid(what: str) -> BadItemError:
    return BadItemError(because("mathml_element", element=what))


def _row(element: Element) -> str:
    """Return what stands in an element, side by side."""
    return " ".join(filter(None, map(_said, _parts(element))))


def _parts(element: Element) -> list[Element]:
    return [one for one in element if isinstance(one.tag, str)]


def _said(element: Element) -> str:
    name = _name(element)
    if name not in READERS:
        raise _unsaid(name)
    return READERS[name](element)


def _of(element: Element, count: int) -> list[str]:
    """Return what each of the children says, which must be so many."""
    parts = _parts(element)
    if len(parts) != count:
        raise _unsaid(_name(element))
    return list(map(_said, parts))


def _text(element: Element) -> str:
    if _parts(element):
        raise _unsaid(_name(_parts(element)[0]))
    return " ".join((element.text or "").split(" ")).strip(" \t\r\n")


def _signs(text: str) -> str:
    if UNSAID & set(text):
        raise _unsaid(text)
    return " ".join(filter(None, (SIGNS.get(one, one) for one in text))) if set(text) & set(SIGNS) else text


def _identifier(element: Element) -> str:
    text = _text(element)
    if text in FUNCTIONS:
        return f"\\{text}"
    variant = element.get("mathvariant", "")
    if variant not in {*VARIANTS, "italic", ""}:
        raise _unsaid(f"mathvariant {variant}")
    plain = variant == "italic" or (not variant and len(text) == 1)
    return _signs(text) if plain or not text else f"\\{VARIANTS.get(variant, 'mathrm')}{{{_signs(text)}}}"


def _plain(element: Element) -> str:
    return _signs(_text(element))


def _operator(element: Element) -> str:
    text = _text(element)
    if text in FUNCTIONS:
        return f"\\{text}"
    return f"\\operatorname{{{text}}}" if len(text) > 1 and text.isascii() and text.isalpha() else _signs(text)


def _words(element: Element) -> str:
    """Return words, with the signs that TeX reads as commands between them."""
    return " ".join(_runs(_text(element)))


def _runs(text: str) -> Iterator[str]:
    run = ""
    for sign in text:
        if sign not in "#$%&_{}\\^~":
            run += sign
            continue
        yield from [f"\\text{{{run}}}"] if run else []
        yield _signs(sign)
        run = ""
    yield from [f"\\text{{{run}}}"] if run.strip() else ["\\;"] if run else []


def _space(element: Element) -> str:
    del element
    return "\\;"


def _base(said: str) -> str:
    """Return what scripts stand at, in braces unless it is one sign or one command."""
    single = len(said) == 1 or (said.startswith("\\") and said[1:].isalpha())
    return said if single else f"{{{said}}}"


def _scripts(*marks: str) -> Callable[[Element], str]:
    def read(element: Element) -> str:
        base, *scripts = _of(element, len(marks) + 1)
        told = (f"{mark}{{{one}}}" for mark, one in zip(marks, scripts, strict=True) if one)
        return _base(base) + "".join(told)

    return read


def _limits(*marks: str) -> Callable[[Element], str]:
    """Read what stands below and above: the limits of a sum, an accent, a brace, or one thing over another."""

    def read(element: Element) -> str:
        base, *limits = _of(element, len(marks) + 1)
        if base in BIG or base.startswith(("\\underbrace{", "\\overbrace{")):
            return base + "".join(f"{mark}{{{one}}}" for mark, one in zip(marks, limits, strict=True) if one)
        told = base
        for mark, one, part in zip(marks, limits, _parts(element)[1:], strict=True):
            accents, beside = (UNDER, "underset") if mark == "_" else (OVER, "overset")
            accent = accents.get("".join(map(str, part.itertext())).strip())
            told = f"\\{accent}{{{told}}}" if accent else f"\\{beside}{{{one}}}{{{told}}}"
        return told

    return read


def _fraction(element: Element) -> str:
    top, bottom = _of(element, 2)
    bare = element.get("linethickness", "").rstrip("ptxem%") == "0"
    return f"{{{top} \\atop {bottom}}}" if bare else f"\\frac{{{top}}}{{{bottom}}}"


def _root(element: Element) -> str:
    base, degree = _of(element, 2)
    return f"\\sqrt[{degree}]{{{base}}}"


def _square_root(element: Element) -> str:
    return f"\\sqrt{{{_row(element)}}}"


def _fenced(element: Element) -> str:
    ends = [element.get("open", "(").strip(), element.get("close", ")").strip()]
    if not set(ends) <= set(FENCES):
        raise _unsaid("mfenced")
    signs = element.get("separators", ",").split() or [""]
    told = ""
    for place, one in enumerate(map(_said, _parts(element))):
        told += f" {_signs(''.join(signs[min(place, len(signs)) - 1]))} {one}" if place else one
    return f"\\left{FENCES[ends[0]]} {told} \\right{FENCES[ends[1]]}"


def _table(element: Element) -> str:
    rows = (" & ".join(_cells(row)) for row in _parts(element))
    return f"\\begin{{matrix}} {NEXT_ROW.join(rows)} \\end{{matrix}}"


def _cells(row: Element) -> list[str]:
    cells = _parts(row)
    for one in (row, *cells):
        spans = {one.get("colspan", "1"), one.get("rowspan", "1")}
        if _name(one) not in {"mtr", "mtd"} or spans != {"1"}:
            raise _unsaid(_name(one))
    return [_row(one) for one in cells]


def _shown(element: Element) -> str:
    """Return the first of several forms of a formula, which is the one that is shown."""
    parts = _parts(element)
    return _said(parts[0]) if parts else ""


READERS: dict[str, Callable[[Element], str]] = {
    **dict.fromkeys(("mrow", "mstyle", "mpadded"), _row),
    "semantics": _shown,
    "mi": _identifier,
    "mn": _plain,
    "mo": _operator,
    "mtext": _words,
    "mspace": _space,
    "mfrac": _fraction,
    "msqrt": _square_root,
    "mroot": _root,
    "msub": _scripts("_"),
    "msup": _scripts("^"),
    "msubsup": _scripts("_", "^"),
    "munder": _limits("_"),
    "mover": _limits("^"),
    "munderover": _limits("_", "^"),
    "mfenced": _fenced,
    "mtable": _table,
}
