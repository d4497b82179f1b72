"""Suspending a certificate for a time, and letting it count again: that takes a second person, or its day."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, insert, select, update

from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.credentials.models import Certificate, CertificateRequest, CertificateSuspension
from app.credentials.queries.steps import requests_with
from app.credentials.services import log, rows
from app.credentials.services.issuing import source_data, subject
from app.credentials.services.linting import ISSUE, ISSUE_TO_ORGANISATION
from app.credentials.services.status_lists import mark_suspended
from app.credentials.states import CERTIFICATE, OF_ROOMS, CertificateState, LogAct, SuspensionReason


def suspend(
    certificate: Certificate,
    *,
    reason: SuspensionReason,
    until: datetime | None,
    note: str,
    by: Actor,
    at: datetime,
) -> None:
    """Let a certificate not count from now on, until an instant or until somebody reinstates it.

    Raises ForbiddenError for issuers of another body, InvalidError for an end that has passed or lies behind the
    certificate's own, ConflictError where it is not published.
    """
    check_own_body(certificate, by)
    suspend_all([(certificate, reason)], until=until, note=note, by=by, at=at)
    mark_suspended(certificate.status_list_id, [certificate.status_index], suspended=True, at=at)


def check_own_body(certificate: Certificate, by: Actor) -> None:
    """Refuse issuers of another body."""
    if by.organisation_id != certificate.body.organisation_id:
        raise ForbiddenError(_l("Only the body that issued a certificate suspends and reinstates it."))


def check_until(until: datetime | None, at: datetime) -> None:
    """Refuse an end that has passed; raises InvalidError for the field `until`."""
    if until is not None and until <= at:
        raise InvalidError(_l("The last day of the suspension has passed. Choose a later one."), field="until")


def suspend_all(
    suspending: Sequence[tuple[Certificate, SuspensionReason]],
    *,
    until: datetime | None,
    note: str,
    by: Actor,
    at: datetime,
) -> None:
    """Suspend certificates, each for its reason, in as many statements as one; their bits are left to the caller."""
    check_until(until, at)
    begun = []
    for certificate, reason in suspending:
        if certificate.expired(at):
            raise ConflictError(_l("The certificate has expired, so there is nothing to suspend."))
        found = CertificateSuspension(
            reason=reason, note=note or None, suspended_at=at, suspended_by_id=by.person_id, until=until
        )
        begun.append((certificate, found))
    _begin_all(begun, by=by, at=at)


def _begin(
    certificate: Certificate, found: CertificateSuspension, *, by: Actor | None, decision: str | None = None
) -> None:
    _begin_all([(certificate, found)], by=by, at=found.suspended_at, decision=decision)


def _begin_all(
    begun: Sequence[tuple[Certificate, CertificateSuspension]],
    *,
    by: Actor | None,
    at: datetime,
    decision: str | None = None,
) -> None:
    """Begin suspensions of one instant with one note."""
    for certificate, found in begun:
        CERTIFICATE.move(
            certificate,
            "suspend",
            suspended_at=found.suspended_at,
            suspended_by_id=found.suspended_by_id,
            suspended_for=found.reason,
            suspended_until=found.until,
        )
    rows.write_held([certificate for certificate, _found in begun])
    whole = insert(CertificateSuspension).execution_options(render_nulls=True)
    session.execute(whole, [_columns(certificate, found) for certificate, found in begun])
    log.note_all([certificate for certificate, _found in begun], LogAct.SUSPEND, at=at)
    requests = {one.id: one for one in requests_with([certificate.request_id for certificate, _found in begun])}
    told = [(subject(one), _data(one, requests[one.request_id], found, decision)) for one, found in begun]
    note = next((found.note for _one, found in begun), None)
    events.record_many("credentials.suspended", told, by=by, at=at, reason=note)


def _columns(certificate: Certificate, found: CertificateSuspension) -> JsonObject:
    names = ("reason", "note", "suspended_at", "suspended_by_id", "until")
    return {"certificate_id": certificate.id, **{name: getattr(found, name) for name in names}}


def _data(
    certificate: Certificate, request: CertificateRequest, found: CertificateSuspension, decision: str | None
) -> JsonObject:
    until = {"until": str(day_of(found.until))} if found.until else {}
    return {**source_data(certificate, request), "why": found.reason.value, **until, **_of(decision)}


def _of(decision: str | None) -> dict[str, str]:
    return {"decision": decision} if decision else {}


def hold(
    certificate: Certificate, *, reason: SuspensionReason, note: str, decision: str, decided_by_id: int, at: datetime
) -> None:
    """Let a certificate not count because the office whose fact it certifies decided so; it ends with that decision.

    `decision` is the code of the event that records it, `decided_by_id` who decided. What does not count already, or
    ran out, stays as it is.
    """
    if certificate.state is not CertificateState.PUBLISHED or certificate.expired(at):
        return
    found = CertificateSuspension(reason=reason, note=note or None, suspended_at=at, suspended_by_id=decided_by_id)
    _begin(certificate, found, by=None, decision=decision)
    mark_suspended(certificate.status_list_id, [certificate.status_index], suspended=True, at=at)


def release(certificate: Certificate, *, reason: SuspensionReason, note: str, decision: str, at: datetime) -> None:
    """Let a certificate count again that an office held for a reason; one suspended for another stays suspended."""
    if certificate.state is CertificateState.SUSPENDED and certificate.suspended_for is reason:
        _end(certificate, reason=note, by=None, at=at, decision=decision)


def carry_over(former: Certificate, certificate: Certificate, *, at: datetime) -> None:
    """Let a certificate begin as suspended as the one it follows is: making it anew lifts nothing."""
    found = session.scalars(_open_of(former)).one()
    carried = CertificateSuspension(
        reason=found.reason,
        note=found.note,
        suspended_at=at,
        suspended_by_id=found.suspended_by_id,
        until=found.until,
    )
    _begin(certificate, carried, by=None)
    mark_suspended(certificate.status_list_id, [certificate.status_index], suspended=True, at=at)


def reinstate(certificate: Certificate, *, reason: str, by: Actor, at: datetime) -> None:
    """Let a suspended certificate count again, as another issuer than the one who suspended it.

    Raises ForbiddenError for that one, for issuers of another body and for a restricted holder, ConflictError where
    it is not suspended, or another office's decision suspended it.
    """
    check_own_body(certificate, by)
    if certificate.suspended_for in OF_ROOMS:
        raise ConflictError(_l("The authority suspended the accreditation. Its certificate counts again with it."))
    if by.person_id == certificate.suspended_by_id:
        raise ForbiddenError(_l("You suspended this certificate, so another issuer of your body reinstates it."))
    if certificate.person_id is not None:
        restrictions.refuse_if_restricted(ISSUE, person_id=certificate.person_id, on=day_of(at))
    else:
        organisation_id = certificate.organisation_id
        restrictions.refuse_if_restricted(ISSUE_TO_ORGANISATION, organisation_id=organisation_id, on=day_of(at))
    _end(certificate, reason=reason, by=by, at=at)


def set_aside(certificate: Certificate, *, reason: str, by: Actor, at: datetime) -> None:
    """Let a suspended certificate count again because the authority that heard the appeal says so."""
    _end(certificate, reason=reason, by=by, at=at)


def _end(
    certificate: Certificate, *, reason: str | None, by: Actor | None, at: datetime, decision: str | None = None
) -> None:
    cleared = dict.fromkeys(("suspended_at", "suspended_by_id", "suspended_for", "suspended_until"))
    CERTIFICATE.move(certificate, "reinstate", **cleared)
    close_open(certificate, by=by, reason=reason, at=at)
    session.flush()
    mark_suspended(certificate.status_list_id, [certificate.status_index], suspended=False, at=at)
    log.note(certificate, LogAct.REINSTATE, at=at)
    data = {**source_data(certificate), **_of(decision)}
    events.record("credentials.reinstated", subject(certificate), by=by, at=at, data=data, reason=reason)


def close_open(certificate: Certificate, *, by: Actor | None, reason: str | None, at: datetime) -> None:
    """Note when and by whom the open suspension of a certificate ended; nobody where its day or a revocation did."""
    for found in session.scalars(_open_of(certificate)):
        found.ended_at = at
        found.ended_by_id = by.person_id if by else None
        found.end_reason = reason


def close_all_open(certificate_ids: Collection[int], *, at: datetime) -> None:
    """Note that the open suspensions of certificates ended with them, by nobody."""
    held = CertificateSuspension.certificate_id.in_(certificate_ids)
    session.execute(
        update(CertificateSuspension).where(held, CertificateSuspension.ended_at.is_(None)).values(ended_at=at)
    )


def _open_of(certificate: Certificate) -> Select[CertificateSuspension]:
    return select(CertificateSuspension).where(
        CertificateSuspension.certificate_id == certificate.id, CertificateSuspension.ended_at.is_(None)
    )


def due(at: datetime, limit: int) -> list[Certificate]:
    """Return suspended certificates whose last day has passed."""
    query = select(Certificate).where(
        Certificate.state == CertificateState.SUSPENDED, Certificate.suspended_until <= at
    )
    return list(session.scalars(query.order_by(Certificate.suspended_until, Certificate.id).limit(limit)))


def end_with_its_day(certificate: Certificate) -> None:
    """Let a suspended certificate count again whose last day has passed; it ended at that instant, by nobody."""
    ended_at = certificate.suspended_until
    if ended_at is None:
        msg = f"certificate {certificate.code} is suspended without an end"
        raise RuntimeError(msg)
    _end(certificate, reason=None, by=None, at=ended_at)
