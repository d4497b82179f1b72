"""A program that is not ours accepts what we sign and refuses what was changed or revoked."""

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.core.signing import FileSigner
from app.credentials.rules import contexts
from app.credentials.rules.document import JsonObject
from tests.unit.credentials import samples

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "tests" / "node" / "verify.mjs"
NODE = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv" / "bin"))
NOW = "2026-11-23T00:00:00Z"

pytestmark = pytest.mark.skipif(
    NODE is None or not (ROOT / "node_modules" / "@digitalbazaar" / "vc").is_dir(),
    reason="needs node and the packages of package.json",
)


def _verify(folder: Path, *documents: JsonObject) -> tuple[int, dict[str, Any]]:
    paths = []
    for number, document in enumerate(documents):
        path = folder / f"{number}.json"
        path.write_text(json.dumps(document, ensure_ascii=False))
        paths.append(str(path))
    command = [str(NODE), str(SCRIPT), *paths, "--contexts", str(contexts.folder()), "--now", NOW]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, json.loads(done.stdout)


def test_good_changed_and_revoked(tmp_path: Path, credential: JsonObject, signer: FileSigner) -> None:
    """@digitalbazaar/vc and its status checker come to the same answers as we do."""
    issuer, listed = samples.did_document_of(signer), samples.signed_list(signer)
    good = {"verified": True, "statusVerified": True, "error": None}
    assert _verify(tmp_path, credential, issuer, listed) == (0, good)

    changed = copy.deepcopy(credential)
    changed["credentialSubject"]["identifier"][0]["identityHash"] = "张三"
    code, answer = _verify(tmp_path, changed, issuer)
    assert (code, answer["verified"], answer["error"]) == (1, False, "Invalid signature.")

    revoked = samples.signed(samples.certificate(index=samples.REVOKED_INDEX), signer)
    code, answer = _verify(tmp_path, revoked, issuer, listed)
    assert (code, answer["verified"], answer["statusVerified"]) == (1, True, False)


def test_another_key_is_refused(tmp_path: Path, credential: JsonObject, stranger: FileSigner) -> None:
    """A DID document that does not list the key leaves the proof unproven."""
    code, answer = _verify(tmp_path, credential, samples.did_document_of(stranger))
    assert (code, answer["verified"]) == (1, False)
