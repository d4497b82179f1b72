"""Without network: the public log by a proof file, and a bundle that is too old, forged or somebody else's."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from cryptography.exceptions import InvalidSignature
from flask import Flask
from flask.testing import FlaskClient

from app.core import clock, merkle, notes, sealing
from app.core.clock import real_now
from app.core.signing import Algorithm, FileSigner
from app.core.signing.files import new_private_key
from app.credentials.models import PUBLIC_LOG, Certificate
from app.credentials.rules import bundle, did, tlog
from app.credentials.rules.document import JsonObject
from app.credentials.services import log
from app.credentials.states import LogAct
from tests.factories.accounts import make_person
from tests.factories.credentials import Office, issue
from tests.integration.credentials import second_log
from tests.unit.credentials.test_bundle import CHANGES
from tests.unit.credentials.test_verifiers import table

pytestmark = pytest.mark.one_database

Change = Callable[[dict[str, bytes]], object]


def run(app: Flask, *words: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["credentials", *(str(word) for word in words)])


def check(result: Result, name: str) -> tuple[str, str]:
    found = {one["name"]: (one["result"], one["code"]) for one in json.loads(result.stdout)["checks"]}
    return found[name]


@pytest.fixture(name="certificate")
def _certificate(office: Office) -> Certificate:
    made = issue(office, make_person(name="欧阳㛃"))
    log.seal()
    return made


@pytest.fixture(name="folder")
def _folder(app: Flask, client: FlaskClient, office: Office, certificate: Certificate, tmp_path: Path) -> Path:
    """Give what somebody carries to a desk without network: certificates with their proofs, and a bundle."""
    (tmp_path / "credential.json").write_text(certificate.credential or "")
    (tmp_path / "credential.jwt").write_text(certificate.jwt or "")
    (tmp_path / "qr.txt").write_text(certificate.qr or "")
    answer = client.get(f"/credentials/{certificate.code}.tlog-proof")
    assert answer.status_code == 200
    (tmp_path / "kept.txt").write_bytes(answer.data)
    other = issue(office, make_person(name="司马昇"))
    log.seal()
    (tmp_path / "other.txt").write_bytes(client.get(f"/credentials/{other.code}.tlog-proof").data)
    assert run(app, "trust", tmp_path / "trust.zip").exit_code == 0
    return tmp_path


def verify(app: Flask, folder: Path, *more: str | Path, file: str = "credential.json") -> Result:
    return run(app, "verify", folder / file, "--offline", "--trust", folder / "trust.zip", "--json", *more)


def repacked(folder: Path, change: Change, signer: FileSigner | None = None) -> Path:
    """Change a bundle, and sign it anew where a signer is given: by a stranger in the name of the authority."""
    with zipfile.ZipFile(folder / "trust.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    content = _zipped(files)
    if signer is not None:
        manifest = json.loads(files.pop(bundle.MANIFEST))
        files.pop(bundle.SIGNATURE)
        authority = str(manifest["authority"])
        made = did.did_document(authority, [did.IssuerKey(signer.public_key)])
        files.setdefault(bundle.AUTHORITY, b"")
        files[bundle.AUTHORITY] = json.dumps(made).encode()
        content = bundle.pack(files, authority=authority, site="", signer=signer, made_at=real_now()).content
    (folder / "changed.zip").write_bytes(content)
    return folder / "changed.zip"


def _zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def test_a_proof_beside_the_certificate_or_given_passes_the_log(app: Flask, folder: Path) -> None:
    without = verify(app, folder)
    given = verify(app, folder, "--log-proof", folder / "kept.txt")
    (folder / "credential.tlog-proof").write_bytes((folder / "kept.txt").read_bytes())
    beside = verify(app, folder)
    spaced = json.dumps(json.loads((folder / "credential.json").read_text()), indent=2, ensure_ascii=False)
    (folder / "spaced.json").write_text(spaced)
    (folder / "spaced.json.tlog-proof").write_bytes((folder / "kept.txt").read_bytes())

    assert (without.exit_code, check(without, "log")) == (0, ("unchecked", "log-offline"))
    for found in (given, beside, verify(app, folder, file="spaced.json")):
        assert (found.exit_code, check(found, "log")) == (0, ("pass", "logged-by-proof"))
    assert "localhost:8000/log" in next(
        one["detail"] for one in json.loads(given.stdout)["checks"] if one["name"] == "log"
    )


Given = dict[str, str]
PROOFS: dict[str, Callable[[Given], str]] = {
    "the good one": lambda given: given["kept"],
    "cut": lambda given: given["kept"][: len(given["kept"]) // 2],
    "empty": lambda _given: "",
    "endless": lambda given: given["kept"] + "A" * tlog.LONGEST_PROOF,
    "no text": lambda _given: "\udcff",
    "without its leaf": lambda given: re.sub("extra .*\n", "", given["kept"]),
    "another leaf": lambda given: re.sub("extra .*", "extra e30=", given["kept"]),
    "another index": lambda given: given["kept"].replace("index 0", "index 1"),
    "an index with a zero before it": lambda given: given["kept"].replace("index 0", "index 00"),
    "a hash too many": lambda given: given["kept"].replace("index 0\n", f"index 0\n{'A' * 43}=\n"),
    "another size": lambda given: given["kept"].replace("\n1\n", "\n2\n"),
    "another log": lambda given: given["kept"].replace("localhost:8000", "localhost:9000"),
    "root signed by a stranger": lambda given: given["stranger"],
    "of another certificate": lambda given: given["other"],
    "of a suspension": lambda given: given["suspended"],
    "another history of the log": lambda given: given["forged"],
}


@pytest.fixture(name="given")
def _given(folder: Path) -> Given:
    """Give proofs of which only the first is that of the certificate in the log that the bundle knows."""
    kept = (folder / "kept.txt").read_text()
    leaf = tlog.read_proof(kept).extra
    own, unseen = merkle.leaf_hash(leaf), merkle.leaf_hash(b"never shown to anybody else")
    signer, stranger = sealing.log_signer(PUBLIC_LOG), FileSigner(new_private_key(Algorithm.ED25519))
    name = sealing.origin(PUBLIC_LOG)
    act = tlog.leaf_bytes(replace(tlog.read_leaf(leaf), act=LogAct.SUSPEND))
    return {
        "kept": kept,
        "other": (folder / "other.txt").read_text(),
        "forged": tlog.write_proof(
            0, [unseen], notes.sign(notes.Head(name, 2, merkle.node_hash(own, unseen)), signer), leaf
        ),
        "stranger": tlog.write_proof(0, [], notes.sign(notes.Head(name, 1, own), stranger), leaf),
        "suspended": tlog.write_proof(0, [], notes.sign(notes.Head(name, 1, merkle.leaf_hash(act)), signer), act),
    }


def by_second_reader(proof: bytes, key: str) -> str:
    """Ask the small reader that was written from the C2SP pages; which certificate is meant it is not told."""
    try:
        second_log.follow(proof.decode(), key)
    except (AssertionError, ValueError, IndexError, InvalidSignature):
        return "refused"
    return "accepted"


def test_proof_files_are_judged_as_the_table_says(app: Flask, folder: Path, given: Given) -> None:
    """Whatever is wrong with a proof that somebody gives, the check fails and says what."""
    key = log.verifier_key()
    found: dict[str, list[str]] = {}
    for name, make in PROOFS.items():
        raw = make(given).encode("utf-8", "surrogateescape")
        (folder / "proof.txt").write_bytes(raw)
        answer = verify(app, folder, "--log-proof", folder / "proof.txt")
        result, code = check(answer, "log")
        assert answer.exit_code == (0 if result == "pass" else 1), name
        found[name] = [code, "accepted" if result == "pass" else "refused", by_second_reader(raw, key)]

    assert found == table("Proof files")


def test_what_the_log_does_not_name_stays_unchecked(app: Flask, folder: Path) -> None:
    with zipfile.ZipFile(folder / "trust.zip") as archive:
        (folder / "did.json").write_bytes(archive.read("did/authority.json"))
    proof = ("--log-proof", folder / "kept.txt")

    for file in ("credential.jwt", "qr.txt"):
        found = verify(app, folder, *proof, file=file)
        assert (found.exit_code, check(found, "log")) == (0, ("unchecked", "log-needs-json"))
    keyless = run(
        app, "verify", folder / "credential.json", "--offline", "--trust", folder / "did.json", "--json", *proof
    )
    assert check(keyless, "log") == ("unchecked", "log-key-missing")
    assert run(app, "verify", folder / "credential.json", *proof).exit_code == 2


@pytest.mark.parametrize("file", ["credential.json", "qr.txt"])
def test_a_bundle_past_its_validity_clears_nobody_and_says_so(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    made = real_now()
    monkeypatch.setattr(clock, "real_now", lambda: made + timedelta(days=29))
    young = verify(app, folder, file=file)
    monkeypatch.setattr(clock, "real_now", lambda: made + timedelta(days=30, minutes=1))
    old = verify(app, folder, file=file)
    told = run(app, "verify", folder / file, "--offline", "--trust", folder / "trust.zip").stdout.splitlines()

    assert (young.exit_code, json.loads(young.stdout)["trust"][0]["stale"]) == (0, False)
    assert (old.exit_code, json.loads(old.stdout)["trust"][0]["stale"]) == (3, True)
    assert check(old, "signature") == ("pass", "signature-good")
    for name in ("revocation", "suspension"):
        assert check(young, name)[0] == "pass"
        assert check(old, name) == ("unknown", "status-list-old")
    assert "过期" in told[1] or "too old" in told[1]


def test_how_long_a_bundle_holds_is_a_setting_and_thirty_days_without_a_word(
    app: Flask, client: FlaskClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", given.model_copy(update={"trust_days": 3}))
    run(app, "trust", folder / "short.zip")
    four_days_on = real_now() + timedelta(days=4)
    monkeypatch.setattr(clock, "real_now", lambda: four_days_on)

    short = run(app, "verify", folder / "credential.json", "--offline", "--trust", folder / "short.zip", "--json")

    assert check(short, "revocation") == ("unknown", "status-list-old")
    assert check(verify(app, folder), "revocation")[0] == "pass"
    assert client.get("/v/trust.json").get_json()["days"] == 3
    both = verify(app, folder, "--trust", folder / "short.zip")
    assert [one["stale"] for one in json.loads(both.stdout)["trust"]] == [False, True]


def test_a_list_by_itself_clears_nobody_after_its_own_end(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(folder / "trust.zip") as archive:
        (folder / "did.json").write_bytes(archive.read("did/authority.json"))
        name = next(one for one in archive.namelist() if one.startswith("status/") and "suspension" not in one)
        (folder / "list.json").write_bytes(archive.read(name.replace(".jwt", ".json")))
    words = ("--offline", "--json", "--trust", folder / "did.json", "--trust", folder / "list.json")
    young = [run(app, "verify", folder / file, *words) for file in ("credential.json", "qr.txt")]
    eight_days_on = real_now() + timedelta(days=8)
    monkeypatch.setattr(clock, "real_now", lambda: eight_days_on)

    old = [run(app, "verify", folder / file, *words) for file in ("credential.json", "qr.txt")]

    assert [one.exit_code for one in young] == [0, 0]
    assert [one.exit_code for one in old] == [3, 3]
    assert [check(one, "revocation") for one in old] == [("unknown", "status-list-old")] * 2


def test_a_bundle_of_another_authority_is_refused_by_name(app: Flask, folder: Path) -> None:
    ours = "did:web:localhost%3A8000"

    assert verify(app, folder, "--authority", ours).exit_code == 0
    refused = verify(app, folder, "--authority", "did:web:elsewhere.example")
    assert refused.exit_code == 1
    assert ours in refused.stderr
    assert json.loads(refused.stdout) == {"refused": refused.stderr.removesuffix("\n")}
    assert run(app, "verify", folder / "credential.json", "--authority", ours).exit_code == 2


def _without_bodies(files: dict[str, bytes]) -> None:
    del files["bodies.json"]


def _set(path: str, content: Any) -> Change:  # noqa: ANN401 - any JSON
    return lambda files: files.__setitem__(
        path, content if isinstance(content, bytes) else json.dumps(content).encode()
    )


BODY: JsonObject = {"did": "did:web:x", "name_zh": "x", "name_en": "x", "closed": "", "authority": "no"}
HOSTILE: dict[str, Change] = {
    "no bodies": _without_bodies,
    "bodies that are none": _set("bodies.json", {"bodies": "all"}),
    "a body without a name": _set("bodies.json", {"bodies": [{"did": "did:web:x"}]}),
    "a body that is a number": _set("bodies.json", {"bodies": [{**BODY, "did": {"a": "b"}}]}),
    "a body that is trusted until no time": _set("bodies.json", {"bodies": [{**BODY, "distrusted": "soon"}]}),
    "a body that ended at no time": _set("bodies.json", {"bodies": [{**BODY, "closed": "soon"}]}),
    "methods that are no list": _set("did/x.json", {"id": "did:web:x", "verificationMethod": "all"}),
    "methods that are no objects": _set("did/x.json", {"id": "did:web:x", "verificationMethod": ["a"]}),
    "assertions that are no list": _set(
        "did/x.json", {"id": "did:web:x", "verificationMethod": [], "assertionMethod": 1}
    ),
    "a list that is no JSON": _set("status/x.json", b"{"),
    "a key of a log that is none": _set("log/key", b"localhost+00000000+AAAA"),
    "a key of a log that is no text": _set("log/key", b"\xff"),
    "keys without end": _set("log/key", b"a+b+c\n" * 1000),
    "an endorsement that is none": _set("endorsement/x.json", {"id": "x"}),
}


def test_strange_bundles_are_refused_in_words(app: Flask, folder: Path) -> None:
    """Whoever signs a bundle may write what they like into it; the reader is told in one sentence."""
    stranger = FileSigner(new_private_key(Algorithm.P256))
    codes: dict[str, list[str]] = {}
    for name, change in HOSTILE.items():
        changed = repacked(folder, change, stranger)

        found = run(app, "verify", folder / "credential.json", "--offline", "--trust", changed)

        assert (found.exit_code, found.stdout) == (1, ""), name
        assert len(found.stderr.strip().splitlines()) == 1, name
        codes[name] = ["bundle-content" if "信任包中的文件" in found.stderr else "endorsement"]
    assert table("Trust bundles") == {**{name: [code] for name, (_change, code) in CHANGES.items()}, **codes}


def test_two_authorities_that_speak_of_the_same_issuer_are_refused(app: Flask, folder: Path) -> None:
    """A stranger's own bundle beside ours must not replace the keys of our bodies."""
    stranger = FileSigner(new_private_key(Algorithm.P256))
    theirs = "did:web:stranger.example"
    with zipfile.ZipFile(folder / "trust.zip") as archive:
        ours = archive.read(bundle.AUTHORITY)
    files = {
        bundle.AUTHORITY: json.dumps(did.did_document(theirs, [did.IssuerKey(stranger.public_key)])).encode(),
        "did/sample.json": ours,
        "bodies.json": b'{"bodies": []}',
    }
    packed = bundle.pack(files, authority=theirs, site="", signer=stranger, made_at=real_now())
    (folder / "theirs.zip").write_bytes(packed.content)

    both = verify(app, folder, "--trust", folder / "theirs.zip")
    alone = run(app, "verify", folder / "credential.json", "--offline", "--trust", folder / "theirs.zip", "--json")

    assert (both.exit_code, json.loads(both.stdout)) == (1, {"refused": both.stderr.removesuffix("\n")})
    assert "did:web:localhost%3A8000" in both.stderr
    assert check(alone, "authority")[0] == "unchecked", "nobody says that this authority named the issuer"


def test_a_bundle_whose_signature_was_taken_from_another_is_refused(app: Flask, folder: Path) -> None:
    changed = repacked(folder, _set("bodies.json", {"bodies": []}))

    found = run(app, "verify", folder / "credential.json", "--offline", "--trust", changed)

    assert (found.exit_code, found.stdout) == (1, "")
