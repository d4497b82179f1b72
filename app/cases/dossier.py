"""The court-ready file of a case: one PDF with everything that was said, decided, sent and shown, in a fixed order."""

import base64
import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from flask import render_template

from app.cases.models import Case, CaseFile
from app.cases.queries import cases as queries
from app.cases.queries import kinds, notices
from app.cases.rules.endings import ending_of
from app.cases.rules.legible import A_FILE, Legible, Room, legible
from app.cases.services.subjects import of_case
from app.core import files
from app.core.lazily import lazily
from app.core.text import _
from app.desk.queries import timeline_entries
from app.rulebook import queries as rulebook
from app.web import pdf

if TYPE_CHECKING:
    import pypdf.errors
else:
    pypdf = lazily("pypdf")

STYLE = Path(__file__).parent / "templates" / "cases" / "dossier.css"
PDF = "application/pdf"
PICTURES = ("image/png", "image/jpeg")


ENCLOSED_MEGABYTES = 100
"""So much of originals is enclosed; what goes beyond it stands in the list by its hash, and the file says so."""


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An exhibit as the file shows it: `pages` of a PDF to merge, `picture` as a data address, or what is `legible`.

    `enclosed` is the name under which its original lies in the file, empty where it is too large or gone.
    """

    number: int
    title: str
    media_type: str
    size: int
    sha256: str
    picture: str = ""
    legible: Legible | None = None
    pages: int = 0
    first_page: int = 0
    enclosed: str = ""


def build(case: Case) -> bytes:
    """Make the file of a case; raises PdfUnavailableError where this machine cannot draw PDF.

    Pages of merged exhibits follow the text in the order the exhibits were added; the table of contents names
    the first page of each, so the text is drawn once to count its pages and once more with the numbers. The originals
    are enclosed as they were handed in.
    """
    listed = queries.files_of(case)
    exhibits = _enclosed(_exhibits(listed, case), listed)
    text = _text(case, exhibits)
    if any(one.pages for one in exhibits):
        exhibits = _numbered(exhibits, len(pypdf.PdfReader(io.BytesIO(text)).pages))
        text = _text(case, exhibits)
    return _merged(case, text, list(zip(exhibits, listed, strict=True)))


def _exhibits(listed: list[CaseFile], case: Case) -> list[Exhibit]:
    """Show the exhibits in order; what can be read of them is drawn as far as the file has room."""
    found, left = list[Exhibit](), A_FILE
    for number, one in enumerate(listed, start=1):
        found.append(_exhibit(number, one, case, left))
        left = left.after(found[-1].legible)
    return found


def _exhibit(number: int, one: CaseFile, case: Case, left: Room) -> Exhibit:
    stored, title = one.file, "" if case.texts_erased else case.opened(one.title_kept)
    if not files.is_kept(stored):
        return Exhibit(number, "", stored.media_type, stored.size, stored.sha256)
    made = Exhibit(number, title, stored.media_type, stored.size, stored.sha256)
    data = files.load(stored)
    if stored.media_type in PICTURES:
        return replace(made, picture=f"data:{stored.media_type};base64,{base64.b64encode(data).decode()}")
    if stored.media_type == PDF:
        return replace(made, pages=_pages_of(data))
    return replace(made, legible=legible(stored.media_type, data, left))


def _enclosed(exhibits: list[Exhibit], listed: list[CaseFile]) -> list[Exhibit]:
    """Name the originals that are enclosed, in order, as far as they fit."""
    found, left = list[Exhibit](), ENCLOSED_MEGABYTES * files.MEGABYTE
    for one, row in zip(exhibits, listed, strict=True):
        fits = files.is_kept(row.file) and one.size <= left
        left -= one.size if fits else 0
        name = f"exhibit-{one.number}{ending_of(one.title, one.media_type)}"
        found.append(replace(one, enclosed=name if fits else ""))
    return found


def _pages_of(data: bytes) -> int:
    """Count the pages of a PDF; 0 where it is damaged or locked, so that it is listed and not merged."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        return 0 if reader.is_encrypted else len(reader.pages)
    except (pypdf.errors.PyPdfError, ValueError, KeyError):
        return 0


def _numbered(exhibits: list[Exhibit], text_pages: int) -> list[Exhibit]:
    """Give each merged exhibit the page on which it begins."""
    numbered, page = [], text_pages + 1
    for one in exhibits:
        numbered.append(replace(one, first_page=page if one.pages else 0))
        page += one.pages
    return numbered


def _text(case: Case, exhibits: list[Exhibit]) -> bytes:
    pack = rulebook.by_code(str(case.rule_pack))
    html = render_template(
        "cases/dossier.html",
        case=case,
        kind=kinds.case_kind(case.kind),
        entries=list(reversed(timeline_entries(of_case(case)))),
        served=notices.notices_of(case),
        pack=pack,
        sentences=rulebook.kind(pack.kind).sentences(rulebook.params(pack)),
        exhibits=exhibits,
        told=kinds.told(case),
        megabytes=ENCLOSED_MEGABYTES,
    )
    return pdf.render_pdf(html, css=STYLE.read_text("utf-8"))


def _merged(case: Case, text: bytes, exhibits: list[tuple[Exhibit, CaseFile]]) -> bytes:
    writer = pypdf.PdfWriter()
    writer.append(io.BytesIO(text), outline_item=str(_("Case file")))
    for one, row in exhibits:
        if one.pages:
            title = str(_("Exhibit %(number)s", number=one.number))
            writer.append(io.BytesIO(files.load(row.file)), outline_item=f"{title} {one.title}", import_outline=False)
        if one.enclosed:
            writer.add_attachment(one.enclosed, files.load(row.file))
    writer.add_metadata({"/Title": str(case.number), "/Subject": case.kind})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
