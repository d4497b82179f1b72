"""Requests for certificates, gathered into batches that a second person approves."""

from datetime import datetime

from pydantic import ValidationError
from sqlalchemy import select

from app.accounts.states import Role
from app.cases.models import Restriction
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of, real_now
from app.core.columns import JsonObject
from app.core.config import settings
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.jobs import Job, start_job
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import Batch, CertificateRequest, IssuingBody
from app.credentials.rules.lint import Finding, lint
from app.credentials.rules.templates import CertificateFields, first_instant, misfit
from app.credentials.services.bodies import subject as body_subject
from app.credentials.services.delegations import require_authority
from app.credentials.services.drafts import draft_of, tools
from app.credentials.services.templates import pin, unpin
from app.credentials.states import BATCH, OF_ORGANISATIONS, ONCE, CertificateKind, RequestState
from app.desk import services as desk

JOB = "credentials.issue"
ISSUE = "credentials.issue"
"""The restriction from certificates: requests of a restricted person wait."""
ISSUE_TO_ORGANISATION = "credentials.issue_to_organisation"
"""The same for an organisation."""


def subject(batch: Batch) -> Subject:
    """Name a batch in events and to-dos."""
    return Subject("certificate_batch", batch.code)


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
        )
    )
    if found is not None:
        return found
    if (kind in OF_ORGANISATIONS) != (organisation_id is not None) or (person_id is None) == (organisation_id is None):
        raise InvalidError(_l("This kind of certificate has another kind of holder."))
    request = CertificateRequest(
        kind=kind,
        body_id=body.id,
        person_id=person_id,
        organisation_id=organisation_id,
        source_type=source.type,
        source_code=source.code,
        fields=checked_fields(kind, fields).model_dump(mode="json"),
        requested_at=at,
    )
    session.add(request)
    session.flush()
    events.record("credentials.requested", source, by=by, at=at, data={"request": request.code, "kind": kind.value})
    _let_prepare(body, at=at)
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


def _let_prepare(body: IssuingBody, *, at: datetime) -> None:
    desk.open_todo(
        "credentials.prepare",
        body_subject(body),
        url="/issuing",
        at=at,
        role=Role.ISSUER,
        organisation_id=body.organisation_id,
        params={"body_zh": body.name_zh, "body_en": body.name_en},
    )


def prepare_batch(body: IssuingBody, *, kind: CertificateKind, by: Actor, at: datetime) -> Batch:
    """Gather the open requests of a kind into a batch, lint each, and put it before a second person.

    Raises ConflictError where nothing waits. What lint finds stays in the batch: a batch with
    findings cannot be approved, only rejected, which gives its requests back.
    """
    _own(body, by)
    waiting = _unrestricted([one for one in queries.open_requests(body.id) if one.kind is kind], at)
    if not waiting:
        raise ConflictError(_l("No request of this kind waits. Someone else may have prepared the batch already."))
    require_authority(body, _certified(waiting), at=at)
    pin(waiting)
    batch = Batch(
        body_id=body.id,
        kind=kind,
        size=len(waiting),
        lint=_lint_all(waiting, body, at),
        prepared_by_id=by.person_id,
        prepared_at=at,
    )
    session.add(batch)
    session.flush()
    for request in waiting:
        request.state = RequestState.BATCHED
        request.batch_id = batch.id
    session.flush()
    events.record("credentials.batch_prepared", subject(batch), by=by, at=at, data={"count": batch.size})
    if not queries.open_requests(body.id):
        desk.close_todos(body_subject(body), kind="credentials.prepare", at=at)
    desk.open_todo(
        "credentials.approve",
        subject(batch),
        url=f"/issuing/batches/{batch.code}",
        at=at,
        role=Role.ISSUER,
        organisation_id=body.organisation_id,
        not_person_id=by.person_id,
        params={"count": str(batch.size)},
    )
    return batch


def _unrestricted(requests: list[CertificateRequest], at: datetime) -> list[CertificateRequest]:
    """Leave the requests of restricted holders waiting; raises ForbiddenError where nobody else waits."""
    barred = _restricted(requests, at)
    free = [one for one in requests if one.id not in barred]
    if barred and not free:
        raise restrictions.refusal(next(iter(barred.values())))
    return free


def _restricted(requests: list[CertificateRequest], at: datetime) -> dict[int, Restriction]:
    """Return the restriction that binds the holder of each request, person or organisation, by the request's key."""
    day = day_of(at)
    people = restrictions.restricted(ISSUE, {one.person_id for one in requests if one.person_id is not None}, on=day)
    bodies = {
        one: found[0]
        for one in {one.organisation_id for one in requests if one.organisation_id is not None}
        if (found := restrictions.in_force(ISSUE_TO_ORGANISATION, organisation_id=one, on=day))
    }
    held = {one.id: people.get(one.person_id or 0) or bodies.get(one.organisation_id or 0) for one in requests}
    return {key: found for key, found in held.items() if found is not None}


