"""Keys in a PKCS#11 token, named by a URI of RFC 7512: `pkcs11:token=jijing?module-path=/usr/lib/...so`."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote

import pkcs11
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import (
    NoSuchKey,
    NoSuchToken,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    TokenNotPresent,
    UserAlreadyLoggedIn,
)
from pkcs11.util.ec import encode_named_curve_parameters

from app.core.signing.files import OTHERS_MAY, FolderStore
from app.core.signing.keys import RAW_LENGTH, RSA_BITS, Algorithm, PublicKey, public_key_of
from app.core.signing.stores import KeyStore, KeyStoreError, Signer, check_name

SCHEME = "pkcs11:"
FILE = "file:"
WHERE = {"token", "serial"}
HOW = {"module-path", "pin-source", "pin-value"}
EDWARDS25519 = "1.3.101.112"
CURVES = {Algorithm.P256: "secp256r1", Algorithm.ED25519: EDWARDS25519}
REFUSALS: tuple[tuple[tuple[type[PKCS11Error], ...], str], ...] = (
    (
        (PinIncorrect, PinInvalid, PinLenRange),
        "the PIN of the key token is wrong; it is not tried again before a restart",
    ),
    ((PinLocked,), "the PIN of the key token is locked: its security officer unlocks it"),
    ((NoSuchToken, TokenNotPresent), "the key token that KEY_STORE names is not there"),
)


@dataclass(frozen=True, slots=True)
class TokenAddress:
    """Which token to use and how to open it; the PIN never shows in a text of this record."""

    module: str
    label: str | None
    serial: str | None
    pin: str | None = field(repr=False)


def read_address(uri: str, pin: str | None = None) -> TokenAddress:
    """Read a URI of RFC 7512; `pin` stands in where the URI gives neither `pin-source` nor `pin-value`.

    Raises KeyStoreError, which never repeats the URI, because it may hold the PIN.
    """
    path, _question, query = uri.removeprefix(SCHEME).partition("?")
    where, how = _attributes(path, ";", WHERE), _attributes(query, "&", HOW)
    if not where:
        raise KeyStoreError("KEY_STORE names no token: write pkcs11:token=LABEL?module-path=FILE")
    if "module-path" not in how:
        raise KeyStoreError("KEY_STORE names no module-path: the library that talks to the token")
    return TokenAddress(how["module-path"], where.get("token"), where.get("serial"), _pin(how) or pin)


def _attributes(text: str, separator: str, known: set[str]) -> dict[str, str]:
    found = {}
    for part in filter(None, text.split(separator)):
        name, _equals, value = part.partition("=")
        if name not in known or name in found or not value:
            raise KeyStoreError(f"KEY_STORE cannot be read: {name[:20]!r} is unknown, twice or empty")
        found[name] = unquote(value)
    return found


def _pin(how: Mapping[str, str]) -> str | None:
    source = how.get("pin-source")
    if source is None:
        return how.get("pin-value")
    path = Path(unquote(source.removeprefix(FILE)))
    try:
        if path.stat().st_mode & OTHERS_MAY:
            raise KeyStoreError(f"others may read {path}, which holds the PIN: set its mode to 600")
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyStoreError(f"the PIN cannot be read from {path}") from error


class TokenSigner:
    """A signer whose private key stays in the token."""

    def __init__(self, private_key: Any, public_key: PublicKey) -> None:  # noqa: ANN401 - a compiled type
        self._private_key = private_key
        self._public_key = public_key
        self._key_id = public_key.fingerprint

    @property
    def key_id(self) -> str:
        """Return the key's own fingerprint."""
        return self._key_id

    @property
    def public_key(self) -> PublicKey:
        """Return the public half."""
        return self._public_key

    def sign(self, data: bytes) -> bytes:
        """Return the signature that the token makes; raises KeyStoreError where it is gone."""
        with _told():
            if self._public_key.algorithm is Algorithm.ED25519:
                return bytes(self._private_key.sign(data, mechanism=Mechanism.EDDSA))
            if self._public_key.algorithm is Algorithm.P256:
                return bytes(self._private_key.sign(sha256(data).digest(), mechanism=Mechanism.ECDSA))
            return bytes(self._private_key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS))


