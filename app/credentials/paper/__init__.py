"""The certificate to hold in hand: a sealed PDF/A-3 sheet and a badge, each with the credential inside."""

from functools import lru_cache
from typing import TYPE_CHECKING

from app.core.config import settings
from app.core.errors import UnavailableError
from app.core.lazily import lazily
from app.core.text import _l
from app.credentials.models import Certificate
from app.credentials.paper import sheet
from app.credentials.rules.baked import bake_png, bake_svg
from app.credentials.rules.cose import drawn_as
from app.credentials.rules.document import read_document
from app.credentials.rules.layout import Layout
from app.credentials.rules.openbadge import Certificate as Facts
from app.credentials.rules.openbadge import read_certificate
from app.credentials.services.bodies import Seal, seal_of
from app.credentials.services.templates import layout_of
from app.credentials.states import SealLevel
from app.credentials.verification import CREDENTIAL_NAME
from app.web import pdf
from app.web.pdf import Attached

if TYPE_CHECKING:
    from app.credentials.paper import badge, completing, pades, timestamps
else:
    badge = lazily("app.credentials.paper.badge")
    completing = lazily("app.credentials.paper.completing")
    pades = lazily("app.credentials.paper.pades")
    timestamps = lazily("app.credentials.paper.timestamps")

CREDENTIAL_TYPE = "application/vc"
DESCRIPTION = "Open Badges 3.0 credential with eddsa-rdfc-2022 proof"


def available() -> bool:
    """Tell whether this machine can render certificates."""
    return pdf.available()


def certificate_pdf(certificate: Certificate, *, seal: Seal | None = None) -> bytes:
    """Return the sheet of a signed certificate as PDF/A-3 with its credential attached, sealed by PAdES.

    Its level is that of `level_of`; whoever draws many gives the seal of their body. Raises PdfUnavailableError where
    nothing can be drawn, UnavailableError where the key or the time-stamp authority does not answer.
    """
    drawn = draw_sheet(
        read_certificate(certificate.document),
        layout_of(certificate),
        qr=certificate.qr,
        credential=certificate.credential,
    )
    return pades.sealed(drawn, seal or seal_of(certificate.body), authority=time_authority())


def time_authority() -> "timestamps.TimeAuthority | None":
    """Return the time-stamp authority that TSA_URL names, None where it names none."""
    url = settings().tsa_url
    return timestamps.authority_at(url) if url else None


def level_of(proven: "pades.Proven") -> SealLevel:
    """Return the level at which a PDF is sealed now with a seal, or with what proves it."""
    return pades.level_of(proven, time_authority())


def sealed_under(pdf: bytes) -> bytes:
    """Return the certificate (DER) under which a PDF was sealed; raises UnavailableError where it cannot be read."""
    return completing.sealed_under(pdf)


def completed(pdf: bytes, proving: "completing.Proving") -> bytes:
    """Return a sealed PDF with what proves its seal added behind it; raises UnavailableError where that cannot be."""
    return completing.completed(pdf, proving)


def timed(pdf: bytes) -> "completing.Timed | None":
    """Return a sealed PDF with a time-stamp added behind it, None where no authority is set up.

    Raises UnavailableError where the authority does not answer, ValueError where the file is damaged.
    """
    authority = time_authority()
    return completing.timed(pdf, authority) if authority else None


def draw_sheet(facts: Facts, layout: Layout, *, qr: str | None = None, credential: str | None = None) -> bytes:
    """Return a sheet without a seal, with its credential attached where there is one: also for a preview.

    Raises PdfUnavailableError, and LayoutError where the layout cannot be filled.
    """
    filled = sheet.sheet_of(facts, layout, qr=qr)
    content = (credential or "").encode()
    attached = [Attached(CREDENTIAL_NAME, content, DESCRIPTION, media_type=CREDENTIAL_TYPE)] if credential else []
    return pdf.render_pdf(
        filled.html,
        css=filled.css,
        attachments=attached,
        underlay=filled.underlay,
        marks=filled.marks,
    )


def png(certificate: Certificate) -> bytes:
    """Return the badge of a certificate as PNG with the credential baked in; raises LettersMissingError."""
    return _png(certificate.credential or "")


def svg(certificate: Certificate) -> bytes:
    """Return the badge of a certificate as SVG with the credential baked in; raises LettersMissingError."""
    return _svg(certificate.credential or "")


def code_png(certificate: Certificate) -> bytes:
    """Return the QR code of a certificate as PNG with the credential baked in; raises UnavailableError for none."""
    return bake_png(drawn_as("png", _code_of(certificate)), certificate.credential or "")


def code_svg(certificate: Certificate) -> bytes:
    """Return the QR code of a certificate as SVG with the credential baked in; raises UnavailableError for none."""
    return bake_svg(drawn_as("svg", _code_of(certificate)).decode(), certificate.credential or "")


def _code_of(certificate: Certificate) -> str:
    if certificate.qr is None:
        raise UnavailableError(
            _l("The entries of this certificate have no place in a QR code. Take the PDF or the JSON file.")
        )
    return certificate.qr


@lru_cache(maxsize=64)
def _png(credential: str) -> bytes:
    return bake_png(badge.png(_facts(credential)), credential)


@lru_cache(maxsize=64)
def _svg(credential: str) -> bytes:
    return bake_svg(badge.svg(_facts(credential)), credential)


def _facts(credential: str) -> Facts:
    return read_certificate(read_document(credential.encode()))
