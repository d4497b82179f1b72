"""The corpus of attacks: what forgers do to a good credential, and the check that must catch each."""

import copy
import json
import string
import unicodedata
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes, hmac

from app.core.signing import Signer
from app.credentials.rules import cose, did, openbadge, proof, status_list
from app.credentials.rules.document import JsonObject
from app.credentials.rules.jwt import sign_jwt
from app.credentials.rules.openbadge import Certificate
from app.credentials.rules.verdict import CheckName
from tests.unit.credentials import samples
from tests.unit.credentials.samples import SampleTrust

BASE = "https://certs.example"
DID = did.did_web(BASE)
THEIRS = did.did_web("https://stranger.example")
LIST_CODE = "4f2kq7x9kq2c4v8b1n5d6f0g7h"
LIST_URL = f"{BASE}/status/{LIST_CODE}"
CREDENTIALS = "https://www.w3.org/2018/credentials#"
DATE_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"
BEGINS, ENDED, ENDS = (datetime(year, 6, 1, tzinfo=UTC) for year in (2020, 2021, 2099))
BASE64URL = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
REVOKED_INDEX = 4711
FREE_INDEX = 94_567


@dataclass(frozen=True)
class Scene:
    """An issuer with its keys, a stranger with theirs, and what each signs."""

    signer: Signer
    p256: Signer
    stranger: Signer
    stranger_p256: Signer

    def facts(
        self,
        *,
        index: int = FREE_INDEX,
        ends: datetime | None = ENDS,
        issuer: str = DID,
        code: str = "7m3x9kq2c4v8b1n5d6f0g7h2jp",
        **more: Any,  # noqa: ANN401 - as samples takes it
    ) -> Certificate:
        """Return a certificate that is valid whatever today is."""
        made = samples.certificate(index=index, issuer=issuer, valid_until=ends, **more)
        achievement = replace(made.achievement, url=f"{BASE}/achievements/capability-junior")
        return replace(
            made,
            url=f"{BASE}/credentials/{code}",
            valid_from=BEGINS,
            achievement=achievement,
            issuer=replace(made.issuer, url=BASE),
            status=replace(made.status, list_url=LIST_URL),
        )

    def signed(self, facts: Certificate, by: Signer | None = None) -> JsonObject:
        """Sign a certificate as its issuer."""
        return proof.sign_document(openbadge.build_credential(facts), by or self.signer, created=BEGINS)

    @cached_property
    def good(self) -> JsonObject:
        """Return a good credential."""
        return self.signed(self.facts())

    @cached_property
    def other(self) -> JsonObject:
        """Return a good credential of somebody else."""
        return self.signed(
            self.facts(name="李四", name_latin="Li Si", code="0k3x9kq2c4v8b1n5d6f0g7h2jp", number="JJ-2026-000002")
        )

    @cached_property
    def expired(self) -> JsonObject:
        """Return a credential whose validity ended."""
        return self.signed(self.facts(ends=ENDED))

    @cached_property
    def revoked(self) -> JsonObject:
        """Return a credential that was revoked."""
        return self.signed(self.facts(index=REVOKED_INDEX))

    @cached_property
    def token(self) -> str:
        """Return a good credential as a JWT."""
        return sign_jwt(openbadge.build_credential(self.facts()), self.p256, created=BEGINS)

    @cached_property
    def did_document(self) -> JsonObject:
        """Return the issuer's DID document."""
        return did.did_document(DID, [did.IssuerKey(one.public_key) for one in (self.signer, self.p256)])

    @cached_property
    def listed(self) -> JsonObject:
        """Return the issuer's list of revocations."""
        return self.list_by(self.signer, [REVOKED_INDEX])

    def list_by(self, signer: Signer, revoked: list[int], *, issuer: str = DID, url: str = LIST_URL) -> JsonObject:
        """Sign a list of revocations."""
        document = status_list.list_credential(
            url=url, issuer=issuer, bits=status_list.set_bits(revoked), valid_from=BEGINS
        )
        return proof.sign_document(document, signer, created=BEGINS)

    def trust(self) -> SampleTrust:
        """Return a verifier that knows the issuer."""
        return SampleTrust({DID: self.did_document}, self.listed, issuers={DID})


@dataclass(frozen=True)
class Attack:
    """What is done to a document, and the check that must fail."""

    check: CheckName
    make: Callable[[Scene], bytes | JsonObject]


def raw_of(document: bytes | JsonObject) -> bytes:
    """Return what is uploaded."""
    return document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()


