"""Revoking a certificate, and the status list that says so to every verifier."""

import json
from datetime import datetime

from app.core import events
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ForbiddenError, UnavailableError
from app.core.text import _l
from app.credentials.models import Certificate, StatusList
from app.credentials.rules.proof import sign_document
from app.credentials.rules.status_list import list_credential, with_bit
from app.credentials.services import log
from app.credentials.services.bodies import signer_of
from app.credentials.services.issuing import list_url, source_data, subject
from app.credentials.states import CERTIFICATE, LogAct, RevocationReason


def revoke(certificate: Certificate, *, reason: RevocationReason, note: str, by: Actor | None, at: datetime) -> None:
    """Revoke a certificate for one of the closed reasons; every check says so from this moment.

    The room that asked for the certificate hears of it in the same transaction. Raises
    ForbiddenError for issuers of another body, ConflictError where it is revoked already. Without an actor the
    room that asked for the certificate took its fact back.
    """
    if by is not None and by.organisation_id != certificate.body.organisation_id:
        raise ForbiddenError(_l("Only the body that issued a certificate revokes it."))
    CERTIFICATE.move(
        certificate,
        "revoke",
        revoked_at=at,
        revoked_by_id=by.person_id if by is not None else None,
        revoked_for=reason,
        revocation_note=note or None,
    )
    _set_bit(session.get_one(StatusList, certificate.status_list_id), certificate.status_index, at=at)
    log.note(certificate, LogAct.REVOKE, at=at)
    session.flush()
    data = {**source_data(certificate), "reason": reason.value}
    events.record("credentials.revoked", subject(certificate), by=by, at=at, data=data, reason=note or None)


def _set_bit(listed: StatusList, index: int, *, at: datetime) -> None:
    listed.bits = with_bit(listed.bits, index)
    listed.changed_at = at
    listed.credential = None
    listed.signed_at = None


def signed_list(listed: StatusList) -> JsonObject:
    """Return the signed credential of a status list, fresh where a bit changed; writes nothing.

    Raises UnavailableError where the key cannot be used: an old list would hide a revocation.
    """
    if listed.credential is not None:
        kept: JsonObject = json.loads(listed.credential)
        return kept
    document = list_credential(
        url=list_url(listed), issuer=listed.body.did, bits=listed.bits, valid_from=listed.changed_at
    )
    return sign_document(document, signer_of(listed.body), created=listed.changed_at)


def keep_signed(listed: StatusList, *, at: datetime) -> bool:
    """Sign a status list that changed and keep it, so that readers need no key; tell whether it worked."""
    if listed.credential is not None:
        return True
    try:
        signed = signed_list(listed)
    except UnavailableError:
        return False
    listed.credential = json.dumps(signed, separators=(",", ":"))
    listed.signed_at = at
    return True
