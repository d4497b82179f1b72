"""Canonicalization is bounded, and a document must be the compacted form of what it means."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from app.credentials.rules import openbadge
from app.credentials.rules.canonical import CanonicalError, canonical_quads, canonicalize
from app.credentials.rules.document import JsonObject
from tests.unit.credentials import samples

VALID_UNTIL = "https://www.w3.org/2018/credentials#validUntil"
STATUS = "https://www.w3.org/2018/credentials#credentialStatus"
Change = Callable[[JsonObject], Any]


def _document() -> JsonObject:
    return copy.deepcopy(openbadge.build_credential(samples.certificate()))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.update({VALID_UNTIL: d.pop("validUntil")}), "term-spelled-out"),
        (lambda d: d.update({STATUS: d.pop("credentialStatus")}), "term-spelled-out"),
        (lambda d: d.update(nickname="x"), "undefined-term"),
        (lambda d: d["credentialSubject"].update(nickname="x"), "undefined-term"),
        (lambda d: d.update(validUntil=["2029-06-01T00:00:00Z"]), "not-compacted"),
        (lambda d: d.update(issuer=[d["issuer"]]), "not-compacted"),
        (lambda d: d.update(validUntil=None), "not-compacted"),
        (lambda d: d.update(validUntil={"@value": "x"}), "keyword"),
        (lambda d: d.update({"@type": "OpenBadgeCredential"}), "keyword"),
        (lambda d: d["credentialSubject"].update({"@context": {}}), "keyword"),
        (lambda d: d["credentialSubject"].update({"@included": []}), "keyword"),
        (lambda d: d.update({"_:b": "x"}), "term-spelled-out"),
        (lambda d: d.update(id="_:b0"), "not-an-iri"),
        (lambda d: d.update(id="relative"), "not-compacted"),
        (lambda d: d.update(type=["relative type"]), "undefined-term"),
        (lambda d: d.update(id="https://x.example/a> <b:c> <d:e"), "not-an-iri"),
        (lambda d: d["issuer"].update(id="did:web:a b"), "not-an-iri"),
        (lambda d: d["credentialSubject"].update(licenseNumber=5), "number"),
        (lambda d: d.update(id=["https://x.example/"]), "not-json-ld"),
        (lambda d: d.update({"verifiableCredential": {}}), "undefined-term"),
    ],
)
def test_refuses_what_means_something_else(change: Change, code: str) -> None:
    """Each way to say one thing to a reader of JSON and another to a reader of its meaning."""
    document = _document()
    change(document)
    with pytest.raises(CanonicalError) as refused:
        canonicalize(document)
    assert refused.value.code == code


def test_a_single_type_may_stand_with_or_without_brackets() -> None:
    """Compaction writes a type alone; our documents bracket it; both mean the same."""
    document = _document()
    document["issuer"]["type"] = "Profile"
    assert canonicalize(document) == canonicalize(_document())


def test_a_graph_inside_is_refused() -> None:
    """A presentation that carries a credential is no credential."""
    document = _document()
    document["type"] = "VerifiablePresentation"
    inner = {"id": "https://x.example/1", "type": "VerifiableCredential"}
    del document["credentialSubject"], document["credentialStatus"], document["issuer"]
    del document["validFrom"], document["validUntil"], document["credentialSchema"]
    document["verifiableCredential"] = inner
    with pytest.raises(CanonicalError):
        canonicalize(document)


def _blank(name: str) -> dict[str, str]:
    return {"type": "blank node", "value": f"_:{name}"}


def _quad(subject: str, target: str) -> dict[str, dict[str, Any]]:
    predicate = {"type": "IRI", "value": "https://x.example/p"}
    return {"subject": _blank(subject), "predicate": predicate, "object": _blank(target)}


def test_a_bomb_of_blank_nodes_is_refused_at_once() -> None:
    """A clique of nine blank nodes has 9 factorial orders to try: 2.6 KB that burn many seconds."""
    names = [f"n{number}" for number in range(9)]
    bomb = [_quad(one, other) for one in names for other in names if one != other]
    with pytest.raises(CanonicalError, match="tied-blank-nodes"):
        canonical_quads(bomb)


def test_many_blank_nodes_are_refused() -> None:
    """Even ones that differ."""
    chain = [_quad(f"n{number}", f"n{number + 1}") for number in range(30)]
    with pytest.raises(CanonicalError, match="too-many-blank-nodes"):
        canonical_quads(chain)


def test_a_bomb_in_json_is_refused_at_once() -> None:
    """The same through a document: many results that cannot be told apart."""
    document = _document()
    document["credentialSubject"]["result"] = [{"type": ["Result"]} for _ in range(9)]
    with pytest.raises(CanonicalError, match="tied-blank-nodes"):
        canonicalize(document)


def test_a_tie_of_two_goes_to_the_full_algorithm() -> None:
    """Two results that look alike are named as RDFC-1.0 says, byte for byte."""
    document = _document()
    document["credentialSubject"]["result"] = [{"type": ["Result"], "value": "1"}] * 2
    quads = canonicalize(document)
    assert quads.count("_:c14n") > 0
    assert quads == canonicalize(copy.deepcopy(document))


NODES = st.sampled_from(["a", "b", "c", "d"])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(NODES, NODES), min_size=1, max_size=6, unique=True))
def test_small_graphs_are_named_as_pyld_names_them(drawn: list[tuple[str, str]]) -> None:
    """The short way for nodes without a tie gives the same bytes as the full algorithm.

    Loops are left out: pyld counts their statement twice, against the standard, and a document
    without names for blank nodes cannot make one.
    """
    edges = [(one, other) for one, other in drawn if one != other]
    quads = [_quad(one, other) for one, other in edges]
    lines = "".join(f"_:{one} <https://x.example/p> _:{other} .\n" for one, other in edges)
    try:
        ours = canonical_quads(quads)
    except CanonicalError:
        return
    options = {
        "algorithm": "URDNA2015",
        "inputFormat": "application/n-quads",
        "format": "application/n-quads",
    }
    assert ours == jsonld.normalize(lines, options)