def _on(change: Callable[[JsonObject], object], of: str = "good") -> Callable[[Scene], JsonObject]:
    def make(scene: Scene) -> JsonObject:
        document = copy.deepcopy(getattr(scene, of))
        change(document)
        return document

    return make


def _set(*path: str | int, to: object) -> Callable[[Scene], JsonObject]:
    def change(document: Any) -> None:  # noqa: ANN401 - any JSON
        for step in path[:-1]:
            document = document[step]
        document[path[-1]] = to

    return _on(change)


def _respelled_end(d: JsonObject) -> None:
    d[f"{CREDENTIALS}validUntil"] = {"@value": d.pop("validUntil"), "@type": DATE_TIME}


def _respelled_status(d: JsonObject) -> None:
    d[f"{CREDENTIALS}credentialStatus"] = d.pop("credentialStatus")


def _respelled_name(d: JsonObject) -> None:
    d["https://schema.org/name"] = d.pop("name")


def _smuggled_end(d: JsonObject) -> None:
    end = d.pop("validUntil")
    d["credentialSchema"]["id"] += f'> <{CREDENTIALS}validUntil> "{end}"^^<{DATE_TIME}'


def _deep(d: JsonObject) -> None:
    nested: JsonObject = {}
    for _ in range(200):
        nested = {"evidence": nested}
    d["evidence"] = nested


def _nested_proof(d: JsonObject) -> None:
    d["credentialSubject"]["proof"] = d.pop("proof")


def _second_identity(d: JsonObject) -> None:
    first = d["credentialSubject"]["identifier"][0]
    d["credentialSubject"]["identifier"].insert(0, {**first, "identityHash": "李四"})


def _decomposed_name(d: JsonObject) -> None:
    names = d["credentialSubject"]["identifier"]
    names[1]["identityHash"] = unicodedata.normalize("NFD", "Zhāng Yan")


def _moved_proof(scene: Scene) -> JsonObject:
    return {**copy.deepcopy(scene.other), "proof": scene.good["proof"]}


def _under_another_issuer(scene: Scene) -> JsonObject:
    document = copy.deepcopy(scene.good)
    document["issuer"]["id"] = THEIRS
    return document


def _of_stranger_under_our_name(scene: Scene) -> JsonObject:
    return scene.signed(scene.facts(name="李四"), scene.stranger)


def _of_stranger_with_own_method(scene: Scene) -> JsonObject:
    document = scene.signed(scene.facts(name="李四"), scene.stranger)
    document["proof"]["verificationMethod"] = did.method_id(THEIRS, scene.stranger.public_key)
    return document


def _self_signed(scene: Scene) -> JsonObject:
    return scene.signed(scene.facts(issuer=THEIRS), scene.stranger)


def _of_another_host(scene: Scene) -> JsonObject:
    document = copy.deepcopy(scene.good)
    document["id"] = document["id"].replace("certs.example", "certs.examp1e")
    return document


def _key_is_a_fragment_elsewhere(scene: Scene) -> JsonObject:
    document = copy.deepcopy(scene.good)
    document["proof"]["verificationMethod"] = f"{THEIRS}#{scene.signer.public_key.multikey}"
    return document


def _longer_signature(scene: Scene) -> JsonObject:
    document = copy.deepcopy(scene.good)
    document["proof"]["proofValue"] += "1"
    return document


def _duplicate_key(scene: Scene) -> bytes:
    return b'{"validUntil": "2199-01-01T00:00:00Z", ' + raw_of(scene.good)[1:]


def _cut(scene: Scene) -> bytes:
    return raw_of(scene.good)[:-30]


