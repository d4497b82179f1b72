"""What a store of signing keys promises, whether it is a folder or a token."""

import re
from typing import Protocol

from app.core.signing.keys import Algorithm, PublicKey

KEY_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class KeyStoreError(Exception):
    """A key is missing, exists already, is readable by others or of a kind that cannot be used."""


class Signer(Protocol):
    """Whatever signs bytes: a key file here, a PKCS#11 token elsewhere."""

    @property
    def key_id(self) -> str:
        """Return the name of the key inside its issuer's DID document: its own fingerprint."""
        ...

    @property
    def public_key(self) -> PublicKey:
        """Return the public half, which also tells the algorithm."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the signature over the data as `PublicKey.verify` reads it; raises KeyStoreError."""
        ...


class KeyStore(Protocol):
    """Where private keys are kept; none ever leaves it."""

    def create(self, name: str, algorithm: Algorithm) -> Signer:
        """Make a key and return its signer; raises KeyStoreError where the name is taken: none is overwritten."""
        ...

    def open(self, name: str) -> Signer:
        """Return the signer of a key, opened once a process; raises KeyStoreError."""
        ...

    def has(self, name: str) -> bool:
        """Tell whether there is a key of that name; raises KeyStoreError where the store cannot be opened."""
        ...


def check_name(name: str) -> str:
    """Return a name fit for a key; raises KeyStoreError for one that could leave the store."""
    if KEY_NAME.fullmatch(name) is None:
        raise KeyStoreError(f"{name!r} is not a name for a key")
    return name
