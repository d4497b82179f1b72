"""Personal fields: AES-GCM under a per-person key that can be destroyed; blind indexes by HMAC."""

import base64
import hmac
import secrets
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.config import settings
from app.core.errors import UnavailableError
from app.core.text import _l

NONCE_BYTES = 12
KEY_BYTES = 32


def seal(key: bytes, text: str, purpose: str) -> bytes:
    """Encrypt a text under a key of 32 bytes; `purpose` binds it to its column."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), purpose.encode())


def unseal(key: bytes, sealed: bytes, purpose: str) -> str:
    """Decrypt what `seal` made; raises UnavailableError where key or purpose do not fit."""
    try:
        plain = AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose.encode())
    except InvalidTag as error:
        raise UnavailableError(
            _l("A protected field cannot be read with the present keys. Tell an administrator.")
        ) from error
    return plain.decode()


def new_wrapped_key() -> bytes:
    """Make a key for one person, wrapped by the first of FIELD_KEYS; destroying it is erasure."""
    return _wrap(secrets.token_bytes(KEY_BYTES))


def unwrap_key(wrapped: bytes) -> bytes:
    """Open a wrapped key with whichever of FIELD_KEYS made it."""
    for master in settings().field_key_list:
        try:
            return AESGCM(master).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], b"person")
        except InvalidTag:
            continue
    raise UnavailableError(_l("No key in FIELD_KEYS opens this record. Tell an administrator."))


def rewrap_key(wrapped: bytes) -> bytes:
    """Wrap a person's key again under the first of FIELD_KEYS (rotation)."""
    return _wrap(unwrap_key(wrapped))


def _wrap(key: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(settings().field_key_list[0]).encrypt(nonce, key, b"person")


def blind_index(text: str, purpose: str) -> bytes:
    """Return 32 bytes that find a text without showing it, under the first index key."""
    return _index(settings().index_key_list[0], text, purpose)


def blind_indexes(text: str, purpose: str) -> list[bytes]:
    """Return the indexes under every key, for look-ups while keys rotate."""
    return [_index(key, text, purpose) for key in settings().index_key_list]


def _index(key: bytes, text: str, purpose: str) -> bytes:
    return hmac.digest(key, f"{purpose}\0{text}".encode(), "sha256")


def digest_token(token: str) -> bytes:
    """Return the 32 bytes under which a random token is stored."""
    return sha256(token.encode()).digest()


def new_token() -> str:
    """Make a random token of 192 bits in URL-safe base64."""
    return base64.urlsafe_b64encode(secrets.token_bytes(24)).decode()
