"""The fast way from a document to its canonical N-Quads: learn a shape once, then fill in the values.

JSON-LD gives a document of a known shape the same statements each time, with other values at the same
places. So the full way (`canonical`) runs once a shape, on a copy whose values are marks; what it gives is
cut at the marks. A document of the same shape then costs filling, one hash a blank node, and sorting.

It answers only where it gives byte for byte what the full way gives, and hands over to it otherwise: for a
shape that was never learned, for a value that JSON-LD might read differently at its place, and where blank
nodes tie.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import count
from operator import eq, itemgetter
from threading import Lock
from typing import Any

from pyld.nquads import escape

from app.credentials.rules import contexts
from app.credentials.rules.canonical import CanonicalError, Quad, canonicalize, default_quads, write_quad
from app.credentials.rules.document import JsonObject

MOST_SHAPES = 256
"""Ours are a few dozen; past this nothing more is learned, and nothing that was learned is forgotten."""
MARK = "urn:mark:{}"
# What our own addresses and DIDs are: absolute, in ASCII, and not to be taken for a term of a context.
PLAIN_IRI = re.compile(r"(?:https?://|did:)[!#-;=?-\[\]_a-z~]+", re.ASCII)
HOST = re.compile(r'"(https?://[^/"]+/)')
FIXED = frozenset({"type", "@context"})
"""Members whose values decide what the rest means: they belong to the shape."""
BETWEEN = b"\x00"
SELF, OTHER = "_:a", "_:z"

Shape = tuple[object, ...]
Pick = Callable[[list[bytes]], tuple[bytes, ...]]


class UnfitError(Exception):
    """The document cannot be read by the compiled way; the full way decides."""


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements with `%s` for each value, one after the other, and which values fill them in that order.

    In UTF-8, whose bytes sort as its characters do.
    """

    text: bytes
    pick: Pick

    def fill(self, values: list[bytes]) -> list[bytes]:
        """Return the statements of the values, sorted."""
        return sorted((self.text % self.pick(values)).split(BETWEEN))


@dataclass(frozen=True, slots=True)
class Template:
    """What a shape says.

    `whole` holds its statements, filled by the values and then the names of its blank nodes; `nodes` holds
    for each of these the statements that name it, as RDFC-1.0 hashes them. `iris` are the numbers of the
    values that are IRIs, `constants` those that belong to the shape, with what they must be.
    """

    whole: Statements
    nodes: tuple[Statements, ...]
    iris: tuple[int, ...]
    constants: tuple[tuple[int, str], ...]

    def fill(self, values: list[str]) -> bytes:
        """Return canonical N-Quads of the values in UTF-8.

        Raises UnfitError where a value does not fit its place, blank nodes tie or statements coincide.
        """
        self._check(values)
        written = _escaped(values)
        hashes = [sha256(b"".join(one.fill(written))).hexdigest() for one in self.nodes]
        ranked = sorted(hashes)
        written += [b"_:c14n%d" % ranked.index(one) for one in hashes]
        statements = self.whole.fill(written)
        if any(map(eq, ranked, ranked[1:])) or any(map(eq, statements, statements[1:])):
            raise UnfitError
        return b"".join(statements)

    def _check(self, values: list[str]) -> None:
        hosts = context_hosts()
        for number in self.iris:
            if PLAIN_IRI.fullmatch(values[number]) is None or values[number].startswith(hosts):
                raise UnfitError
        for number, expected in self.constants:
            if values[number] != expected:
                raise UnfitError


def _escaped(values: list[str]) -> list[bytes]:
    """Write values as N-Quads do, all in one pass; raises UnfitError for one that holds what parts them."""
    text: str = escape("\x00".join(values))
    written = text.encode().split(BETWEEN)
    if len(written) != len(values):
        raise UnfitError
    return written


class Compiled:
    """The shapes that were learned, and the way to use them; shared by threads."""

    def __init__(self) -> None:
        self._templates: dict[Shape, Template] = {}
        self._lock = Lock()

    def __call__(self, document: JsonObject) -> str:
        """Return the canonical N-Quads of a document; raises CanonicalError as the full way does."""
        return self.read(document)[0].decode()

    def read(self, document: JsonObject) -> tuple[bytes, bool]:
        """Return the canonical N-Quads in UTF-8, and whether the fast way gave them; raises CanonicalError."""
        try:
            shape, values = _taken_apart(document)
            return self._templates[shape].fill(values), True
        except (UnfitError, KeyError, TypeError, RecursionError, UnicodeEncodeError):
            return canonicalize(document).encode(), False

    def learn(self, document: JsonObject) -> bool:
        """Learn the shape of a document that one of us signed or proved; tell whether it is known now.

        Documents of strangers must not be learned: there is room for so many shapes only.
        """
        try:
            shape, values = _taken_apart(document)
            if shape in self._templates or len(self._templates) >= MOST_SHAPES:
                return shape in self._templates
            template = _compile(document, values)
            if template.fill(values) != canonicalize(document).encode():
                return False
        except (UnfitError, CanonicalError, TypeError, RecursionError):
            return False
        with self._lock:
            self._templates[shape] = template
        return True


