"""A fact that its room takes back: the request goes, the certificate is revoked, whatever step issuing has reached."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from app.core import events
from app.core.db import session
from app.core.events import Subject
from app.credentials import queries
from app.credentials.models import Certificate, CertificateRequest
from app.credentials.services import succession
from app.credentials.services.closing import close
from app.credentials.services.issuing import subject as certificate_subject
from app.credentials.services.revocation import revoke
from app.credentials.services.waiting import let_prepare
from app.credentials.states import STANDING, CertificateKind, CertificateState, RequestState, RevocationReason


def withdraw(
    request: CertificateRequest,
    *,
    reason: RevocationReason,
    note: str = "",
    decision: str | None = None,
    at: datetime,
) -> None:
    """Take back a fact that was to be certified, as the room that asked for it; a second call changes nothing.

    `decision` is the code of the event by which the room decided so. What waits or is in a batch is never issued, what
    is published is revoked at once, and what the public log tells of already is published as revoked.
    """
    if request.withdrawn_at is not None or request.state is RequestState.DECLINED:
        return
    close(request, reason=reason, at=at)
    made = select(Certificate).where(Certificate.request_id == request.id)
    certificate = session.scalar(made.execution_options(populate_existing=True))
    if certificate is None:
        return
    if certificate.state in STANDING:
        revoke(certificate, reason=reason, note=note, by=None, at=at, decision=decision)
    elif certificate.state is not CertificateState.REVOKED:
        data = {"reason": reason.value}
        events.record("credentials.withdrawn", certificate_subject(certificate), by=None, at=at, data=data)
    _take_successor(certificate, reason=reason, note=note, decision=decision, at=at)


def give_back(source: Subject, *, kind: CertificateKind, at: datetime) -> None:
    """Certify a fact again that its room took back, because the authority set that decision aside.

    What was never issued waits again, or is issued with its batch; in the place of what was revoked a new certificate
    is asked for. A second call changes nothing.
    """
    query = (
        select(CertificateRequest, Certificate)
        .outerjoin(Certificate, Certificate.request_id == CertificateRequest.id)
        .where(
            CertificateRequest.kind == kind,
            CertificateRequest.source_type == source.type,
            CertificateRequest.source_code == source.code,
            CertificateRequest.withdrawn_at.is_not(None),
            or_(Certificate.id.is_not(None), ~_follows_revoked()),
        )
        .order_by(CertificateRequest.id.desc())
    )
    taken: list[tuple[CertificateRequest, Certificate | None]] = [(one, made) for one, made in session.execute(query)]
    revoked = [found for _one, found in taken if found is not None and found.state is CertificateState.REVOKED]
    if revoked:
        succession.ask_after_appeal(revoked[0], by=None, at=at)
    elif taken:
        _wait_again(taken[0][0], source, at=at)


def _follows_revoked() -> ColumnElement[bool]:
    """Return whether a request follows a certificate that is revoked: the certificate is made anew instead."""
    former = aliased(Certificate)
    gone = select(former.id).where(
        former.id == CertificateRequest.replaces_id, former.state == CertificateState.REVOKED
    )
    return gone.exists()


def _wait_again(request: CertificateRequest, source: Subject, *, at: datetime) -> None:
    request.withdrawn_at = request.withdrawn_for = request.closed_in_id = None
    if request.state is RequestState.WITHDRAWN:
        request.state = RequestState.OPEN
        let_prepare(queries.body_with(request.body_id), at=at)
    session.flush()
    data = {"request": request.code, "kind": request.kind.value}
    events.record("credentials.requested", source, by=None, at=at, data=data)


def _take_successor(
    certificate: Certificate, *, reason: RevocationReason, note: str, decision: str | None, at: datetime
) -> None:
    """Take back what follows a certificate as well: made anew or renewed, it certifies the same fact."""
    query = select(CertificateRequest).where(
        CertificateRequest.replaces_id == certificate.id, CertificateRequest.withdrawn_at.is_(None)
    )
    for follower in session.scalars(query.where(CertificateRequest.state != RequestState.DECLINED)):
        withdraw(follower, reason=reason, note=note, decision=decision, at=at)
