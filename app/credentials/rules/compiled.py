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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import count, takewhile
from operator import eq, itemgetter
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from app.core.lazily import lazily
from app.credentials.rules import contexts
from app.credentials.rules.canonical import CanonicalError, Quad, canonicalize, default_quads, write_quad
from app.credentials.rules.document import JsonObject

if TYPE_CHECKING:
    from pyld import nquads
else:
    nquads = lazily("pyld.nquads")

MOST_SHAPES = 256
"""Ours are a few dozen; past this nothing more is learned, and nothing that was learned is forgotten."""
MARK = "urn:mark:{}"
# What our own addresses and DIDs are: absolute, in ASCII, and not to be taken for a term of a context.
PLAIN_IRI = re.compile(r"(?:https?://|did:)[!#-;=?-\[\]_a-z~]+", re.ASCII)
HOST = re.compile(r'"(https?://[^/"]+/)')
FIXED = frozenset({"type", "@context"})
"""Members whose values decide what the rest means: they belong to the shape."""
TEXT = None
"""What stands in a shape for a text; a number stands for a list of so many."""
BETWEEN, VALUE = b"\x00", b"%s"
SELF, OTHER = "_:a", "_:z"
PATIENCE, PIN_COSTS = 256, 16
"""Pinning costs about as much as sixteen documents gain by it: one in so many may be pinned in vain."""

Shape = tuple[object, ...]
Pick = Callable[[Sequence[Any]], tuple[Any, ...]]


class UnfitError(Exception):
    """The document cannot be read by the compiled way; the full way decides."""


class Line(NamedTuple):
    """A statement with `%s` for each value, and the numbers of the values in that order."""

    text: bytes
    order: tuple[int, ...]

    @property
    def subject(self) -> tuple[object, ...]:
        """Return what stands first, and the number of the value that fills it."""
        found, _space, _rest = self.text.partition(b" ")
        return found, *self.order[: VALUE in found.replace(b"%%", b"")]

    @property
    def begins(self) -> bytes:
        """Return what follows the subject up to the first value: no value changes it."""
        _subject, _space, rest = self.text.partition(b" ")
        at = rest.replace(b"%%", BETWEEN * 2).find(VALUE)
        return rest[: len(rest) if at < 0 else at].replace(b"%%", b"%")


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements in pieces, each of which stays in order whatever its values are.

    In UTF-8, whose bytes sort as its characters do.
    `subjects` counts the different subjects where values stand among them: were two of these alike, pieces could mix.
    """

    lines: tuple[Line, ...]
    text: bytes
    pick: Pick
    subjects: int

    def fill(self, values: list[bytes]) -> list[bytes]:
        """Return the statements of the values in sorted pieces; raises UnfitError where two subjects coincide."""
        pieces = sorted((self.text % self.pick(values)).split(BETWEEN))
        if self.subjects and len({one[: one.index(b" ")] for one in pieces}) != self.subjects:
            raise UnfitError
        return pieces

    def hash(self, values: list[bytes]) -> str:
        """Return the SHA-256 of the statements of the values, sorted, in hexadecimal."""
        return sha256(b"".join(self.fill(values))).hexdigest()

    @property
    def hashed(self) -> "Statements | str":
        """Return the hash where no value stands in them, which then changes no more; else themselves."""
        return self if any(line.order for line in self.lines) else self.hash([])

    def pinned(self, values: list[bytes], left: dict[int, int]) -> "Statements":
        """Return the same with the values filled in for good, save those that are left, under their new numbers."""
        return arranged([_pinned(one, values, left) for one in self.lines])


def _pinned(line: Line, values: list[bytes], left: dict[int, int]) -> Line:
    filled = tuple(VALUE if one in left else values[one].replace(b"%", b"%%") for one in line.order)
    text = line.text.replace(b"%%", b"%%%%") % filled
    return Line(text, tuple(left[one] for one in line.order if one in left))


def arranged(lines: Iterable[Line]) -> Statements:
    """Put statements into pieces: of one subject, those whose order is decided before their first value."""
    groups: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        groups.setdefault(line.subject, []).append(line)
    pieces = [piece for group in groups.values() for piece in _pieces(sorted(group, key=_begins))]
    ordered = tuple(line for piece in pieces for line in piece)
    text = BETWEEN.join(b"".join(line.text for line in piece) for piece in pieces)
    order = tuple(number for line in ordered for number in line.order)
    return Statements(ordered, text, picker(order), len(groups) if any(len(one) > 1 for one in groups) else 0)


def _begins(line: Line) -> bytes:
    return line.begins


def _pieces(group: list[Line]) -> Iterator[list[Line]]:
    """Part the statements of one subject, by their beginnings, where a value decides which of two comes first."""
    run: list[Line] = []
    while group:
        head = group[0].begins
        alike = list(takewhile(lambda line: line.begins.startswith(head), group))  # noqa: B023 - read at once
        group = group[len(alike) :]
        if len(alike) == 1:
            run += alike
            continue
        yield from [run] if run else []
        run = []
        yield from ([one] for one in alike)
    if run:
        yield run


@dataclass(frozen=True, slots=True)
class Template:
    """What a shape says.

    `whole` holds its statements, filled by the values and then the names of its blank nodes; `nodes` holds
    for each of these the statements that name it, as RDFC-1.0 hashes them, or their hash where no value is in them.
    `iris` are the numbers of the values that are IRIs, `constants` those that belong to the shape, with what they
    must be.
    """

    whole: Statements
    nodes: tuple[Statements | str, ...]
    iris: tuple[int, ...]
    constants: tuple[tuple[int, str], ...]

    def fill(self, values: Sequence[str]) -> bytes:
        """Return canonical N-Quads of the values in UTF-8.

        Raises UnfitError where a value does not fit its place, blank nodes tie or statements coincide.
        """
        self._check(values)
        written = _escaped(values)
        hashes = [one if isinstance(one, str) else one.hash(written) for one in self.nodes]
        ranked = sorted(hashes)
        if any(map(eq, ranked, ranked[1:])):
            raise UnfitError
        written += [b"_:c14n%d" % ranked.index(one) for one in hashes]
        pieces = self.whole.fill(written)
        if any(map(eq, pieces, pieces[1:])):
            raise UnfitError
        return b"".join(pieces)

    def pinned(self, values: Sequence[str], own: tuple[int, ...]) -> "Template":
        """Return the template of what is left: values that once filled this one are filled in, save its own."""
        written = _escaped(values)
        left = {number: place for place, number in enumerate(own)}
        names = {len(values) + place: len(own) + place for place in range(len(self.nodes))}
        nodes = (one if isinstance(one, str) else one.pinned(written, left) for one in self.nodes)
        return Template(
            self.whole.pinned(written, left | names),
            tuple(one if isinstance(one, str) else one.hashed for one in nodes),
            tuple(left[number] for number in self.iris if number in left),
            tuple((left[number], expected) for number, expected in self.constants if number in left),
        )

    def _check(self, values: Sequence[str]) -> None:
        hosts = context_hosts()
        for number in self.iris:
            if PLAIN_IRI.fullmatch(values[number]) is None or values[number].startswith(hosts):
                raise UnfitError
        for number, expected in self.constants:
            if values[number] != expected:
                raise UnfitError


@dataclass(frozen=True, slots=True)
class Pin:
    """What documents of late had in common, and the template of what was each one's own."""

    common: tuple[str, ...]
    pick_common: Pick
    pick_own: Pick
    template: Template


