"""The JSON-LD contexts we sign under: read from an installed package, pinned by hash, never fetched."""

import hashlib
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from app.credentials.rules.document import JsonObject

VC_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OPEN_BADGES_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
DID_V1 = "https://www.w3.org/ns/did/v1"
MULTIKEY_V1 = "https://w3id.org/security/multikey/v1"
JWK_V1 = "https://w3id.org/security/jwk/v1"

CREDENTIAL_CONTEXTS = (VC_V2, OPEN_BADGES, OPEN_BADGES_EXTENSIONS)
STATUS_LIST_CONTEXTS = (VC_V2,)
SIGNED_CONTEXTS = (CREDENTIAL_CONTEXTS, STATUS_LIST_CONTEXTS)

# A context decides what a signature means, so another text under the same name must stop us.
PINNED = {
    VC_V2: (
        "credentials-v2.json",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    OPEN_BADGES: (
        "ob-v3p0-context-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
    OPEN_BADGES_EXTENSIONS: (
        "ob-v3p0-extensions.json",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    ),
}


class ContextError(Exception):
    """A context is not one of ours, or the installed package carries another text of it."""


def folder() -> Path:
    """Return the folder of the installed package that carries the contexts."""
    found = find_spec("openbadgeslib")
    if found is None or found.origin is None:
        msg = "openbadgeslib is not installed"
        raise ContextError(msg)
    return Path(found.origin).parent / "ob3" / "contexts"


@cache
def context(url: str) -> JsonObject:
    """Return the context document of a URL; raises ContextError for any other URL or text."""
    loaded: JsonObject = json.loads(context_bytes(url))
    return loaded


def context_bytes(url: str) -> bytes:
    """Return the context document of a URL byte for byte; raises ContextError for any other URL or text."""
    if url not in PINNED:
        msg = f"unknown context {url[:200]}"
        raise ContextError(msg)
    name, digest = PINNED[url]
    raw = (folder() / name).read_bytes()
    if hashlib.sha256(raw).hexdigest() != digest:
        msg = f"{name} is not the text that was pinned"
        raise ContextError(msg)
    return raw
