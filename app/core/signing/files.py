"""Keys in a folder: one PKCS#8 file a key, readable by its owner only."""

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from app.core.signing.keys import P256_HALF, PLAIN_EXPONENT, RSA_BITS, Algorithm, PublicKey, public_key_of
from app.core.signing.stores import KeyStoreError, check_name

OTHERS_MAY = 0o077
OWNER_ONLY = 0o600
PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey
# The nonce is derived from key and message (RFC 6979), so that the same bytes are signed alike each time.
ES256 = ECDSA(SHA256(), deterministic_signing=True)


class FileSigner:
    """A signer whose private key was read from a file of the key store."""

    def __init__(self, private_key: PrivateKey) -> None:
        self._private_key = private_key
        self._public_key = public_key_of(private_key.public_key())
        self._key_id = self._public_key.fingerprint

    @property
    def key_id(self) -> str:
        """Return the key's own fingerprint, so that a name can never point to another key."""
        return self._key_id

    @property
    def public_key(self) -> PublicKey:
        """Return the public half."""
        return self._public_key

    def sign(self, data: bytes) -> bytes:
        """Return the signature: 64 bytes for Ed25519 and ES256, 384 for RS256."""
        key = self._private_key
        if isinstance(key, Ed25519PrivateKey):
            return key.sign(data)
        if isinstance(key, EllipticCurvePrivateKey):
            return b"".join(one.to_bytes(P256_HALF, "big") for one in decode_dss_signature(key.sign(data, ES256)))
        return key.sign(data, PKCS1v15(), SHA256())


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder of key files, which nobody but their owner may read."""

    folder: Path
    passphrase: bytes | None = None

    def create(self, name: str, algorithm: Algorithm) -> FileSigner:
        """Make a key; raises KeyStoreError where the name is taken or the folder cannot be written."""
        return create_key(self.folder, name, algorithm=algorithm, passphrase=self.passphrase)

    def open(self, name: str) -> FileSigner:
        """Return the signer of a key; raises KeyStoreError."""
        return open_signer(self.folder, name, passphrase=self.passphrase)

    def has(self, name: str) -> bool:
        """Tell whether the folder holds a key of that name."""
        return has_key(self.folder, name)


def new_private_key(algorithm: Algorithm) -> PrivateKey:
    """Make a private key; RSA has 3072 bits and takes some tenths of a second."""
    if algorithm is Algorithm.ED25519:
        return Ed25519PrivateKey.generate()
    if algorithm is Algorithm.P256:
        return generate_private_key(SECP256R1())
    return generate_rsa_key(PLAIN_EXPONENT, RSA_BITS)


def create_key(
    folder: Path, name: str, *, algorithm: Algorithm = Algorithm.ED25519, passphrase: bytes | None = None
) -> FileSigner:
    """Make a new key in the key store and return its signer.

    The file is PKCS#8 PEM, readable by its owner only, and encrypted where a passphrase is given.
    Raises KeyStoreError where a key of that name exists: a key is never overwritten.
    """
    private_key = new_private_key(algorithm)
    protection: KeySerializationEncryption = NoEncryption()
    if passphrase is not None:
        protection = BestAvailableEncryption(passphrase)
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)
    path = _path(folder, name)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        raise KeyStoreError(f"the key {name} exists already") from error
    except OSError as error:
        raise KeyStoreError(f"{folder} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return FileSigner(private_key)


def open_signer(folder: Path, name: str, *, passphrase: bytes | None = None) -> FileSigner:
    """Return the signer of a key in the key store; the same file is read once a process.

    Raises KeyStoreError where there is none, others may read it, or the passphrase does not fit.
    """
    path = _path(folder, name)
    try:
        found = path.stat()
    except OSError as error:
        raise KeyStoreError(f"there is no key {name} in {folder}") from error
    if found.st_mode & OTHERS_MAY:
        raise KeyStoreError(f"others may read {path}: set its mode to 600")
    return _opened(path, passphrase, (found.st_ino, found.st_mtime_ns))


@lru_cache(maxsize=256)
def _opened(path: Path, passphrase: bytes | None, written: tuple[int, int]) -> FileSigner:
    """Read a key file; `written` tells a file that was replaced from the one that was read before."""
    del written
    try:
        loaded = load_pem_private_key(path.read_bytes(), passphrase)
    except (ValueError, TypeError, OSError) as error:
        raise KeyStoreError(f"the key {path.stem} cannot be opened: wrong passphrase or not a key") from error
    if not isinstance(loaded, PrivateKey):
        raise KeyStoreError(f"the key {path.stem} is of a kind that is not used here")
    try:
        return FileSigner(loaded)
    except ValueError as error:
        raise KeyStoreError(f"the key {path.stem} cannot be used: {error}") from error


def has_key(folder: Path, name: str) -> bool:
    """Tell whether the key store holds a key of that name."""
    return _path(folder, name).is_file()


def _path(folder: Path, name: str) -> Path:
    return folder / f"{check_name(name)}.pem"
