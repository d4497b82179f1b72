"""A JWT holds for exactly one credential, one key of its issuer and one algorithm; jose says so too."""

import base64
import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier
from openbadgeslib.ob3.did import pem_for_kid

from app.core.signing import Algorithm, FileSigner, create_key
from app.credentials.rules import did, jwt, openbadge, status_list
from app.credentials.rules.document import STATUS_LIST_LIMITS, DocumentError, JsonObject
from app.credentials.rules.jwt import JwtError, read_jwt, sign_jwt, verify_jwt
from app.credentials.rules.proof import ProofError
from tests.unit.credentials import samples
from tests.unit.credentials.samples import DID, DURING, ISSUED
from tests.unit.credentials.test_openbadge import NAMES

ROOT = Path(__file__).resolve().parents[3]
NODE = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv" / "bin"))


@pytest.fixture(scope="module")
def p256(key_folder: Path) -> FileSigner:
    return create_key(key_folder, "issuer-p256", algorithm=Algorithm.P256)


@pytest.fixture(scope="module")
def other(key_folder: Path) -> FileSigner:
    return create_key(key_folder, "stranger-p256", algorithm=Algorithm.P256)


@pytest.fixture(scope="module")
def issuer(p256: FileSigner, signer: FileSigner) -> JsonObject:
    return did.did_document(DID, [did.IssuerKey(one.public_key) for one in (signer, p256)])


@pytest.fixture(scope="module")
def token(p256: FileSigner) -> str:
    return sign_jwt(openbadge.build_credential(samples.certificate()), p256, created=ISSUED)


def _part(data: object) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _parts(token: str) -> tuple[JsonObject, JsonObject]:
    header, payload, _signature = token.split(".")
    return json.loads(base64.urlsafe_b64decode(header + "==")), json.loads(base64.urlsafe_b64decode(payload + "=="))


def _resigned(token: str, signer: FileSigner, change: "Change") -> str:
    """Return the token with another header or payload, well signed by a key."""
    header, payload = _parts(token)
    change(header, payload)
    text = f"{_part(header)}.{_part(payload)}"
    return f"{text}.{_part(signer.sign(text.encode()))}"


def test_it_says_what_open_badges_ask(token: str, p256: FileSigner) -> None:
    """Header and claims of Open Badges 3.0, section 8.2: the payload is the credential, its claims beside."""
    header, payload = _parts(token)
    document = openbadge.build_credential(samples.certificate())
    kid = did.method_id(DID, p256.public_key)
    assert header == {"alg": "ES256", "typ": "JWT", "kid": kid, "jwk": p256.public_key.jwk}
    claims = {name: payload.pop(name) for name in ("iss", "jti", "iat", "nbf", "exp")}
    times = {"iat": 1780272000, "nbf": 1780272000, "exp": 1874966400}
    assert claims == {"iss": DID, "jti": document["id"], **times}
    assert payload == document


@settings(max_examples=25, deadline=None)
@given(name=NAMES, end=st.none() | st.just(samples.ENDS))
def test_sign_then_verify(p256: FileSigner, issuer: JsonObject, name: str, end: Any) -> None:  # noqa: ANN401 - an instant or none, as hypothesis draws it
    document = openbadge.build_credential(samples.certificate(name=name, valid_until=end))
    text = sign_jwt(document, p256, created=DURING)
    assert verify_jwt(text, issuer) == document == read_jwt(text)[1]
    assert text == sign_jwt(document, p256, created=DURING)


def test_a_status_list_is_signed_alike(p256: FileSigner, issuer: JsonObject) -> None:
    """Its subject has an id, so the JWT names it as `sub`; its type is the one of W3C."""
    bits = status_list.set_bits([samples.REVOKED_INDEX])
    document = status_list.list_credential(url=samples.LIST_URL, issuer=DID, bits=bits, valid_from=DURING)
    text = sign_jwt(document, p256, created=DURING, typ=jwt.VC_JWT)
    assert _parts(text)[0]["typ"] == "vc+jwt"
    assert _parts(text)[1]["sub"] == f"{samples.LIST_URL}#list"
    assert verify_jwt(text, issuer, STATUS_LIST_LIMITS) == document


Change = Callable[[JsonObject, JsonObject], Any]


def _put(place: JsonObject, name: str, value: object) -> None:
    if value is None:
        place.pop(name)
    else:
        place[name] = value


