"""Which forms of a certificate the site offers: read from its routes, so that a new form needs no change here."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import current_app, url_for

from app.core.errors import Text
from app.credentials.models import Certificate
from app.credentials.rules.downloads import CODES, ENDINGS, PATTERN, PICTURES
from app.credentials.wording_holders import DOWNLOADS

ROUTES = "certificate_downloads"


@dataclass(frozen=True, slots=True)
class Download:
    """One form to download: what it is called and where it lies."""

    label: Text
    url: str


def _endpoints() -> Mapping[str, str]:
    """Return the endpoint of each form that has a route, by its ending; looked up once."""
    known: dict[str, str] | None = current_app.extensions.get(ROUTES)
    if known is None:
        by_rule = {rule.rule: rule.endpoint for rule in current_app.url_map.iter_rules()}
        patterns = {ending: PATTERN.format(ending=ending) for ending in ENDINGS}
        known = {ending: by_rule[pattern] for ending, pattern in patterns.items() if pattern in by_rule}
        current_app.extensions[ROUTES] = known
    return known


def downloads(certificate: Certificate) -> list[Download]:
    """Return the forms of a certificate that can be downloaded; one issued without paper has no PDF."""
    missing = {"pdf"} if certificate.pdf_file_id is None else set()
    missing |= set(CODES) if certificate.qr is None else set()
    return [
        Download(DOWNLOADS[ending], url_for(endpoint, code=certificate.code))
        for ending, endpoint in _endpoints().items()
        if ending not in missing
    ]


def picture(certificate: Certificate) -> str | None:
    """Return the address of a picture of the sheet, None where the site draws none."""
    endpoints = _endpoints()
    found = next((endpoints[ending] for ending in PICTURES if ending in endpoints), None)
    return url_for(found, code=certificate.code) if found else None
