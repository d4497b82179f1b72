"""Issuing a batch in small transactions: any chunk may be killed and done again without issuing twice."""

from collections.abc import Callable
from datetime import datetime

from app.core import clock, files
from app.core.db import session
from app.core.events import Event
from app.core.jobs import Job
from app.core.signing import Algorithm
from app.credentials import paper, queries
from app.credentials.models import Batch, Certificate, StatusList
from app.credentials.services import issuing, log, qr
from app.credentials.services.bodies import signer_of
from app.credentials.services.jwts import attach_jwt
from app.credentials.services.revocation import keep_signed
from app.credentials.states import LogAct

QUICK = 20
SIGNED_AT_ONCE = 10
RENDERED_AT_ONCE = 1
"""Few at a time: a chunk holds the write lock of SQLite, and answers of an exam must not wait for it."""


def issue(job: Job) -> bool:
    """Do the next few steps of a batch; return whether work is left."""
    batch = queries.batch_of_job(job)
    at = clock.now()
    for step in STEPS:
        done = step(batch, at)
        if done:
            job.done = min(job.done + done, job.total)
            return True
    issuing.finish(batch, at=at)
    keep_signed_lists(batch, at)
    return False


def _store(batch: Batch, at: datetime) -> int:
    waiting = queries.requests_to_store(batch.id, QUICK)
    for request in waiting:
        issuing.store(request, batch, at=at)
    return len(waiting)


def _lint(batch: Batch, at: datetime) -> int:
    waiting = queries.to_lint(batch.id, SIGNED_AT_ONCE)
    for certificate in waiting:
        issuing.lint_stored(certificate, at=at)
    return len(waiting)


def _sign(batch: Batch, at: datetime) -> int:
    waiting = queries.to_sign(batch.id, SIGNED_AT_ONCE)
    if not waiting:
        return 0
    signer, second = signer_of(batch.body), signer_of(batch.body, Algorithm.P256)
    for certificate in waiting:
        issuing.sign(certificate, signer, at=at)
        attach_jwt(certificate, second, at=at)
        qr.attach(certificate, second, at=at)
        log.note(certificate, LogAct.ISSUE, at=at)
    return len(waiting)


def _render(batch: Batch, at: datetime) -> int:
    waiting = queries.to_render(batch.id, RENDERED_AT_ONCE if paper.available() else QUICK)
    for certificate in waiting:
        issuing.attach_pdf(certificate, _stored_pdf(certificate), at=at)
    return len(waiting)


def _stored_pdf(certificate: Certificate) -> files.StoredFile | None:
    if not paper.available():
        return None
    content = paper.certificate_pdf(certificate)
    return files.store(content, name=f"{certificate.code}.pdf", media_type="application/pdf")


def _publish(batch: Batch, at: datetime) -> int:
    waiting = queries.to_publish(batch.id, QUICK)
    for certificate in waiting:
        issuing.publish(certificate, at=at)
    return len(waiting)


STEPS: tuple[Callable[[Batch, datetime], int], ...] = (_store, _lint, _sign, _render, _publish)


def keep_signed_lists(batch: Batch, at: datetime) -> None:
    """Keep the status lists of a batch in signed form."""
    for listed in queries.lists_of_batch(batch.id):
        keep_signed(listed, at=at)


def on_revoked(event: Event) -> None:
    """Sign the status list again after a revocation; until then it is signed when asked for."""
    certificate = queries.certificate(event.subject_code)
    keep_signed(session.get_one(StatusList, certificate.status_list_id), at=event.at)
