"""The engine: credentials issued, and their proofs verified and read, a CPU second, beside raw Ed25519 and a peer.

`verify_per_cpu_s` is proof and reading only, without register, status and log, as the peer does it: `http.py` takes
`verify_whole_per_cpu_s` of the whole check. The peer is @digitalbazaar/vc, in the same run.

Only the CPU time of the process that does the work counts, so that a busy machine changes little; runs are
interleaved, and every figure is the median of three.
"""

# zh: the credentials that are measured carry both languages

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.core.signing import FileSigner, Signer
from app.credentials.rules import contexts, did, openbadge, proof
from app.credentials.rules.document import JsonObject, write_document
from app.credentials.rules.openbadge import Achievement, Bilingual, Certificate, Holder, Issuer, StatusEntry
from app.credentials.rules.template_files import shipped_template
from app.credentials.states import CertificateKind
from bench.figures import Figure, Figures

ROOT = Path(__file__).resolve().parents[2]
PEER = ROOT / "bench" / "credentials" / "peer.mjs"
NODE = shutil.which("node") or shutil.which("node", path=str(Path(sys.prefix) / "bin"))
RUNS = 3
CREDENTIALS = 3000
PEER_CREDENTIALS = 150
RAW = 20_000
HASHED = b"h" * 64
"""What an `eddsa-rdfc-2022` proof signs: two SHA-256 digests."""
BASE = "http://localhost:8000"
SITE = did.did_web(BASE)
BEGINS = datetime(2026, 6, 1, tzinfo=UTC)
ENDS = BEGINS + timedelta(days=3 * 365)
ACHIEVEMENT = Achievement(
    url=f"{BASE}/achievements/capability-junior",
    kind=CertificateKind.CAPABILITY,
    name=Bilingual("初级技术经纪人能力等级证书", "Certificate of capability: junior technology broker"),
    description=Bilingual(
        "持证人达到了初级技术经纪人的能力要求。",
        "The holder meets the capability requirements of the level of junior technology broker.",
    ),
    criteria=Bilingual(
        "修满培训大纲规定的学时，考试达到合格线，并由未参与其培训和考试的人员评定。",
        "Class hours of the syllabus completed, cut score of the exam reached, and the level awarded by a person "
        "who neither trained nor examined the holder.",
    ),
    level="junior",
)


def add(figures: Figures) -> None:
    """Measure issuing and verifying, each run beside its references."""
    signer = FileSigner(Ed25519PrivateKey.generate())
    facts = [certificate(number) for number in range(CREDENTIALS)]
    issued = [_issue(one, signer) for one in facts[:PEER_CREDENTIALS]]
    document = did.did_document(SITE, [did.IssuerKey(signer.public_key)])
    ours, raw, peer = _runs(facts, signer, document, issued)
    figures.found["issue_per_cpu_s"] = Figure(ours["issue"], "1/s", raw["issue"], "raw Ed25519 signatures")
    figures.found["verify_per_cpu_s"] = Figure(ours["verify"], "1/s", raw["verify"], "raw Ed25519 verifications")
    if peer:
        for act in ("issue", "verify"):
            figures.found[f"{act}_beside_peer"] = Figure(
                round(ours[act] / peer[act], 1), "times", peer[act], f"@digitalbazaar/vc, {act} per CPU s"
            )
    size = len(json.dumps(issued[0], ensure_ascii=False).encode())
    figures.notes.append(
        f"engine: {CREDENTIALS} credentials of {size} bytes a run, {RUNS} runs interleaved, CPU time of the process "
        f"that works; @digitalbazaar/vc issues and verifies {PEER_CREDENTIALS} of the same a run, once warm; "
        "verify_per_cpu_s is proof and reading, verify_whole_per_cpu_s register, status and log as well"
    )


Rates = dict[str, float]


def _runs(
    facts: list[Certificate], signer: Signer, document: JsonObject, issued: list[JsonObject]
) -> tuple[Rates, Rates, Rates]:
    """Return the medians of ours, raw and the peer's rates; the peer's are empty where there is no Node."""
    ours: list[Rates] = []
    raw: list[Rates] = []
    peer: list[Rates] = []
    for _run in range(RUNS):
        ours.append(_ours(facts, signer, document))
        raw.append(_raw(signer))
        if NODE is not None:
            peer.append(_peer(issued, document))
    return _medians(ours), _medians(raw), _medians(peer)


def _medians(runs: list[Rates]) -> Rates:
    return {name: round(statistics.median(run[name] for run in runs), 1) for name in runs[0]} if runs else {}


def _rate(work: Callable[[], object], count: int) -> float:
    started = time.process_time()
    work()
    return count / (time.process_time() - started)


def _ours(facts: list[Certificate], signer: Signer, document: JsonObject) -> Rates:
    """Issue from the facts of a certificate to its signed text, and verify from that text to the facts."""
    texts: list[str] = []

    def issue() -> None:
        texts.extend(write_document(_issue(one, signer)) for one in facts)

    def verify() -> None:
        for text in texts:
            found = json.loads(text)
            proof.verify_proof(found, document)
            openbadge.read_certificate(found)

    _issue(facts[0], signer)
    return {"issue": _rate(issue, len(facts)), "verify": _rate(verify, len(facts))}


def _issue(facts: Certificate, signer: Signer) -> JsonObject:
    return proof.sign_document(openbadge.build_credential(facts), signer, created=BEGINS)


def _raw(signer: Signer) -> Rates:
    """Sign and verify 64 bytes with nothing around."""
    key, signature = signer.public_key, signer.sign(HASHED)

    def sign() -> None:
        for _time in range(RAW):
            signer.sign(HASHED)

    def verify() -> None:
        for _time in range(RAW // 4):
            key.verify(signature, HASHED)

    return {"issue": _rate(sign, RAW), "verify": _rate(verify, RAW // 4)}


def _peer(issued: list[JsonObject], document: JsonObject) -> Rates:
    """Let @digitalbazaar/vc sign and verify the same credentials; it tells its own CPU time."""
    with TemporaryDirectory() as folder:
        given, issuer = Path(folder) / "credentials.json", Path(folder) / "did.json"
        given.write_text(json.dumps(issued, ensure_ascii=False), "utf-8")
        issuer.write_text(json.dumps(document), "utf-8")
        command = [str(NODE), str(PEER), str(given), str(issuer), "--contexts", str(contexts.folder())]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    rates: Rates = json.loads(done.stdout)
    return rates


STATEMENT = shipped_template(CertificateKind.CAPABILITY).wording.statement


def certificate(number: int) -> Certificate:
    """Return the facts of one of many certificates, each of another holder."""
    return Certificate(
        url=f"{BASE}/credentials/{number:026d}",
        holder=Holder(f"王{chr(0x4E00 + number % 5000)}", f"Wang {number}"),
        issuer=Issuer(SITE, Bilingual("国家技术转移认证中心", "National Certification Centre"), BASE),
        achievement=ACHIEVEMENT,
        valid_from=BEGINS,
        valid_until=ENDS,
        status=StatusEntry(f"{BASE}/status/{'0' * 26}", number),
        statement=STATEMENT,
        number=f"TM37{number:08d}",
        hours=Decimal(80),
    )
