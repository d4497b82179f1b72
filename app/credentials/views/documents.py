"""Documents for programs: credentials, status lists and DID documents, readable from any site."""

import json
from datetime import datetime

from flask import Response, request

from app.core import files
from app.core.access import public
from app.core.columns import JsonObject
from app.core.config import settings
from app.core.errors import NotFoundError, UnavailableError
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import Certificate
from app.credentials.queries import delegations, seals
from app.credentials.queries.trust import authority_body
from app.credentials.rules.did import did_web
from app.credentials.rules.jwt import MEDIA_TYPE as JWT_MEDIA_TYPE
from app.credentials.services.status_lists import AnyList, beside, edition_of, unopened
from app.credentials.views.blueprint import bp

CREDENTIAL = "application/vc"
LIST_JWT = "application/vc+jwt"
DID = "application/did+json"
REVOCATIONS = "application/pkix-crl"
MINUTE = 60


def credential_response(certificate: Certificate) -> Response:
    """Send a credential byte for byte as it was signed."""
    return _open_to_all(certificate.credential or "", CREDENTIAL)


def _open_to_all(text: str | bytes, media_type: str, *, changed_at: datetime | None = None) -> Response:
    """Answer with a public document that any site may read and that is fresh for a minute."""
    response = Response(text, mimetype=media_type)
    response.last_modified = changed_at
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.cache_control.public = True
    response.cache_control.max_age = MINUTE
    response.add_etag()
    response.make_conditional(request)
    return response


@bp.get("/credentials/<code>.json")
@public
def credential(code: str) -> Response:
    """Send the Open Badges credential of a certificate."""
    return credential_response(queries.certificate(code))


@bp.get("/credentials/<code>.jwt")
@public
def credential_jwt(code: str) -> Response:
    """Send a certificate as the JWT of Open Badges 3.0, byte for byte as it was signed."""
    record = queries.certificate(code)
    if not record.jwt:
        raise UnavailableError(
            _l("This certificate was issued without a JWT. Take the JSON file, which every verifier reads.")
        )
    return _open_to_all(record.jwt, JWT_MEDIA_TYPE)


@bp.get("/credentials/<code>.pdf")
@public
def credential_pdf(code: str) -> Response:
    """Send the PDF of a certificate, with its credential inside."""
    stored = queries.pdf_of(queries.certificate(code))
    if stored is None:
        raise UnavailableError(
            _l("This certificate was issued without a PDF. Take the JSON file, which every verifier reads.")
        )
    response = Response(files.load(stored), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{code}.pdf"'
    return response


@bp.get("/status/<code>")
@public
def status_list(code: str) -> Response:
    """Send the list of who is revoked as a signed credential."""
    return _list(queries.status_list(code))


@bp.get("/status/<code>/suspension")
@public
def suspension_list(code: str) -> Response:
    """Send the list of who is suspended, at the same indexes, as a signed credential."""
    return _list(_beside(code))


@bp.get("/status/<code>.jwt")
@public
def status_list_jwt(code: str) -> Response:
    """Send the list of who is revoked as a JWT."""
    return _list(queries.status_list(code), jwt=True)


@bp.get("/status/<code>/suspension.jwt")
@public
def suspension_list_jwt(code: str) -> Response:
    """Send the list of who is suspended as a JWT."""
    return _list(_beside(code), jwt=True)


def _beside(code: str) -> AnyList:
    listed = queries.status_list(code)
    return beside(listed.id) or unopened(listed)


def _list(listed: AnyList, *, jwt: bool = False) -> Response:
    """Send a list in its current edition: readers tell by it and by the header how old it is."""
    edition = edition_of(listed, jwt=jwt)
    return _open_to_all(edition.text, LIST_JWT if jwt else CREDENTIAL, changed_at=edition.signed_at)


@bp.get("/.well-known/did.json")
@public
def did_document() -> Response:
    """Send the DID document of the platform's own issuing body."""
    body = authority_body()
    if body is None:
        raise NotFoundError(_l("The platform issues nothing under its own name yet."))
    return _did_response(queries.did_document(body))


@bp.get("/issuers/<slug>/did.json")
@public
def issuer_did_document(slug: str) -> Response:
    """Send the DID document of an issuing body below the platform."""
    body = queries.issuing_body(slug)
    if body.did != did_web(settings().public_url, slug):
        raise NotFoundError(_l("This body issues under the platform's own identity."))
    return _did_response(queries.did_document(body))


@bp.get("/issuers/<slug>/endorsements/<code>")
@public
def endorsement(slug: str, code: str) -> Response:
    """Send what the authority signed of a body: an EndorsementCredential with its scope."""
    found = delegations.delegation(code)
    if found.body.slug != slug:
        raise NotFoundError(_l("There is no such delegation."))
    return _open_to_all(json.dumps(delegations.endorsement_of(found), ensure_ascii=False), CREDENTIAL)


@bp.get("/issuers/<slug>/seals/<key_id>.crl")
@public
def seal_list(slug: str, key_id: str) -> Response:
    """Send what a seal key says of the certificate that it made of itself, as readers of PDF files ask for it."""
    return _open_to_all(seals.own_list(slug, key_id), REVOCATIONS)


@bp.get("/issuers/<slug>/endorsement")
@public
def latest_endorsement(slug: str) -> Response:
    """Send what the authority signed last of a body."""
    signed = delegations.published_delegations(queries.issuing_body(slug).id)
    if not signed:
        raise NotFoundError(_l("The authority has delegated nothing to this body."))
    return _open_to_all(json.dumps(delegations.endorsement_of(signed[-1]), ensure_ascii=False), CREDENTIAL)


def _did_response(document: JsonObject) -> Response:
    return _open_to_all(json.dumps(document, ensure_ascii=False, indent=1), DID)
