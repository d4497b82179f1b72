"""The page that checks a QR code on the device, what it keeps there, and the trust bundle for offices."""

import json

from flask import Response, render_template, send_file, url_for

from app.core import clock
from app.core.access import public
from app.core.errors import UnavailableError
from app.core.text import _l
from app.credentials.models import TrustBundle
from app.credentials.queries import trust as reads
from app.credentials.rules.qr_check import trust_document
from app.credentials.services.trust import phone_trust
from app.credentials.views.blueprint import bp
from app.credentials.wording_offline import SAYINGS, page_words
from app.web.bundles import asset_path

MINUTE = 60


@bp.get("/v")
@public
def phone() -> str:
    """Show the page that checks a QR code; the code stands behind the `#` and never comes here."""
    return render_template("credentials/v.html", say=SAYINGS, words_of_both=page_words())


@bp.get("/v/worker.js")
@public
def phone_worker() -> Response:
    """Send the worker that opens the page without network; it answers for that page alone."""
    answer = send_file(asset_path("v-worker.js"), mimetype="text/javascript")
    answer.headers["Service-Worker-Allowed"] = url_for("credentials.phone")
    answer.cache_control.no_cache = True
    return answer


@bp.get("/v/trust.json")
@public
def phone_trust_document() -> Response:
    """Send the keys and status lists that the page keeps, as of now."""
    document = trust_document(phone_trust(at=clock.real_now()))
    return _open(json.dumps(document, ensure_ascii=False, separators=(",", ":")), "application/json")


@bp.get("/trust/bundle.zip")
@public
def trust_bundle() -> Response:
    """Send the trust bundle that was built last."""
    latest = _latest()
    answer = _open(latest.content, "application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="jijing-trust-{latest.made_at:%Y-%m-%d}.zip"'
    return answer


@bp.get("/trust/manifest.json")
@public
def trust_manifest() -> Response:
    """Send the list of what the trust bundle holds, with its date."""
    return _open(_latest().manifest, "application/json")


@bp.get("/trust/manifest.jws")
@public
def trust_signature() -> Response:
    """Send the authority's detached signature over the list."""
    return _open(_latest().signature, "application/jose")


def _latest() -> TrustBundle:
    found = reads.latest_bundle()
    if found is None:
        raise UnavailableError(_l("The trust bundle is being made. Try again in a minute."))
    return found


def _open(content: str | bytes, media_type: str) -> Response:
    """Answer with a public document that any site may read and that is fresh for a minute."""
    response = Response(content, mimetype=media_type)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.cache_control.public = True
    response.cache_control.max_age = MINUTE
    return response
