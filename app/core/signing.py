"""Signers: what can sign, without saying how or where its private key is kept."""

import base64
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from app.core.multibase import MultibaseError, decode_base58, encode_base58

KEY_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
OTHERS_MAY = 0o077
OWNER_ONLY = 0o600


class KeyStoreError(Exception):
    """A key is missing, exists already, is readable by others or of a kind that cannot be used."""


class Algorithm(StrEnum):
    """A signature algorithm by its JOSE name; the seam where P-256, RSA and SM2 will join."""

    ED25519 = "Ed25519"


MULTICODEC = {Algorithm.ED25519: b"\xed\x01"}
RAW_LENGTH = {Algorithm.ED25519: 32}


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key in raw bytes, of one algorithm."""

    algorithm: Algorithm
    raw: bytes

    @property
    def multikey(self) -> str:
        """Return the key in W3C Multikey form, such as `z6Mk...`."""
        return encode_base58(MULTICODEC[self.algorithm] + self.raw)

    @property
    def jwk(self) -> dict[str, str]:
        """Return the key as a JSON Web Key."""
        x = base64.urlsafe_b64encode(self.raw).rstrip(b"=").decode()
        return {"kty": "OKP", "crv": self.algorithm.value, "x": x}

    def verify(self, signature: bytes, data: bytes) -> bool:
        """Tell whether a signature over the data was made by the private half."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


def read_multikey(text: str) -> PublicKey:
    """Read a Multikey; raises MultibaseError for any algorithm that is not ours."""
    data = decode_base58(text)
    for algorithm, prefix in MULTICODEC.items():
        if data.startswith(prefix) and len(data) == len(prefix) + RAW_LENGTH[algorithm]:
            return PublicKey(algorithm, data[len(prefix) :])
    msg = "unknown kind of key"
    raise MultibaseError(msg)


class Signer(Protocol):
    """Whatever signs bytes: a key file here, a PKCS#11 token elsewhere."""

    @property
    def key_id(self) -> str:
        """Return the name of the key inside its issuer's DID document."""
        ...

    @property
    def public_key(self) -> PublicKey:
        """Return the public half, which also tells the algorithm."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the signature over the data."""
        ...


class FileSigner:
    """A signer whose private key was read from a file of the key store."""

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self._private_key = private_key
        self._public_key = PublicKey(Algorithm.ED25519, private_key.public_key().public_bytes_raw())

    @property
    def key_id(self) -> str:
        """Return the key's own fingerprint, so that a name can never point to another key."""
        return self._public_key.multikey

    @property
    def public_key(self) -> PublicKey:
        """Return the public half."""
        return self._public_key

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the Ed25519 signature."""
        return self._private_key.sign(data)


def create_key(folder: Path, name: str, *, passphrase: bytes | None = None) -> FileSigner:
    """Make a new Ed25519 key in the key store and return its signer.

    The file is PKCS#8 PEM, readable by its owner only, and encrypted where a passphrase is given.
    Raises KeyStoreError where a key of that name exists: a key is never overwritten.
    """
    private_key = Ed25519PrivateKey.generate()
    protection: KeySerializationEncryption = NoEncryption()
    if passphrase is not None:
        protection = BestAvailableEncryption(passphrase)
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(_path(folder, name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        msg = f"the key {name} exists already"
        raise KeyStoreError(msg) from error
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return FileSigner(private_key)


def open_signer(folder: Path, name: str, *, passphrase: bytes | None = None) -> FileSigner:
    """Return the signer of a key in the key store.

    Raises KeyStoreError where there is none, others may read it, or the passphrase does not fit.
    """
    path = _path(folder, name)
    if not path.is_file():
        msg = f"there is no key {name} in {folder}"
        raise KeyStoreError(msg)
    if path.stat().st_mode & OTHERS_MAY:
        msg = f"others may read {path}: set its mode to 600"
        raise KeyStoreError(msg)
    try:
        loaded = load_pem_private_key(path.read_bytes(), passphrase)
    except (ValueError, TypeError) as error:
        msg = f"the key {name} cannot be opened: wrong passphrase or not a key"
        raise KeyStoreError(msg) from error
    if not isinstance(loaded, Ed25519PrivateKey):
        msg = f"the key {name} is not an Ed25519 key"
        raise KeyStoreError(msg)
    return FileSigner(loaded)


def has_key(folder: Path, name: str) -> bool:
    """Tell whether the key store holds a key of that name."""
    return _path(folder, name).is_file()


def _path(folder: Path, name: str) -> Path:
    if KEY_NAME.fullmatch(name) is None:
        msg = f"{name!r} is not a name for a key"
        raise KeyStoreError(msg)
    return folder / f"{name}.pem"
