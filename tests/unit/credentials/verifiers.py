"""Programs that are not ours, each asked the same: is this accepted, refused, or revoked?"""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from openbadgeslib.ob3 import OB3LdpVerifier, OB3VerificationError, OB3Verifier
from openvc import OpenvcError, VerificationPolicy, verify_credential
from openvc.did.base import DidDocument, DidResolutionError, parse_did_document
from openvc.resolvers import default_status_list_resolver
from openvc.status import CredentialRevoked

from app.core.signing import PublicKey
from app.credentials.rules import contexts, did
from app.credentials.rules.document import JsonObject
from app.credentials.rules.jwt import VC_JWT, sign_jwt
from tests.unit.credentials.attacks import BASE, BEGINS, DID, LIST_URL, THEIRS, Scene

ROOT = Path(__file__).resolve().parents[3]
NODE = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv" / "bin"))
ACCEPTED, REFUSED, REVOKED = "accepted", "refused", "revoked"
DID_FILE = "/.well-known/did.json"


def has_node(*packages: str) -> bool:
    """Tell whether node and its packages are there."""
    return NODE is not None and all((ROOT / "node_modules" / one).is_dir() for one in packages)


@dataclass(frozen=True)
class World:
    """All that a verifier could fetch, so that it fetches nothing."""

    scene: Scene

    @property
    def known(self) -> dict[str, JsonObject]:
        """Return the documents by their addresses."""
        theirs = did.did_document(THEIRS, [did.IssuerKey(self.scene.stranger.public_key)])
        return {
            BASE + DID_FILE: self.scene.did_document,
            f"https://stranger.example{DID_FILE}": theirs,
            LIST_URL: self.scene.listed,
        }

    def fetch(self, url: str) -> bytes:
        """Return a document as a server would."""
        if url not in self.known:
            raise OSError(url)
        return json.dumps(self.known[url]).encode()

    def supports(self, name: str) -> bool:
        """Tell openvc that we answer for did:web."""
        return name.startswith(did.METHOD)

    def resolve(self, name: str) -> DidDocument:
        """Give openvc a DID document."""
        found = next((one for one in self.known.values() if one.get("id") == name), None)
        if found is None:
            raise DidResolutionError(name)
        return parse_did_document(found)


def by_node(world: World, documents: dict[str, JsonObject], folder: Path) -> dict[str, dict[str, str]]:
    """Ask both libraries for node, in one process for all documents."""
    cases = folder / "cases.json"
    cases.write_text(json.dumps({"documents": documents, "known": world.known}))
    script = ROOT / "tests" / "node" / "table.mjs"
    command = [str(NODE), str(script), str(cases), str(contexts.folder())]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=110)
    found: dict[str, dict[str, str]] = json.loads(done.stdout)
    return found


def by_openvc(world: World, credential: JsonObject | str) -> str:
    """Ask openvc-core, with the status list it would fetch."""
    extra = {url: contexts.context(url) for url in contexts.PINNED}
    listed = default_status_list_resolver(
        resolver=world, extra_contexts=extra, fetch=lambda url: world.fetch(url).decode()
    )
    policy = VerificationPolicy(require_schema=False)
    try:
        verify_credential(credential, policy=policy, resolver=world, resolve_status_list=listed, extra_contexts=extra)
    except CredentialRevoked:
        return REVOKED
    except OpenvcError:
        return REFUSED
    return ACCEPTED


def by_openbadgeslib(world: World, credential: JsonObject) -> str:
    """Ask openbadgeslib, which wants the status list as a JWT and takes the issuer's keys from us."""
    token = sign_jwt(_unsigned(world.scene.listed), world.scene.p256, created=BEGINS, typ=VC_JWT)

    def fetch(url: str) -> bytes:
        return token.encode() if url == LIST_URL else world.fetch(url)

    try:
        OB3LdpVerifier.for_issuer_did(DID).verify(credential, check_status=True, download=fetch)
    except OB3VerificationError as error:
        return REVOKED if "'revocation' is set" in str(error) else REFUSED
    return ACCEPTED


def token_by_openbadgeslib(world: World, token: str) -> str:
    """Ask openbadgeslib about a JWT, with the issuer's key in hand."""
    try:
        OB3Verifier(pem_of(world.scene.p256.public_key)).verify(token)
    except OB3VerificationError:
        return REFUSED
    return ACCEPTED


def by_jose(world: World, tokens: dict[str, str], folder: Path) -> dict[str, str]:
    """Ask jose, one process for each token."""
    key = folder / "key.jwk"
    key.write_text(json.dumps(world.scene.p256.public_key.jwk))
    script = ROOT / "tests" / "node" / "jose_table.mjs"
    cases = folder / "tokens.json"
    cases.write_text(json.dumps(tokens))
    command = [str(NODE), str(script), str(cases), str(key), DID]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def pem_of(key: PublicKey) -> bytes:
    """Return a public key in PEM."""
    loaded: Any = load_der_public_key(key.spki)
    assert isinstance(loaded, Ed25519PublicKey | EllipticCurvePublicKey)
    assert not isinstance(loaded, EllipticCurvePublicKey) or isinstance(loaded.curve, SECP256R1)
    return loaded.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _unsigned(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if name != "proof"}


def by_pdfsig(raw: bytes, folder: Path) -> str:
    """Ask poppler: valid and of the whole file, valid for an earlier state of it, invalid, or none."""
    path = folder / "signed.pdf"
    path.write_bytes(raw)
    said = subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
    if "Signature is Valid" not in said:
        return "invalid" if "Signature #1" in said else "none"
    return "whole" if "Total document signed" in said and "Not total document signed" not in said else "part"


def by_qpdf(raw: bytes, folder: Path) -> bool:
    """Ask qpdf whether the structure of a PDF is sound."""
    path = folder / "checked.pdf"
    path.write_bytes(raw)
    errors = 2  # 3 says that it was read with a warning
    return subprocess.run(["qpdf", "--check", str(path)], capture_output=True, check=False).returncode != errors


def by_zbar(picture: Path) -> str:
    """Read a QR code with a reader that is not ours."""
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
