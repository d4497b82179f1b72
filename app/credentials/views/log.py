"""The public log: for programs as C2SP tiles, for people as a page."""

from datetime import timedelta

from flask import Response, render_template

from app.core.access import public
from app.core.errors import NotFoundError
from app.core.text import _l
from app.credentials import queries
from app.credentials.queries import log as reads
from app.credentials.rules.tlog import TlogError, read_level, read_tile_path
from app.credentials.services import log
from app.credentials.views.blueprint import bp

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
MOMENTS = 5
FOR_EVER = int(timedelta(days=365).total_seconds())


@bp.get("/log")
@public
def log_page() -> str:
    """Explain the log to people, with its last checkpoint and how to check it."""
    return render_template("credentials/log.html", last=reads.latest(), note=log.checkpoint(), key=log.verifier_key())


@bp.get("/log/checkpoint")
@public
def log_checkpoint() -> Response:
    """Send the last signed root."""
    return _open(log.checkpoint().encode(), TEXT, seconds=MOMENTS)


@bp.get("/log/key")
@public
def log_key() -> Response:
    """Send the log's key as verifiers of notes take it."""
    return _open(f"{log.verifier_key()}\n".encode(), TEXT, seconds=MOMENTS)


@bp.get("/log/tile/<level>/<path:place>")
@public
def log_tile(level: str, place: str) -> Response:
    """Send the hashes of a tile, full or partial; neither ever changes."""
    try:
        content = reads.tile_bytes(read_level(level), read_tile_path(place))
    except TlogError as error:
        raise _no_such_tile() from error
    return _open(content, BYTES, seconds=FOR_EVER)


@bp.get("/log/tile/entries/<path:place>")
@public
def log_entries(place: str) -> Response:
    """Send the entries of a tile, each behind its length."""
    try:
        content = reads.bundle_bytes(read_tile_path(place))
    except TlogError as error:
        raise _no_such_tile() from error
    return _open(content, BYTES, seconds=FOR_EVER)


@bp.get("/credentials/<code>.tlog-proof")
@public
def credential_proof(code: str) -> Response:
    """Send the proof that a certificate's issue is in the log."""
    text = reads.proof_of(queries.certificate(code))
    if text is None:
        raise NotFoundError(_l("The certificate waits for the next seal of the log. Ask again in a minute."))
    response = _open(text.encode(), TEXT, seconds=MOMENTS)
    response.headers["Content-Disposition"] = f'inline; filename="{code}.tlog-proof"'
    return response


def _no_such_tile() -> NotFoundError:
    return NotFoundError(_l("The log has no tile under this address."))


def _open(content: bytes, media_type: str, *, seconds: int) -> Response:
    """Answer with bytes that any site may read; what never changes is kept for a year."""
    response = Response(content, content_type=media_type)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.cache_control.public = True
    response.cache_control.max_age = seconds
    response.cache_control.immutable = seconds == FOR_EVER
    return response
