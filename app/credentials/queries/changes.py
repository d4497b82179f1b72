"""Reads of what follows an issue: which certificate takes whose place, suspensions, changes of many at once."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.jobs import Job
from app.core.text import _l
from app.credentials.models import (
    BulkChange,
    BulkRow,
    Certificate,
    CertificateRequest,
    CertificateSuspension,
    IssuingBody,
)
from app.credentials.models.records import ERASED
from app.credentials.queries.records import PER_PAGE, PUBLIC_STATES, holders
from app.credentials.rules.openbadge import read_certificate
from app.credentials.states import Act, CertificateState, ChangeState, RequestState

OVER = (RequestState.DECLINED, RequestState.WITHDRAWN)
"""States of a request that makes nothing any more."""


def successor_request(certificate_id: int) -> CertificateRequest | None:
    """Return the request to make a certificate anew, None where there is none or it was declined."""
    return session.scalar(
        select(CertificateRequest)
        .options(joinedload(CertificateRequest.body))
        .where(CertificateRequest.replaces_id == certificate_id, CertificateRequest.state.not_in(OVER))
    )


def successor_requests(certificate_ids: Iterable[int]) -> dict[int, CertificateRequest]:
    """Return the latest request to make each of several certificates anew, declined ones too."""
    query = select(CertificateRequest).where(CertificateRequest.replaces_id.in_(set(certificate_ids)))
    found = session.scalars(query.order_by(CertificateRequest.id))
    return {one.replaces_id: one for one in found if one.replaces_id is not None}


def request_of_body(code: str, actor: Actor) -> CertificateRequest:
    """Return a request of the actor's issuing body; raises NotFoundError."""
    found = session.scalar(
        select(CertificateRequest)
        .join(CertificateRequest.body)
        .options(joinedload(CertificateRequest.body), *holders())
        .where(CertificateRequest.code == code, IssuingBody.organisation_id == actor.organisation_id)
    )
    if found is None:
        raise NotFoundError(_l("There is no such request at your issuing body."))
    return found


def requests_by_code(codes: Collection[str]) -> list[CertificateRequest]:
    """Return requests by their codes, in the order they were made."""
    query = select(CertificateRequest).where(CertificateRequest.code.in_(codes))
    return list(session.scalars(query.order_by(CertificateRequest.id)))


def former_of(request: CertificateRequest) -> str:
    """Return the code of the certificate that a request would make anew; raises NotFoundError where it makes none."""
    found = session.scalar(select(Certificate.code).where(Certificate.id == request.replaces_id))
    if found is None:
        raise NotFoundError(_l("There is no such request at your issuing body."))
    return found


def with_holders(ids: Iterable[int]) -> list[Certificate]:
    """Return certificates by their keys, with their holders."""
    holders = (joinedload(Certificate.person), joinedload(Certificate.organisation))
    return list(session.scalars(select(Certificate).options(*holders).where(Certificate.id.in_(set(ids)))))


def certified_name(certificate: Certificate) -> tuple[str, str | None]:
    """Return the name that a certificate carries, and the one in Latin letters."""
    holder = read_certificate(certificate.document).holder
    return holder.name, holder.name_latin


def public() -> Select[Certificate]:
    """Select the certificates that were published, whatever became of them."""
    return select(Certificate).where(Certificate.state.in_(PUBLIC_STATES))


def follower(certificate: Certificate) -> Certificate | None:
    """Return the published certificate that follows another, None where there is none."""
    return session.scalar(public().where(Certificate.replaces_id == certificate.id).order_by(Certificate.id.desc()))


def former(certificate: Certificate) -> Certificate | None:
    """Return the certificate that one follows, None where it is the first."""
    return session.get(Certificate, certificate.replaces_id) if certificate.replaces_id else None


class Neighbours(NamedTuple):
    """The certificates on either side of one, as anyone may see them; None where there is none."""

    former: Certificate | None
    follower: Certificate | None


def neighbours(certificate: Certificate) -> Neighbours:
    """Return what a certificate follows and what follows it, as far as it is published: one statement."""
    beside = or_(Certificate.replaces_id == certificate.id, Certificate.id == (certificate.replaces_id or 0))
    query = public().where(beside, Certificate.credential != ERASED).order_by(Certificate.id)
    found = {one.replaces_id == certificate.id: one for one in session.scalars(query)}
    return Neighbours(found.get(False), found.get(True))


class Following(NamedTuple):
    """A published certificate that follows another, and that other one."""

    certificate: Certificate
    former: Certificate


def followings(codes: Iterable[str]) -> list[Following]:
    """Return those of some certificates that follow another, each with it: one statement."""
    former = aliased(Certificate)
    query = (
        select(Certificate, former)
        .join(former, former.id == Certificate.replaces_id)
        .where(Certificate.code.in_(set(codes)))
    )
    return [Following(*row) for row in session.execute(query.order_by(Certificate.id))]


def followers(certificate_ids: Iterable[int]) -> dict[int, str]:
    """Return the code of the published certificate that follows each of several."""
    query = select(Certificate.replaces_id, Certificate.code).where(
        Certificate.replaces_id.in_(set(certificate_ids)), Certificate.state.in_(PUBLIC_STATES)
    )
    return {key: code for key, code in session.execute(query.order_by(Certificate.id)) if key is not None}


def suspensions_of(certificate_id: int) -> list[CertificateSuspension]:
    """Return every time in which a certificate did not count, the latest first, with who suspended it."""
    query = select(CertificateSuspension).where(CertificateSuspension.certificate_id == certificate_id)
    latest = query.order_by(CertificateSuspension.id.desc())
    return list(session.scalars(latest.options(joinedload(CertificateSuspension.suspended_by))))


