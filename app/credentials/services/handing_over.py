"""What waits at a body whose authority ended goes to the body after it."""

from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, select, update

from app.accounts.models import Organisation
from app.core.access import Actor
from app.core.db import session
from app.core.errors import UnavailableError
from app.credentials import queries
from app.credentials.models import Batch, CertificateRequest, IssuingBody
from app.credentials.queries import steps as reads
from app.credentials.queries.responsible import responsible_body
from app.credentials.services.authority import Certified, certified, uncovered
from app.credentials.services.deciding import put_back
from app.credentials.services.waiting import let_prepare, settle_preparing
from app.credentials.states import BatchState, RequestState


def body_after(body: IssuingBody, fact: Certified, *, at: datetime) -> IssuingBody:
    """Return the body that certifies a fact in the place of one: itself while it may issue.

    It is the one that is responsible among those that may certify the fact, and the authority where none may. Raises
    UnavailableError where there is no authority either.
    """
    if body.closed_at is None:
        return body
    region = session.get_one(Organisation, body.organisation_id).region_code
    try:
        return responsible_body(fact[0], region, able=lambda one: not uncovered(one, [fact], at=at))
    except UnavailableError:
        authority = queries.authority_body()
        if authority is None or authority.closed_at is not None:
            raise
        return authority


def put_back_undecided(body: IssuingBody, *, reason: str, by: Actor, other_id: int, at: datetime) -> None:
    """Let the rows of batches wait again that nobody decided on: nobody at the body may do it any more.

    `other_id` is who asked for the end of the body: whoever carries it out may have prepared a batch there.
    """
    query = select(Batch).where(Batch.body_id == body.id, Batch.state == BatchState.PREPARED).order_by(Batch.id)
    for batch in session.scalars(query):
        put_back(batch, reason=reason, by=by, other_id=other_id, at=at)


def pass_on(body: IssuingBody, *, at: datetime) -> int:
    """Let what waits at an ended body wait at the body after it; return how many went.

    What nobody may certify stays where it is, and goes once a body is opened.
    """
    gone, waits = 0, (CertificateRequest.body_id == body.id, CertificateRequest.state == RequestState.OPEN)
    bodies: dict[int, IssuingBody] = {}
    for fact in reads.waiting_facts(body.id):
        try:
            after = body_after(body, certified(*fact), at=at)
        except UnavailableError:
            continue
        moved = update(CertificateRequest).where(*waits, fact.condition).values(body_id=after.id)
        done = session.execute(moved.execution_options(synchronize_session=False))
        gone += cast("CursorResult[object]", done).rowcount
        bodies[after.id] = after
    for after in bodies.values():
        let_prepare(after, at=at)
    settle_preparing(body, at=at)
    return gone


def pass_on_all(*, at: datetime) -> None:
    """Let what still waits at ended bodies go on, now that there may be a body after them."""
    waiting = select(CertificateRequest.body_id).where(CertificateRequest.state == RequestState.OPEN)
    ended = select(IssuingBody).where(IssuingBody.closed_at.is_not(None), IssuingBody.id.in_(waiting))
    for body in session.scalars(ended.order_by(IssuingBody.id)).all():
        pass_on(body, at=at)
