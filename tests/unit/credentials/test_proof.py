"""A proof holds for exactly what was signed, and for nothing else."""

import copy
from collections.abc import Iterator
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld

from app.core.signing import FileSigner
from app.credentials.rules import canonical, contexts, openbadge, proof, status_list
from app.credentials.rules.document import JsonObject
from app.credentials.rules.proof import ProofError
from tests.conftest import uncounted
from tests.unit.credentials import samples
from tests.unit.credentials.test_openbadge import NAMES


def _load(url: str, _options: object) -> JsonObject:
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": contexts.context(url),
    }


def _by_pyld(document: JsonObject) -> str:
    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": _load,
    }
    with uncounted():
        quads: str = jsonld.normalize(document, options)
    return quads


@settings(max_examples=15, deadline=None)
@given(name=NAMES, latin=st.none() | NAMES)
def test_sign_then_verify(signer: FileSigner, name: str, latin: str | None) -> None:
    """What was signed verifies, whatever the name; and the bytes hashed are pyld's own."""
    facts = samples.certificate(name=name, name_latin=latin)
    document = openbadge.build_credential(facts)
    signed = samples.signed(facts, signer)
    found = proof.verify_proof(signed, samples.did_document_of(signer))
    assert found.did == samples.DID
    assert found.created == samples.ISSUED
    assert canonical.canonicalize(document) == _by_pyld(document)


@settings(max_examples=5, deadline=None)
@given(name=NAMES)
def test_reading_it_again_changes_nothing(signer: FileSigner, name: str) -> None:
    """Ed25519 is deterministic: the same certificate gives the same bytes each time."""
    facts = samples.certificate(name=name)
    assert samples.signed(facts, signer) == samples.signed(facts, signer)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - any JSON value
    """Yield the path of every string in a document."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield from _places(child, (*path, name))
    elif isinstance(value, list):
        for position, child in enumerate(value):
            yield from _places(child, (*path, position))
    elif isinstance(value, str):
        yield path


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_changed_character_is_refused(credential: JsonObject, signer: FileSigner, data: st.DataObject) -> None:
    """One character of any value, the proof's own included."""
    changed = copy.deepcopy(credential)
    *path, last = data.draw(st.sampled_from(list(_places(changed))))
    place: Any = changed
    for step in path:
        place = place[step]
    text = place[last]
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("0aZ张/: ").filter(lambda one: one != text[at]))
    place[last] = text[:at] + other + text[at + 1 :]
    with pytest.raises(ProofError):
        proof.verify_proof(changed, samples.did_document_of(signer))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"proof": None}, "proof-missing"),
        ({"proof": []}, "proof-missing"),
        ({"issuer": None}, "issuer-missing"),
        ({"issuer": {"id": "https://example.org"}}, "issuer-missing"),
        ({"proof+": {"challenge": "x"}}, "proof-shape"),
        ({"proof+": {"proofValue": 5}}, "proof-shape"),
        ({"proof+": {"proofValue": "not base58"}}, "proof-shape"),
        ({"proof+": {"created": "2026-06-01"}}, "proof-shape"),
        ({"proof+": {"type": "Ed25519Signature2020"}}, "cryptosuite-unknown"),
        ({"proof+": {"cryptosuite": "ecdsa-rdfc-2019"}}, "cryptosuite-unknown"),
        ({"proof+": {"proofPurpose": "authentication"}}, "proof-purpose"),
        ({"proof+": {"verificationMethod": "did:web:other#key"}}, "controller-is-another"),
        ({"proof+": {"verificationMethod": f"{samples.DID}#key"}}, "key-unknown"),
        ({"proof+": {"verificationMethod": f"{samples.DID}#a> <b:c> <d:e"}}, "proof-shape"),
        ({"proof+": {"created": "2026-06-02T00:00:00Z"}}, "signature-wrong"),
        ({"@context": ["https://www.w3.org/ns/credentials/v2", {"x": "https://x.example/"}]}, "unknown-context"),
        ({"@context": list(reversed(contexts.CREDENTIAL_CONTEXTS))}, "unknown-context"),
        ({"@context": None}, "unknown-context"),
    ],
)
def test_every_other_proof_is_refused(
    credential: JsonObject, signer: FileSigner, change: JsonObject, code: str
) -> None:
    """Each way in which a proof may not be ours has its code."""
    changed = copy.deepcopy(credential)
    changed["proof"].update(change.pop("proof+", {}))
    changed.update(change)
    with pytest.raises(ProofError) as refused:
        proof.verify_proof(changed, samples.did_document_of(signer))
    assert refused.value.code == code


def test_a_second_proof_is_not_laid_over_the_first(credential: JsonObject, signer: FileSigner) -> None:
    """Signing something signed would leave a proof that nobody checks."""
    with pytest.raises(ProofError, match="already-signed"):
        proof.sign_document(credential, signer, created=samples.ISSUED)


def test_the_suite_must_fit_the_key(
    credential: JsonObject, signer: FileSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When a second suite joins, a proof cannot name one suite and use the key of the other."""
    monkeypatch.setitem(cast("dict[str, str]", proof.CRYPTOSUITES), "other", "ecdsa-rdfc-2019")
    changed = copy.deepcopy(credential)
    changed["proof"]["cryptosuite"] = "ecdsa-rdfc-2019"
    with pytest.raises(ProofError, match="cryptosuite-of-another-key"):
        proof.verify_proof(changed, samples.did_document_of(signer))


def test_another_canonicalization_may_take_the_seam(signer: FileSigner) -> None:
    """A faster canonicalization that gives the same bytes gives the same proof."""
    document = openbadge.build_credential(samples.certificate())
    slow = proof.sign_document(document, signer, created=samples.ISSUED)
    fast = proof.sign_document(document, signer, created=samples.ISSUED, canonical=_by_pyld)
    assert slow == fast
    found = proof.verify_proof(slow, samples.did_document_of(signer), canonical=_by_pyld)
    assert found.created == samples.ISSUED


def test_status_lists_are_signed_alike(signer: FileSigner) -> None:
    """A status list is a credential with one context and an issuer given as text."""
    document = samples.signed_list(signer)
    assert proof.verify_proof(document, samples.did_document_of(signer)).did == samples.DID
    assert status_list.read_list(document, samples.LIST_URL)


@pytest.mark.parametrize("document_contexts", contexts.SIGNED_CONTEXTS)
def test_proof_options_are_written_as_pyld_writes_them(
    credential: JsonObject, document_contexts: tuple[str, ...]
) -> None:
    """The five statements of our proofs, byte for byte, under either list of contexts."""
    config = {name: value for name, value in credential["proof"].items() if name != "proofValue"}
    assert proof.option_quads(config) == _by_pyld({"@context": list(document_contexts), **config})
