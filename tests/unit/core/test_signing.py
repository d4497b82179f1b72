"""Keys are made once, kept for their owner only, and named by what they are."""

import base64
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
)

from app.core.multibase import MultibaseError, encode_base58
from app.core.signing import (
    Algorithm,
    FileSigner,
    KeyStoreError,
    create_key,
    has_key,
    open_signer,
    read_jwk,
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


def _written(folder: Path, name: str, private_key: EllipticCurvePrivateKey | RSAPrivateKey | X25519PrivateKey) -> None:
    path = folder / f"{name}.pem"
    path.touch(mode=0o600)
    path.write_bytes(private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def test_missing_and_foreign_keys_are_named(tmp_path: Path) -> None:
    """No key, a key of an algorithm, a curve or a size that is not used here."""
    with pytest.raises(KeyStoreError, match="there is no key"):
        open_signer(tmp_path, "issuer")
    _written(tmp_path, "agreement", X25519PrivateKey.generate())
    _written(tmp_path, "curve", generate_private_key(SECP384R1()))
    _written(tmp_path, "short", generate_rsa_key(65537, 2048))
    for name, words in (("agreement", "a kind"), ("curve", "not P-256"), ("short", "3072 bits")):
        with pytest.raises(KeyStoreError, match=words):
            open_signer(tmp_path, name)


def test_a_key_file_is_read_once_and_again_when_it_was_replaced(tmp_path: Path) -> None:
    """A signer is dear to make; a file that was put in its place is another key, a lost one is missed at once."""
    create_key(tmp_path, "issuer")
    first = open_signer(tmp_path, "issuer")
    assert open_signer(tmp_path, "issuer") is first
    (tmp_path / "issuer.pem").unlink()
    with pytest.raises(KeyStoreError, match="there is no key"):
        open_signer(tmp_path, "issuer")
    create_key(tmp_path, "issuer")
    assert open_signer(tmp_path, "issuer").key_id != first.key_id


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyStoreError, match="cannot be written"):
        create_key(tmp_path / "file" / "keys", "issuer")


SIGNATURE_BYTES = {Algorithm.ED25519: 64, Algorithm.P256: 64, Algorithm.RSA: 384}


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> dict[Algorithm, FileSigner]:
    folder = tmp_path_factory.mktemp("keys")
    return {one: create_key(folder, one.lower(), algorithm=one) for one in Algorithm}


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_every_algorithm_signs_and_verifies(signers: dict[Algorithm, FileSigner], algorithm: Algorithm) -> None:
    """The same bytes give the same signature, which holds for those bytes and that key only."""
    signer, others = signers[algorithm], [one for kind, one in signers.items() if kind is not algorithm]
    signature = signer.sign(b"data")
    key = signer.public_key
    assert key.algorithm is algorithm
    assert len(signature) == SIGNATURE_BYTES[algorithm]
    assert signature == signer.sign(b"data")
    assert key.verify(signature, b"data")
    assert not key.verify(signature, b"other")
    assert not key.verify(signature[:-1] + bytes([signature[-1] ^ 1]), b"data")
    assert not key.verify(signature + b"x", b"data")
    assert not any(one.public_key.verify(signature, b"data") for one in others)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_public_forms(signers: dict[Algorithm, FileSigner], algorithm: Algorithm) -> None:
    """A Multikey and a JWK read back; both are the same key; its name fits into a short column."""
    key = signers[algorithm].public_key
    assert read_multikey(key.multikey) == key == read_jwk(dict(key.jwk))
    assert load_der_public_key(key.spki) == load_der_public_key(read_jwk(dict(key.jwk)).spki)
    assert signers[algorithm].key_id == key.fingerprint
    assert len(key.fingerprint) <= 49
    assert not set(key.jwk) & {"d", "p", "q"}


def test_keys_begin_as_the_table_of_codes_says(signers: dict[Algorithm, FileSigner]) -> None:
    starts = {Algorithm.ED25519: "z6Mk", Algorithm.P256: "zDn", Algorithm.RSA: "z"}
    for algorithm, start in starts.items():
        assert signers[algorithm].public_key.multikey.startswith(start)


def test_the_thumbprint_is_the_one_of_the_standard() -> None:
    """The example of RFC 8037, appendix A.3."""
    key = read_jwk({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    assert key.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize(
    "text",
    [
        encode_base58(b"\x80\x24" + b"\x02" * 32),
        encode_base58(b"\x80\x24" + b"\x05" + b"\x02" * 32),
        encode_base58(b"\xed\x01short"),
        encode_base58(b"\x85\x24" + b"\x30" * 398),
        encode_base58(b"\x12\x00" + b"\x02" * 33),
        "z" * 1000,
        "u6Mk",
    ],
)
def test_other_multikeys_are_refused(text: str) -> None:
    with pytest.raises(MultibaseError):
        read_multikey(text)


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "oct"},
        {"crv": "P-384"},
        {"d": "secret"},
        {"x": "AAAA"},
        {"x": "A" * 2000},
        {"x": 5},
        {"y": None},
        {"y": "*" * 43},
    ],
)
def test_other_jwks_are_refused(signers: dict[Algorithm, FileSigner], change: dict[str, Any]) -> None:
    with pytest.raises(MultibaseError):
        read_jwk({**signers[Algorithm.P256].public_key.jwk, **change})


def test_a_weak_rsa_key_is_refused() -> None:
    """Fewer bits, or an exponent of three: both have been broken in practice."""
    small = generate_rsa_key(65537, 2048).public_key().public_numbers()
    number = base64.urlsafe_b64encode(small.n.to_bytes(256, "big")).rstrip(b"=").decode()
    for exponent in ("AQAB", "Aw"):
        with pytest.raises(MultibaseError):
            read_jwk({"kty": "RSA", "n": number, "e": exponent})
