"""The trust bundle: opened only where its authority signed exactly these files, and with bounded work."""

import io
import json
import subprocess
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.core.signing import FileSigner
from app.credentials.rules import bundle, did
from app.credentials.rules.bundle import AUTHORITY, MANIFEST, SIGNATURE, BundleError, open_bundle, pack
from app.credentials.rules.document import JsonObject
from tests.unit.credentials.qr import DID, Keys

ROOT = Path(__file__).resolve().parents[3]
MADE = datetime(2026, 11, 20, 8, tzinfo=UTC)
Change = Callable[[dict[str, bytes]], object]


def document_of(signer: FileSigner) -> JsonObject:
    return did.did_document(DID, [did.IssuerKey(signer.public_key)])


@pytest.fixture(name="files")
def _files(keys: Keys) -> dict[str, bytes]:
    return {AUTHORITY: json.dumps(document_of(keys.own)).encode(), "status/a.json": b'{"id": "a"}', "README.md": b"#"}


@pytest.fixture(name="packed")
def _packed(keys: Keys, files: dict[str, bytes]) -> bundle.Packed:
    return pack(files, authority=DID, site="http://localhost:8000", signer=keys.own, made_at=MADE)


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def unzipped(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def refusal(raw: bytes, pinned: dict[str, JsonObject] | None = None) -> str:
    with pytest.raises(BundleError) as caught:
        open_bundle(raw, pinned or {})
    return caught.value.code


def test_a_bundle_opens_with_its_files_and_its_date(packed: bundle.Packed, files: dict[str, bytes]) -> None:
    opened = open_bundle(packed.content, {})

    assert (opened.made_at, opened.authority, dict(opened.files)) == (MADE, DID, files)


def test_the_same_files_give_the_same_bundle(keys: Keys, packed: bundle.Packed, files: dict[str, bytes]) -> None:
    again = pack(
        dict(reversed(files.items())), authority=DID, site="http://localhost:8000", signer=keys.own, made_at=MADE
    )

    assert again == packed
    assert bundle.fingerprint(files) == bundle.fingerprint(dict(reversed(files.items())))
    assert bundle.fingerprint(files) != bundle.fingerprint({**files, "README.md": b"##"})


def test_jose_verifies_the_manifest(keys: Keys, packed: bundle.Packed) -> None:
    given = {"jws": packed.signature, "manifest": packed.manifest, "jwk": keys.own.public_key.jwk}

    def run(**change: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - any JSON
        return subprocess.run(
            ["node", "tests/node/manifest.mjs"],
            cwd=ROOT,
            input=json.dumps({**given, **change}),
            capture_output=True,
            text=True,
            check=False,
        )

    assert run().stdout.strip() == did.method_id(DID, keys.own.public_key)
    assert run(manifest=packed.manifest.replace("2026", "2036")).returncode == 1


def test_only_a_p256_key_signs_a_bundle(signer: FileSigner, files: dict[str, bytes]) -> None:
    with pytest.raises(BundleError, match="bundle-key"):
        pack(files, authority=DID, site="", signer=signer, made_at=MADE)


def _replaced(name: str, old: bytes, new: bytes) -> Change:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


def _added(name: str, content: bytes) -> Change:
    return lambda files: files.__setitem__(name, content)


CHANGES: dict[str, tuple[Change, str]] = {
    "a file changed": (_replaced("status/a.json", b"a", b"b"), "bundle-changed"),
    "a file added": (_added("did/evil.json", b"{}"), "bundle-files"),
    "a file taken out": (lambda files: files.pop("status/a.json"), "bundle-files"),
    "a path that climbs": (_added("../../etc/passwd", b"x"), "bundle-files"),
    "without a manifest": (lambda files: files.pop(MANIFEST), "bundle-another"),
    "without a signature": (lambda files: files.pop(SIGNATURE), "bundle-another"),
    "a younger date": (_replaced(MANIFEST, b"2026-11-20", b"2036-11-20"), "bundle-signature"),
    "a date that is none": (_replaced(MANIFEST, b"2026-11-20", b"2026-11-99"), "bundle-broken"),
    "another format": (_replaced(MANIFEST, b"jijing-trust", b"other-trust"), "bundle-another"),
    "another version": (_replaced(MANIFEST, b'"version": "1"', b'"version": "2"'), "bundle-version"),
    "another authority": (_replaced(MANIFEST, b'"authority": "did', b'"authority": "dad'), "bundle-signature"),
    "files that are no list": (_replaced(MANIFEST, b'"files": [', b'"file": ['), "bundle-broken"),
    "a manifest that is no JSON": (_added(MANIFEST, b"{"), "bundle-broken"),
    "a signature of nothing": (_added(SIGNATURE, b""), "bundle-signature"),
    "a signature that is no text": (_added(SIGNATURE, b"\xff..\xff"), "bundle-signature"),
    "a signature with its own payload": (_replaced(SIGNATURE, b"..", b".e30."), "bundle-signature"),
    "a long signature": (_replaced(SIGNATURE, b"..", b".." + b"A" * 5000), "bundle-signature"),
    "a signature in no base64url": (_replaced(SIGNATURE, b"..", b"..*"), "bundle-signature"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_bundle_is_refused(packed: bundle.Packed, name: str) -> None:
    change, code = CHANGES[name]
    files = unzipped(packed.content)

    change(files)

    assert refusal(zipped(files)) == code


def _signed_by(header: JsonObject, signer: FileSigner, files: dict[str, bytes]) -> bytes:
    head = bundle._encode(json.dumps(header).encode())
    manifest = bundle._encode(files[MANIFEST])
    value = bundle._encode(signer.sign(f"{head}.{manifest}".encode()))
    return f"{head}..{value}".encode()


def test_no_other_key_or_algorithm_signs_in_the_name_of_the_authority(keys: Keys, packed: bundle.Packed) -> None:
    files = unzipped(packed.content)
    own, stranger = (did.method_id(DID, one.public_key) for one in (keys.own, keys.stranger))
    forged: list[tuple[JsonObject, FileSigner]] = [
        ({"alg": "ES256", "kid": stranger}, keys.stranger),
        ({"alg": "ES256", "kid": own}, keys.stranger),
        ({"alg": "none", "kid": own}, keys.own),
        ({"alg": "HS256", "kid": own}, keys.own),
        ({"alg": "ES256"}, keys.own),
        ({"alg": "ES256", "kid": own, "crit": ["b64"], "b64": False}, keys.own),
    ]

    for header, signer in forged:
        assert refusal(zipped({**files, SIGNATURE: _signed_by(header, signer, files)})) == "bundle-signature"
    good = _signed_by({"alg": "ES256", "kid": own}, keys.own, files)
    assert open_bundle(zipped({**files, SIGNATURE: good}), {}).authority == DID


def test_a_pinned_authority_judges_and_not_the_keys_inside(keys: Keys, files: dict[str, bytes]) -> None:
    """A whole bundle by a stranger under the authority's name holds in itself; who pinned the real keys refuses it."""
    own = {**files, AUTHORITY: json.dumps(document_of(keys.stranger)).encode()}
    forged = pack(own, authority=DID, site="", signer=keys.stranger, made_at=MADE).content

    assert open_bundle(forged, {}).authority == DID
    assert refusal(forged, {DID: document_of(keys.own)}) == "bundle-signature"


def test_a_compromised_key_signs_no_bundle(keys: Keys, packed: bundle.Packed) -> None:
    revoked = did.did_document(DID, [did.IssuerKey(keys.own.public_key, MADE)])

    assert refusal(packed.content, {DID: revoked}) == "bundle-signature"


def test_without_the_keys_of_its_authority_a_bundle_proves_nothing(keys: Keys, files: dict[str, bytes]) -> None:
    del files[AUTHORITY]
    packed = pack(files, authority=DID, site="", signer=keys.own, made_at=MADE).content

    assert refusal(packed) == "bundle-without-authority"
    assert open_bundle(packed, {DID: document_of(keys.own)}).authority == DID


def test_bombs_and_wrecks_are_refused_with_bounded_work(packed: bundle.Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    good = unzipped(packed.content)
    bomb = zipped({**good, "bomb": bytes(bundle.LONGEST_FILE + 1)})
    assert len(bomb) < 64 * 1024

    assert refusal(bomb) == "bundle-too-large"
    assert refusal(packed.content[:-30]) == "bundle-broken"
    assert refusal(b"PK\x03\x04" + bytes(200)) == "bundle-broken"
    assert refusal(zipped({"hello.txt": b"hello"})) == "bundle-another"
    assert refusal(zipped({})) == "bundle-another"
    assert refusal(bytes(bundle.LONGEST_ZIP + 1)) == "bundle-too-large"
    monkeypatch.setattr(bundle, "LONGEST_ALL", 100)
    assert refusal(packed.content) == "bundle-too-large"
    monkeypatch.setattr(bundle, "MOST_FILES", 2)
    assert refusal(packed.content) == "bundle-too-large"


def test_a_name_twice_and_an_encrypted_file_are_refused(packed: bundle.Packed) -> None:
    made = io.BytesIO(packed.content)
    with warnings.catch_warnings(), zipfile.ZipFile(made, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr(MANIFEST, "{}")
    flagged = bytearray(packed.content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        flagged[flagged.index(mark) + offset] |= 1

    assert refusal(made.getvalue()) == "bundle-twice"
    assert refusal(bytes(flagged)) == "bundle-broken"


def test_an_archive_that_lies_about_a_size_is_refused(packed: bundle.Packed) -> None:
    lying = bytearray(packed.content)
    place = lying.index(b"PK\x01\x02") + 24
    lying[place : place + 4] = (10).to_bytes(4, "little")

    assert refusal(bytes(lying)) in {"bundle-broken", "bundle-signature", "bundle-changed"}


def test_a_packed_bundle_names_its_leading_files(packed: bundle.Packed) -> None:
    files = unzipped(packed.content)

    assert list(files)[:2] == [MANIFEST, SIGNATURE]
    assert (files[MANIFEST].decode(), files[SIGNATURE].decode()) == (packed.manifest, packed.signature)
    assert replace(packed, manifest="") != packed
