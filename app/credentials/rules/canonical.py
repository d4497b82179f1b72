"""From JSON-LD to the canonical N-Quads that are signed (RDFC-1.0), with bounded work.

A document is accepted only when it is the compacted form of what it means: a term respelled as its
full IRI, an undefined term or a wrapped value would otherwise pass a signature check unseen by
whoever reads the plain JSON.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from app.core.lazily import lazily
from app.credentials.rules import contexts
from app.credentials.rules.document import JsonObject

if TYPE_CHECKING:
    from pyld import canon, context_resolver, jsonld, nquads
else:
    canon, context_resolver = lazily("pyld.canon"), lazily("pyld.context_resolver")
    jsonld, nquads = lazily("pyld.jsonld"), lazily("pyld.nquads")

Canonicalize = Callable[[JsonObject], str]
Quad = dict[str, dict[str, Any]]

# RFC 3987 leaves these out of every IRI; inside one they could smuggle in a whole statement.
IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f<>\"{}|^`\\]*")
KEYWORD_PREFIX = "@"
MAX_BLANK_NODES = 24
MAX_TIE = 3
TTL = "https://www.w3.org/ns/credentials/status#ttl"
LARGEST = 2**31
# pyld's caches are shared by threads and not safe for them; the work is bound to one core anyway.
_LOCK = Lock()


class CanonicalError(ValueError):
    """A document whose meaning is not what its plain JSON says; `code` tells how."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def canonicalize(document: JsonObject) -> str:
    """Return the canonical N-Quads of a document without its proof.

    Raises CanonicalError unless every term is defined by a context we sign under, every IRI is
    absolute, and the plain JSON is the compacted form of what it means.
    """
    return canonical_quads(default_quads(document))


def default_quads(document: JsonObject) -> list[Quad]:
    """Return the statements of a document without its proof; raises CanonicalError as `canonicalize` does."""
    body = _without_keywords(document)
    with _LOCK:
        expanded = _expand(document)
        if _comparable(_compact(expanded, document)) != _comparable(body):
            raise CanonicalError("not-compacted")
        dataset = _processed(lambda: jsonld.to_rdf(expanded, _options()))
    if set(dataset) - {"@default"}:
        raise CanonicalError("named-graph")
    quads: list[Quad] = dataset.get("@default", [])
    return quads


def canonical_quads(quads: list[Quad]) -> str:
    """Name blank nodes canonically and return sorted N-Quads (RDFC-1.0 with SHA-256).

    Blank nodes that differ by their own statements need one hash each; only ties go to pyld's full
    algorithm, and more than a few of those are refused since its work grows with their factorial.
    """
    groups = _first_degree(quads)
    if any(len(tied) > MAX_TIE for tied in groups.values()):
        raise CanonicalError("tied-blank-nodes")
    if any(len(tied) > 1 for tied in groups.values()):
        full: str = canon.URDNA2015().main({"@default": quads}, {"format": "application/n-quads"})
        return full
    names = {groups[digest][0]: f"_:c14n{number}" for number, digest in enumerate(sorted(groups))}
    return "".join(sorted(_serialize(quad, names.__getitem__) for quad in quads))


def _first_degree(quads: list[Quad]) -> dict[str, list[str]]:
    """Group blank nodes by the hash of the statements they occur in."""
    statements: dict[str, list[Quad]] = defaultdict(list)
    for quad in quads:
        for name in _blank_names(quad):
            statements[name].append(quad)
    if len(statements) > MAX_BLANK_NODES:
        raise CanonicalError("too-many-blank-nodes")
    groups: dict[str, list[str]] = defaultdict(list)
    for name, own in statements.items():
        lines = sorted(_serialize(quad, _seen_from(name)) for quad in own)
        groups[hashlib.sha256("".join(lines).encode()).hexdigest()].append(name)
    return groups


def _seen_from(name: str) -> Callable[[str], str]:
    return lambda other: "_:a" if other == name else "_:z"


def _blank_names(quad: Quad) -> set[str]:
    ends = (quad["subject"], quad["object"])
    return {end["value"] for end in ends if end["type"] == "blank node"}


