"""What waits at a body whose authority ended goes to the body after it."""

from datetime import datetime

from sqlalchemy import select, update

from app.accounts.models import Organisation
from app.core.access import Actor
from app.core.db import session
from app.core.errors import UnavailableError
from app.credentials.models import Batch, CertificateRequest, IssuingBody
from app.credentials.queries import steps as reads
from app.credentials.queries.responsible import responsible_body
from app.credentials.services.deciding import put_back
from app.credentials.services.waiting import let_prepare, settle_preparing
from app.credentials.states import BatchState, CertificateKind, RequestState


def body_after(body: IssuingBody, kind: CertificateKind) -> IssuingBody:
    """Return the body that issues a kind in the place of one: itself while it may issue.

    Raises UnavailableError where none is responsible.
    """
    if body.closed_at is None:
        return body
    return responsible_body(kind, session.get_one(Organisation, body.organisation_id).region_code)


def put_back_undecided(body: IssuingBody, *, reason: str, by: Actor, other_id: int, at: datetime) -> None:
    """Let the rows of batches wait again that nobody decided on: nobody at the body may do it any more.

    `other_id` is who asked for the end of the body: whoever carries it out may have prepared a batch there.
    """
    query = select(Batch).where(Batch.body_id == body.id, Batch.state == BatchState.PREPARED).order_by(Batch.id)
    for batch in session.scalars(query):
        put_back(batch, reason=reason, by=by, other_id=other_id, at=at)


def pass_on(body: IssuingBody, *, at: datetime) -> int:
    """Let what waits at an ended body wait at the body after it; return how many went.

    A kind for which nobody is responsible stays where it is, and goes once a body is opened and it is asked again.
    """
    gone = 0
    for kind, count in sorted(reads.waiting_kinds(body.id).items()):
        try:
            after = body_after(body, kind)
        except UnavailableError:
            continue
        waits = (CertificateRequest.body_id == body.id, CertificateRequest.state == RequestState.OPEN)
        moved = update(CertificateRequest).where(*waits, CertificateRequest.kind == kind).values(body_id=after.id)
        session.execute(moved.execution_options(synchronize_session=False))
        let_prepare(after, at=at)
        gone += count
    settle_preparing(body, at=at)
    return gone
