"""Public keys of every algorithm that we sign with: their forms, their names, and what they verify."""

import base64
import binascii
import json
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from app.core.multibase import MultibaseError, decode_base58, encode_base58


class Algorithm(StrEnum):
    """A signature algorithm by its JOSE name; the seam where SM2 will join."""

    ED25519 = "Ed25519"
    P256 = "ES256"
    RSA = "RS256"


MULTICODEC = {Algorithm.ED25519: b"\xed\x01", Algorithm.P256: b"\x80\x24", Algorithm.RSA: b"\x85\x24"}
RSA_BITS = 3072
P256_HALF = 32
RAW_LENGTH = {Algorithm.ED25519: 32, Algorithm.P256: 1 + P256_HALF}
RSA_RAW_LENGTH = range(256, 600)
RSA_KEY_ID = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00"
# A multikey of RSA is longer than any other text in base 58.
LONGEST_MULTIKEY = 900
PLAIN_EXPONENT = 65_537
KINDS = {Algorithm.ED25519: "OKP", Algorithm.P256: "EC", Algorithm.RSA: "RSA"}
CURVES = {Algorithm.ED25519: "Ed25519", Algorithm.P256: "P-256"}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key of one algorithm in raw bytes.

    Ed25519: 32 bytes; P-256: the compressed point, 33 bytes; RSA: DER of PKCS#1 RSAPublicKey.
    """

    algorithm: Algorithm
    raw: bytes

    @property
    def multikey(self) -> str:
        """Return the key in W3C Multikey form, such as `z6Mk...`; RSA by the same table of codes."""
        return _multikey(self)

    @property
    def fingerprint(self) -> str:
        """Return the name of the key, made of nothing but the key, in at most 49 characters.

        The multikey itself, and for RSA, whose multikey is a page long, the thumbprint of RFC 7638.
        """
        return self.thumbprint if self.algorithm is Algorithm.RSA else self.multikey

    @property
    def thumbprint(self) -> str:
        """Return the JWK thumbprint by SHA-256 (RFC 7638)."""
        return _base64url(sha256(json.dumps(self.jwk, sort_keys=True, separators=(",", ":")).encode()).digest())

    @property
    def jwk(self) -> dict[str, str]:
        """Return the key as a JSON Web Key with its required members only (RFC 7518, RFC 8037)."""
        loaded = _load(self)
        if isinstance(loaded, Ed25519PublicKey):
            return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(self.raw)}
        if isinstance(loaded, EllipticCurvePublicKey):
            point = loaded.public_numbers()
            x, y = (_base64url(one.to_bytes(P256_HALF, "big")) for one in (point.x, point.y))
            return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
        numbers = loaded.public_numbers()
        return {"kty": "RSA", "n": _base64url(_shortest(numbers.n)), "e": _base64url(_shortest(numbers.e))}

    @property
    def spki(self) -> bytes:
        """Return the key as DER SubjectPublicKeyInfo, the form of X.509 and of WebCrypto."""
        return _load(self).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Tell whether a signature over the data was made by the private half.

        ES256 signatures are r and s in 32 bytes each (RFC 7518, section 3.4), RS256 is PKCS#1 v1.5 with SHA-256.
        """
        try:
            _verify(_load(self), signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


@lru_cache(maxsize=256)
def _multikey(key: PublicKey) -> str:
    return encode_base58(MULTICODEC[key.algorithm] + key.raw)


Loaded = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey


@lru_cache(maxsize=256)
def _load(key: PublicKey) -> Loaded:
    """Return the library's own key; raises ValueError for bytes that are none."""
    if key.algorithm is Algorithm.ED25519:
        return Ed25519PublicKey.from_public_bytes(key.raw)
    if key.algorithm is Algorithm.P256:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key.raw)
    bits = b"\x00" + key.raw
    info = RSA_KEY_ID + b"\x03" + _der_length(len(bits)) + bits
    return cast("RSAPublicKey", load_der_public_key(b"\x30" + _der_length(len(info)) + info))


