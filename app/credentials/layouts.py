"""Layouts drawn before anybody confirms them: samples with short and long names, in a process that is bounded."""

# zh: samples stand in both languages, as certificates do

import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from shutil import which
from threading import Lock

from app.core.config import settings
from app.core.errors import UnavailableError
from app.core.text import _l
from app.credentials import paper
from app.credentials.paper.sheet import line_values, sheet_of
from app.credentials.rules.layout import Fault, Layout, LayoutError
from app.credentials.rules.openbadge import Bilingual, Certificate, Entry, Holder, Issuer, StatusEntry
from app.credentials.rules.status_list import LENGTH
from app.credentials.rules.template_wording import BLANKS, LEVEL, Wording
from app.credentials.rules.templates import (
    BilingualWords,
    CertificateFields,
    achievement_of,
    end_of,
    first_instant,
)
from app.credentials.states import OF_LEVELS, OF_ORGANISATIONS, CertificateKind

PROGRAM = Path(__file__).parent / "drawing.py"
SECONDS = 120
"""How long a drawing may take by the clock on a busy machine; what it may compute the program bounds itself."""
DPI = 150
KEPT = 16
SHORT, LONG = "short", "long"
SAMPLES = (SHORT, LONG)
NAMES = {
    (False, SHORT): Holder("丁一", "Ding Yi"),
    (False, LONG): Holder("阿卜杜热合曼·买买提吐尔逊阿吉", "Abdurahman Memettursun Haji of the Northwest Region"),
    (True, SHORT): Holder("齐鲁基地", "Qilu Base"),
    (True, LONG): Holder(
        "示例省技术转移与科技成果转化人才培养（国际合作）示范基地有限责任公司",
        "Sample Provincial Demonstration Base for Training in Technology Transfer and Commercialisation, Limited",
    ),
}
WORDS = {
    "title": ("高级工程师", "senior engineer"),
    "series": ("工程", "engineering"),
    "day": ("2026年6月30日", "30 June 2026"),
    "levels": ("初级技术经纪人、中级技术经纪人", "junior technology broker, intermediate technology broker"),
    "year": ("2026", "2026"),
}
NAME_POINTS, LEAST_POINTS = 10.0, 6.0
"""The smallest sizes, in points, at which the name and every other part may be printed on the longest sample."""
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True, slots=True)
class Drawing:
    """What drawing a sample showed: the faults of the layout, and a picture where it could be drawn."""

    faults: tuple[Fault, ...]
    png: bytes | None = None


def sample_of(kind: CertificateKind, wording: Wording, size: str) -> Certificate:
    """Return a certificate that nobody holds, with a short or a long name and every field that the kind may have."""
    level = "intermediate" if kind in OF_LEVELS else None
    fields = CertificateFields(
        level=level,
        valid_from=date(2026, 6, 30),
        words={name: BilingualWords(zh=WORDS[name][0], en=WORDS[name][1]) for name in sorted(BLANKS[kind] - {LEVEL})},
    )
    base = settings().public_url
    long = size == LONG
    entries = tuple(
        Entry(f"entry-{at}", Bilingual(f"示例项目{at}", f"Sample entry {at}"), f"{at}2.75") for at in (1, 2, 3)
    )
    return Certificate(
        url=f"{base}/credentials/00000000000000000000000000",
        holder=NAMES[kind in OF_ORGANISATIONS, size],
        issuer=Issuer("did:web:sample.invalid", Bilingual("示例发证机构", "Sample Issuing Body"), base),
        achievement=achievement_of(kind, wording, fields, base),
        valid_from=first_instant(fields.valid_from),
        valid_until=end_of(date(2031, 6, 29)),
        status=StatusEntry(f"{base}/status/sample", LENGTH - 1),
        statement=wording.statement,
        number="JJC370000202600000001" if long else "JJC3700001",
        hours=Decimal("128.5") if kind is not CertificateKind.ACCREDITATION else None,
        entries=() if kind in OF_LEVELS else entries,
    )


def drawn(layout: Layout, kind: CertificateKind, wording: Wording, size: str) -> Drawing:
    """Draw a sample under a layout and look whether the code and all that is certified can be seen on one page.

    Raises UnavailableError where this machine has nothing to draw with.
    """
    facts = sample_of(kind, wording, size)
    try:
        sheet = sheet_of(facts, layout)
    except LayoutError as error:
        return Drawing(tuple(error.faults))
    if not paper.available() or which("pdftoppm") is None:
        raise UnavailableError(
            _l("Layouts are drawn before they are confirmed. Install Pango, CJK fonts and poppler-utils here.")
        )
    given = {
        "html": sheet.html,
        "css": sheet.css,
        "fonts": sheet.fonts,
        "under": base64.b64encode(sheet.under).decode(),
        "needles": [
            {"part": part, "text": text, "least": NAME_POINTS if part == "name" else LEAST_POINTS}
            for part, text in certified_texts(facts)
        ],
        "qr": facts.url,
        "dpi": DPI,
    }
    return _answered(json.dumps(given, sort_keys=True))


def certified_texts(facts: Certificate) -> list[tuple[str, str]]:
    """Return every text that a sheet must show of a certificate, each with the part that it belongs to."""
    zh, stop, en = facts.statement.rpartition("。")
    texts = [
        ("name", facts.holder.name),
        ("latin", facts.holder.name_latin or ""),
        ("title", facts.achievement.name.zh),
        ("issuer", facts.issuer.name.zh),
        ("number", facts.number or ""),
        ("statement", zh + stop),
        ("statement", en),
        *zip(("level", "hours", "valid_from", "valid_until"), line_values(facts), strict=True),
    ]
    texts += [("entries", text) for one in facts.entries for text in (one.label.zh, one.value)]
    return [(part, text) for part, text in texts if text]


@lru_cache(maxsize=KEPT)
def _answered(given: str) -> Drawing:
    """Let the program draw, one at a time, and keep the latest answers."""
    command = [sys.executable, "-I", str(PROGRAM)]
    with _ONE_AT_A_TIME:
        try:
            done = subprocess.run(  # noqa: S603 - our own program, which bounds its work
                command, input=given, capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise UnavailableError(
                _l("The sample could not be drawn in time: the machine is busy. Try again in a few minutes.")
            ) from error
    if done.returncode != 0:
        return Drawing((Fault("sheet", 1, "too-long-to-draw" if done.returncode < 0 else "cannot-draw"),))
    answer = json.loads(done.stdout)
    faults = tuple(Fault("sheet", 1, one["code"], one["params"]) for one in answer["faults"])
    return Drawing(faults, base64.b64decode(answer["png"]))


def faults_of_drawing(layout: Layout, kind: CertificateKind, wording: Wording) -> list[Fault]:
    """Return what both samples show to be wrong with a layout, each fault once."""
    found = [fault for size in SAMPLES for fault in drawn(layout, kind, wording, size).faults]
    return [fault for at, fault in enumerate(found) if fault not in found[:at]]
