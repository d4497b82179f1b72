"""The corpus of attacks: each must be refused, quickly, by the whole verification."""

import copy
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from app.core.signing import FileSigner
from app.credentials.rules import did, proof
from app.credentials.rules.document import JsonObject
from app.credentials.rules.verdict import verify_document
from tests.unit.credentials import samples
from tests.unit.credentials.samples import DURING, SampleTrust, as_bytes

CREDENTIALS = "https://www.w3.org/2018/credentials#"
DATE_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"
SECONDS_ALLOWED = 1.0


def _respelled_end(d: JsonObject) -> None:
    d[f"{CREDENTIALS}validUntil"] = {"@value": d.pop("validUntil"), "@type": DATE_TIME}


def _respelled_status(d: JsonObject) -> None:
    d[f"{CREDENTIALS}credentialStatus"] = d.pop("credentialStatus")


def _smuggled_end(d: JsonObject) -> None:
    end = d.pop("validUntil")
    d["credentialSchema"]["id"] += f'> <{CREDENTIALS}validUntil> "{end}"^^<{DATE_TIME}'


def _symmetric_bomb(d: JsonObject) -> None:
    d["credentialSubject"]["result"] = [{"type": ["Result"]} for _ in range(40)]


def _deep(d: JsonObject) -> None:
    nested: JsonObject = {}
    for _ in range(200):
        nested = {"evidence": nested}
    d["evidence"] = nested


def _inline_context(d: JsonObject) -> None:
    d["@context"].append({"validUntil": None})


def _scoped_context(d: JsonObject) -> None:
    d["credentialStatus"]["@context"] = {"statusListIndex": "https://x.example/ignored"}


def _remote_context(d: JsonObject) -> None:
    d["@context"].append("http://169.254.169.254/context.json")


def _wrapped_end(d: JsonObject) -> None:
    d["validUntil"] = [d["validUntil"]]


def _late_end(d: JsonObject) -> None:
    d["validUntil"] = [d["validUntil"], "2099-01-01T00:00:00Z"]


ATTACKS: dict[str, Callable[[JsonObject], Any]] = {
    "respelled validUntil": _respelled_end,
    "respelled credentialStatus": _respelled_status,
    "statement smuggled in an IRI": _smuggled_end,
    "undefined term injected": lambda d: d.update(honours="一级"),
    "undefined term injected in the subject": lambda d: d["credentialSubject"].update(honours="一级"),
    "defined term injected": lambda d: d["credentialSubject"].update(role="chair"),
    "array-wrapped end": _wrapped_end,
    "second end": _late_end,
    "array-wrapped status": lambda d: d.update(credentialStatus=[d["credentialStatus"]]),
    "array-wrapped credential": lambda d: d.update({"@graph": [copy.deepcopy(d)]}),
    "status removed": lambda d: d.pop("credentialStatus"),
    "end removed": lambda d: d.pop("validUntil"),
    "end emptied": lambda d: d.update(validUntil=None),
    "names reordered": lambda d: d["credentialSubject"]["identifier"].reverse(),
    "types reordered": lambda d: d["type"].reverse(),
    "contexts reordered": lambda d: d["@context"].reverse(),
    "inline context": _inline_context,
    "scoped context": _scoped_context,
    "remote context": _remote_context,
    "proof removed": lambda d: d.pop("proof"),
    "two proofs": lambda d: d.update(proof=[d["proof"], d["proof"]]),
    "proof for another purpose": lambda d: d["proof"].update(proofPurpose="authentication"),
    "nested far too deep": _deep,
    "blank node bomb": _symmetric_bomb,
    "another certificate's address": lambda d: d.update(id=f"{samples.BASE}/credentials/other"),
    "another status index": lambda d: d["credentialStatus"].update(statusListIndex="1", id=f"{samples.LIST_URL}#1"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_changed_credential_is_refused(credential: JsonObject, trust: SampleTrust, name: str) -> None:
    """Whatever is done to a good credential, it is no longer valid, and soon."""
    changed = copy.deepcopy(credential)
    ATTACKS[name](changed)
    started = time.process_time()
    verdict = verify_document(as_bytes(changed), trust, DURING)
    assert verdict.failed
    assert not verdict.valid
    assert time.process_time() - started < SECONDS_ALLOWED


def test_truncation_anywhere_is_refused(credential: JsonObject, trust: SampleTrust) -> None:
    """Cut at any of fifty places, it is no document."""
    raw = as_bytes(credential)
    for cut in range(0, len(raw), len(raw) // 50):
        assert verify_document(raw[:cut], trust, DURING).failed


def test_a_copy_signed_by_a_stranger_is_refused(stranger: FileSigner, trust: SampleTrust) -> None:
    """Our name as issuer, a stranger's key: under our DID, under theirs, and with theirs made known."""
    facts = samples.certificate()
    own_did = did.did_web("https://stranger.example")
    forged = samples.signed(facts, stranger)
    assert not verify_document(as_bytes(forged), trust, DURING).valid
    forged["proof"]["verificationMethod"] = did.method_id(own_did, stranger.public_key)
    assert not verify_document(as_bytes(forged), trust, DURING).valid
    trust.did_documents[own_did] = samples.did_document_of(stranger, own_did)
    assert verify_document(as_bytes(forged), trust, DURING).failed
    own = samples.signed(samples.certificate(issuer=own_did), stranger)
    assert verify_document(as_bytes(own), trust, DURING).failed


def test_a_proof_moved_to_another_certificate_is_refused(
    credential: JsonObject, signer: FileSigner, trust: SampleTrust
) -> None:
    """A good proof of one certificate is worth nothing on another."""
    other = samples.signed(samples.certificate(name="李四"), signer)
    other["proof"] = credential["proof"]
    assert verify_document(as_bytes(other), trust, DURING).failed


def test_duplicate_members_are_refused(credential: JsonObject, trust: SampleTrust) -> None:
    """Two readers could each see another value of the same member."""
    text = json.dumps(credential)
    doubled = '{"validUntil": "2099-01-01T00:00:00Z", ' + text[1:]
    assert verify_document(doubled.encode(), trust, DURING).failed


def test_an_attackers_did_document_cannot_borrow_our_key(credential: JsonObject, signer: FileSigner) -> None:
    """A DID document that lists our key under its own control does not make our signature theirs."""
    theirs = did.did_web("https://stranger.example")
    document = samples.did_document_of(signer, theirs)
    changed = copy.deepcopy(credential)
    changed["issuer"]["id"] = theirs
    changed["proof"]["verificationMethod"] = did.method_id(theirs, signer.public_key)
    with pytest.raises(proof.ProofError, match="signature-wrong"):
        proof.verify_proof(changed, document)
