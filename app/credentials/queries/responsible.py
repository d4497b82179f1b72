"""Which body issues what, and the requests that a room made."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.access import covers
from app.accounts.states import OrganisationKind
from app.core.db import session
from app.core.errors import UnavailableError
from app.core.events import Subject
from app.core.text import _l
from app.credentials.models import Certificate, CertificateRequest, IssuingBody
from app.credentials.states import STANDING, AskStep, CertificateKind, CertificateState, RequestState

BY_AUTHORITY = frozenset({CertificateKind.TITLE, CertificateKind.ACCREDITATION, CertificateKind.CREDIT_REPORT})
"""Kinds that certify an act of the authority; the others certify training, exams and levels."""


def responsible_body(
    kind: CertificateKind, region_code: str, *, able: Callable[[IssuingBody], bool] = lambda _body: True
) -> IssuingBody:
    """Return the body that issues a kind of certificate in a region, of those that are able to.

    Among the bodies whose region covers it, an authority comes first for what an authority decides, any other body
    first for the rest; then the nearest one. Raises UnavailableError where no body issues there yet.
    """
    query = select(IssuingBody).options(joinedload(IssuingBody.organisation)).where(IssuingBody.closed_at.is_(None))
    covering = [
        one for one in session.scalars(query) if covers(one.organisation.region_code, region_code) and able(one)
    ]
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
            CertificateRequest.state != RequestState.DECLINED,
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


def certificates_of_organisation(kind: CertificateKind, organisation_id: int) -> list[Certificate]:
    """Return the published certificates of a kind of an organisation whose facts still stand, the oldest first."""
    query = (
        select(Certificate)
        .join(CertificateRequest, CertificateRequest.id == Certificate.request_id)
        .where(
            Certificate.kind == kind,
            Certificate.organisation_id == organisation_id,
            Certificate.state.in_(STANDING),
            CertificateRequest.withdrawn_at.is_(None),
        )
    )
    return list(session.scalars(query.order_by(Certificate.id)))


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


class Asked(NamedTuple):
    """What was asked to be certified of a person: by which record, and what came of it.

    `standing` is `waits`, `issued`, `revoked` or `expired`; `code` is that of the certificate once it is issued.
    """

    source_code: str
    standing: str
    code: str | None


def asked_of(kind: CertificateKind, level: str, person_ids: Collection[int], *, at: datetime) -> dict[int, list[Asked]]:
    """Return what was asked of a kind and level for some people and was not taken back, in one statement."""
    columns = (Certificate.code, Certificate.state, Certificate.valid_until)
    query = (
        select(
            CertificateRequest.person_id, CertificateRequest.source_code, CertificateRequest.fields["level"], *columns
        )
        .outerjoin(Certificate, Certificate.request_id == CertificateRequest.id)
        .where(
            CertificateRequest.kind == kind,
            CertificateRequest.person_id.in_(person_ids),
            CertificateRequest.state.in_((RequestState.OPEN, RequestState.BATCHED)),
            CertificateRequest.withdrawn_at.is_(None),
        )
    )
    found: dict[int, list[Asked]] = {}
    for person_id, source, certified, code, state, until in session.execute(query.order_by(CertificateRequest.id)):
        if person_id is not None and certified == level:
            ended = until is not None and until <= at
            standing = _standing(state, ended=ended)
            found.setdefault(person_id, []).append(Asked(source, standing, None if standing == "waits" else code))
    return found


def _standing(state: CertificateState | None, *, ended: bool) -> str:
    if state is CertificateState.REVOKED:
        return "revoked"
    if state not in STANDING:
        return "waits"
    return "expired" if ended else "issued"


def step_of(asked: Sequence[Asked], source_code: str) -> tuple[AskStep, str | None]:
    """Return where the certificate of a record's fact stands, and its code once it is issued.

    A person holds one standing certificate of a kind and level; what was revoked is not asked for again under the
    same record, it is the issuing body that makes it anew.
    """
    for one in reversed(asked):
        if one.standing == "issued":
            return AskStep.ISSUED, one.code
        if one.standing == "waits":
            return AskStep.ASKED, None
    revoked = [one.code for one in asked if one.source_code == source_code]
    return (AskStep.REVOKED, revoked[-1]) if revoked else (AskStep.READY, None)
