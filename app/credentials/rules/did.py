"""did:web identities of issuers and the documents that carry their keys."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, unquote, urlsplit

from app.core.multibase import MultibaseError
from app.core.signing import Algorithm, PublicKey, read_jwk, read_multikey
from app.credentials.rules.contexts import DID_V1, JWK_V1, MULTIKEY_V1
from app.credentials.rules.document import JsonObject
from app.credentials.rules.instants import write_instant

METHOD = "did:web:"
ASSERTION = "assertionMethod"


class DidError(ValueError):
    """The URL cannot carry a did:web identity, or a document does not carry the asked key."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key of an issuer; a retired key stays listed, a compromised one gets its revoked date."""

    public_key: PublicKey
    revoked_at: datetime | None = None


def did_web(base_url: str, slug: str | None = None) -> str:
    """Return the DID of a site, or of one of its issuing bodies, from the site's base URL.

    Raises DidError for an IP address, which did:web does not allow, and for a base with a path.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if not host or parts.path.strip("/") or _is_address(host):
        raise DidError("no-did-for-url")
    port = f"%3A{parts.port}" if parts.port else ""
    tail = f":issuers:{quote(slug, safe='')}" if slug else ""
    return f"{METHOD}{host}{port}{tail}"


def document_path(did: str) -> str:
    """Return the path under which the web server of a did:web must publish its document."""
    _host, *path = did.removeprefix(METHOD).split(":")
    if not path:
        return "/.well-known/did.json"
    return "/" + "/".join(unquote(part) for part in path) + "/did.json"


def method_id(did: str, public_key: PublicKey) -> str:
    """Return the id of a key inside its DID document: the DID and the key's own fingerprint."""
    return f"{did}#{public_key.fingerprint}"


def did_document(did: str, keys: Iterable[IssuerKey]) -> JsonObject:
    """Build the DID document: every key ever used, those not revoked allowed to assert."""
    keys = list(keys)
    jwks = any(key.public_key.algorithm is Algorithm.RSA for key in keys)
    return {
        "@context": [DID_V1, MULTIKEY_V1, *([JWK_V1] if jwks else [])],
        "id": did,
        "verificationMethod": [_method(did, key) for key in keys],
        ASSERTION: [method_id(did, key.public_key) for key in keys if key.revoked_at is None],
    }


def _method(did: str, key: IssuerKey) -> JsonObject:
    """Write a key as a Multikey, which has no form for RSA: that one is a JsonWebKey (W3C CID 1.0)."""
    method: JsonObject = {"id": method_id(did, key.public_key), "controller": did}
    if key.public_key.algorithm is Algorithm.RSA:
        method |= {"type": "JsonWebKey", "publicKeyJwk": {**key.public_key.jwk, "alg": Algorithm.RSA.value}}
    else:
        method |= {"type": "Multikey", "publicKeyMultibase": key.public_key.multikey}
    if key.revoked_at is not None:
        method["revoked"] = write_instant(key.revoked_at)
    return method


def find_key(document: JsonObject, did: str, verification_method: str) -> PublicKey:
    """Return the key that a DID document allows to assert under an id.

    Raises DidError where the document is another issuer's, does not list the key, lists it under
    another controller, does not allow it to assert, or has revoked it.
    """
    if document.get("id") != did:
        raise DidError("did-document-of-another")
    method = _listed(document, verification_method)
    if method.get("controller") != did:
        raise DidError("controller-is-another")
    if "revoked" in method:
        raise DidError("key-revoked")
    if verification_method not in _listing(document, ASSERTION):
        raise DidError("key-may-not-assert")
    try:
        return _key_of(method)
    except MultibaseError as error:
        raise DidError("key-unreadable") from error


def seals_with(document: JsonObject, key: bytes) -> bool:
    """Tell whether an issuer lets a key, in DER SubjectPublicKeyInfo, sign PDF files in its name."""
    did = str(document.get("id"))
    for name in _listing(document, ASSERTION):
        try:
            found = find_key(document, did, str(name))
        except DidError:
            continue
        if found.algorithm is Algorithm.RSA and found.spki == key:
            return True
    return False


def sealed_with(document: JsonObject, key: bytes) -> bool:
    """Tell whether a key, in DER SubjectPublicKeyInfo, signed PDF files for an issuer until it was compromised."""
    for method in _listing(document, "verificationMethod"):
        if not isinstance(method, dict) or "revoked" not in method or method.get("controller") != document.get("id"):
            continue
        try:
            found = _key_of(method)
        except MultibaseError:
            continue
        if found.algorithm is Algorithm.RSA and found.spki == key:
            return True
    return False


def _key_of(method: JsonObject) -> PublicKey:
    jwk = method.get("publicKeyJwk")
    return read_jwk(jwk) if isinstance(jwk, dict) else read_multikey(str(method.get("publicKeyMultibase")))


def _listed(document: JsonObject, verification_method: str) -> JsonObject:
    for method in _listing(document, "verificationMethod"):
        if isinstance(method, dict) and method.get("id") == verification_method:
            return method
    raise DidError("key-unknown")


def _listing(document: JsonObject, name: str) -> list[object]:
    found = document.get(name)
    return found if isinstance(found, list) else []


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
