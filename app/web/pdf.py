"""HTML to PDF by WeasyPrint: imported late, since Pango may be missing, and never fetching anything."""

import warnings
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

from app.core.clock import real_now
from app.core.errors import UnavailableError
from app.core.text import _l

ARCHIVE = "pdf/a-3u"
FACES = Path(__file__).resolve().parents[2] / "build" / "fonts"
FAMILY = "Jijing Song"
WEIGHTS = {"Regular": 400, "Bold": 700}
"""The faces that set-up makes from Noto Serif CJK: smaller, so that a page takes a third of the time."""
Underlay = Callable[[float, float], bytes]
"""Gives what lies under the text of a page of a width and height in points, as PDF operators."""
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
    media_type: str = "application/octet-stream"


@cache
def available() -> bool:
    """Tell whether this machine can make PDF files."""
    try:
        _weasyprint()
    except PdfUnavailableError:
        return False
    return True


def render_pdf(
    html: str,
    *,
    css: str,
    attachments: Sequence[Attached] = (),
    underlay: Underlay | None = None,
    marks: Underlay | None = None,
) -> bytes:
    """Draw a self-contained page as PDF/A-3u and put files inside it; raises PdfUnavailableError.

    Only `data:` addresses are read: a page names no file and no host. `underlay` draws what every page of a
    size has and `marks` what these pages have; both are ornament, which readers of the text pass over.
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
            pdf_tags=True,
            finisher=partial(_finish, attachments=attachments, ornaments=(underlay, marks)),
        )
    return pdf


def _finish(
    _document: object,
    pdf: Any,  # noqa: ANN401 - WeasyPrint is imported late
    *,
    attachments: Sequence[Attached],
    ornaments: tuple[Underlay | None, Underlay | None],
) -> None:
    """Give attached files their media types, which WeasyPrint guesses by name, and pages their ornament."""
    types = {one.name: one.media_type for one in attachments}
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])  # WeasyPrint 70 lists each file twice
    for found in [one for one in pdf.objects if isinstance(one, dict)]:
        if found.get("Type") == "/Filespec" and found["UF"].string in types:
            file = pdf.objects[int(found["EF"]["F"].split()[0])]
            file.extra["Subtype"] = "/" + types[found["UF"].string].replace("/", "#2f")
        if found.get("Type") == "/Page":
            _lay_under(pdf, found, *ornaments)
    _pack(pdf)


def _pack(pdf: Any) -> None:  # noqa: ANN401 - WeasyPrint is imported late
    """Compress each stream once: pydyf does it anew for the file and for its identifier."""
    for one in [found for found in pdf.objects if getattr(found, "compress", False)]:
        if all(isinstance(item, bytes) for item in one.stream):
            packed = zlib.compress(b"\n".join(one.stream), 9)
            one.stream, one.extra["Filter"], one.compress = [packed], "/FlateDecode", False


def _lay_under(pdf: Any, page: Any, underlay: Underlay | None, marks: Underlay | None) -> None:  # noqa: ANN401 - WeasyPrint is imported late
    _left, _top, *size = page["MediaBox"]
    packed = [_packed(underlay, *size)] if underlay else []
    packed += [zlib.compress(_as_ornament(marks(*size)))] if marks else []
    pydyf = import_module("pydyf")
    streams = [pydyf.Stream([one], {"Filter": "/FlateDecode"}) for one in packed]
    for one in streams:
        pdf.add_object(one)
    page["Contents"] = pydyf.Array([*(one.reference for one in streams), page["Contents"]])


@cache
def _packed(underlay: Underlay, width: float, height: float) -> bytes:
    """Draw and pack an ornament once: every page of its size has the same."""
    return zlib.compress(_as_ornament(underlay(width, height)), 9)


def _as_ornament(operators: bytes) -> bytes:
    return b"/Artifact BMC\n" + operators + b"\nEMC\n"


def _attachment(attached: Attached) -> Any:  # noqa: ANN401 - WeasyPrint is imported late
    return _weasyprint().Attachment(
        string=attached.content,
        name=attached.name,
        description=attached.description,
        relationship=attached.relationship,
        created=(now := real_now()),
        modified=now,
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
    """Keep one font configuration with our own faces: making it anew costs more than drawing a page."""
    weasyprint = _weasyprint()
    fonts = weasyprint.text.fonts.FontConfiguration()
    faces = weasyprint.urls.URLFetcher(allowed_protocols=["file"], fail_on_errors=True)
    weasyprint.CSS(string=face_rules(), font_config=fonts, url_fetcher=faces)
    return fonts


def face_rules() -> str:
    """Return the rules of a style sheet that bring our own faces along; none where set-up made none."""
    return "\n".join(
        f"@font-face {{ font-family: '{FAMILY}'; font-weight: {weight}; src: url({path.as_uri()}) }}"
        for name, weight in WEIGHTS.items()
        if (path := face_path(name)).is_file()
    )


def face_path(name: str) -> Path:
    """Return where set-up puts a face of ours, by the name of its weight."""
    return FACES / f"{FAMILY.replace(' ', '')}-{name}.ttf"


@cache
def _sheet(css: str) -> Any:  # noqa: ANN401 - WeasyPrint is imported late
    """Keep each style sheet parsed."""
    return _weasyprint().CSS(string=css, font_config=_fonts(), url_fetcher=_fetcher())
