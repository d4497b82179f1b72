"""Keys in a PKCS#11 token sign as keys in files do, never leave it, and its PIN is never told or tried twice."""

import logging
import threading
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.exceptions import AttributeSensitive, DeviceRemoved, PinLocked

from app.core.signing import Algorithm, FolderStore, KeyStore, KeyStoreError, TokenStore, open_store, tokens
from tests.tokens import LABEL, MODULE, PIN, SPARE, soft_token

pytestmark = pytest.mark.skipif(not MODULE, reason="SoftHSM is not installed")
SIGNATURE_BYTES = {Algorithm.ED25519: 64, Algorithm.P256: 64, Algorithm.RSA: 384}


@pytest.fixture(scope="module")
def store() -> KeyStore:
    return open_store(soft_token(), pin=PIN)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_token_signs_with_every_algorithm(store: KeyStore, algorithm: Algorithm) -> None:
    """A signature of the token holds for the public key that it told, like one of a file."""
    name = f"sign-{algorithm.lower()}"
    assert not store.has(name)
    made = store.create(name, algorithm)
    opened = store.open(name)
    signature = opened.sign(b"data")

    assert store.has(name)
    assert opened.public_key.algorithm is algorithm
    assert opened.key_id == made.key_id == opened.public_key.fingerprint
    assert len(signature) == SIGNATURE_BYTES[algorithm]
    assert opened.public_key.verify(signature, b"data")
    assert not opened.public_key.verify(signature, b"other")
    assert store.open(name) is opened


def test_a_token_is_opened_once_a_process(store: KeyStore) -> None:
    assert open_store(soft_token(), pin=PIN) is store


def test_a_private_key_cannot_be_read_out(store: KeyStore) -> None:
    store.create("hidden", Algorithm.P256)
    assert isinstance(store, TokenStore)
    session = store._opened()
    key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label="hidden")
    assert key[Attribute.EXTRACTABLE] is False
    with pytest.raises(AttributeSensitive):
        key[Attribute.VALUE]


def test_a_key_is_never_overwritten_and_a_missing_one_is_named(store: KeyStore) -> None:
    first = store.create("once", Algorithm.ED25519)
    with pytest.raises(KeyStoreError, match="exists already"):
        store.create("once", Algorithm.P256)
    assert store.open("once").key_id == first.key_id
    with pytest.raises(KeyStoreError, match="no key nobody in the token"):
        store.open("nobody")
    for act in (store.open, store.has):
        with pytest.raises(KeyStoreError, match="not a name"):
            act("../nobody")
    with pytest.raises(KeyStoreError, match="not a name"):
        store.create("Nobody", Algorithm.P256)


def test_a_key_of_another_kind_is_refused(store: KeyStore) -> None:
    assert isinstance(store, TokenStore)
    store._opened().generate_keypair(KeyType.RSA, 2048, store=True, label="short")
    with pytest.raises(KeyStoreError, match="not used here"):
        store.open("short")