def _taken_apart(document: JsonObject) -> tuple[Shape, list[str]]:
    """Part a document into its shape and the texts that fill it; raises UnfitError for what we never write.

    The shape of a document with a list or object for a type cannot be looked up: that raises TypeError.
    """
    shape: list[object] = []
    values: list[str] = []
    _walk_object(document, shape, values)
    return tuple(shape), values


def _walk_object(members: JsonObject, shape: list[object], values: list[str]) -> None:
    shape.append(tuple(members))
    for name, child in members.items():
        if name in FIXED:
            shape.append(tuple(child) if type(child) is list else child)
        elif type(child) is str:
            shape.append(0)
            values.append(child)
        else:
            _walk_other(child, shape, values)


def _walk_other(value: object, shape: list[object], values: list[str]) -> None:
    if type(value) is dict:
        _walk_object(value, shape, values)
    elif type(value) is list:
        shape.append(len(value))
        for child in value:
            if type(child) is str:
                shape.append(0)
                values.append(child)
            else:
                _walk_other(child, shape, values)
    elif type(value) is bool:
        shape.append(str(value))
    elif type(value) is int:
        shape.append(("number", value))
    else:
        raise UnfitError


def _marked(value: Any, number: Iterator[int]) -> Any:  # noqa: ANN401 - any JSON value
    """Return a copy with marks for its texts, numbered as they are taken apart; constants stay."""
    if isinstance(value, str):
        mark = MARK.format(next(number))
        return value if value.startswith(context_hosts()) else mark
    if isinstance(value, dict):
        return {name: child if name in FIXED else _marked(child, number) for name, child in value.items()}
    if isinstance(value, list):
        return [_marked(child, number) for child in value]
    return value


def _compile(document: JsonObject, values: list[str]) -> Template:
    """Cut the statements of a marked copy at its marks; raises UnfitError where a value would go unsigned."""
    # Sorted beforehand, because a list that is nearly in order is sorted soonest.
    quads = sorted(default_quads(_marked(document, count())), key=write_quad)
    constants = tuple((number, one) for number, one in enumerate(values) if one.startswith(context_hosts()))
    held = dict(constants)
    marks = {MARK.format(number): number for number in range(len(values)) if number not in held}
    found: dict[str, set[int]] = {"literal": set(), "IRI": set()}
    for term in (quad[part] for quad in quads for part in ("subject", "object")):
        if term["value"] in marks:
            found[term["type"]].add(marks[term["value"]])
    if len(found["literal"] | found["IRI"]) != len(marks) or found["literal"] & found["IRI"]:
        raise UnfitError
    names = sorted({quad[part]["value"] for quad in quads for part in ("subject", "object") if _is_blank(quad[part])})
    numbers = marks | {name: len(values) + place for place, name in enumerate(names)}
    nodes = tuple(_seen_from(name, quads, marks) for name in names)
    return Template(_statements(quads, numbers), nodes, tuple(sorted(found["IRI"])), constants)


def _is_blank(term: dict[str, Any]) -> bool:
    return bool(term["type"] == "blank node")


def _seen_from(name: str, quads: list[Quad], marks: dict[str, int]) -> Statements:
    """Return the statements that name a blank node, itself and others named as RDFC-1.0 says (4.6)."""
    own = [quad for quad in quads if name in {quad["subject"]["value"], quad["object"]["value"]}]
    seen = [
        {
            part: {**term, "value": SELF if term["value"] == name else OTHER} if _is_blank(term) else term
            for part, term in quad.items()
        }
        for quad in own
    ]
    return _statements(seen, marks)


def _statements(quads: list[Quad], numbers: dict[str, int]) -> Statements:
    order = [numbers[term["value"]] for quad in quads for term in _ends(quad) if term["value"] in numbers]
    lines = (write_quad({part: _as_format(term, numbers) for part, term in quad.items()}) for quad in quads)
    return Statements(BETWEEN.join(line.encode() for line in lines), _picker(tuple(order)))


def _ends(quad: Quad) -> tuple[dict[str, Any], dict[str, Any]]:
    return quad["subject"], quad["object"]


def _as_format(term: dict[str, Any], numbers: dict[str, int]) -> dict[str, Any]:
    value = "%s" if term["value"] in numbers else term["value"].replace("%", "%%")
    return {**term, "value": value}


def _picker(order: tuple[int, ...]) -> Pick:
    """Return what picks values in an order; one or none is no case for itemgetter, which then gives no tuple."""
    if len(order) > 1:
        return itemgetter(*order)
    return lambda values: tuple(values[number] for number in order)


@cache
def context_hosts() -> tuple[str, ...]:
    """Return the beginnings of every IRI that our contexts define: a value that begins so could be shortened."""
    known = " ".join(json.dumps(contexts.context(url)) for url in contexts.PINNED)
    return tuple(sorted(set(HOST.findall(known))))


compiled = Compiled()
"""The shapes of this process: those of what it signed and of what it proved."""
