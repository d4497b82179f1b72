"""HTML to PDF by WeasyPrint: imported late, since Pango may be missing, and never fetching anything."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from threading import Lock
from typing import Any

from app.core.errors import UnavailableError
from app.core.text import _l

ARCHIVE = "pdf/a-3u"
# Pango's font maps are not made for threads, and one page keeps a core busy anyway.
_LOCK = Lock()


class PdfUnavailableError(UnavailableError):
    """The libraries that draw text on paper are missing; the site runs on without PDF."""

    def __init__(self) -> None:
        super().__init__(
            _l(
                "PDF files cannot be made on this machine: "
                "install Pango (libpango-1.0-0, libpangoft2-1.0-0) and CJK fonts."
            )
        )


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside a PDF; PDF/A-3 wants to know how it relates to the pages: Source, Data, Supplement."""

    name: str
    content: bytes
    description: str
    relationship: str = "Source"


@cache
def available() -> bool:
    """Tell whether this machine can make PDF files."""
    try:
        _weasyprint()
    except PdfUnavailableError:
        return False
    return True


def render_pdf(html: str, *, css: str, attachments: Sequence[Attached] = ()) -> bytes:
    """Draw a self-contained page as PDF/A-3u and put files inside it; raises PdfUnavailableError.

    Only `data:` addresses are read: a page names no file and no host.
    """
    engine = _weasyprint()
    with _LOCK, warnings.catch_warnings():
        # WeasyPrint 70 leaves the file of its colour profile to the collector.
        warnings.simplefilter("ignore", ResourceWarning)
        page = engine.HTML(string=html, url_fetcher=_fetcher())
        pdf: bytes = page.write_pdf(
            stylesheets=[_sheet(css)],
            font_config=_fonts(),
            pdf_variant=ARCHIVE,
            attachments=[_attachment(one) for one in attachments],
        )
    return pdf


def _attachment(attached: Attached) -> Any:  # noqa: ANN401 - WeasyPrint is imported late
    return _weasyprint().Attachment(
        string=attached.content,
        name=attached.name,
        description=attached.description,
        relationship=attached.relationship,
    )


@cache
def _weasyprint() -> Any:  # noqa: ANN401 - WeasyPrint is imported late
    try:
        weasyprint = import_module("weasyprint")  # needs Pango, which no wheel carries
    except OSError as error:
        raise PdfUnavailableError from error
    return weasyprint


@cache
def _fetcher() -> Any:  # noqa: ANN401 - WeasyPrint is imported late
    return _weasyprint().urls.URLFetcher(allowed_protocols=["data"], fail_on_errors=True)


@cache
def _fonts() -> Any:  # noqa: ANN401 - WeasyPrint is imported late
    """Keep one font configuration: making it anew costs more than drawing a page."""
    return _weasyprint().text.fonts.FontConfiguration()


@cache
def _sheet(css: str) -> Any:  # noqa: ANN401 - WeasyPrint is imported late
    """Keep each style sheet parsed."""
    return _weasyprint().CSS(string=css, font_config=_fonts(), url_fetcher=_fetcher())