def _verify(loaded: Loaded, signature: bytes, data: bytes) -> None:
    if isinstance(loaded, Ed25519PublicKey):
        loaded.verify(signature, data)
    elif isinstance(loaded, EllipticCurvePublicKey):
        if len(signature) != 2 * P256_HALF:
            raise InvalidSignature
        halves = (int.from_bytes(signature[:P256_HALF], "big"), int.from_bytes(signature[P256_HALF:], "big"))
        loaded.verify(encode_dss_signature(*halves), data, ECDSA(SHA256()))
    else:
        loaded.verify(signature, data, PKCS1v15(), SHA256())


def public_key_of(loaded: Loaded) -> PublicKey:
    """Return one of the library's public keys as ours; raises ValueError for a curve or size that is not used here."""
    if isinstance(loaded, Ed25519PublicKey):
        return PublicKey(Algorithm.ED25519, loaded.public_bytes_raw())
    if isinstance(loaded, EllipticCurvePublicKey):
        _refuse_curve(loaded)
        return PublicKey(Algorithm.P256, loaded.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
    if loaded.key_size < RSA_BITS or loaded.public_numbers().e != PLAIN_EXPONENT:
        raise ValueError(f"the RSA key has less than {RSA_BITS} bits or an exponent other than {PLAIN_EXPONENT}")
    return PublicKey(Algorithm.RSA, loaded.public_bytes(Encoding.DER, PublicFormat.PKCS1))


def _refuse_curve(loaded: EllipticCurvePublicKey) -> None:
    if loaded.curve.name != SECP256R1.name:
        raise ValueError("the curve is not P-256")


@lru_cache(maxsize=1024)
def read_multikey(text: str) -> PublicKey:
    """Read a Multikey; raises MultibaseError for any algorithm that is not ours."""
    data = decode_base58(text, longest=LONGEST_MULTIKEY)
    for algorithm, prefix in MULTICODEC.items():
        if data.startswith(prefix) and _fits(algorithm, len(data) - len(prefix)):
            key = PublicKey(algorithm, data[len(prefix) :])
            _refuse_unreadable(key)
            return key
    raise MultibaseError("unknown kind of key")


def _fits(algorithm: Algorithm, length: int) -> bool:
    return length in RSA_RAW_LENGTH if algorithm is Algorithm.RSA else length == RAW_LENGTH[algorithm]


def _refuse_unreadable(key: PublicKey) -> None:
    try:
        _load(key)
    except (ValueError, TypeError) as error:
        raise MultibaseError("not a key") from error


def read_jwk(jwk: dict[str, Any]) -> PublicKey:
    """Read a JSON Web Key with its required members; raises MultibaseError for any other kind or a private one."""
    algorithm = next((one for one, kind in KINDS.items() if jwk.get("kty") == kind), None)
    if algorithm is None or "d" in jwk or jwk.get("crv") != CURVES.get(algorithm):
        raise MultibaseError("unknown kind of key")
    try:
        return _from_members(algorithm, jwk)
    except (ValueError, TypeError, LookupError, AttributeError, binascii.Error) as error:
        raise MultibaseError("not a key") from error


def _from_members(algorithm: Algorithm, jwk: dict[str, Any]) -> PublicKey:
    if algorithm is Algorithm.ED25519:
        return public_key_of(Ed25519PublicKey.from_public_bytes(_from_base64url(jwk["x"])))
    first, second = ("x", "y") if algorithm is Algorithm.P256 else ("n", "e")
    one, other = (int.from_bytes(_from_base64url(jwk[name]), "big") for name in (first, second))
    if algorithm is Algorithm.P256:
        return public_key_of(EllipticCurvePublicNumbers(one, other, SECP256R1()).public_key())
    return public_key_of(RSAPublicNumbers(other, one).public_key())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    if len(text) > LONGEST_MULTIKEY:
        raise ValueError("too long for a key")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _shortest(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _der_length(length: int) -> bytes:
    short = 0x80
    if length < short:
        return bytes([length])
    written = _shortest(length)
    return bytes([short | len(written)]) + written