def _refuse_restricted(batch: Batch, at: datetime) -> None:
    """Refuse a batch with a holder who was restricted after it was prepared: reject it and prepare it again."""
    for found in _restricted(queries.requests_of(batch.id), at).values():
        raise restrictions.refusal(found)


def _refuse_withdrawn(batch: Batch) -> None:
    """Refuse a batch with a fact that its room took back after it was prepared."""
    if any(one.withdrawn_at is not None for one in queries.requests_of(batch.id)):
        raise ConflictError(
            _l("A fact in this batch was taken back by its office. Reject the batch and prepare it again.")
        )


def _lint_all(requests: list[CertificateRequest], body: IssuingBody, at: datetime) -> list[JsonObject]:
    """Lint every request as the certificate it would become; return the rows with findings."""
    seen: set[tuple[int, str]] = set()
    found: list[JsonObject] = []
    for request in requests:
        duplicate = _is_duplicate(request, seen, at)
        findings = lint(draft_of(request, body, settings().public_url), tools(duplicate=duplicate))
        if findings:
            found.append({"request": request.code, "name": request.holder_name, "findings": _rows(findings)})
    return found


def _is_duplicate(request: CertificateRequest, seen: set[tuple[int, str]], at: datetime) -> bool:
    """Tell whether a level of a person is certified already or is in the batch twice; notes what it saw."""
    if request.kind not in ONCE or request.person_id is None:
        return False
    level = str(request.fields["level"])
    fact = (request.person_id, level)
    duplicate = fact in seen or queries.certified_already(
        person_id=request.person_id, kind=request.kind, level=level, at=at
    )
    seen.add(fact)
    return duplicate


def _rows(findings: list[Finding]) -> list[JsonObject]:
    return [{"code": one.code, "params": dict(one.params)} for one in findings]


def approve_batch(batch: Batch, *, by: Actor, at: datetime) -> Job:
    """Approve a batch as a second person and start issuing it.

    Raises ForbiddenError for whoever prepared it and for a restricted holder, InvalidError while lint has findings.
    """
    _second(batch, by)
    if batch.lint:
        raise InvalidError(_l("The check found faults in this batch. Reject it, correct it and prepare it again."))
    _refuse_withdrawn(batch)
    _refuse_restricted(batch, at)
    require_authority(batch.body, _certified(queries.requests_of(batch.id)), at=at)
    BATCH.move(batch, "approve", approved_by_id=by.person_id, approved_at=at)
    session.flush()
    events.record("credentials.batch_approved", subject(batch), by=by, at=at, data={"count": batch.size})
    desk.close_todos(subject(batch), at=at)
    job = start_job(JOB, key=queries.job_key(batch.code), by=by, args={"batch": batch.code})
    job.total = batch.size * STEPS
    job.due_at = real_now()
    return job


STEPS = 5
"""Store, lint, sign, render, publish: what the progress of a batch counts."""


def reject_batch(batch: Batch, *, reason: str, by: Actor, at: datetime) -> None:
    """Reject a batch with a reason; its requests wait again."""
    _second(batch, by)
    BATCH.move(batch, "reject", approved_by_id=by.person_id, approved_at=at, reason=reason)
    for request in queries.requests_of(batch.id):
        request.state = RequestState.OPEN if request.withdrawn_at is None else RequestState.WITHDRAWN
        request.batch_id = None
        unpin(request)
    session.flush()
    events.record("credentials.batch_rejected", subject(batch), by=by, at=at, reason=reason)
    desk.close_todos(subject(batch), at=at)
    _let_prepare(batch.body, at=at)


def _certified(requests: list[CertificateRequest]) -> list[tuple[CertificateKind, str | None, datetime]]:
    """Return what the authority of a body must cover: kind, level and first instant of each certificate."""
    fields = [(one.kind, CertificateFields.model_validate(one.fields)) for one in requests]
    return sorted({(kind, found.level, first_instant(found.valid_from)) for kind, found in fields}, key=str)


def _second(batch: Batch, by: Actor) -> None:
    _own(batch.body, by)
    if by.person_id == batch.prepared_by_id:
        raise ForbiddenError(_l("You prepared this batch, so another issuer of your body decides on it."))


def _own(body: IssuingBody, by: Actor) -> None:
    if by.organisation_id != body.organisation_id:
        raise ForbiddenError(_l("Only issuers of the issuing body do this."))
