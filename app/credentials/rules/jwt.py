"""Credentials as JWT: the VC-JWT of Open Badges 3.0 (section 8.2) in ES256, made by a signer and strictly read.

The payload is the credential itself with its registered claims beside; the header names the key in the
issuer's DID document and carries it, since validators that know no DID take it from there.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from app.core.signing import Algorithm, PublicKey, Signer
from app.credentials.rules import did as dids
from app.credentials.rules.document import CREDENTIAL_LIMITS, DocumentError, JsonObject, Limits, read_document
from app.credentials.rules.instants import InstantError, read_instant
from app.credentials.rules.proof import ProofError, issuer_of

JWT = "JWT"
VC_JWT = "vc+jwt"
"""The type that W3C Securing Verifiable Credentials using JOSE gives; Open Badges asks for JWT."""
TYPES = frozenset({JWT, VC_JWT})
MEDIA_TYPE = "application/jwt"
HEADER = {"alg", "typ", "kid", "jwk"}
HEADER_LIMITS = Limits(size=2048, depth=3, objects=3, string=512)
CLAIMS = ("iss", "sub", "jti", "iat", "nbf", "exp")
PARTS = 3
BAD_SHAPE = "jwt-shape"


class JwtError(ProofError):
    """A text that is no JWT in the one shape that we make, or does not hold; `code` says why."""


def sign_jwt(document: JsonObject, signer: Signer, *, created: datetime, typ: str = JWT) -> str:
    """Return a credential without a proof as a compact JWS, signed in the name of its own issuer.

    The same document, key and instant give the same text where the signer is deterministic, as key files
    are. Raises JwtError for a signer of another algorithm and for a document that is signed already.
    """
    if signer.public_key.algorithm is not Algorithm.P256:
        raise JwtError("algorithm-of-another-key")
    if "proof" in document or any(name in document for name in CLAIMS):
        raise JwtError("already-signed")
    header = _header(issuer_of(document), signer.public_key, typ)
    payload = {**_claims(document, created), **document}
    text = f"{_write(header)}.{_write(payload)}"
    return f"{text}.{_encode(signer.sign(text.encode()))}"


def read_jwt(text: str, limits: Limits = CREDENTIAL_LIMITS) -> tuple[JsonObject, JsonObject]:
    """Return header and credential of a JWT, with bounded work and before anything is verified.

    Raises JwtError for another shape, another algorithm, or claims that say something else than the
    credential; DocumentError where a part is no JSON within the limits.
    """
    header, document, _signature = _read(text, limits)
    return header, document


def verify_jwt(text: str, did_document: JsonObject, limits: Limits = CREDENTIAL_LIMITS) -> JsonObject:
    """Check a JWT against its issuer's DID document and return the credential.

    Raises JwtError or DocumentError where it does not hold: only a P-256 key that the issuer's own
    document lets assert counts, whatever key the header carries.
    """
    header, document, signature = _read(text, limits)
    issuer = issuer_of(document)
    if header["kid"].partition("#")[0] != issuer:
        raise JwtError("controller-is-another")
    try:
        key = dids.find_key(did_document, issuer, header["kid"])
    except dids.DidError as error:
        raise JwtError(error.code) from error
    if key.algorithm is not Algorithm.P256 or header["jwk"] != key.jwk:
        raise JwtError("algorithm-of-another-key")
    if not key.verify(signature, text.rpartition(".")[0].encode()):
        raise JwtError("signature-wrong")
    return document


def _header(issuer: str, key: PublicKey, typ: str) -> JsonObject:
    return {"alg": Algorithm.P256.value, "typ": typ, "kid": dids.method_id(issuer, key), "jwk": key.jwk}


def _claims(document: JsonObject, created: datetime) -> JsonObject:
    return {"iss": issuer_of(document), **_own_claims(document), "iat": int(created.timestamp())}


def _own_claims(document: JsonObject) -> JsonObject:
    """Return what the claims must repeat of the credential (Open Badges 3.0, section 8.2.4.1)."""
    subject = document.get("credentialSubject")
    holder = subject.get("id") if isinstance(subject, dict) else None
    claims = {"sub": holder, "jti": document.get("id")}
    try:
        claims["nbf"] = _seconds(document["validFrom"])
        claims["exp"] = _seconds(document["validUntil"]) if "validUntil" in document else None
    except (InstantError, LookupError) as error:
        raise JwtError(BAD_SHAPE) from error
    return {name: value for name, value in claims.items() if value is not None}


def _seconds(text: object) -> int:
    return int(read_instant(text).timestamp())


def _read(text: str, limits: Limits) -> tuple[JsonObject, JsonObject, bytes]:
    header, payload, signature = _parts(text, limits)
    _check_header(header)
    document = {name: value for name, value in payload.items() if name not in CLAIMS}
    claims = {name: value for name, value in payload.items() if name in CLAIMS and name not in {"iss", "iat"}}
    _check_signing_time(payload.get("iat"))
    if payload.get("iss") != issuer_of(document) or not _same(claims, _own_claims(document)):
        raise JwtError("claims-of-another")
    return header, document, signature


def _same(claims: JsonObject, expected: JsonObject) -> bool:
    """Compare claims with their kinds, because Python holds 1 and True equal."""
    return claims == expected and all(type(claims[name]) is type(value) for name, value in expected.items())


def _check_signing_time(value: object) -> None:
    latest = 253_402_300_799  # the last second of the year 9999
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= latest:
        raise JwtError(BAD_SHAPE)


def _parts(text: str, limits: Limits) -> tuple[JsonObject, JsonObject, bytes]:
    if len(text) > 2 * limits.size:
        raise DocumentError("too-large", limit=str(limits.size))
    parts = text.split(".")
    if len(parts) != PARTS or not text.isascii():
        raise JwtError(BAD_SHAPE)
    header, payload, signature = (_decode(part) for part in parts)
    return read_document(header, HEADER_LIMITS), read_document(payload, limits), signature


def _check_header(header: JsonObject) -> None:
    """Refuse every header but the one we write: `alg` is pinned, and nothing in it may point elsewhere."""
    if header.get("alg") != Algorithm.P256.value:
        raise JwtError("algorithm-unknown")
    if set(header) != HEADER or header["typ"] not in TYPES:
        raise JwtError(BAD_SHAPE)
    if not isinstance(header["kid"], str) or not isinstance(header["jwk"], dict):
        raise JwtError(BAD_SHAPE)


def _write(part: JsonObject) -> str:
    return _encode(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode())


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    """Read base64url without padding in its one spelling: left-over bits would make one signature many texts."""
    try:
        data = urlsafe_b64decode(text + "==")
    except (binascii.Error, ValueError) as error:
        raise JwtError(BAD_SHAPE) from error
    if _encode(data) != text:
        raise JwtError(BAD_SHAPE)
    return data
