"""A request that is not certified any more is closed with the reason, at whichever step its batch stands.

What waits is closed at once, and what is in a batch before its decision leaves it at once. In a running batch the next
step takes it out, up to the public log; what the log tells of already is published as revoked.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from app.core import events
from app.core.columns import JsonList
from app.core.db import session
from app.credentials import queries
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.queries import steps as reads
from app.credentials.rules.renewal import falls_with
from app.credentials.services import linting, storing
from app.credentials.services.batches import retitle
from app.credentials.services.handing_over import pass_on
from app.credentials.services.issuing import subject
from app.credentials.services.waiting import settle_preparing
from app.credentials.states import BatchState, RequestState, RevocationReason


def close_following(formers: Mapping[int, RevocationReason], *, at: datetime) -> None:
    """Close the requests that would make revoked certificates anew or renew them, where they fall with them.

    `formers` gives the reason of each revocation by the key of its certificate.
    """
    query = (
        select(CertificateRequest)
        .outerjoin(Certificate, Certificate.request_id == CertificateRequest.id)
        .where(
            CertificateRequest.replaces_id.in_(formers),
            CertificateRequest.state.in_((RequestState.OPEN, RequestState.BATCHED)),
            CertificateRequest.withdrawn_at.is_(None),
            Certificate.published_at.is_(None),
        )
    )
    asked = [(one, formers[one.replaces_id or 0]) for one in session.scalars(query.order_by(CertificateRequest.id))]
    close_all([(one, why) for one, why in asked if falls_with(one.succession, one.because, why)], at=at)


def close(request: CertificateRequest, *, reason: RevocationReason, at: datetime) -> None:
    """Close a request; where it follows a certificate that was issued, its holder hears why."""
    close_all([(request, reason)], at=at)


def close_all(closing: Sequence[tuple[CertificateRequest, RevocationReason]], *, at: datetime) -> None:
    """Close requests, each for its reason, in as many statements as one."""
    if not closing:
        return
    published = _published([request.id for request, _why in closing])
    waited = [request for request, _why in closing if request.state is RequestState.OPEN]
    leaving: dict[int, list[CertificateRequest]] = {}
    for request, why in closing:
        request.withdrawn_at, request.withdrawn_for = at, why
        if request.state is RequestState.OPEN:
            request.state = RequestState.WITHDRAWN
        elif request.batch_id is not None and request.id not in published:
            leaving.setdefault(request.batch_id, []).append(request)
    session.flush()
    for body_id in sorted({one.body_id for one in waited}):
        settle_preparing(queries.body_with(body_id), at=at)
    for batch_id, requests in sorted(leaving.items()):
        _leave(batch_id, requests, at=at)
    _tell([(request, why) for request, why in closing if request.id not in published], at=at)


def _tell(closed: Sequence[tuple[CertificateRequest, RevocationReason]], *, at: datetime) -> None:
    """Record at each certificate that was to be followed that it is not any more."""
    following = {one.replaces_id: (one, why) for one, why in closed if one.replaces_id is not None}
    if not following:
        return
    told = []
    for former in session.scalars(select(Certificate).where(Certificate.id.in_(following)).order_by(Certificate.id)):
        request, why = following[former.id]
        told.append((subject(former), {"request": request.code, "reason": why.value}))
    events.record_many("credentials.request_closed", told, by=None, at=at)


def _published(request_ids: Collection[int]) -> set[int]:
    """Return for which requests a certificate is published, and hold those made for them.

    Their publication waits for us, or we for it. A certificate is locked before its request and its batch, as the
    steps of issuing do.
    """
    query = (
        select(Certificate.request_id, Certificate.published_at)
        .where(Certificate.request_id.in_(request_ids))
        .order_by(Certificate.id)
    )
    found = session.execute(query.with_for_update(of=Certificate))
    return {request_id for request_id, published_at in found if published_at is not None}


def leave_undecided(request: CertificateRequest, *, at: datetime) -> None:
    """Let a request leave the batch that it is in, where nobody decided on that yet; then it waits."""
    if request.batch_id is not None:
        _leave(request.batch_id, [request], at=at)


def _leave(batch_id: int, requests: Sequence[CertificateRequest], *, at: datetime) -> None:
    """Let requests leave a batch that nobody decided on yet; who approves it then looks at what is left."""
    query = select(Batch).where(Batch.id == batch_id).with_for_update(of=Batch)
    batch = session.scalars(query.execution_options(populate_existing=True)).one()
    if batch.state is not BatchState.PREPARED:
        return
    ids = [one.id for one in requests]
    storing.take_back(batch, {key: [] for key in ids}, at=at)
    again = select(CertificateRequest).where(CertificateRequest.id.in_(ids))
    session.scalars(again.execution_options(populate_existing=True)).all()
    if batch.linted_at is not None:
        linting.count_again(batch)
        retitle(batch)


def still_wanted(batch: Batch, rows: Sequence[Any], *, at: datetime) -> Sequence[Any]:
    """Return the rows of a step, by the keys of their certificates, without what leaves the batch.

    What was closed leaves it, and whoever is restricted from certificates since the approval waits again. Where the
    authority of the body ended, nothing is left: all that was not logged waits at the body after it.
    """
    listed = reads.unlogged([one.id for one in rows])
    ended = batch.body.closed_at is not None
    barred = linting.restricted((one.holder for one in listed), at=at)
    leaving = {one.id: one for one in listed if ended or one.withdrawn or barred.of(one.holder)}
    why = ENDED if ended else linting.RESTRICTED
    storing.take_back(batch, {one.request_id: [] if one.withdrawn else why for one in leaving.values()}, at=at)
    if ended:
        pass_on(batch.body, at=at)
    return [one for one in rows if one.id not in leaving]


ENDED: JsonList = [{"code": "body-ended", "params": {}}]


class Fallen(NamedTuple):
    """Why a certificate is not to count although the public log tells of it, and which former took it along."""

    reason: RevocationReason
    former: str | None = None


def fallen_among(certificate_ids: Collection[int]) -> dict[int, Fallen]:
    """Return which of some certificates are not to count once they are published, and hold them all.

    Those are the ones whose requests were closed, those whose former was revoked before they were asked for, and those
    of a body that is not trusted.
    """
    reads.hold_certificates(certificate_ids)
    found: dict[int, Fallen] = {}
    for one in reads.standing_of_requests(certificate_ids):
        if one.withdrawn_for is not None:
            found[one.id] = Fallen(one.withdrawn_for)
        elif one.distrusted:
            found[one.id] = Fallen(RevocationReason.ISSUER_DISTRUSTED)
        elif one.former_revoked_for and falls_with(one.succession, one.because, one.former_revoked_for):
            found[one.id] = Fallen(one.former_revoked_for, one.former)
    return found
