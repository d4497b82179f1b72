"""Which body issues what, and the requests that a room made."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.access import covers
from app.accounts.states import OrganisationKind
from app.core.db import session
from app.core.errors import UnavailableError
from app.core.events import Subject
from app.core.text import _l
from app.credentials.models import Certificate, CertificateRequest, IssuingBody
from app.credentials.states import CertificateKind

BY_AUTHORITY = frozenset({CertificateKind.TITLE, CertificateKind.ACCREDITATION, CertificateKind.CREDIT_REPORT})
"""Kinds that certify an act of the authority; the others certify training, exams and levels."""


def responsible_body(kind: CertificateKind, region_code: str) -> IssuingBody:
    """Return the body that issues a kind of certificate in a region.

    Among the bodies whose region covers it, an authority comes first for what an authority decides, any other body
    first for the rest; then the nearest one. Raises UnavailableError where no body issues there yet.
    """
    query = select(IssuingBody).options(joinedload(IssuingBody.organisation)).where(IssuingBody.closed_at.is_(None))
    covering = [one for one in session.scalars(query) if covers(one.organisation.region_code, region_code)]
    if not covering:
        raise UnavailableError(_l("No issuing body is responsible for this region yet. An administrator opens one."))

    def fitness(body: IssuingBody) -> tuple[bool, int, int]:
        authority = body.organisation.kind is OrganisationKind.AUTHORITY
        return authority == (kind in BY_AUTHORITY), len(body.organisation.region_code.rstrip("0")), -body.id

    return max(covering, key=fitness)


def request_for(kind: CertificateKind, source: Subject) -> CertificateRequest | None:
    """Return the request that a room made for a record, None where it made none."""
    return session.scalar(
        select(CertificateRequest).where(
            CertificateRequest.kind == kind,
            CertificateRequest.source_type == source.type,
            CertificateRequest.source_code == source.code,
            CertificateRequest.replaces_id.is_(None),
        )
    )


def requests_for_organisation(kind: CertificateKind, organisation_id: int) -> list[CertificateRequest]:
    """Return the requests of a kind for an organisation whose facts still stand, the oldest first."""
    query = select(CertificateRequest).where(
        CertificateRequest.kind == kind,
        CertificateRequest.organisation_id == organisation_id,
        CertificateRequest.withdrawn_at.is_(None),
    )
    return list(session.scalars(query.order_by(CertificateRequest.id)))


def requests_from(kind: CertificateKind, source_type: str, person_id: int) -> list[CertificateRequest]:
    """Return the requests of a kind that records of one type brought for a person, the latest first."""
    query = select(CertificateRequest).where(
        CertificateRequest.kind == kind,
        CertificateRequest.source_type == source_type,
        CertificateRequest.person_id == person_id,
    )
    return list(session.scalars(query.order_by(CertificateRequest.id.desc())))


def requests_with_certificates(
    kind: CertificateKind, source_type: str, person_id: int
) -> list[tuple[CertificateRequest, Certificate | None]]:
    """Return the requests of a kind that records of one type brought for a person, each with what came of it."""
    query = (
        select(CertificateRequest, Certificate)
        .outerjoin(Certificate, Certificate.request_id == CertificateRequest.id)
        .where(
            CertificateRequest.kind == kind,
            CertificateRequest.source_type == source_type,
            CertificateRequest.person_id == person_id,
        )
    )
    return [(one, found) for one, found in session.execute(query.order_by(CertificateRequest.id.desc()))]
