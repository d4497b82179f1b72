"""A row of a request file that its office takes back before anybody decided on it, to ask for it rightly."""

from datetime import datetime

from sqlalchemy import select

from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError
from app.core.events import Subject
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import Batch, CertificateRequest
from app.credentials.services.batches import require_own
from app.credentials.services.closing import leave_undecided
from app.credentials.services.waiting import settle_preparing
from app.credentials.states import BatchState, RequestState


def may_be_taken_back(request: CertificateRequest, batch: Batch | None) -> bool:
    """Tell whether a request file asked for a row and nobody decided on it yet; `batch` is the one that it is in."""
    undecided = batch is None or batch.state is BatchState.PREPARED
    return request.by_file and request.state in {RequestState.OPEN, RequestState.BATCHED} and undecided


def take_back(request: CertificateRequest, *, reason: str, by: Actor, at: datetime) -> None:
    """Take a row back that waits, or is in a batch that nobody decided on; its source may then be asked for again.

    Raises ForbiddenError for another body, ConflictError for what a room asked for and for what was decided already.
    """
    body = queries.body_with(request.body_id)
    require_own(body, by)
    if not request.by_file:
        raise ConflictError(_l("The office that decided this takes it back itself. Ask it to."))
    query = select(CertificateRequest).where(CertificateRequest.id == request.id).with_for_update(of=CertificateRequest)
    session.scalars(query.execution_options(populate_existing=True)).one()
    leave_undecided(request, at=at)
    if request.state is not RequestState.OPEN:
        raise ConflictError(
            _l("The row was taken back, or its batch was approved. What is issued is revoked on its page.")
        )
    request.state = RequestState.DECLINED
    request.declined_at, request.declined_by_id, request.declined_because = at, by.person_id, reason
    session.flush()
    data = {"request": request.code, "kind": request.kind.value}
    source = Subject(request.source_type, request.source_code)
    events.record("credentials.row_taken_back", source, by=by, at=at, data=data, reason=reason)
    settle_preparing(body, at=at)
