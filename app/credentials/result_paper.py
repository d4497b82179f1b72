"""The result of a checked list on paper: a PDF in both languages, sealed by the platform, with its signature inside.

A long one is drawn in parts: each prints its rows, is sealed by itself, and carries the signed result of all rows.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from app.core.config import settings
from app.core.errors import Text, UnavailableError
from app.core.lazily import lazily
from app.core.text import _l, in_language, speaking
from app.credentials import wording_holders as words
from app.credentials.models import CertificateCheck, CheckedRow
from app.credentials.paper import time_authority
from app.credentials.queries import lookups as queries
from app.credentials.queries.trust import authority_body
from app.credentials.rules.sheets import FILES
from app.credentials.services.bodies import seal_of
from app.credentials.services.checks import Part, signed_values
from app.credentials.states import RowOutcome
from app.credentials.wording_holders import RowLine
from app.web import pdf
from app.web.formats import number, when
from app.web.pdf import Attached

if TYPE_CHECKING:
    from app.credentials.paper import pades
else:
    pades = lazily("app.credentials.paper.pades")

STYLE = Path(__file__).parent / "templates" / "credentials" / "result_sheet.css"
TEMPLATE = "credentials/result_sheet.html"
LANGUAGES = ("zh_CN", "en")
SIGNATURE, ROWS = FILES
Both = tuple[str, str]
WORDS: dict[str, Text] = {
    "title": _l("Result sheet of a check of certificates"),
    "organisation": _l("Checked for"),
    "purpose": _l("Purpose of the check"),
    "words": _l("In words"),
    "consent": _l("Consent of the people on the list"),
    "file": _l("File"),
    "answered": _l("Answered"),
    "rows": _l("Rows"),
    "part": _l("Part of the result"),
    "counts": _l("Answers by kind"),
    "digest": _l("Digest of the rows (SHA-256)"),
    "code": _l("Number of the check"),
    "line": _l("Row"),
    "given": _l("Number as given"),
    "name": _l("Name as given"),
    "fits": _l("Name check"),
    "answer": _l("Answer"),
    "remark": _l("Remark"),
    "each": _l("Answers row by row"),
    "issuer": _l("Answered and sealed by"),
    "then": _l(
        "The answers are those of that moment. A certificate may have been revoked since: check it again if it matters."
    ),
    "how": _l(
        "This file bears the seal of the platform and carries its signed result inside. Anyone can check it at %(url)s."
    ),
}
FITS: dict[str, Text] = {"": _l("No name was given"), "yes": _l("Same name"), "no": _l("Another name")}


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One row as it is printed: what was given, and each answer in both languages."""

    line: int
    given: str
    name: str
    fits: Both
    answer: Both
    tone: str
    remark: Both


def draw(check: CertificateCheck, part: Part) -> bytes:
    """Return the sealed PDF of a part of a finished and signed check.

    Raises PdfUnavailableError where nothing can be drawn, UnavailableError where the key or the authority of time
    stamps does not answer.
    """
    body = authority_body()
    if body is None or check.sheet is None:
        raise UnavailableError(_l("The signing key cannot be used at the moment. Try again later."))
    rows = queries.some_rows(check.id, part.after, part.upto - part.after)
    url = f"{settings().public_url}/verify/sheet"
    html = current_app.jinja_env.get_template(TEMPLATE).render(
        check=check,
        say={name: _both(text) for name, text in WORDS.items()},
        how=tuple(one % {"url": url} for one in _both(WORDS["how"])),
        purpose=_both(words.PURPOSES[check.purpose]),
        organisation=(check.organisation.name_zh, check.organisation.name_en),
        issuer=(body.name_zh, body.name_en),
        answered=_when(check),
        total=number(check.total),
        counts=_counts(check),
        part=part,
        rows=_rows(rows),
    )
    attachments = _inside(check.sheet, queries.all_rows(check.id))
    drawn = pdf.render_pdf(html, css=STYLE.read_text("utf-8"), attachments=attachments)
    return pades.sealed(drawn, seal_of(body), authority=time_authority())


def _inside(sheet: str, rows: Iterable[CheckedRow]) -> list[Attached]:
    signed = json.dumps([signed_values(row) for row in rows], ensure_ascii=False, separators=(",", ":"))
    return [
        Attached(SIGNATURE, sheet.encode(), "Signed result (JWS, ES256)", media_type="application/jose"),
        Attached(ROWS, signed.encode(), "Rows as they were signed", "Data", "application/json"),
    ]


def _both(text: Text) -> Both:
    zh, en = (in_language(text, one) if not isinstance(text, str) else text for one in LANGUAGES)
    return zh, en


def _counts(check: CertificateCheck) -> list[tuple[Both, str]]:
    shown = [one for one in RowOutcome if check.counts.get(one)]
    return [(_both(words.OUTCOMES[one][0]), number(check.counts[one])) for one in shown]


def _when(check: CertificateCheck) -> Both:
    with speaking(LANGUAGES[0]):
        zh = when(check.finished_at)
    with speaking(LANGUAGES[1]):
        return zh, when(check.finished_at)


def _rows(rows: Sequence[CheckedRow]) -> list[PaperRow]:
    spoken: list[list[RowLine]] = []
    for one in LANGUAGES:
        with speaking(one):
            spoken.append([words.line_of(row) for row in rows])
    fits = {name: _both(text) for name, text in FITS.items()}
    return [
        PaperRow(
            zh.line, zh.given, zh.name, fits[_fits(row)], (zh.label, en.label), zh.tone, (zh.sentence, en.sentence)
        )
        for row, zh, en in zip(rows, *spoken, strict=True)
    ]


def _fits(row: CheckedRow) -> str:
    return "" if row.name_fits is None else "yes" if row.name_fits else "no"