def _head(name: str, value: object) -> Change:
    return lambda header, _payload: _put(header, name, value)


def _body(name: str, value: object) -> Change:
    return lambda _header, payload: _put(payload, name, value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_head("alg", "none"), "algorithm-unknown"),
        (_head("alg", "EdDSA"), "algorithm-unknown"),
        (_head("alg", "HS256"), "algorithm-unknown"),
        (_head("alg", None), "algorithm-unknown"),
        (_head("typ", "at+jwt"), "jwt-shape"),
        (_head("crit", ["x"]), "jwt-shape"),
        (_head("jku", "https://stranger.example/keys"), "jwt-shape"),
        (_head("x5u", "https://stranger.example/keys"), "jwt-shape"),
        (_head("jwk", None), "jwt-shape"),
        (_head("jwk", "key"), "jwt-shape"),
        (_head("jwk", {"kty": "EC"}), "algorithm-of-another-key"),
        (_head("kid", 5), "jwt-shape"),
        (_head("kid", f"{DID}#unknown"), "key-unknown"),
        (_head("kid", "did:web:stranger.example#key"), "controller-is-another"),
        (_body("iss", "did:web:stranger.example"), "claims-of-another"),
        (_body("jti", "https://stranger.example/1"), "claims-of-another"),
        (_body("nbf", 0), "claims-of-another"),
        (_body("nbf", 1780272000.0), "number"),
        (_body("exp", 4102444800), "claims-of-another"),
        (_body("exp", None), "claims-of-another"),
        (_body("sub", "did:web:holder.example"), "claims-of-another"),
        (_body("iat", None), "jwt-shape"),
        (_body("iat", value=True), "jwt-shape"),
        (_body("iat", "now"), "jwt-shape"),
        (_body("iat", -1), "jwt-shape"),
        (_body("validFrom", None), "jwt-shape"),
        (_body("validUntil", "2099-01-01"), "jwt-shape"),
        (_body("issuer", None), "issuer-missing"),
    ],
)
def test_every_other_token_is_refused_however_well_signed(
    token: str, p256: FileSigner, issuer: JsonObject, change: Change, code: str
) -> None:
    with pytest.raises((ProofError, DocumentError)) as refused:
        verify_jwt(_resigned(token, p256, change), issuer)
    assert getattr(refused.value, "code", None) == code


def test_a_changed_claim_is_refused_though_true_and_one_are_equal(p256: FileSigner, issuer: JsonObject) -> None:
    document = {"issuer": DID, "validFrom": "1970-01-01T00:00:01Z", "credentialSubject": {}}
    text = sign_jwt(document, p256, created=ISSUED)
    assert verify_jwt(text, issuer) == document
    with pytest.raises(JwtError, match="claims-of-another"):
        verify_jwt(_resigned(text, p256, _body("nbf", value=True)), issuer)


def test_a_stranger_cannot_bring_a_key_along(token: str, other: FileSigner, issuer: JsonObject) -> None:
    """The key in the header is worth nothing unless the issuer's own document lists it under the same name."""
    own_key = _resigned(token, other, _head("jwk", other.public_key.jwk))
    own_name = _resigned(token, other, _head("kid", did.method_id(DID, other.public_key)))
    for forged, code in ((own_key, "algorithm-of-another-key"), (own_name, "key-unknown")):
        with pytest.raises(JwtError, match=code):
            verify_jwt(forged, issuer)
    with pytest.raises(JwtError, match="signature-wrong"):
        verify_jwt(_resigned(token, other, lambda _header, _payload: None), issuer)


def test_a_key_of_another_algorithm_is_refused(
    token: str, signer: FileSigner, p256: FileSigner, issuer: JsonObject
) -> None:
    """Neither signs nor verifies: one key, one algorithm."""
    document = openbadge.build_credential(samples.certificate())
    with pytest.raises(JwtError, match="algorithm-of-another-key"):
        sign_jwt(document, signer, created=ISSUED)
    named = _resigned(token, p256, _head("kid", did.method_id(DID, signer.public_key)))
    with pytest.raises(JwtError, match="algorithm-of-another-key"):
        verify_jwt(named, issuer)


def test_a_revoked_key_proves_nothing(token: str, p256: FileSigner) -> None:
    issuer = did.did_document(DID, [did.IssuerKey(p256.public_key, DURING)])
    with pytest.raises(JwtError, match="key-revoked"):
        verify_jwt(token, issuer)


