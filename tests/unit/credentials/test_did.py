"""Issuers are did:web; their documents keep every key they ever used."""

import copy
from collections.abc import Callable
from datetime import datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from app.core.signing import FileSigner
from app.credentials.rules import did
from app.credentials.rules.did import DidError, IssuerKey
from app.credentials.rules.document import JsonObject
from tests.unit.credentials.samples import BASE, DID, DURING


@pytest.mark.parametrize(
    ("base", "slug", "expected", "path"),
    [
        ("http://localhost:8000", None, "did:web:localhost%3A8000", "/.well-known/did.json"),
        (
            "https://cert.example/",
            "sample-centre",
            "did:web:cert.example:issuers:sample-centre",
            "/issuers/sample-centre/did.json",
        ),
        (
            "http://localhost:8000",
            "a b",
            "did:web:localhost%3A8000:issuers:a%20b",
            "/issuers/a b/did.json",
        ),
    ],
)
def test_did_of_a_site(base: str, slug: str | None, expected: str, path: str) -> None:
    """The DID says where its document is published."""
    assert did.did_web(base, slug) == expected
    assert did.document_path(expected) == path


@pytest.mark.parametrize("base", ["http://127.0.0.1:8000", "http://[::1]:8000", "https://x.example/app", ""])
def test_no_did_for_addresses_or_paths(base: str) -> None:
    """did:web takes no IP address (decision 2), and our documents lie at the root."""
    with pytest.raises(DidError):
        did.did_web(base)


@pytest.mark.parametrize(("revoked", "seals"), [(None, True), (DURING, False)])
def test_a_key_seals_until_it_is_compromised(revoked: datetime | None, seals: bool, signer: FileSigner) -> None:
    """Who holds a PDF from before is told that its key was compromised, not that a stranger signed it."""
    key = FileSigner(rsa.generate_private_key(65537, 3072)).public_key
    document = did.did_document(DID, [IssuerKey(signer.public_key, revoked), IssuerKey(key, revoked)])

    assert did.seals_with(document, key.spki) is seals
    assert did.sealed_with(document, key.spki) is not seals
    assert not did.sealed_with(document, signer.public_key.spki), "an Ed25519 key never sealed a file"
    document["verificationMethod"][1]["controller"] = "did:web:another.example"
    assert not did.sealed_with(document, key.spki)


def test_retired_and_revoked_keys(signer: FileSigner, stranger: FileSigner) -> None:
    """A retired key goes on asserting for what it signed; a revoked one is listed with its date."""
    document = did.did_document(DID, [IssuerKey(signer.public_key), IssuerKey(stranger.public_key, DURING)])
    good = did.method_id(DID, signer.public_key)
    bad = did.method_id(DID, stranger.public_key)
    assert did.find_key(document, DID, good) == signer.public_key
    assert document["assertionMethod"] == [good]
    assert [method["id"] for method in document["verificationMethod"]] == [good, bad]
    assert document["verificationMethod"][1]["revoked"] == "2026-11-23T00:00:00Z"
    with pytest.raises(DidError) as refused:
        did.find_key(document, DID, bad)
    assert refused.value.code == "key-revoked"
    assert BASE not in DID


def _set(path: tuple[str | int, ...], value: object) -> Callable[[JsonObject], None]:
    def change(document: JsonObject) -> None:
        place = document
        for step in path[:-1]:
            place = place[step]  # type: ignore[index]
        place[path[-1]] = value  # type: ignore[index]

    return change


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_set(("id",), "did:web:other"), "did-document-of-another"),
        (_set(("verificationMethod", 0, "controller"), "did:web:other"), "controller-is-another"),
        (_set(("verificationMethod", 0, "id"), f"{DID}#other"), "key-unknown"),
        (_set(("verificationMethod",), "text"), "key-unknown"),
        (_set(("verificationMethod",), ["text"]), "key-unknown"),
        (_set(("assertionMethod",), []), "key-may-not-assert"),
        (_set(("verificationMethod", 0, "publicKeyMultibase"), "zzz"), "key-unreadable"),
        (_set(("verificationMethod", 0, "publicKeyMultibase"), None), "key-unreadable"),
    ],
)
def test_a_key_must_be_the_issuers_own(signer: FileSigner, change: Callable[[JsonObject], None], code: str) -> None:
    """Every way in which a DID document may not vouch for a key."""
    document = copy.deepcopy(did.did_document(DID, [IssuerKey(signer.public_key)]))
    change(document)
    with pytest.raises(DidError) as refused:
        did.find_key(document, DID, did.method_id(DID, signer.public_key))
    assert refused.value.code == code
