"""Revoking a certificate for good, and with it what rests on it; every list and page says so from the same moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError
from app.core.text import _l
from app.credentials.models import Certificate
from app.credentials.queries import steps as reads
from app.credentials.services import log, suspension
from app.credentials.services.closing import close_following
from app.credentials.services.issuing import source_data, subject
from app.credentials.services.status_lists import keep_signed, mark_revoked, signed_list
from app.credentials.states import CERTIFICATE, STANDING, TAKES_ALONG, LogAct, RevocationReason

__all__ = ["check_own_body", "keep_signed", "mark", "renewals", "revoke", "revoke_one", "signed_list", "supersede"]


def revoke(
    certificate: Certificate,
    *,
    reason: RevocationReason,
    note: str,
    by: Actor | None,
    at: datetime,
    decision: str | None = None,
) -> None:
    """Revoke a certificate for one of the closed reasons; every check says so from this moment.

    The room that asked for the certificate hears of it in the same transaction. Raises
    ForbiddenError for issuers of another body, ConflictError where it is revoked already. Without an actor the
    room that asked for the certificate took its fact back; `decision` is the code of the event that says so.
    """
    check_own_body(certificate, by)
    mark(revoke_one(certificate, reason=reason, note=note, by=by, at=at, decision=decision), at=at)


def mark(revoked: Iterable[Certificate], *, at: datetime) -> None:
    """Set the bits of what was revoked, one statement a list, in one order for all who do."""
    indexes: dict[int, list[int]] = {}
    for one in revoked:
        indexes.setdefault(one.status_list_id, []).append(one.status_index)
    session.flush()
    for list_id, listed in sorted(indexes.items()):
        mark_revoked(list_id, listed, at=at)


def supersede(replaced: Sequence[Certificate], *, at: datetime) -> None:
    """Revoke certificates whose place others took, in as many statements as one, but for their own rows."""
    requests = {one.id: one for one in reads.requests_with([one.request_id for one in replaced])}
    reason = RevocationReason.SUPERSEDED
    for one in replaced:
        CERTIFICATE.move(one, "revoke", revoked_at=at, revoked_by_id=None, revoked_for=reason, revocation_note=None)
    suspension.close_all_open([one.id for one in replaced], at=at)
    log.note_all(replaced, LogAct.REVOKE, at=at)
    session.flush()
    told = [(subject(one), {**source_data(one, requests[one.request_id]), "reason": reason.value}) for one in replaced]
    events.record_many("credentials.revoked", told, by=None, at=at)
    mark(replaced, at=at)


def check_own_body(certificate: Certificate, by: Actor | None) -> None:
    """Refuse issuers of another body."""
    if by is not None and by.organisation_id != certificate.body.organisation_id:
        raise ForbiddenError(_l("Only the body that issued a certificate revokes it."))


def revoke_one(
    certificate: Certificate,
    *,
    reason: RevocationReason,
    note: str,
    by: Actor | None,
    at: datetime,
    decision: str | None = None,
    former: str | None = None,
) -> list[Certificate]:
    """Revoke a certificate and, where the reason says so, what renews it; return all that were revoked.

    What would follow it and is not issued yet is closed with the reason. Their bits are left to the caller, who sets
    those of many at once with `mark`. `former` is the code of the certificate that takes this one along. Raises
    ConflictError where it is revoked already.
    """
    # What follows is locked before it, as where a publication lets it take the former's place
    close_following(certificate, reason=reason, at=at)
    CERTIFICATE.move(
        certificate,
        "revoke",
        revoked_at=at,
        revoked_by_id=by.person_id if by else None,
        revoked_for=reason,
        revocation_note=note or None,
    )
    suspension.close_open(certificate, by=None, reason=None, at=at)
    log.note(certificate, LogAct.REVOKE, at=at)
    session.flush()
    because = {"decision": decision, "with": former}
    data = {**source_data(certificate), "reason": reason.value, **{key: one for key, one in because.items() if one}}
    events.record("credentials.revoked", subject(certificate), by=by, at=at, data=data, reason=note or None)
    revoked = [certificate]
    for renewal in renewals(certificate, reason):
        code = certificate.code
        revoked += revoke_one(renewal, reason=reason, note=note, by=by, at=at, decision=decision, former=code)
    return revoked


def renewals(certificate: Certificate, reason: RevocationReason) -> list[Certificate]:
    """Return the standing certificates that a revocation for a reason takes along directly: what renews this one."""
    if not TAKES_ALONG[reason]:
        return []
    query = select(Certificate).where(Certificate.replaces_id == certificate.id, Certificate.state.in_(STANDING))
    return list(session.scalars(query.options(joinedload(Certificate.person), joinedload(Certificate.organisation))))
