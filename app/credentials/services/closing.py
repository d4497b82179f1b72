"""A request that is not certified any more is closed with the reason, at whichever step its batch stands.

What waits is closed at once, and what is in a batch before its decision leaves it at once. In a running batch the next
step takes it out, up to the public log; what the log tells of already is published and revoked in one transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.core import events
from app.core.db import session
from app.credentials import queries
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.queries import steps as reads
from app.credentials.rules.renewal import falls_with
from app.credentials.services import linting, storing
from app.credentials.services.batches import settle_preparing
from app.credentials.services.issuing import subject
from app.credentials.states import BatchState, RequestState, RevocationReason


def close_following(former: Certificate, *, reason: RevocationReason, at: datetime) -> None:
    """Close the requests that would make a revoked certificate anew or renew it, where they fall with it."""
    query = (
        select(CertificateRequest)
        .outerjoin(Certificate, Certificate.request_id == CertificateRequest.id)
        .where(
            CertificateRequest.replaces_id == former.id,
            CertificateRequest.state.in_((RequestState.OPEN, RequestState.BATCHED)),
            CertificateRequest.withdrawn_at.is_(None),
            Certificate.published_at.is_(None),
        )
    )
    for request in session.scalars(query.order_by(CertificateRequest.id)):
        if falls_with(request.succession, request.because, reason):
            close(request, reason=reason, at=at)


def close(request: CertificateRequest, *, reason: RevocationReason, at: datetime) -> None:
    """Close a request; where it follows a certificate that was issued, its holder hears why."""
    published = _published(request)
    request.withdrawn_at, request.withdrawn_for = at, reason
    waited = request.state is RequestState.OPEN
    if waited:
        request.state = RequestState.WITHDRAWN
    session.flush()
    if waited:
        settle_preparing(queries.body_with(request.body_id), at=at)
    elif request.batch_id is not None and not published:
        _leave(request.batch_id, request, at=at)
    if request.replaces_id is not None and not published:
        former = session.get_one(Certificate, request.replaces_id)
        data = {"request": request.code, "reason": reason.value}
        events.record("credentials.request_closed", subject(former), by=None, at=at, data=data)


def _published(request: CertificateRequest) -> bool:
    """Tell whether the certificate of a request is published, and hold it: its publication waits for us, or we for it.

    The certificate is locked before its request and its batch, as the steps of issuing do.
    """
    query = select(Certificate.published_at).where(Certificate.request_id == request.id)
    return session.scalar(query.with_for_update(of=Certificate)) is not None


def _leave(batch_id: int, request: CertificateRequest, *, at: datetime) -> None:
    """Let a request leave a batch that nobody decided on yet; who approves it then looks at what is left."""
    query = select(Batch).where(Batch.id == batch_id).with_for_update(of=Batch)
    batch = session.scalars(query.execution_options(populate_existing=True)).one()
    if batch.state is not BatchState.PREPARED:
        return
    storing.take_back(batch, {request.id: []}, at=at)
    session.refresh(request)
    if batch.linted_at is not None:
        batch.faults = reads.faults(batch.id)
        batch.digest = linting.pinned(batch)
        session.flush()


def still_wanted(batch: Batch, rows: Sequence[Any], *, at: datetime) -> Sequence[Any]:
    """Return the rows of a step, by the keys of their certificates, without what was closed; that leaves the batch."""
    closed = reads.withdrawn_among([one.id for one in rows])
    storing.take_back(batch, {key: [] for key in closed.values()}, at=at)
    return [one for one in rows if one.id not in closed]