def bulk_change(code: str, actor: Actor) -> BulkChange:
    """Return a change of the actor's own issuing body; raises NotFoundError."""
    found = session.scalar(
        select(BulkChange)
        .join(IssuingBody, IssuingBody.id == BulkChange.body_id)
        .options(joinedload(BulkChange.staged))
        .where(BulkChange.code == code, IssuingBody.organisation_id == actor.organisation_id)
    )
    if found is None:
        raise NotFoundError(_l("There is no such change at your issuing body."))
    return found


def bulk_of_job(job: Job) -> BulkChange:
    """Return the change that a job checks or carries out."""
    query = select(BulkChange).options(joinedload(BulkChange.staged)).where(BulkChange.code == job.args["change"])
    return session.scalars(query).one()


def bulk_changes(body_id: int, limit: int = 50) -> list[BulkChange]:
    """Return the latest changes of a body that were not discarded."""
    query = select(BulkChange).where(BulkChange.body_id == body_id, BulkChange.state != ChangeState.DISCARDED)
    return list(session.scalars(query.order_by(BulkChange.id.desc()).limit(limit)))


class Rows(NamedTuple):
    """One page of the rows of a change."""

    rows: list[BulkRow]
    page: int
    pages: int
    total: int


def job_of_change(kind: str, change: BulkChange) -> Job | None:
    """Return the job of a kind that works on a change, None where none was started."""
    return session.scalar(select(Job).where(Job.key == job_key(kind, change.code)))


def job_key(kind: str, code: str) -> str:
    """Return the key under which a change is worked on once."""
    return f"{kind}:{code}"


def rows_left(change_id: int, limit: int) -> list[BulkRow]:
    """Return good rows that were not carried out yet, in their order, with certificate and its body."""
    query = (
        select(BulkRow)
        .join(BulkRow.certificate)
        .options(
            contains_eager(BulkRow.certificate).joinedload(Certificate.person),
            contains_eager(BulkRow.certificate).joinedload(Certificate.organisation),
        )
        .where(
            BulkRow.change_id == change_id,
            BulkRow.problem.is_(None),
            BulkRow.done_at.is_(None),
            BulkRow.skipped_for.is_(None),
        )
        .order_by(BulkRow.line)
        .limit(limit)
        .with_for_update(of=Certificate)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


class Known(NamedTuple):
    """What a row of a list may name: a certificate with what decides on an act."""

    id: int
    code: str
    number: str | None
    state: CertificateState
    valid_until: datetime | None


def referred_to(body_id: int, references: Collection[str]) -> list[Known]:
    """Return every certificate of a body whose code or unified number is among the references."""
    columns = (
        Certificate.id,
        Certificate.code,
        Certificate.number,
        Certificate.state,
        Certificate.valid_until,
    )
    named = or_(Certificate.code.in_(references), Certificate.number.in_(references)) & (Certificate.body_id == body_id)
    return [Known(*row) for row in session.execute(select(*columns).where(named).order_by(Certificate.id))]


def taken(change_id: int, certificate_ids: Collection[int]) -> set[int]:
    """Return which certificates a good row of a change names already."""
    query = select(BulkRow.certificate_id).where(
        BulkRow.change_id == change_id, BulkRow.certificate_id.in_(certificate_ids), BulkRow.problem.is_(None)
    )
    return {one for one in session.scalars(query) if one is not None}


def successor_open(certificate_ids: Iterable[int]) -> list[int]:
    """Return which certificates somebody asked to make anew already, and it was not declined."""
    query = select(CertificateRequest.replaces_id).where(
        CertificateRequest.replaces_id.in_(set(certificate_ids)), CertificateRequest.state.not_in(OVER)
    )
    return [one for one in session.scalars(query) if one is not None]


def moved_on(change: BulkChange, at: datetime) -> bool:
    """Tell whether a good row of a change names a certificate that its act no longer fits: one statement."""
    revoked = Certificate.state == CertificateState.REVOKED
    expired = and_(Certificate.valid_until.is_not(None), Certificate.valid_until <= at)
    unfit = revoked if change.act is Act.REVOKE else or_(Certificate.state != CertificateState.PUBLISHED, expired)
    query = (
        select(BulkRow.id)
        .join(Certificate, Certificate.id == BulkRow.certificate_id)
        .where(BulkRow.change_id == change.id, BulkRow.problem.is_(None), unfit)
    )
    return session.scalar(query.limit(1)) is not None


def bad_rows(change_id: int) -> list[BulkRow]:
    """Return the rows of a change that something stands against, in their order."""
    against = BulkRow.problem.is_not(None) | BulkRow.skipped_for.is_not(None)
    return list(session.scalars(select(BulkRow).where(BulkRow.change_id == change_id, against).order_by(BulkRow.line)))


def row_page(change_id: int, *, only_bad: bool, page: int) -> Rows:
    """Return a page of the rows of a change in their order; one beyond the last gives the last."""
    query = select(BulkRow).where(BulkRow.change_id == change_id)
    if only_bad:
        query = query.where(BulkRow.problem.is_not(None) | BulkRow.skipped_for.is_not(None))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    holders = (
        joinedload(BulkRow.certificate).joinedload(Certificate.person),
        joinedload(BulkRow.certificate).joinedload(Certificate.organisation),
    )
    listed = query.options(*holders).order_by(BulkRow.line)
    return Rows(list(session.scalars(listed.limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))), wanted, pages, total)
