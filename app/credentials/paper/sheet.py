"""What stands on a certificate: its facts put into the layout of its kind, in both languages."""

# zh: a certificate on paper stands in both languages, whoever prints it

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache, partial

from app.credentials.paper import guilloche
from app.credentials.rules.cose import draw
from app.credentials.rules.layout import About, Layout, fill
from app.credentials.rules.openbadge import Bilingual
from app.credentials.rules.openbadge import Certificate as Facts
from app.credentials.rules.templates import SHANGHAI, level_of
from app.web.pdf import Underlay, face_rules

ONE_SECOND = timedelta(seconds=1)
POINTS = guilloche.POINTS_A_MILLIMETRE
INK = "#16202c"
A4 = (297.0, 210.0)
UPRIGHT = '<body class="upright'
QR_LEFT, QR_ABOVE, QR_SIDE = 28.0, 57.0, 32.0
SEAL_ACROSS, SEAL_UPRIGHT, SEAL_ABOVE = 180.0, 101.0, 45.0
"""Where code and seal stand, in millimetres from the left and from the foot of the page."""
LABELS = {
    "awarded": ("兹证明", "This is to certify that"),
    "holder": ("持证人", "Holder"),
    "organisation": ("获证单位", "Organisation"),
    "level": ("等级", "Level"),
    "number": ("证书编号", "No."),
    "hours": ("学时", "Class hours"),
    "valid_from": ("生效日期", "Valid from"),
    "valid_until": ("有效期至", "Valid until"),
    "criteria": ("评定依据", "What it took"),
    "item": ("项目", "Item"),
    "value": ("内容", "Value"),
    "issuer": ("发证机构", "Issued by"),
    "scan": ("扫码核验", "Scan to verify"),
    "signed": ("数字签名", "DIGITALLY SIGNED"),
    "wet": ("印章", "Official seal"),
    "attached": (
        "本文件经数字签名，内含可独立验证的数字证书，以核验结果为准。",
        "Digitally signed; carries a credential that anyone can verify. Its check is what counts.",
    ),
}
"""The fixed words of every sheet, Chinese and English."""
TITLE_STEPS, NAME_STEPS, ENGLISH_STEPS = (13, 17, 22, 34), (6, 10, 16, 26), (46, 60, 80, 110)
ISSUER_STEPS, ENGLISH_ISSUER_STEPS = (14, 18), (40, 80)
CELL_STEPS, VALUE_STEPS = (5, 10, 10), (24, 70, 200)
SENTENCE_STEPS, ENGLISH_SENTENCE_STEPS = (44, 60, 120), (100, 130, 260)
"""How many characters fit at each size, from the largest down; more are set in the smallest, over several lines."""


