"""The admission ticket on paper: one A4 sheet a candidate, in both languages, with a QR code that signs in."""

# zh: a ticket on paper stands in both languages, whoever prints it

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import segno
from flask import render_template
from markupsafe import Markup

from app.accounts.services.people import masked_data
from app.assessment.exams.models import Admission, ExamSession, Registration
from app.assessment.exams.queries.modules import level_of_session
from app.assessment.exams.rules.parameters import LevelRule
from app.assessment.exams.rules.tickets import latin_name, link
from app.core.clock import SHANGHAI
from app.core.config import settings
from app.credentials.rules.templates import LEVELS
from app.web import pdf

STYLE = Path(__file__).parent / "templates" / "exams" / "ticket_paper.css"
LABELS = {
    "title": ("准考证", "Admission ticket"),
    "rehearsal": ("演练，不计成绩", "Rehearsal, not counted"),
    "number": ("准考证号", "Ticket number"),
    "name": ("姓名", "Full name"),
    "identity": ("证件号码", "Identity number"),
    "level": ("等级", "Level"),
    "window": ("考试时间", "Exam time"),
    "minutes": ("作答时长", "Minutes for the sitting"),
    "venue": ("考点", "Venue"),
    "address": ("地址", "Address"),
    "room": ("考场", "Room"),
    "seat": ("座位号", "Seat"),
    "online": ("线上考试", "Online"),
    "photo": ("照片", "Photo"),
    "scan": ("扫码登录", "Scan to sign in"),
    "rules": ("考生须知", "Rules"),
}
BRING = (
    "凭本准考证和有效身份证件原件入场，证件须与本证信息一致。",
    "Bring this ticket and your original identity document.",
)
LATE = ("开考{}分钟后不得入场。", "Nobody enters later than {} minutes after the opening.")
EARLY = ("开考{}分钟内不得交卷离场。", "Nobody hands in within the first {} minutes.")
DEVICES = ("通讯设备和带有存储功能的电子设备不得带至座位。", "No devices for communication or storage at the seat.")
SECRET = (
    "二维码等同登录密码，请勿转借或拍照外传；补发后旧证作废。",
    "The QR code signs you in: show it to nobody else. A ticket issued anew ends the former one.",
)
CLOCK = ("时间为北京时间，以考试系统时钟为准。", "Times are Beijing time, by the clock of the exam system.")


@dataclass(frozen=True, slots=True)
class Ticket:
    """What one sheet is printed from; the secret is kept nowhere else."""

    registration: Registration
    seat: Admission | None
    secret: str


def tickets_pdf(found: ExamSession, rule: LevelRule, tickets: Sequence[Ticket]) -> bytes:
    """Print tickets, one sheet each; raises PdfUnavailableError."""
    level = _level(found)
    html = render_template(
        "exams/ticket_paper.html",
        sheets=[_sheet(found, one, level) for one in tickets],
        session=found,
        label=LABELS,
        rules=_rules(found, rule),
    )
    return pdf.render_pdf(html, css=STYLE.read_text("utf-8"))


def _level(found: ExamSession) -> str:
    """Return the level as the syllabus of the paper calls it, else by its national name."""
    own, national = level_of_session(found), LEVELS.get(found.level)
    if own is not None:
        return f"{own.name_zh} {own.name_en}"
    return f"{national.zh} {national.en}" if national else found.level


def _sheet(found: ExamSession, ticket: Ticket, level: str) -> dict[str, object]:
    person = ticket.registration.person
    return {
        "number": ticket.registration.code,
        "name": person.name,
        "latin": latin_name(person.name, person.name_latin),
        "rows": _rows(found, ticket, level),
        "code": ticket.secret,
        "qr": _qr(link(settings().public_url, ticket.secret)),
    }


def _rows(found: ExamSession, ticket: Ticket, level: str) -> list[tuple[tuple[str, str], str]]:
    rows = [
        (LABELS["identity"], masked_data(ticket.registration.person)["identity"] or ""),
        (LABELS["level"], level),
        (LABELS["window"], f"{_local(found.opens_at)} – {_local(found.closes_at)}"),
        (LABELS["minutes"], str(found.minutes)),
    ]
    return rows + _place(ticket.seat)


def _place(seat: Admission | None) -> list[tuple[tuple[str, str], str]]:
    if seat is None:
        return [(LABELS["venue"], " ".join(LABELS["online"]))]
    room = seat.session_room.room
    return [
        (LABELS["venue"], f"{room.venue.name_zh} {room.venue.name_en}"),
        (LABELS["address"], room.venue.address),
        (LABELS["room"], room.name),
        (LABELS["seat"], f"{seat.seat:02d}"),
    ]


def _rules(found: ExamSession, rule: LevelRule) -> list[tuple[str, str]]:
    at_venue = found.venue_id is not None
    limits = [(LATE, rule.late_entry_minutes), (EARLY, rule.no_hand_in_minutes)]
    said = [(zh.format(minutes), en.format(minutes)) for (zh, en), minutes in limits if at_venue and minutes]
    return [BRING, *said, DEVICES, SECRET, CLOCK] if at_venue else [SECRET, CLOCK]


def _local(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _qr(url: str) -> Markup:
    """Draw the link as a QR code that bears 15 % of damage."""
    code = segno.make(url, error="m", micro=False)
    return Markup(code.svg_inline(scale=1, border=0, dark="#16202c", omitsize=True))  # noqa: S704 - drawn by segno from our own address