class Known:
    """A shape that was learned: its template, and the same with what the documents of a batch share filled in.

    Which values those are is seen where two documents follow each other. What is pinned counts only where all of them
    are the same again, so it never changes what is said. Threads may disturb each other's choice, nothing else.
    """

    def __init__(self, template: Template, values: list[str]) -> None:
        self.template = template
        self._pin: Pin | None = None
        self._last: list[str] | None = values
        self._patience = PATIENCE

    def fill(self, values: list[str]) -> bytes:
        """Return canonical N-Quads of the values in UTF-8; raises UnfitError as the template does."""
        pin = self._pin
        if pin is not None and pin.pick_common(values) == pin.common:
            self._last = None
            return pin.template.fill(pin.pick_own(values))
        found = self.template.fill(values)
        last, self._last = self._last, values
        if last is not None:
            self._look(last, values)
        return found

    def _look(self, last: list[str], values: list[str]) -> None:
        """Pin what a document has in common with the one before it, now and then where they come mixed."""
        self._patience += 1
        own = tuple(number for number, one in enumerate(values) if one != last[number])
        if self._patience < PIN_COSTS or not own:
            return
        self._patience = min(self._patience, PATIENCE) - PIN_COSTS
        rest = tuple(number for number in range(len(values)) if number not in own)
        common = picker(rest)
        self._pin = Pin(common(values), common, picker(own), self.template.pinned(values, own))


def _escaped(values: Sequence[str]) -> list[bytes]:
    """Write values as N-Quads do, all in one pass; raises UnfitError for one that holds what parts them."""
    text: str = nquads.escape("\x00".join(values))
    written = text.encode().split(BETWEEN)
    if len(written) != len(values):
        raise UnfitError
    return written


class Compiled:
    """The shapes that were learned, and the way to use them; shared by threads."""

    def __init__(self) -> None:
        self._templates: dict[Shape, Known] = {}
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
            self._templates[shape] = Known(template, values)
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
            shape.append(TEXT)
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
                shape.append(TEXT)
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
    return arranged(_line(quad, numbers) for quad in quads)


def _line(quad: Quad, numbers: dict[str, int]) -> Line:
    text = write_quad({part: _as_format(term, numbers) for part, term in quad.items()})
    return Line(text.encode(), tuple(numbers[term["value"]] for term in _ends(quad) if term["value"] in numbers))


def _ends(quad: Quad) -> tuple[dict[str, Any], dict[str, Any]]:
    return quad["subject"], quad["object"]


def _as_format(term: dict[str, Any], numbers: dict[str, int]) -> dict[str, Any]:
    value = "%s" if term["value"] in numbers else term["value"].replace("%", "%%")
    return {**term, "value": value}


def picker(order: tuple[int, ...]) -> Pick:
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
