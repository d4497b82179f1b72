"""The `eddsa-rdfc-2022` Data Integrity proof: made by a signer, checked against a DID document."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from app.core.multibase import MultibaseError, decode_base58, encode_base58
from app.core.signing import Algorithm, PublicKey, Signer
from app.credentials.rules import did as dids
from app.credentials.rules.canonical import IRI, CanonicalError, Canonicalize
from app.credentials.rules.compiled import compiled
from app.credentials.rules.document import JsonObject
from app.credentials.rules.instants import InstantError, read_instant, write_instant

TYPE = "DataIntegrityProof"
CRYPTOSUITES = {Algorithm.ED25519: "eddsa-rdfc-2022"}
PURPOSE = "assertionMethod"
MEMBERS = {
    "type",
    "cryptosuite",
    "created",
    "verificationMethod",
    "proofPurpose",
    "proofValue",
}


class ProofError(ValueError):
    """A proof that does not hold; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof in the one shape we accept, already read but not yet checked."""

    did: str
    verification_method: str
    created: datetime
    signature: bytes


def sign_document(
    document: JsonObject,
    signer: Signer,
    *,
    created: datetime,
    canonical: Canonicalize | None = None,
) -> JsonObject:
    """Return the document with its proof, signed in the name of its own issuer.

    `canonical` is the seam for another canonicalization, which must give the same bytes; the usual one
    learns the shape of what is signed, so that the next of its kind is quick.
    Raises CanonicalError for a document that is not the compacted form of its meaning, ProofError for one
    that is signed already and for a signer whose algorithm has no suite.
    """
    if "proof" in document:
        raise ProofError("already-signed")
    public_key = signer.public_key
    suite = CRYPTOSUITES.get(public_key.algorithm)
    if suite is None:
        raise ProofError("cryptosuite-of-another-key")
    config: JsonObject = {
        "type": TYPE,
        "cryptosuite": suite,
        "created": write_instant(created),
        "verificationMethod": dids.method_id(issuer_of(document), public_key),
        "proofPurpose": PURPOSE,
    }
    quads, known = (canonical(document).encode(), True) if canonical else compiled.read(document)
    signature = signer.sign(_options_digest(config) + _digest(quads))
    if not known:
        compiled.learn(document)
    return {**document, "proof": {**config, "proofValue": encode_base58(signature)}}


def issuer_of(document: JsonObject) -> str:
    """Return the DID of a document's issuer, given as text or as a profile; raises ProofError."""
    issuer = document.get("issuer")
    found = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(found, str) or not found.startswith("did:"):
        raise ProofError("issuer-missing")
    return found


def read_proof(document: JsonObject) -> Proof:
    """Read the proof of a document; raises ProofError for any other shape than the one we make."""
    found = document.get("proof")
    if not isinstance(found, dict):
        raise ProofError("proof-missing")
    if set(found) != MEMBERS or not all(isinstance(value, str) for value in found.values()):
        raise ProofError("proof-shape")
    if found["type"] != TYPE or found["cryptosuite"] not in CRYPTOSUITES.values():
        raise ProofError("cryptosuite-unknown")
    if IRI.fullmatch(found["verificationMethod"]) is None:
        raise ProofError("proof-shape")
    if found["proofPurpose"] != PURPOSE:
        raise ProofError("proof-purpose")
    try:
        created = read_instant(found["created"])
        signature = decode_base58(found["proofValue"])
    except (InstantError, MultibaseError) as error:
        raise ProofError("proof-shape") from error
    controller, _hash_sign, _fragment = found["verificationMethod"].partition("#")
    return Proof(controller, found["verificationMethod"], created, signature)


def verify_proof(
    document: JsonObject,
    did_document: JsonObject,
    *,
    canonical: Canonicalize | None = None,
) -> Proof:
    """Check a document's proof against its issuer's DID document and return the proof.

    Raises ProofError where the key is not one that the issuer lets assert, or where the document
    is not what was signed, down to how it is spelled. Hashes as VC Data Integrity EdDSA says (section 3.2).
    """
    proof = read_proof(document)
    key = _proving_key(document, did_document, proof)
    config = {name: value for name, value in document["proof"].items() if name != "proofValue"}
    if config["cryptosuite"] != CRYPTOSUITES.get(key.algorithm):
        raise ProofError("cryptosuite-of-another-key")
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    try:
        quads, known = (canonical(unsecured).encode(), True) if canonical else compiled.read(unsecured)
    except CanonicalError as error:
        raise ProofError(error.code) from error
    if not key.verify(proof.signature, _options_digest(config) + _digest(quads)):
        raise ProofError("signature-wrong")
    if not known:
        compiled.learn(unsecured)
    return proof


def _proving_key(document: JsonObject, did_document: JsonObject, proof: Proof) -> PublicKey:
    """Return the key that must have made a proof: one that the document's own issuer lets assert."""
    issuer = issuer_of(document)
    if proof.did != issuer:
        raise ProofError("controller-is-another")
    try:
        return dids.find_key(did_document, issuer, proof.verification_method)
    except dids.DidError as error:
        raise ProofError(error.code) from error


def option_quads(config: JsonObject) -> str:
    """Return the canonical N-Quads of proof options in our one shape.

    Written directly, because a proof has five statements about one blank node and never more; a test
    holds them against the full canonicalization.
    """
    return (
        f'_:c14n0 <http://purl.org/dc/terms/created> "{config["created"]}"'
        "^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n"
        "_:c14n0 <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/security#DataIntegrityProof> .\n"
        f'_:c14n0 <https://w3id.org/security#cryptosuite> "{config["cryptosuite"]}"'
        "^^<https://w3id.org/security#cryptosuiteString> .\n"
        "_:c14n0 <https://w3id.org/security#proofPurpose> <https://w3id.org/security#assertionMethod> .\n"
        f"_:c14n0 <https://w3id.org/security#verificationMethod> <{config['verificationMethod']}> .\n"
    )


def _options_digest(config: JsonObject) -> bytes:
    """Return the hash of proof options; those of one chunk or one issuer are alike, so the last ones are kept."""
    return _known_digest(config["cryptosuite"], config["created"], config["verificationMethod"])


@lru_cache(maxsize=256)
def _known_digest(cryptosuite: str, created: str, method: str) -> bytes:
    config = {"cryptosuite": cryptosuite, "created": created, "verificationMethod": method}
    return _digest(option_quads(config).encode())


def _digest(quads: bytes) -> bytes:
    return hashlib.sha256(quads).digest()
