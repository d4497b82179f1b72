"""Requests for certificates, gathered into batches that are linted and decided."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import not_, or_, select, update

from app.accounts.states import Role
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.jobs import start_job
from app.core.text import _l
from app.credentials.models import Batch, CertificateRequest, IssuingBody
from app.credentials.queries import steps as reads
from app.credentials.rules.templates import CertificateFields, misfit
from app.credentials.services import linting, numbers, subjects
from app.credentials.services.authority import certified, certified_in, require_authority, uncovered
from app.credentials.services.templates import pin_batch
from app.credentials.services.waiting import let_prepare, settle_preparing
from app.credentials.states import OF_ORGANISATIONS, CertificateKind, RequestState
from app.desk import services as desk

LINT_JOB = "credentials.lint"
LINTED_AT_ONCE = 50
"""So many rows are linted while the issuer waits; more are linted by a job."""
subject = subjects.of_batch


def request_certificate(
    *,
    kind: CertificateKind,
    person_id: int | None = None,
    organisation_id: int | None = None,
    source: Subject,
    fields: JsonObject,
    body: IssuingBody,
    by: Actor | None,
    at: datetime,
) -> CertificateRequest:
    """Ask a body to certify a decided fact; the same source and kind is asked for once.

    `fields` are those of CertificateFields: level, number, hours, valid_from and valid_until as ISO
    days, words and entries. The holder is a person, of an accreditation an organisation. Raises InvalidError
    where they do not fit.
    """
    found = session.scalar(
        select(CertificateRequest).where(
            CertificateRequest.kind == kind,
            CertificateRequest.source_type == source.type,
            CertificateRequest.source_code == source.code,
            CertificateRequest.replaces_id.is_(None),
            CertificateRequest.state != RequestState.DECLINED,
        )
    )
    if found is not None:
        return found
    if (kind in OF_ORGANISATIONS) != (organisation_id is not None) or (person_id is None) == (organisation_id is None):
        raise InvalidError(_l("This kind of certificate has another kind of holder."))
    checked = checked_fields(kind, fields)
    request = CertificateRequest(
        kind=kind,
        body_id=body.id,
        person_id=person_id,
        organisation_id=organisation_id,
        source_type=source.type,
        source_code=source.code,
        fields=checked.model_dump(mode="json"),
        number=checked.number,
        requested_at=at,
    )
    session.add(request)
    session.flush()
    events.record("credentials.requested", source, by=by, at=at, data={"request": request.code, "kind": kind.value})
    let_prepare(body, at=at)
    return request


def checked_fields(kind: CertificateKind, fields: JsonObject) -> CertificateFields:
    """Read the fields of a request; raises InvalidError that names the first that does not fit the kind."""
    try:
        found = CertificateFields.model_validate(fields)
    except ValidationError as error:
        wrong = ".".join(str(part) for part in error.errors()[0]["loc"]) or "fields"
        raise _misfit(wrong) from error
    misfitting = misfit(kind, found)
    if misfitting is not None:
        raise _misfit(misfitting)
    return found


def _misfit(field: str) -> InvalidError:
    return InvalidError(_l("The field “%(field)s” of the request does not fit. Correct it and ask again.", field=field))


def prepare_batch(body: IssuingBody, *, kind: CertificateKind, by: Actor, at: datetime) -> Batch:
    """Gather the open requests of a kind into a batch, which is linted next (`lint_batch`).

    What the authority of the body does not cover is left out and says so. Raises ConflictError where nothing waits,
    ForbiddenError for another body, one whose authority ended or covers none of it, and where only restricted people
    wait.
    """
    require_own(body, by)
    require_authority(body, at=at)
    batch = _gathered(body, kind, _left_out(body, kind, at=at), by=by, at=at)
    require_authority(body, certified_in(batch), at=at)
    events.record("credentials.batch_prepared", subject(batch), by=by, at=at, data={"count": batch.size})
    settle_preparing(body, at=at)
    return batch


def lint_batch(batch: Batch, *, by: Actor, at: datetime) -> None:
    """Lint a prepared batch and put it before a second person: a small one at once, a large one by a job."""
    if batch.size <= LINTED_AT_ONCE:
        linting.keep(batch, linting.look(batch, 0, at=at))
        offer(batch, at=at)
        return
    job = start_job(LINT_JOB, key=reads.lint_key(batch.code), by=by, args={"batch": batch.code})
    job.total = batch.size


def _left_out(body: IssuingBody, kind: CertificateKind, *, at: datetime) -> list[reads.WaitingFact]:
    """Return what waits and the authority of a body does not cover; each such row says why it goes on waiting.

    Raises ForbiddenError where it covers nothing that waits.
    """
    facts = {certified(*one): one for one in reads.waiting_facts(body.id, kind)}
    codes = uncovered(body, facts, at=at)
    if codes and len(codes) == len(facts):
        require_authority(body, facts, at=at)
    for fact, code in codes.items():
        waits = (CertificateRequest.body_id == body.id, CertificateRequest.state == RequestState.OPEN)
        told = update(CertificateRequest).where(*waits, facts[fact].condition)
        found = [{"code": code, "params": {}}]
        session.execute(told.values(findings=found).execution_options(synchronize_session=False))
    return [facts[one] for one in codes]


def _gathered(
    body: IssuingBody, kind: CertificateKind, left_out: Sequence[reads.WaitingFact], *, by: Actor, at: datetime
) -> Batch:
    """Take the open requests of a kind into a new batch, those of restricted people and what is left out excepted."""
    covered = [not_(one.condition) for one in left_out]
    waiting = reads.holders_waiting(body.id, kind, *covered)
    barred = linting.restricted(waiting, at=at)
    size = sum(not barred.of(one) for one in waiting)
    if not waiting:
        raise ConflictError(_l("No request of this kind waits. Someone else may have prepared the batch already."))
    if not size:
        raise restrictions.refusal(barred.first)
    batch = Batch(body_id=body.id, kind=kind, size=size, prepared_by_id=by.person_id, prepared_at=at)
    session.add(batch)
    session.flush()
    gather = update(CertificateRequest).where(
        CertificateRequest.body_id == body.id,
        CertificateRequest.kind == kind,
        CertificateRequest.state == RequestState.OPEN,
        *covered,
        or_(CertificateRequest.person_id.is_(None), CertificateRequest.person_id.not_in(barred.people)),
        or_(
            CertificateRequest.organisation_id.is_(None),
            CertificateRequest.organisation_id.not_in(barred.organisations),
        ),
    )
    new = {"state": RequestState.BATCHED, "batch_id": batch.id, "lint_passed": None, "findings": []}
    session.execute(gather.values(new).execution_options(synchronize_session=False))
    pin_batch(batch)
    numbers.claim(batch)
    session.refresh(batch)
    return batch


def offer(batch: Batch, *, at: datetime) -> None:
    """Close the linting of a batch and put it before a second person."""
    linting.close(batch, at=at)
    events.record("credentials.batch_linted", subject(batch), by=None, at=at, data={"faults": batch.faults})
    desk.open_todo(
        "credentials.approve",
        subject(batch),
        url=f"/issuing/batches/{batch.code}",
        at=at,
        role=Role.ISSUER,
        organisation_id=batch.body.organisation_id,
        not_person_id=batch.prepared_by_id,
        params=_counted(batch),
    )


def retitle(batch: Batch) -> None:
    """Let the to-do of a batch that lost rows say how many are left."""
    desk.retitle_todos(subject(batch), "credentials.approve", params=_counted(batch))


def _counted(batch: Batch) -> dict[str, str]:
    return {"count": str(batch.size)}


def require_own(body: IssuingBody, by: Actor) -> None:
    """Raise ForbiddenError for whoever is no issuer of a body."""
    if by.organisation_id != body.organisation_id:
        raise ForbiddenError(_l("Only issuers of the issuing body do this."))