DOCUMENTS: dict[str, Attack] = {
    # respelled
    "expired, its end respelled as full IRI": Attack(CheckName.SHAPE, _on(_respelled_end, "expired")),
    "revoked, its status respelled as full IRI": Attack(CheckName.SHAPE, _on(_respelled_status, "revoked")),
    "name respelled as full IRI": Attack(CheckName.SHAPE, _on(_respelled_name)),
    "end smuggled inside an IRI": Attack(CheckName.SHAPE, _on(_smuggled_end)),
    "end with an offset instead of Z": Attack(CheckName.SHAPE, _set("validUntil", to="2099-06-01T00:00:00+00:00")),
    "end with a fraction": Attack(CheckName.SHAPE, _set("validUntil", to="2099-06-01T00:00:00.000Z")),
    "end with a small z": Attack(CheckName.SHAPE, _set("validUntil", to="2099-06-01t00:00:00z")),
    "end in other digits": Attack(CheckName.SHAPE, _set("validUntil", to="２099-06-01T00:00:00Z")),
    "hours as a number": Attack(CheckName.SHAPE, _set("credentialSubject", "result", 0, "value", to=80)),
    "hours with a zero more": Attack(CheckName.SHAPE, _set("credentialSubject", "result", 0, "value", to="80.0")),
    "hours in scientific form": Attack(CheckName.SHAPE, _set("credentialSubject", "result", 0, "value", to="8E+1")),
    "index with a zero before it": Attack(
        CheckName.SHAPE, _set("credentialStatus", "statusListIndex", to=f"0{FREE_INDEX}")
    ),
    "index as a number": Attack(CheckName.SHAPE, _set("credentialStatus", "statusListIndex", to=FREE_INDEX)),
    "hashed as zero": Attack(CheckName.SHAPE, _set("credentialSubject", "identifier", 0, "hashed", to=0)),
    "name with its language": Attack(CheckName.SHAPE, _set("name", to={"@value": "证书", "@language": "zh"})),
    # injected
    "undefined term": Attack(CheckName.SHAPE, _set("honours", to="一级")),
    "undefined term in the subject": Attack(CheckName.SHAPE, _set("credentialSubject", "honours", to="一级")),
    "defined term": Attack(CheckName.SHAPE, _set("credentialSubject", "role", to="chair")),
    "another name before the name": Attack(CheckName.SHAPE, _on(_second_identity)),
    "id of the subject": Attack(CheckName.SHAPE, _set("credentialSubject", "id", to="did:example:li-si")),
    "blank node as id of the subject": Attack(CheckName.SHAPE, _set("credentialSubject", "id", to="_:b0")),
    "terms of use": Attack(CheckName.SHAPE, _set("termsOfUse", to={"type": "Any"})),
    "evidence": Attack(CheckName.SHAPE, _set("evidence", to=[{"type": ["Evidence"], "name": "一等奖"}])),
    "refresh service": Attack(CheckName.SHAPE, _set("refreshService", to={"id": "https://x.example", "type": "X"})),
    "@included": Attack(CheckName.SHAPE, _set("@included", to=[{"id": "https://x.example"}])),
    "@graph": Attack(CheckName.SHAPE, _on(lambda d: d.update({"@graph": [copy.deepcopy(d)]}))),
    "@reverse": Attack(CheckName.SHAPE, _set("@reverse", to={"issuer": {"id": DID}})),
    "@nest": Attack(CheckName.SHAPE, _set("@nest", to={"validUntil": "2199-01-01T00:00:00Z"})),
    "inline context": Attack(CheckName.SHAPE, _on(lambda d: d["@context"].append({"validUntil": None}))),
    "scoped context": Attack(CheckName.SHAPE, _set("credentialStatus", "@context", to={"x": "https://x.example/x"})),
    "remote context": Attack(CheckName.SHAPE, _on(lambda d: d["@context"].append("http://169.254.169.254/c.json"))),
    "contexts reordered": Attack(CheckName.SHAPE, _on(lambda d: d["@context"].reverse())),
    # wrapped, reordered, removed
    "end wrapped in an array": Attack(CheckName.SHAPE, _on(lambda d: d.update(validUntil=[d["validUntil"]]))),
    "second end": Attack(
        CheckName.SHAPE, _on(lambda d: d.update(validUntil=[d["validUntil"], "2199-01-01T00:00:00Z"]))
    ),
    "status wrapped in an array": Attack(
        CheckName.SHAPE, _on(lambda d: d.update(credentialStatus=[d["credentialStatus"]]), "revoked")
    ),
    "names reordered": Attack(CheckName.SHAPE, _on(lambda d: d["credentialSubject"]["identifier"].reverse())),
    "types reordered": Attack(CheckName.SHAPE, _on(lambda d: d["type"].reverse())),
    "status removed": Attack(CheckName.SHAPE, _on(lambda d: d.pop("credentialStatus"), "revoked")),
    "end removed": Attack(CheckName.SIGNATURE, _on(lambda d: d.pop("validUntil"), "expired")),
    "end emptied": Attack(CheckName.SHAPE, _on(lambda d: d.update(validUntil=None), "expired")),
    "statement of another kind": Attack(CheckName.SHAPE, _set("description", to="本证书是职业资格证书。")),
    # changed values
    "changed name": Attack(CheckName.SIGNATURE, _set("credentialSubject", "identifier", 0, "identityHash", to="李四")),
    "name with a look-alike": Attack(
        CheckName.SIGNATURE, _set("credentialSubject", "identifier", 1, "identityHash", to="Zhang Y\u0430n")
    ),
    "name decomposed": Attack(CheckName.SIGNATURE, _on(_decomposed_name)),
    "name with an invisible space": Attack(
        CheckName.SIGNATURE, _set("credentialSubject", "identifier", 0, "identityHash", to="张\u200b䶮")
    ),
    "changed number": Attack(CheckName.SIGNATURE, _set("credentialSubject", "licenseNumber", to="JJ-2026-000009")),
    "changed level": Attack(CheckName.SIGNATURE, _set("credentialSubject", "achievement", "humanCode", to="senior")),
    "later end": Attack(CheckName.SIGNATURE, _on(lambda d: d.update(validUntil="2199-01-01T00:00:00Z"), "expired")),
    "another address": Attack(CheckName.SIGNATURE, _of_another_host),
    "another status index": Attack(
        CheckName.SIGNATURE,
        _on(
            lambda d: d["credentialStatus"].update(statusListIndex="1", id=f"{LIST_URL}#1"),
            "revoked",
        ),
    ),
    "another status list": Attack(
        CheckName.SIGNATURE,
        _on(
            lambda d: d["credentialStatus"].update(
                statusListCredential="https://stranger.example/list",
                id=f"https://stranger.example/list#{REVOKED_INDEX}",
            ),
            "revoked",
        ),
    ),
    # proofs
    "proof removed": Attack(CheckName.SIGNATURE, _on(lambda d: d.pop("proof"))),
    "proof twice": Attack(CheckName.SIGNATURE, _on(lambda d: d.update(proof=[d["proof"], d["proof"]]))),
    "proof moved into the subject": Attack(CheckName.SHAPE, _on(_nested_proof)),
    "proof of another certificate": Attack(CheckName.SIGNATURE, _moved_proof),
    "proof for another purpose": Attack(CheckName.SIGNATURE, _set("proof", "proofPurpose", to="authentication")),
    "proof of another suite": Attack(CheckName.SIGNATURE, _set("proof", "cryptosuite", to="eddsa-jcs-2022")),
    "proof of another type": Attack(CheckName.SIGNATURE, _set("proof", "type", to="Ed25519Signature2020")),
    "proof with a challenge": Attack(CheckName.SIGNATURE, _set("proof", "challenge", to="x")),
    "proof with a later date": Attack(CheckName.SIGNATURE, _set("proof", "created", to="2021-01-01T00:00:00Z")),
    "proof with a longer signature": Attack(CheckName.SIGNATURE, _longer_signature),
    "proof that names a key elsewhere": Attack(CheckName.SIGNATURE, _key_is_a_fragment_elsewhere),
    "signed by a stranger in our name": Attack(CheckName.SIGNATURE, _of_stranger_under_our_name),
    "signed by a stranger, saying so": Attack(CheckName.SIGNATURE, _of_stranger_with_own_method),
    "self-signed by a stranger": Attack(CheckName.AUTHORITY, _self_signed),
    "under another issuer": Attack(CheckName.AUTHORITY, _under_another_issuer),
    # states
    "expired": Attack(CheckName.VALIDITY, _on(lambda _d: None, "expired")),
    "revoked": Attack(CheckName.REVOCATION, _on(lambda _d: None, "revoked")),
}
TEXTS: dict[str, Attack] = {
    "nested far too deep": Attack(CheckName.FORMAT, _on(_deep)),
    "a key twice": Attack(CheckName.FORMAT, _duplicate_key),
    "cut short": Attack(CheckName.FORMAT, _cut),
    "half of a surrogate pair": Attack(
        CheckName.FORMAT, lambda scene: raw_of(scene.good).replace("张䶮".encode(), b"\\ud87e")
    ),
    "a null character in the name": Attack(
        CheckName.FORMAT, lambda scene: raw_of(scene.good).replace("张䶮".encode(), b"\\u0000")
    ),
}


