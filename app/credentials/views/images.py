"""Badges of certificates: images that anyone may show, with the credential inside."""

from flask import Response, request

from app.core.access import public
from app.credentials import paper, queries
from app.credentials.views.blueprint import bp

HOUR = 3600


@bp.get("/credentials/<code>.png")
@public
def credential_png(code: str) -> Response:
    """Send the badge of a certificate as PNG, with its credential baked in."""
    return _image(paper.png(queries.certificate(code)), "image/png", f"{code}.png")


@bp.get("/credentials/<code>.svg")
@public
def credential_svg(code: str) -> Response:
    """Send the badge of a certificate as SVG, with its credential baked in."""
    return _image(paper.svg(queries.certificate(code)), "image/svg+xml", f"{code}.svg")


@bp.get("/credentials/<code>.qr.png")
@public
def code_png(code: str) -> Response:
    """Send the QR code of a certificate, with its proof, as PNG."""
    return _image(paper.code_png(queries.certificate(code)), "image/png", f"{code}.qr.png")


@bp.get("/credentials/<code>.qr.svg")
@public
def code_svg(code: str) -> Response:
    """Send the QR code of a certificate, with its proof, as SVG."""
    return _image(paper.code_svg(queries.certificate(code)), "image/svg+xml", f"{code}.qr.svg")


def _image(content: bytes, media_type: str, name: str) -> Response:
    """Answer with an image that other sites may show, and that is fresh for an hour."""
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.cache_control.public = True
    response.cache_control.max_age = HOUR
    response.add_etag()
    response.make_conditional(request)
    return response
