"""What the credentials room keeps of a person: certificates with their numbers, and requests for them."""

from collections.abc import Iterable
from datetime import date, datetime, time

from sqlalchemy import SelectBase, func, or_, select, update

from app.core.clock import SHANGHAI
from app.core.columns import JsonObject
from app.core.db import session
from app.core.personal_data import PURPOSE_NOT_ACHIEVED, rows
from app.core.room import HoldKind, PersonalData
from app.core.text import _l
from app.credentials.models import ERASED, Certificate, CertificateRequest
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
    session.execute(update(Certificate).where(own).values(fields={}, document={}, pdf_file_id=None))
    signed = own & Certificate.credential.is_not(None)
    session.execute(update(Certificate).where(signed).values(credential=ERASED))
    session.execute(update(Certificate).where(own & Certificate.jwt.is_not(None)).values(jwt=ERASED))
    session.execute(update(CertificateRequest).where(CertificateRequest.person_id == person_id).values(fields={}))


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
)