def part(text: str, place: int) -> JsonObject:
    """Return a part of a JWT."""
    packed = text.split(".")[place]
    found: JsonObject = json.loads(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
    return found


def packed(document: JsonObject) -> str:
    """Write a part of a JWT."""
    return urlsafe_b64encode(json.dumps(document, ensure_ascii=False).encode()).rstrip(b"=").decode()


def _token(scene: Scene, *, header: JsonObject | None = None, signer: Signer | None = None, **claims: object) -> bytes:
    """Write a JWT again with another header or other claims, signed anew where somebody is named."""
    head = {**part(scene.token, 0), **(header or {})}
    text = f"{packed(head)}.{packed({**part(scene.token, 1), **claims})}"
    signature = signer.sign(text.encode()) if signer else b""
    return f"{text}.{urlsafe_b64encode(signature).rstrip(b'=').decode() or 'AA'}".encode()


def _by_mac(scene: Scene) -> bytes:
    head = {**part(scene.token, 0), "alg": "HS256"}
    text = f"{packed(head)}.{packed(part(scene.token, 1))}"
    mac = hmac.HMAC(scene.p256.public_key.spki, hashes.SHA256())
    mac.update(text.encode())
    return f"{text}.{urlsafe_b64encode(mac.finalize()).rstrip(b'=').decode()}".encode()


def _swapped_payload(scene: Scene) -> bytes:
    head, _payload, signature = scene.token.split(".")
    other = openbadge.build_credential(scene.facts(name="李四"))
    return f"{head}.{packed({**part(scene.token, 1), **other})}.{signature}".encode()


def _with_a_spare_bit(scene: Scene) -> bytes:
    """Set a bit that stands behind the last byte: lenient readers see the same signature."""
    last = BASE64URL.index(scene.token[-1])
    return (scene.token[:-1] + BASE64URL[last + 1]).encode()


TOKENS: dict[str, Attack] = {
    "alg none": Attack(CheckName.SIGNATURE, lambda scene: _token(scene, header={"alg": "none"})),
    "HS256 with the public key": Attack(CheckName.SIGNATURE, _by_mac),
    "ES384 named": Attack(CheckName.SIGNATURE, lambda scene: _token(scene, header={"alg": "ES384"})),
    "signed by a stranger": Attack(CheckName.SIGNATURE, lambda scene: _token(scene, signer=scene.stranger_p256)),
    "key of a stranger in the header": Attack(
        CheckName.SIGNATURE,
        lambda scene: _token(scene, header={"jwk": scene.stranger_p256.public_key.jwk}, signer=scene.stranger_p256),
    ),
    "kid that points elsewhere": Attack(
        CheckName.SIGNATURE,
        lambda scene: _token(
            scene,
            header={"kid": did.method_id(THEIRS, scene.stranger_p256.public_key)},
            signer=scene.stranger_p256,
        ),
    ),
    "claims of a later end": Attack(
        CheckName.SIGNATURE, lambda scene: _token(scene, signer=scene.p256, exp=9_999_999_999)
    ),
    "changed payload": Attack(CheckName.SIGNATURE, _swapped_payload),
    "critical extension": Attack(
        CheckName.FORMAT, lambda scene: _token(scene, header={"crit": ["b64"], "b64": False}, signer=scene.p256)
    ),
    "address of a key": Attack(
        CheckName.FORMAT, lambda scene: _token(scene, header={"jku": "https://x.example"}, signer=scene.p256)
    ),
    "four parts": Attack(CheckName.FORMAT, lambda scene: scene.token.encode() + b".AA"),
    "a spare bit in the signature": Attack(CheckName.FORMAT, _with_a_spare_bit),
}


def proof_of_qr(scene: Scene, *, by: Signer | None = None, alg: int = -7, **changes: Any) -> bytes:  # noqa: ANN401 - facts of any kind
    """Return a COSE_Sign1 as a QR code carries it, perhaps with other facts, another algorithm or another key."""
    signer = by or scene.p256
    claims = cose.qr_claims(replace(cose.qr_facts(scene.facts()), **changes))
    protected = cbor2.dumps({1: alg, 4: cose.short_id(signer.public_key.multikey)}, canonical=True)
    signature = signer.sign(cose.signed_bytes(protected, claims))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, claims, signature]), canonical=True)


CODES: dict[str, tuple[CheckName, Callable[[Scene], bytes]]] = {
    "another algorithm in the proof": (CheckName.FORMAT, lambda scene: proof_of_qr(scene, alg=-35)),
    "proof signed by a stranger": (CheckName.SIGNATURE, lambda scene: proof_of_qr(scene, by=scene.stranger_p256)),
    "proof cut short": (CheckName.FORMAT, lambda scene: proof_of_qr(scene)[:-3]),
    "proof with bytes behind it": (CheckName.FORMAT, lambda scene: proof_of_qr(scene) + b"\0"),
    "proof with another index": (
        CheckName.SIGNATURE,
        lambda scene: proof_of_qr(scene)[:-70] + b"\1" + proof_of_qr(scene)[-69:],
    ),
}