def test_threads_share_the_session(store: KeyStore) -> None:
    """Two requests that sign at once both get their own signature."""
    signer = store.create("shared", Algorithm.ED25519)
    wrong: list[bytes] = []

    def work(data: bytes) -> None:
        wrong.extend(data for _time in range(50) if not signer.public_key.verify(signer.sign(data), data))

    threads = [threading.Thread(target=work, args=(bytes([number]),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_wrong_pin_is_not_tried_again(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A token locks after a few wrong PINs, and nothing that is said or logged shows one."""
    uri, tried = soft_token(SPARE), []
    opened = tokens.TokenStore._token

    def count(own: TokenStore) -> pkcs11.Token:
        tried.append(1)
        return opened(own)

    monkeypatch.setattr(tokens.TokenStore, "_token", count)
    wrong = open_store(uri, pin="wrong-pin-1")
    with caplog.at_level(logging.DEBUG):
        for _time in range(3):
            with pytest.raises(KeyStoreError, match="PIN of the key token is wrong") as refused:
                wrong.has("issuer")
            assert "wrong-pin-1" not in str(refused.value)
    assert len(tried) == 1
    assert "wrong-pin-1" not in caplog.text + repr(wrong) + repr(tokens.read_address(uri, "wrong-pin-1"))
    assert open_store(uri, pin=PIN).has("issuer") is False
    assert open_store(uri + f"&pin-value={PIN}").has("issuer") is False


def test_the_pin_comes_from_a_file_or_the_address(tmp_path: Path) -> None:
    """`pin-source` names a file that nobody else may read; KEY_PIN stands in where the URI gives neither."""
    path, uri = tmp_path / "pin", soft_token()
    path.write_text(f"{PIN}\n")
    path.chmod(0o600)
    for how in (f"&pin-source=file:{path}", f"&pin-source={path}", f"&pin-value={PIN}"):
        assert tokens.read_address(uri + how, "stand-in").pin == PIN
        assert open_store(uri + how).has("nobody") is False
    assert tokens.read_address(uri, "stand-in").pin == "stand-in"

    path.chmod(0o640)
    with pytest.raises(KeyStoreError, match="mode to 600"):
        open_store(f"{uri}&pin-source=file:{path}")
    with pytest.raises(KeyStoreError, match="cannot be read"):
        open_store(f"{uri}&pin-source=file:{tmp_path}/none")
    with pytest.raises(KeyStoreError, match="needs its PIN"):
        open_store(uri).has("issuer")


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("pkcs11:", "names no token"),
        ("pkcs11:?module-path=/x.so", "names no token"),
        ("pkcs11:token=x", "no module-path"),
        ("pkcs11:token=x;object=y?module-path=/x.so", "'object' is unknown"),
        ("pkcs11:token=x;token=y?module-path=/x.so", "'token' is unknown, twice or empty"),
        ("pkcs11:token=?module-path=/x.so", "empty"),
        ("pkcs11:token=x?module-path=/x.so&pin=1234", "'pin' is unknown"),
    ],
)
def test_an_address_that_cannot_be_read_is_named(uri: str, words: str) -> None:
    with pytest.raises(KeyStoreError, match=words) as refused:
        open_store(uri)
    assert "1234" not in str(refused.value)


def test_a_missing_token_or_module_is_named(tmp_path: Path) -> None:
    soft_token()
    no_token = open_store(f"pkcs11:token=nobody?module-path={MODULE}", pin=PIN)
    by_serial = open_store(f"pkcs11:serial=00?module-path={MODULE}", pin=PIN)
    no_module = open_store(f"pkcs11:token={LABEL}?module-path={tmp_path}/none.so", pin=PIN)
    (tmp_path / "text.so").write_text("no library")
    no_library = open_store(f"pkcs11:token={LABEL}?module-path={tmp_path}/text.so", pin=PIN)
    for store, words in (
        (no_token, "is not there"),
        (by_serial, "is not there"),
        (no_module, "there is no PKCS#11 module"),
        (no_library, "cannot be loaded"),
    ):
        with pytest.raises(KeyStoreError, match=words):
            store.has("issuer")


class Gone:
    """A private key whose token does not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def sign(self, *_data: object, **_how: object) -> bytes:
        raise self.error


@pytest.mark.parametrize(("error", "words"), [(PinLocked(), "locked"), (DeviceRemoved(), "refused .DeviceRemoved")])
def test_what_the_token_refuses_is_said_in_words(store: KeyStore, error: Exception, words: str) -> None:
    public = store.create(f"gone-{words[:4]}", Algorithm.ED25519).public_key
    with pytest.raises(KeyStoreError, match=words):
        tokens.TokenSigner(Gone(error), public).sign(b"data")


def test_a_place_without_a_scheme_is_a_folder(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "keys"))
    assert isinstance(store, FolderStore)
    assert not store.has("issuer")
    made = store.create("issuer", Algorithm.P256)
    assert store.has("issuer")
    assert store.open("issuer").key_id == made.key_id