class Mark:
    """A drawing that a layout may put where it likes; one that it leaves out stands at its usual place."""

    def __init__(self, svg: Callable[[], str]) -> None:
        self._svg = svg
        self.placed = False

    def __html__(self) -> str:
        """Draw the mark where the layout names it."""
        self.placed = True
        return self._svg()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A filled layout, and the operators of the marks that it left to us."""

    html: str
    css: str
    underlay: Underlay
    marks: Underlay

    @property
    def under(self) -> bytes:
        """Return all that lies under the first page as operators, for whoever draws it without us."""
        size = (A4[1] * POINTS, A4[0] * POINTS) if UPRIGHT in self.html else (A4[0] * POINTS, A4[1] * POINTS)
        return self.underlay(*size) + b"\n" + self.marks(*size)

    @property
    def fonts(self) -> str:
        """Return the rules that bring our own faces along."""
        return face_rules()


def sheet_of(facts: Facts, layout: Layout, *, qr: str | None = None) -> Sheet:
    """Fill a layout; `qr` is what its code says, the address of the certificate where None.

    Raises LayoutError where the layout cannot be filled.
    """
    code = draw(qr or facts.url)
    code_mark = Mark(lambda: code.svg_inline(scale=1, border=0, dark=INK, omitsize=True))
    seal_mark = Mark(lambda: guilloche.as_svg(guilloche.seal(), prefix="seal"))
    html = fill(
        layout,
        _context_of(facts, qr=code_mark, seal=seal_mark),
        About(f"{facts.achievement.name.zh} {facts.holder.name}", facts.issuer.name.zh, facts.statement),
    )
    matrix = () if code_mark.placed else tuple(bytes(row) for row in code.matrix)
    return Sheet(
        html, layout.css, ornament_of(facts.achievement.kind.value), partial(_marks, matrix, not seal_mark.placed)
    )


def _marks(matrix: tuple[bytes, ...], sealed: bool, width: float, height: float) -> bytes:  # noqa: FBT001 - bound once, above
    """Draw code and seal at the foot of a page of a width and height in points."""
    down = height / POINTS
    seal_at = (SEAL_ACROSS if width > height else SEAL_UPRIGHT, down - SEAL_ABOVE)
    drawn = guilloche.as_pdf(guilloche.seal(*seal_at), down) if sealed else b""
    return drawn + b"\n" + guilloche.code_as_pdf(matrix, QR_LEFT, down - QR_ABOVE, QR_SIDE, down)


def _context_of(facts: Facts, *, qr: Mark, seal: Mark) -> dict[str, object]:
    """Return what a layout may name; content/certificates/README.md lists it."""
    return {
        "facts": facts,
        "label": LABELS,
        "lines": _lines(facts),
        "cells": [*_lines(facts), *_entries(facts)],
        "entries": _entries(facts),
        "days": _days(facts.valid_from),
        "qr": qr,
        "seal": seal,
        "sizes": {
            "title": _fit(facts.achievement.name.zh, TITLE_STEPS),
            "title_en": _fit(facts.achievement.name.en or "", ENGLISH_STEPS),
            "name": _fit(facts.holder.name, NAME_STEPS),
            "latin": _fit(facts.holder.name_latin or "", ENGLISH_STEPS),
            "issuer": _fit(facts.issuer.name.zh, ISSUER_STEPS),
            "issuer_en": _fit(facts.issuer.name.en or "", ENGLISH_ISSUER_STEPS),
            "cells": _density([*_lines(facts), *_entries(facts)]),
            "what": _fit(facts.achievement.description.zh, SENTENCE_STEPS),
            "what_en": _fit(facts.achievement.description.en or "", ENGLISH_SENTENCE_STEPS),
        },
        "statement": _statement(facts.statement),
    }


def _fit(text: str, steps: Sequence[int]) -> int:
    """Return the step of size at which a text fits on its line, 0 the largest."""
    return next((step for step, most in enumerate(steps) if len(text) <= most), len(steps))


def _density(cells: Sequence[tuple[tuple[str, str], str]]) -> int:
    """Return the step of size at which all values fit into rows of five above the foot, 0 the largest."""
    widest = max((len(value) for _label, value in cells), default=0)
    by_count, by_width = _fit("-" * len(cells), CELL_STEPS), _fit("-" * widest, VALUE_STEPS)
    return max(by_count, by_width)


def _lines(facts: Facts) -> list[tuple[tuple[str, str], str]]:
    """Return the certified facts that stand in a row, label and value."""
    labels = (LABELS[name] for name in ("level", "hours", "valid_from", "valid_until"))
    return [(label, value) for label, value in zip(labels, line_values(facts), strict=True) if value]


def line_values(facts: Facts) -> tuple[str, str, str, str]:
    """Return level, hours, first and last day as they are printed, each empty where the certificate has none."""
    return (
        _level(facts) or "",
        f"{facts.hours.normalize():f}" if facts.hours is not None else "",
        f"{facts.valid_from.astimezone(SHANGHAI):%Y-%m-%d}",
        _last_day(facts) or "",
    )


def _entries(facts: Facts) -> list[tuple[tuple[str, str], str]]:
    """Return the further certified values, label and value: a score, the hours of a module, a rating."""
    return [((one.label.zh, one.label.en or ""), one.value) for one in facts.entries]


def _level(facts: Facts) -> str | None:
    found = level_of(facts.achievement)
    return found.zh if found else None


def _last_day(facts: Facts) -> str | None:
    """Return the last valid day: the validity ends at the first instant of the next one."""
    if facts.valid_until is None:
        return None
    return f"{facts.valid_until.astimezone(SHANGHAI) - ONE_SECOND:%Y-%m-%d}"


def _days(instant: datetime) -> tuple[str, str]:
    day = instant.astimezone(SHANGHAI)
    return f"{day.year}年{day.month}月{day.day}日", f"{day.day} {day:%B} {day.year}"


def _statement(statement: str) -> Bilingual:
    """Split the signed sentence, which stands in both languages."""
    zh, stop, en = statement.rpartition("。")
    return Bilingual(zh + stop, en.strip())


ACCENTS: Mapping[str, str] = {
    "course_completion": "#2c6450",
    "exam_pass": "#27466f",
    "capability": guilloche.TEAL,
    "title": "#6a4518",
    "credit_report": "#3b4d5e",
    "accreditation": "#3f3a6e",
    "continuing_education": "#31566b",
}
"""The colour of the frame of each kind; sheet.css has the same for lines and words."""


@cache
def ornament_of(kind: str) -> Underlay:
    """Return what draws the engraved frame of a kind under a page of a width and height in points."""
    return partial(_ornament, ACCENTS.get(kind, guilloche.TEAL))


@lru_cache(maxsize=16)
def _ornament(accent: str, width: float, height: float) -> bytes:
    across, down = width / POINTS, height / POINTS
    return guilloche.as_pdf(guilloche.frame(across, down, accent=accent), down)