class TokenStore:
    """A PKCS#11 token, opened once and logged in to with its PIN; keys are made in it and never leave it."""

    def __init__(self, address: TokenAddress) -> None:
        self._address = address
        self._session: pkcs11.Session | None = None
        self._refused: KeyStoreError | None = None
        self._signers: dict[str, TokenSigner] = {}
        self._lock = Lock()

    def create(self, name: str, algorithm: Algorithm) -> Signer:
        """Make a key pair in the token that cannot be read out of it."""
        check_name(name)
        if self.has(name):
            raise KeyStoreError(f"the key {name} exists already")
        with self._lock, _told():
            _generate(self._opened(), name, algorithm)
        return self.open(name)

    def open(self, name: str) -> Signer:
        """Return the signer of a key, found once."""
        check_name(name)
        with self._lock:
            if name not in self._signers:
                self._signers[name] = self._found(name)
            return self._signers[name]

    def has(self, name: str) -> bool:
        """Tell whether the token holds a key of that name."""
        check_name(name)
        with self._lock, _told():
            wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: name}
            return any(True for _one in self._opened().get_objects(wanted))

    def _found(self, name: str) -> TokenSigner:
        try:
            with _told():
                session = self._opened()
                private = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=name)
                public = session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=name)
                return TokenSigner(private, _public_key(public))
        except NoSuchKey as error:
            raise KeyStoreError(f"there is no key {name} in the token") from error

    def _opened(self) -> pkcs11.Session:
        """Return the session; a refused PIN is not tried again, since a token locks after a few wrong ones."""
        if self._refused is not None:
            raise self._refused
        if self._session is None:
            if self._address.pin is None:
                raise KeyStoreError("the key token needs its PIN: pin-source in KEY_STORE, or KEY_PIN")
            try:
                with _told():
                    self._session = _logged_in(self._token(), self._address.pin)
            except KeyStoreError as error:
                self._refused = error if isinstance(error.__cause__, REFUSALS[0][0]) else None
                raise
        return self._session

    def _token(self) -> pkcs11.Token:
        module = _module(self._address.module)
        serial = self._address.serial
        wanted = {"token_label": self._address.label, "token_serial": serial.encode() if serial else None}
        token: pkcs11.Token = module.get_token(**{name: value for name, value in wanted.items() if value is not None})
        return token


def _logged_in(token: pkcs11.Token, pin: str) -> pkcs11.Session:
    """Open a session; a process logs in to a token once, and every further session of it is logged in."""
    try:
        return token.open(rw=True, user_pin=pin)
    except UserAlreadyLoggedIn:
        return token.open(rw=True)


def _module(path: str) -> Any:  # noqa: ANN401 - the binding's own type is a compiled one
    if not Path(path).is_file():
        raise KeyStoreError(f"there is no PKCS#11 module at {path}")
    try:
        return pkcs11.lib(path)
    except RuntimeError as error:
        raise KeyStoreError(f"{path} cannot be loaded as a PKCS#11 module") from error


def _generate(session: pkcs11.Session, name: str, algorithm: Algorithm) -> None:
    kept: dict[str, Any] = {"store": True, "label": name, "id": name.encode()}
    hidden = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
    if algorithm is Algorithm.RSA:
        session.generate_keypair(KeyType.RSA, RSA_BITS, private_template=hidden, **kept)
        return
    kind = KeyType.EC if algorithm is Algorithm.P256 else KeyType.EC_EDWARDS
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(CURVES[algorithm])}
    parameters = session.create_domain_parameters(kind, curve, local=True)
    mechanism = Mechanism.EC_KEY_PAIR_GEN if algorithm is Algorithm.P256 else Mechanism.EC_EDWARDS_KEY_PAIR_GEN
    parameters.generate_keypair(mechanism=mechanism, private_template=hidden, **kept)


def _public_key(found: Any) -> PublicKey:  # noqa: ANN401 - a compiled type
    """Read a public key object; raises KeyStoreError for a kind that is not used here."""
    try:
        return READERS[found.key_type](found)
    except (KeyError, ValueError) as error:
        raise KeyStoreError("the token's key is of a kind that is not used here") from error


def _point(found: Any) -> bytes:  # noqa: ANN401 - a compiled type
    """Return the point of a curve without the OCTET STRING that PKCS#11 wraps around it."""
    raw = bytes(found[Attribute.EC_POINT])
    return raw[2:] if len(raw) > RAW_LENGTH[Algorithm.ED25519] + 1 or raw[:1] == b"\x04" else raw


def _edwards(found: Any) -> PublicKey:  # noqa: ANN401 - a compiled type
    return PublicKey(Algorithm.ED25519, _point(found)[-RAW_LENGTH[Algorithm.ED25519] :])


def _p256(found: Any) -> PublicKey:  # noqa: ANN401 - a compiled type
    return public_key_of(EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _point(found)))


def _rsa(found: Any) -> PublicKey:  # noqa: ANN401 - a compiled type
    exponent, modulus = (int.from_bytes(found[name], "big") for name in (Attribute.PUBLIC_EXPONENT, Attribute.MODULUS))
    return public_key_of(RSAPublicNumbers(exponent, modulus).public_key())


READERS: dict[KeyType, Callable[[Any], PublicKey]] = {
    KeyType.EC: _p256,
    KeyType.EC_EDWARDS: _edwards,
    KeyType.RSA: _rsa,
}


@contextmanager
def _told() -> Iterator[None]:
    """Say in plain words why the token refused; a missing key is told by whoever asked for it."""
    try:
        yield
    except NoSuchKey:
        raise
    except PKCS11Error as error:
        for kinds, words in REFUSALS:
            if isinstance(error, kinds):
                raise KeyStoreError(words) from error
        raise KeyStoreError(f"the key token refused ({type(error).__name__})") from error


@lru_cache(maxsize=8)
def _store(address: TokenAddress, process: int) -> TokenStore:
    """Open a token once a process: a session of another process is none of ours."""
    del process
    return TokenStore(address)


def open_store(place: str, *, pin: str | None = None) -> KeyStore:
    """Return the key store at a place: a folder, or a token by its `pkcs11:` URI with an optional PIN.

    Raises KeyStoreError for an address that cannot be read; keys and token are opened when they are needed.
    """
    if place.startswith(SCHEME):
        return _store(read_address(place, pin), os.getpid())
    return FolderStore(Path(place))
