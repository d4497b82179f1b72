"""The certificate on paper: one A4 sheet with a QR code, and the credential itself inside the file."""

# zh: a certificate on paper stands in both languages, whoever prints it

from dataclasses import dataclass
from datetime import timedelta

import segno
from markupsafe import Markup

from app.credentials.models import Certificate
from app.credentials.rules.layout import Layout, fill
from app.credentials.rules.openbadge import Bilingual, read_certificate
from app.credentials.rules.openbadge import Certificate as Facts
from app.credentials.rules.templates import LEVELS, SHANGHAI
from app.credentials.services.templates import layout_of
from app.credentials.verification import CREDENTIAL_NAME
from app.web import pdf
from app.web.pdf import Attached

ONE_SECOND = timedelta(seconds=1)
LABELS = {
    "holder": ("持证人", "Holder"),
    "level": ("等级", "Level"),
    "number": ("统一编号", "Unified number"),
    "hours": ("学时", "Class hours"),
    "valid_from": ("生效日期", "Valid from"),
    "valid_until": ("有效期至", "Valid until"),
    "criteria": ("评定依据", "What it took"),
    "scan": ("扫码核验", "Scan to verify"),
    "signed": ("数字签名", "Digitally signed"),
    "attached": (
        "本文件内含可独立验证的数字证书，以其核验结果为准。",
        "This file carries a credential that anyone can verify; its check is what counts.",
    ),
}


def available() -> bool:
    """Tell whether this machine can render certificates."""
    return pdf.available()


def certificate_pdf(certificate: Certificate) -> bytes:
    """Render a signed certificate with its credential attached; raises PdfUnavailableError."""
    facts = read_certificate(certificate.document)
    sheet = sheet_of(facts, layout_of(certificate))
    attached = Attached(CREDENTIAL_NAME, (certificate.credential or "").encode(), "Open Badges 3.0 credential")
    return pdf.render_pdf(sheet.html, css=sheet.css, attachments=[attached])


@dataclass(frozen=True, slots=True)
class Sheet:
    """A filled layout; `under` are the operators of what is laid under its text, `fonts` the rules of our own faces."""

    html: str
    css: str
    under: bytes = b""
    fonts: str = ""


def sheet_of(facts: Facts, layout: Layout, *, qr: str | None = None) -> Sheet:
    """Fill a layout; `qr` is what its code says, the address of the certificate where None; raises LayoutError."""
    entries = [((one.label.zh, one.label.en or one.label.zh), one.value) for one in facts.entries]
    fields = {
        "facts": facts,
        "label": LABELS,
        "lines": _lines(facts),
        "cells": [*_lines(facts), *entries],
        "entries": entries,
        "days": _days(facts),
        "qr": _qr(qr or facts.url),
        "seal": Markup(),
        "sizes": {},
        "statement": _statement(facts.statement),
    }
    title = f"{facts.achievement.name.zh} {facts.holder.name}"
    return Sheet(fill(layout, fields, title=title, author=facts.issuer.name.zh), layout.css)


def _statement(statement: str) -> Bilingual:
    """Split the signed sentence, which stands in both languages."""
    zh, stop, en = statement.rpartition("。")
    return Bilingual(zh + stop, en.strip())


def _lines(facts: Facts) -> list[tuple[tuple[str, str], str]]:
    """Return the certified facts that stand in a row, label and value."""
    rows: list[tuple[tuple[str, str], str | None]] = [
        (LABELS["level"], _level(facts)),
        (LABELS["hours"], f"{facts.hours.normalize():f}" if facts.hours is not None else None),
        (LABELS["valid_from"], f"{facts.valid_from.astimezone(SHANGHAI):%Y-%m-%d}"),
        (LABELS["valid_until"], _last_day(facts)),
    ]
    return [(label, value) for label, value in rows if value]


def _level(facts: Facts) -> str | None:
    found = next((name for code, name in LEVELS.items() if code == facts.achievement.level), None)
    return found.zh if found else None


def _last_day(facts: Facts) -> str | None:
    """Return the last valid day: the validity ends at the first instant of the next one."""
    if facts.valid_until is None:
        return None
    return f"{facts.valid_until.astimezone(SHANGHAI) - ONE_SECOND:%Y-%m-%d}"


def _days(facts: Facts) -> tuple[str, str]:
    day = facts.valid_from.astimezone(SHANGHAI)
    return f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B} {day.year}"


def _qr(url: str) -> Markup:
    """Draw the address of the certificate as a QR code that bears 15 % of damage."""
    code = segno.make(url, error="m", micro=False)
    return Markup(code.svg_inline(scale=1, border=0, dark="#16202c", omitsize=True))  # noqa: S704 - drawn by segno from our own address