def _serialize(quad: Quad, rename: Callable[[str], str]) -> str:
    named = {
        part: {**term, "value": rename(term["value"])} if term["type"] == "blank node" else term
        for part, term in quad.items()
    }
    return write_quad(named)


def write_quad(quad: Quad) -> str:
    """Return a statement as a line of N-Quads."""
    line: str = nquads.serialize_nquad(quad)
    return line


def _expand(document: JsonObject) -> list[JsonObject]:
    dropped: list[str | None] = []
    expanded: list[JsonObject] = _processed(lambda: jsonld.expand(document, _options(), dropped.append))
    if dropped:
        raise CanonicalError("undefined-term")
    _check_iris(expanded)
    return expanded


def _compact(expanded: list[JsonObject], document: JsonObject) -> JsonObject:
    options = {**_options(), "skipExpansion": True}
    compacted: JsonObject = _processed(lambda: jsonld.compact(expanded, document["@context"], options))
    return {name: value for name, value in compacted.items() if name != "@context"}


def _processed(work: Callable[[], Any]) -> Any:  # noqa: ANN401 - pyld is untyped
    try:
        return work()
    except jsonld.JsonLdError as error:
        raise CanonicalError("not-json-ld") from error


def _check_iris(value: object, key: str = "") -> None:
    """Refuse relative or malformed IRIs anywhere in an expanded document, and native numbers.

    The one number that our documents carry is the `ttl` of a status list: small and whole, so that all write it alike.
    """
    if isinstance(value, list):
        for child in value:
            _check_iris(child, key)
    elif isinstance(value, dict):
        for name, child in value.items():
            _check_member(name, child)
    elif key in {"@id", "@type"}:
        _check_iri(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        raise CanonicalError("number")


def _check_member(name: str, child: object) -> None:
    if not name.startswith(KEYWORD_PREFIX):
        _check_iri(name)
    if name != TTL:
        _check_iris(child, name)
    elif not _is_whole(child):
        raise CanonicalError("number")


def _is_whole(value: object) -> bool:
    """Tell whether an expanded value is one small whole number, which is no truth value."""
    number = value[0].get("@value") if isinstance(value, list) and len(value) == 1 else None
    return type(number) is int and 0 <= number < LARGEST


def _check_iri(value: object) -> None:
    if not isinstance(value, str) or IRI.fullmatch(value) is None:
        raise CanonicalError("not-an-iri")


def _without_keywords(document: JsonObject) -> JsonObject:
    """Return the document without `@context`, which must be one of the lists we sign under.

    Any other JSON-LD keyword is refused: our documents need none, and each is a way to say one
    thing in JSON and another in its meaning.
    """
    if tuple(_as_list(document.get("@context"))) not in contexts.SIGNED_CONTEXTS:
        raise CanonicalError("unknown-context")
    body = {name: value for name, value in document.items() if name != "@context"}
    waiting: list[object] = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            _check_names(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return body


def _check_names(value: JsonObject) -> None:
    if any(name.startswith(KEYWORD_PREFIX) for name in value):
        raise CanonicalError("keyword")
    if any(":" in name for name in value):
        raise CanonicalError("term-spelled-out")


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) and all(isinstance(one, str) for one in value) else []


def _comparable(value: object, key: str = "") -> object:
    """Drop what compaction may write either way: the brackets around a single type."""
    if isinstance(value, dict):
        return {name: _comparable(child, name) for name, child in value.items()}
    if isinstance(value, list):
        if key == "type" and len(value) == 1:
            return value[0]
        return [_comparable(child) for child in value]
    return value


def _load(url: str, options: object) -> JsonObject:
    del options
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": contexts.context(url),
    }


@cache
def _resolver() -> Any:  # noqa: ANN401 - pyld is untyped
    """Return the one resolver: only our own contexts and their scoped parts are ever put in, so it cannot grow."""
    return context_resolver.ContextResolver({}, _load)


def _options() -> JsonObject:
    return {"documentLoader": _load, "contextResolver": _resolver(), "base": ""}
