"""Deciding on a batch: rows with findings are left out, a second person approves or rejects the rest."""

from datetime import datetime

from sqlalchemy import update

from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import real_now
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.jobs import Job, start_job
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import Batch, CertificateRequest
from app.credentials.queries import steps as reads
from app.credentials.services import linting
from app.credentials.services.authority import certified_in, require_authority
from app.credentials.services.batches import require_own, retitle, subject
from app.credentials.services.storing import leaving
from app.credentials.services.waiting import let_prepare
from app.credentials.states import BATCH, BatchState
from app.desk import services as desk

JOB = "credentials.issue"
STEPS = ("store", "lint", "sign", "log", "render", "publish", "notify")
"""What is done with each certificate of an approved batch, one step after the other."""


def approve_batch(batch: Batch, *, seen: str | None = None, vouched: bool = False, by: Actor, at: datetime) -> Job:
    """Approve a batch as a second person and start issuing exactly what was linted.

    `seen` is the digest of the batch as the approver saw it; `vouched` says that they vouch for the facts that no
    office of the system keeps. Raises ForbiddenError for whoever prepared it, for a restricted holder and a body whose
    authority ended, InvalidError while lint has findings or where nobody vouches, ConflictError where it is still being
    linted, changed since it was seen, or has no row left.
    """
    _second(batch, by)
    require_authority(batch.body, certified_in(batch), at=at)
    _require_linted(batch)
    _require_good(batch, vouched=vouched)
    if not batch.size:
        raise ConflictError(_l("Nothing is left in this batch: its rows are no longer to be certified. Reject it."))
    if seen is not None and (batch.digest or b"").hex() != seen:
        raise ConflictError(_l("The batch is no longer the one that you looked at. Reload the page and look again."))
    if reads.anything_withdrawn(batch.id):
        raise ConflictError(
            _l("A fact in this batch was taken back by its office. Reject the batch and prepare it again.")
        )
    barred = linting.restricted(reads.holders_of(batch.id), at=at)
    if barred:
        raise restrictions.refusal(barred.first)
    BATCH.move(batch, "approve", approved_by_id=by.person_id, approved_at=at, vouched=vouched)
    session.flush()
    data = {"count": batch.size, "digest": (batch.digest or b"").hex(), "vouched_for": batch.not_kept}
    events.record("credentials.batch_approved", subject(batch), by=by, at=at, data=data)
    desk.close_todos(subject(batch), at=at)
    job = start_job(JOB, key=queries.job_key(batch.code), by=by, args={"batch": batch.code})
    job.total = batch.size * len(STEPS)
    job.due_at = real_now()
    return job


def _require_good(batch: Batch, *, vouched: bool) -> None:
    if batch.faults:
        raise InvalidError(_l("The check found faults in this batch. Leave the rows with faults out, or reject it."))
    if batch.not_kept and not vouched:
        raise InvalidError(
            _l("No office of this system decided some of these facts. Say that you compared them with the files."),
            field="vouched",
        )


def leave_out_faults(batch: Batch, *, by: Actor, at: datetime) -> int:
    """Let the rows with findings wait for another batch, so that the others can be approved; return how many.

    Raises InvalidError where no row would be left, ConflictError where the batch is decided or still being linted.
    """
    require_own(batch.body, by)
    if batch.state is not BatchState.PREPARED:
        raise ConflictError(_l("This batch is decided already. Reload the page to see where it is."))
    _require_linted(batch)
    faults = batch.faults
    if faults == batch.size:
        raise InvalidError(_l("Every row has a fault, so nothing would be left. Reject the batch instead."))
    _reopen(batch, only_faults=True)
    batch.size -= faults
    batch.left_out += faults
    linting.count_again(batch)
    retitle(batch)
    events.record("credentials.rows_left_out", subject(batch), by=by, at=at, data={"count": faults})
    let_prepare(batch.body, at=at)
    return faults


def reject_batch(batch: Batch, *, reason: str, by: Actor, at: datetime) -> None:
    """Reject a batch with a reason; its requests wait again."""
    _second(batch, by)
    put_back(batch, reason=reason, by=by, at=at)


def put_back(batch: Batch, *, reason: str, by: Actor, other_id: int | None = None, at: datetime) -> None:
    """Reject a batch without asking whose it is: as its second person, or as the authority that ends its body.

    `other_id` is who decided with the actor: they stand for it where the actor prepared the batch themselves.
    """
    second_id = other_id if by.person_id == batch.prepared_by_id else by.person_id
    BATCH.move(batch, "reject", approved_by_id=second_id, approved_at=at, reason=reason)
    _reopen(batch)
    session.flush()
    events.record("credentials.batch_rejected", subject(batch), by=by, at=at, reason=reason)
    desk.close_todos(subject(batch), at=at)
    let_prepare(batch.body, at=at)


def _reopen(batch: Batch, *, only_faults: bool = False) -> None:
    """Let requests of a batch wait again; what lint found stays with them."""
    mine = [CertificateRequest.batch_id == batch.id]
    if only_faults:
        mine.append(CertificateRequest.lint_passed.is_(False))
    session.execute(
        update(CertificateRequest).where(*mine).values(leaving()).execution_options(synchronize_session=False)
    )


def _require_linted(batch: Batch) -> None:
    if batch.linted_at is None:
        raise ConflictError(_l("The batch is still being checked. This page shows how far; decide when it is done."))


def _second(batch: Batch, by: Actor) -> None:
    require_own(batch.body, by)
    if by.person_id == batch.prepared_by_id:
        raise ForbiddenError(_l("You prepared this batch, so another issuer of your body decides on it."))
