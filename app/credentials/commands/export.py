"""`flask credentials export`: a certificate as a file, in each of its forms."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from app.core import files
from app.core.commands import answer, refusals, with_json
from app.core.errors import InvalidError, UnavailableError
from app.core.text import _l
from app.credentials import paper, queries
from app.credentials.commands.group import group
from app.credentials.models import Certificate


def _pdf(certificate: Certificate) -> bytes:
    stored = queries.pdf_of(certificate)
    if stored is None:
        raise UnavailableError(_l("This certificate was issued without a PDF. Export it as vc."))
    return files.load(stored)


def _jwt(certificate: Certificate) -> bytes:
    if not certificate.jwt:
        raise UnavailableError(_l("This certificate was issued without a JWT. Export it as vc."))
    return certificate.jwt.encode()


FORMS: Mapping[str, Callable[[Certificate], bytes]] = {
    "vc": lambda certificate: (certificate.credential or "").encode(),
    "jwt": _jwt,
    "pdf": _pdf,
    "png": paper.png,
    "svg": paper.svg,
    "qr-png": paper.code_png,
    "qr-svg": paper.code_svg,
}


@group.command("export")
@click.argument("code")
@click.option("--as", "form", type=click.Choice(list(FORMS)), default="vc", help="Which form.")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@with_json
def export(code: str, form: str, out: Path, *, as_json: bool) -> None:
    """Write a certificate to a file.

    `vc` the credential, `jwt` the same as a JWT, `pdf` the sealed sheet, `png` and `svg` the badge, `qr-png` and
    `qr-svg` the QR code by itself; all but the first two carry the credential inside. CODE is its code or unified
    number.
    """
    with refusals():
        found = queries.by_reference(code) or queries.certificate(code)
        content = FORMS[form](found)
        try:
            out.write_bytes(content)
        except OSError as error:
            raise InvalidError(
                _l("%(path)s cannot be written: %(reason)s.", path=str(out), reason=str(error))
            ) from error
    document = {"code": found.code, "form": form, "bytes": len(content), "path": str(out)}
    answer(document, str(out), as_json=as_json)
