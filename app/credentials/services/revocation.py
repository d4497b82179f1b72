"""Revoking a certificate for good; every list and page says so from the same moment."""

from datetime import datetime

from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError
from app.core.text import _l
from app.credentials.models import Certificate
from app.credentials.services import log, suspension
from app.credentials.services.issuing import source_data, subject
from app.credentials.services.status_lists import keep_signed, mark_revoked, signed_list
from app.credentials.states import CERTIFICATE, LogAct, RevocationReason

__all__ = ["check_own_body", "keep_signed", "revoke", "revoke_one", "signed_list"]


def revoke(certificate: Certificate, *, reason: RevocationReason, note: str, by: Actor | None, at: datetime) -> None:
    """Revoke a certificate for one of the closed reasons; every check says so from this moment.

    The room that asked for the certificate hears of it in the same transaction. Raises
    ForbiddenError for issuers of another body, ConflictError where it is revoked already. Without an actor the
    room that asked for the certificate took its fact back.
    """
    check_own_body(certificate, by)
    revoke_one(certificate, reason=reason, note=note, by=by, at=at)
    mark_revoked(certificate.status_list_id, [certificate.status_index], at=at)


def check_own_body(certificate: Certificate, by: Actor | None) -> None:
    """Refuse issuers of another body."""
    if by is not None and by.organisation_id != certificate.body.organisation_id:
        raise ForbiddenError(_l("Only the body that issued a certificate revokes it."))


def revoke_one(
    certificate: Certificate, *, reason: RevocationReason, note: str, by: Actor | None, at: datetime
) -> None:
    """Revoke a certificate without its bit, which a caller with many of them sets for all at once."""
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
    data = {**source_data(certificate), "reason": reason.value}
    events.record("credentials.revoked", subject(certificate), by=by, at=at, data=data, reason=note or None)
