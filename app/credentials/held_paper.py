"""The certificates of one person as a list on paper: in both languages, with the state of that moment and no seal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask import render_template

from app.core.config import settings
from app.core.errors import Text
from app.core.text import _l, in_language, speaking
from app.credentials import verification, wording
from app.credentials import wording_holders as words
from app.credentials.models import Certificate
from app.web import pdf
from app.web.formats import day, when

STYLE = Path(__file__).parent / "templates" / "credentials" / "held_paper.css"
LANGUAGES = ("zh_CN", "en")
Both = tuple[str, str]
WORDS: dict[str, Text] = {
    "title": _l("List of certificates held"),
    "holder": _l("Holder"),
    "at": _l("As of"),
    "what": _l("Certificate"),
    "number": _l("Unified number"),
    "issuer": _l("Issuing body"),
    "validity": _l("Validity"),
    "state": _l("State"),
    "none": _l("No certificate yet"),
    "then": _l("This list is no certificate. Anyone can check the state of today by the number at %(url)s."),
}
LAST_INSTANT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One certificate as the list prints it."""

    what: Both
    number: str
    issuer: Both
    validity: Both
    state: Both
    tone: str


def draw(holder: str, held: Sequence[Certificate], *, at: datetime) -> bytes:
    """Return the list of what a person holds as PDF; raises PdfUnavailableError."""
    url = f"{settings().public_url}/verify"
    html = render_template(
        "credentials/held_paper.html",
        holder=holder,
        at=_said(lambda: when(at)),
        say={name: _both(text) for name, text in WORDS.items() if name != "then"},
        then=tuple(one % {"url": url} for one in _both(WORDS["then"])),
        lines=[_line(one, at) for one in held],
    )
    return pdf.render_pdf(html, css=STYLE.read_text("utf-8"))


def _line(one: Certificate, at: datetime) -> Line:
    state, tone = wording.STANDINGS[verification.standing(one, at)]
    return Line(
        what=_said(lambda: words.title_of(one)),
        number=one.number or "–",
        issuer=(one.body.name_zh, one.body.name_en),
        validity=_said(lambda: _validity(one)),
        state=_both(state),
        tone=tone,
    )


def _validity(one: Certificate) -> str:
    last = day(one.valid_until - LAST_INSTANT) if one.valid_until else None
    return f"{day(one.valid_from)} – {last}" if last else f"{day(one.valid_from)} –"


def _both(text: Text) -> Both:
    zh, en = (text if isinstance(text, str) else in_language(text, one) for one in LANGUAGES)
    return zh, en


def _said(say: Callable[[], str]) -> Both:
    """Return what is said in each language."""
    spoken = []
    for one in LANGUAGES:
        with speaking(one):
            spoken.append(say())
    return spoken[0], spoken[1]
