"""Keys are made once, kept for their owner only, and named by what they are."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.core.multibase import MultibaseError, encode_base58
from app.core.signing import (
    KeyStoreError,
    PublicKey,
    create_key,
    has_key,
    open_signer,
    read_multikey,
)

MODE_BITS = 0o777


def test_a_key_opens_again(tmp_path: Path) -> None:
    """The same file gives the same signer, and only its owner may read it."""
    folder = tmp_path / "keys"
    made = create_key(folder, "issuer-1")
    opened = open_signer(folder, "issuer-1")
    assert opened.key_id == made.key_id
    assert has_key(folder, "issuer-1")
    assert not has_key(folder, "issuer-2")
    assert (folder / "issuer-1.pem").stat().st_mode & MODE_BITS == 0o600
    assert made.public_key.verify(opened.sign(b"data"), b"data")
    assert not made.public_key.verify(opened.sign(b"data"), b"other")
    assert not made.public_key.verify(b"short", b"data")


def test_an_encrypted_key_needs_its_passphrase(tmp_path: Path) -> None:
    """A stolen file alone signs nothing."""
    made = create_key(tmp_path, "sealed", passphrase=b"correct")
    assert b"ENCRYPTED" in (tmp_path / "sealed.pem").read_bytes()
    assert open_signer(tmp_path, "sealed", passphrase=b"correct").key_id == made.key_id
    for passphrase in (None, b"wrong"):
        with pytest.raises(KeyStoreError, match="cannot be opened"):
            open_signer(tmp_path, "sealed", passphrase=passphrase)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """Making a key of a name that exists is refused and leaves the first one."""
    first = create_key(tmp_path, "issuer")
    with pytest.raises(KeyStoreError, match="exists already"):
        create_key(tmp_path, "issuer")
    assert open_signer(tmp_path, "issuer").key_id == first.key_id


def test_a_key_others_may_read_is_refused(tmp_path: Path) -> None:
    """A readable key must be taken as stolen."""
    create_key(tmp_path, "issuer")
    (tmp_path / "issuer.pem").chmod(0o640)
    with pytest.raises(KeyStoreError, match="mode to 600"):
        open_signer(tmp_path, "issuer")


@pytest.mark.parametrize("name", ["", "../issuer", "Issuer", "a/b", "x" * 64])
def test_a_name_cannot_leave_the_store(tmp_path: Path, name: str) -> None:
    """Names are words, not paths."""
    with pytest.raises(KeyStoreError):
        create_key(tmp_path, name)


def test_missing_and_foreign_keys_are_named(tmp_path: Path) -> None:
    """No key, and a key of an algorithm that is not used here."""
    with pytest.raises(KeyStoreError, match="there is no key"):
        open_signer(tmp_path, "issuer")
    pem = generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "other.pem"
    path.touch(mode=0o600)
    path.write_bytes(pem)
    with pytest.raises(KeyStoreError, match="not an Ed25519 key"):
        open_signer(tmp_path, "other")


def test_public_forms(tmp_path: Path) -> None:
    """A Multikey reads back; the JWK carries the same bytes; other kinds of key are refused."""
    key = create_key(tmp_path, "issuer").public_key
    assert key.multikey.startswith("z6Mk")
    assert read_multikey(key.multikey) == key
    assert key.jwk["crv"] == "Ed25519"
    assert isinstance(key, PublicKey)
    for wrong in (encode_base58(b"\x80\x24" + key.raw), encode_base58(b"\xed\x01short")):
        with pytest.raises(MultibaseError):
            read_multikey(wrong)
