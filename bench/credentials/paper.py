"""Paper: CPU milliseconds of a whole certificate - credential, PDF/A-3 with it attached, PAdES seal.

Beside it the same page by WeasyPrint as it comes: the system's fonts, its own font configuration and style sheet each
time, no attachment, no seal. B-LT is given apart, with what the time-stamp authority itself took of it.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from asn1crypto.tsp import TimeStampReq, TimeStampResp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.core.signing import FileSigner, Signer
from app.credentials import paper
from app.credentials.paper import pades, sheet
from app.credentials.paper.timestamps import Stamper, TimeAuthority
from app.credentials.rules import openbadge, proof
from app.credentials.rules.did import did_web
from app.credentials.rules.document import write_document
from app.credentials.rules.openbadge import Bilingual, Certificate, Holder, Issuer, StatusEntry
from app.credentials.rules.template_files import shipped_layout, shipped_template
from app.credentials.rules.templates import CertificateFields, achievement_of
from app.credentials.states import CertificateKind, SealLevel
from bench.figures import Figure, Figures
from tests.timestamping import local_authority
from tests.unit.credentials.levels import seal_under_chain

BASE = "http://localhost:8000"
BEGINS = datetime(2026, 6, 1, tzinfo=UTC)
QR = f"{BASE}/v#" + "4711208365" * 47
"""As long as the proof that a code carries."""
GIVEN = ("伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "军", "杰")
RUNS = 3
SHEETS = 8
MILLISECONDS = 1000


def add(figures: Figures) -> None:
    """Measure whole certificates and their parts, each run beside its reference."""
    signer = FileSigner(Ed25519PrivateKey.generate())
    with TemporaryDirectory() as folder, local_authority() as running:
        seal, proven, _root = seal_under_chain(Path(folder))
        stamped = _Timed(running.url)
        acts: dict[str, Callable[[Certificate], object]] = {
            "whole": lambda facts: pades.sealed(_drawn(facts, signer), seal),
            "drawn": lambda facts: _drawn(facts, signer),
            "lt": lambda facts: pades.sealed(_drawn(facts, signer), proven, authority=stamped),
            "plain": _plain,
        }
        if (level := pades.level_of(proven, stamped)) is not SealLevel.LASTING:
            raise RuntimeError(f"the seal is of level {level}, not B-LT")
        for act in acts.values():
            act(_certificate(0))  # so that fonts, ornaments and lists are at hand, as in a running worker
        stamped.spent.clear()
        runs = [{name: _median(act) for name, act in acts.items()} for _run in range(RUNS)]
        share = statistics.median(stamped.spent) * MILLISECONDS
    found = {name: round(statistics.median(run[name] for run in runs), 1) for name in acts}
    size = len(pades.sealed(_drawn(_certificate(0), signer), seal))
    figures.found["pdf_cpu_ms"] = Figure(found["whole"], "ms", found["plain"], "WeasyPrint as it comes, no seal")
    figures.found["pdf_drawn_cpu_ms"] = Figure(found["drawn"], "ms")
    figures.found["pdf_lt_cpu_ms"] = Figure(found["lt"], "ms", round(share, 1), "ms of it in the authority's answers")
    figures.notes.append(
        f"paper: a sheet of {size} bytes; {SHEETS} sheets a run, {RUNS} runs interleaved, CPU time of the process; "
        "the authority of B-LT answers in the same process, so its time is in the sum"
    )


def _certificate(number: int) -> Certificate:
    """Return the facts of one of many certificates."""
    shipped = shipped_template(CertificateKind.CAPABILITY)
    fields = CertificateFields(level="junior", valid_from=BEGINS.date(), hours=Decimal(80))
    given = GIVEN[number % len(GIVEN)]
    return Certificate(
        url=f"{BASE}/credentials/{number:026d}",
        holder=Holder(f"王{given}{given}", f"Wang {number}"),
        issuer=Issuer(did_web(BASE), Bilingual("国家技术转移认证中心", "National Certification Centre"), BASE),
        achievement=achievement_of(CertificateKind.CAPABILITY, shipped.wording, fields, BASE),
        valid_from=BEGINS,
        valid_until=BEGINS + timedelta(days=1095),
        status=StatusEntry(f"{BASE}/status/{'0' * 26}", number),
        statement=shipped.wording.statement,
        number=f"TM37{number:08d}",
        hours=fields.hours,
    )


class _Timed(TimeAuthority):
    """A time-stamp authority that counts the CPU time in which it is asked."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.stamper = _TimedStamper(url)

    @property
    def spent(self) -> list[float]:
        """Return the CPU seconds of each answer."""
        return _TimedStamper.spent


class _TimedStamper(Stamper):
    spent: ClassVar[list[float]] = []

    async def async_request_tsa_response(self, req: TimeStampReq) -> TimeStampResp:
        began = time.process_time()
        answer = await super().async_request_tsa_response(req)
        self.spent.append(time.process_time() - began)
        return answer


def _drawn(facts: Certificate, signer: Signer) -> bytes:
    signed = proof.sign_document(openbadge.build_credential(facts), signer, created=facts.valid_from)
    text = write_document(signed)
    return paper.draw_sheet(facts, shipped_layout(CertificateKind.CAPABILITY), qr=QR, credential=text)


def _plain(facts: Certificate) -> bytes:
    filled = sheet.sheet_of(facts, shipped_layout(CertificateKind.CAPABILITY))
    css = filled.css.replace("'Jijing Song', ", "")
    weasyprint: Any = import_module("weasyprint")
    made: bytes = weasyprint.HTML(string=filled.html).write_pdf(stylesheets=[weasyprint.CSS(string=css)])
    return made


def _median(act: Callable[[Certificate], object]) -> float:
    taken = []
    for number in range(SHEETS):
        facts = _certificate(number)
        began = time.process_time()
        act(facts)
        taken.append((time.process_time() - began) * MILLISECONDS)
    return statistics.median(taken)
