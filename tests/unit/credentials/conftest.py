"""Keys and trust of the tests of the engine."""

from pathlib import Path

import pytest

from app.core.signing import Algorithm, FileSigner, create_key
from app.credentials.rules.document import JsonObject
from tests.unit.credentials import samples
from tests.unit.credentials.attacks import Scene
from tests.unit.credentials.qr import Keys


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a key store of the session's own."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="session")
def signer(key_folder: Path) -> FileSigner:
    """Give the issuer's signer."""
    return create_key(key_folder, "issuer")


@pytest.fixture(scope="session")
def stranger(key_folder: Path) -> FileSigner:
    """Give the signer of somebody else."""
    return create_key(key_folder, "stranger")


@pytest.fixture(scope="session")
def credential(signer: FileSigner) -> JsonObject:
    """Give a good signed credential; tests change copies of it only."""
    return samples.signed(samples.certificate(), signer)


@pytest.fixture
def trust(signer: FileSigner) -> samples.SampleTrust:
    """Give a verifier that knows the issuer and its status list."""
    documents = {samples.DID: samples.did_document_of(signer)}
    return samples.SampleTrust(documents, samples.signed_list(signer))


@pytest.fixture(scope="session")
def keys(key_folder: Path) -> Keys:
    """Give the P-256 signers of the tests of QR codes."""
    names = ("own", "other", "stranger", "compromised")
    return Keys(**{name: create_key(key_folder, f"qr-{name}", algorithm=Algorithm.P256) for name in names})


@pytest.fixture(scope="session")
def scene(signer: FileSigner, stranger: FileSigner, keys: Keys) -> Scene:
    """Give the issuer, the stranger and all that both sign, for the corpus of attacks."""
    return Scene(signer, keys.own, stranger, keys.stranger)
