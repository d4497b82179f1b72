"""What the credentials room keeps of a person: certificates with their numbers, and requests for them."""

from collections.abc import Iterable
from datetime import date, datetime, time

from sqlalchemy import SelectBase, func, or_, select, update

from app.core import clock
from app.core.clock import SHANGHAI
from app.core.columns import JsonObject
from app.core.db import session
from app.core.personal_data import PURPOSE_NOT_ACHIEVED, rows
from app.core.room import HoldKind, PersonalData
from app.core.text import _l
from app.credentials.models import ERASED, Certificate, CertificateRequest, EarlierCredential, ShareLink
from app.credentials.services.checks import forget_names_of
from app.credentials.services.erasing import forget_papers
from app.credentials.services.sharing import forget_links_of
from app.credentials.states import CertificateState


def _certificates(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Certificate.code,
        Certificate.number,
        Certificate.kind,
        Certificate.level,
        Certificate.state,
        Certificate.fields,
        Certificate.valid_from,
        Certificate.valid_until,
        Certificate.published_at,
        Certificate.revoked_at,
        Certificate.revoked_for.label("reason"),
        Certificate.suspended_at,
        Certificate.suspended_for.label("why"),
        Certificate.credential,
        Certificate.jwt,
    )
    return rows(told.where(Certificate.person_id == person_id).order_by(Certificate.id))


def _requests(person_id: int) -> Iterable[JsonObject]:
    told = select(
        CertificateRequest.code,
        CertificateRequest.kind,
        CertificateRequest.state,
        CertificateRequest.source_type.label("subject_type"),
        CertificateRequest.source_code.label("subject_code"),
        CertificateRequest.fields,
        CertificateRequest.requested_at.label("asked_at"),
    )
    return rows(told.where(CertificateRequest.person_id == person_id).order_by(CertificateRequest.id))


def _links(person_id: int) -> Iterable[JsonObject]:
    told = select(
        ShareLink.code,
        ShareLink.label,
        ShareLink.fields.label("shown"),
        ShareLink.created_at.label("at"),
        ShareLink.expires_at,
        ShareLink.revoked_at,
        ShareLink.views,
    )
    return rows(told.where(ShareLink.person_id == person_id).order_by(ShareLink.id))


def _held(person_id: int, on: date) -> SelectBase:
    """Keep who holds a certificate that is being issued or valid: everyone who is shown it may verify it."""
    begins = datetime.combine(on, time.min, SHANGHAI)
    return select(func.coalesce(Certificate.number, Certificate.code), Certificate.valid_until).where(
        Certificate.person_id == person_id,
        Certificate.state != CertificateState.REVOKED,
        or_(Certificate.valid_until.is_(None), Certificate.valid_until > begins),
    )


def _forget(person_id: int) -> None:
    """Clear what certificates that hold no more say of the person: number, state and place in the list stay."""
    own = Certificate.person_id == person_id
    forget_papers(person_id, at=clock.now())
    session.execute(update(Certificate).where(own).values(fields={}, document={}))
    signed = own & Certificate.credential.is_not(None)
    session.execute(update(Certificate).where(signed).values(credential=ERASED))
    session.execute(update(Certificate).where(own & Certificate.jwt.is_not(None)).values(jwt=ERASED))
    held = select(Certificate.id).where(own)
    session.execute(
        update(EarlierCredential)
        .where(EarlierCredential.certificate_id.in_(held))
        .values(credential=ERASED, jwt=None, jwt_key_id=None)
    )
    session.execute(update(CertificateRequest).where(CertificateRequest.person_id == person_id).values(fields={}))
    forget_names_of(person_id)
    forget_links_of(person_id)


UNTOLD = {
    "certificate_number.person_id": "The number stands in the certificates and requests that are told, and nothing "
    "else is kept here.",
}
PERSONAL_DATA = (
    PersonalData(
        "certificates",
        _l("My certificates"),
        _certificates,
        holds=(HoldKind(_l("Name and document for the valid certificate %(number)s"), PURPOSE_NOT_ACHIEVED, _held),),
        forget=_forget,
        columns=("certificate.person_id",),
        fields={
            "fields": _l("Content"),
            "valid_from": _l("Valid from"),
            "valid_until": _l("Valid until"),
            "published_at": _l("Put on record"),
            "revoked_at": _l("Revoked"),
            "credential": _l("Credential as JSON"),
            "jwt": _l("Credential as JWT"),
        },
    ),
    PersonalData(
        "certificate_requests",
        _l("Requests for my certificates"),
        _requests,
        columns=("certificate_request.person_id",),
        fields={"fields": _l("Content")},
    ),
    PersonalData(
        "share_links",
        _l("My share links"),
        _links,
        columns=("share_link.person_id",),
        fields={
            "label": _l("Label"),
            "shown": _l("What is shown"),
            "expires_at": _l("Open until"),
            "revoked_at": _l("Revoked"),
            "views": _l("Looked at"),
        },
    ),
)