@pytest.mark.parametrize("secured", [{"proof": {}}, {"iss": DID}, {"nbf": 1}])
def test_nothing_signed_is_signed_over(p256: FileSigner, secured: JsonObject) -> None:
    document = openbadge.build_credential(samples.certificate())
    with pytest.raises(JwtError, match="already-signed"):
        sign_jwt({**document, **secured}, p256, created=ISSUED)


def test_only_what_can_be_verified_is_signed(p256: FileSigner) -> None:
    with pytest.raises(JwtError, match="jwt-shape"):
        sign_jwt({"issuer": DID, "id": "https://x.example/1"}, p256, created=ISSUED)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: token + ".x",
        lambda token: token.rpartition(".")[0],
        lambda token: token + "=",
        lambda token: token[:-1] + chr(ord(token[-1]) + 1),
        lambda token: token.replace(".", ".*", 1),
        lambda token: token + "é",
        lambda _token: "",
        lambda _token: "..",
        lambda token: _part(b"[]") + token[token.index(".") :],
        lambda token: _part(b'{"alg":"ES256","alg":"none"}') + token[token.index(".") :],
        lambda token: token.partition(".")[0] + "." + _part(b"\xff") + ".AA",
        lambda token: token.partition(".")[0] + "." + "A" * 400_000 + ".AA",
        lambda token: _part({"alg": "ES256", "x": "y" * 4000}) + token[token.index(".") :],
    ],
    ids=range(13),
)
def test_what_is_no_token_is_refused(token: str, issuer: JsonObject, change: Callable[[str], str]) -> None:
    """Cut, prolonged, spelled otherwise, twice the same name, too large: each with a code and bounded work."""
    with pytest.raises((JwtError, DocumentError)) as refused:
        verify_jwt(change(token), issuer)
    assert getattr(refused.value, "code", None)


def test_any_changed_letter_is_refused(token: str, issuer: JsonObject) -> None:
    for place in range(0, len(token), 37):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises((ProofError, DocumentError)):
            verify_jwt(changed, issuer)


needs_node = pytest.mark.skipif(
    NODE is None or not (ROOT / "node_modules" / "jose").is_dir(), reason="needs node and the packages of package.json"
)


def _by_jose(folder: Path, token: str, key: dict[str, str], now: str = "2026-11-23T00:00:00Z") -> JsonObject:
    (folder / "token.jwt").write_text(token)
    (folder / "key.jwk").write_text(json.dumps(key))
    script = str(ROOT / "tests" / "node" / "jose.mjs")
    command = [str(NODE), script, f"{folder}/token.jwt", f"{folder}/key.jwk", "--issuer", DID, "--now", now]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return json.loads(done.stdout)


@needs_node
def test_jose_agrees(tmp_path: Path, token: str, p256: FileSigner, other: FileSigner) -> None:
    """A library that is not ours accepts the token and refuses a changed, an expired and a foreign one."""
    good = _by_jose(tmp_path, token, p256.public_key.jwk)
    assert good["verified"] is True
    assert good["payload"]["jti"] == samples.certificate().url

    changed = _resigned(token, other, _body("description", "x"))
    assert _by_jose(tmp_path, changed, p256.public_key.jwk)["error"] == "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"
    assert _by_jose(tmp_path, token, p256.public_key.jwk, "2031-01-01T00:00:00Z")["error"] == "ERR_JWT_EXPIRED"


def test_openbadgeslib_agrees(token: str, issuer: JsonObject, other: FileSigner) -> None:
    """It finds the key by its name in the DID document, and refuses a changed token."""
    kid = _parts(token)[0]["kid"]
    verifier = OB3Verifier(pem_for_kid(issuer, DID, kid))
    assert verifier.verify(token).id == samples.certificate().url
    with pytest.raises(OB3VerificationError):
        verifier.verify(_resigned(token, other, _body("description", "x")))


def test_an_old_token_still_reads_after_rotation(token: str, p256: FileSigner, other: FileSigner) -> None:
    """A retired key stays in the DID document, so its tokens hold for life."""
    rotated = did.did_document(DID, [did.IssuerKey(one.public_key) for one in (p256, other)])
    assert verify_jwt(token, rotated)["id"] == samples.certificate().url
    later = sign_jwt(copy.deepcopy(verify_jwt(token, rotated)), other, created=ISSUED + timedelta(days=1))
    assert verify_jwt(later, rotated)
