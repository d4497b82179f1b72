"""The court-ready file of a case: one PDF with everything that was said, decided, sent and shown, in a fixed order."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import render_template

from app.cases.models import Case, CaseFile
from app.cases.queries import cases as queries
from app.cases.queries import kinds, notices
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


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An exhibit as the file shows it: `pages` of a PDF to merge, `picture` as a data address, else listed only."""

    number: int
    title: str
    media_type: str
    size: int
    sha256: str
    picture: str = ""
    pages: int = 0
    first_page: int = 0


def build(case: Case) -> bytes:
    """Make the file of a case; raises PdfUnavailableError where this machine cannot draw PDF.

    Pages of merged exhibits follow the text in the order the exhibits were added; the table of contents names
    the first page of each, so the text is drawn once to count its pages and once more with the numbers.
    """
    listed = queries.files_of(case)
    exhibits = [_exhibit(number, one, case) for number, one in enumerate(listed, start=1)]
    text = _text(case, exhibits)
    if any(one.pages for one in exhibits):
        exhibits = _numbered(exhibits, len(pypdf.PdfReader(io.BytesIO(text)).pages))
        text = _text(case, exhibits)
    return _merged(case, text, list(zip(exhibits, listed, strict=True)))


def _exhibit(number: int, one: CaseFile, case: Case) -> Exhibit:
    stored, title = one.file, "" if case.texts_erased else case.opened(one.title_kept)
    picture, pages = "", 0
    if not files.is_kept(stored):
        return Exhibit(number, "", stored.media_type, stored.size, stored.sha256)
    if stored.media_type in PICTURES:
        coded = base64.b64encode(files.load(stored)).decode()
        picture = f"data:{stored.media_type};base64,{coded}"
    elif stored.media_type == PDF:
        pages = _pages_of(files.load(stored))
    return Exhibit(number, title, stored.media_type, stored.size, stored.sha256, picture=picture, pages=pages)


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
        first = page if one.pages else 0
        numbered.append(
            Exhibit(
                one.number,
                one.title,
                one.media_type,
                one.size,
                one.sha256,
                picture=one.picture,
                pages=one.pages,
                first_page=first,
            )
        )
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
    )
    return pdf.render_pdf(html, css=STYLE.read_text("utf-8"))


def _merged(case: Case, text: bytes, exhibits: list[tuple[Exhibit, CaseFile]]) -> bytes:
    writer = pypdf.PdfWriter()
    writer.append(io.BytesIO(text), outline_item=str(_("Case file")))
    for one, row in exhibits:
        if one.pages:
            title = str(_("Exhibit %(number)s", number=one.number))
            writer.append(io.BytesIO(files.load(row.file)), outline_item=f"{title} {one.title}", import_outline=False)
    writer.add_metadata({"/Title": case.code, "/Subject": case.kind})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
