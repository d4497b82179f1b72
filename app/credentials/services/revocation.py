"""Revoking a certificate for good, and with it what rests on it; every list and page says so from the same moment."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.core import events
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.text import _l
from app.credentials.models import Certificate, CertificateRequest
from app.credentials.queries import steps as reads
from app.credentials.services import log, rows, suspension
from app.credentials.services.closing import close_following
from app.credentials.services.issuing import source_data, subject
from app.credentials.services.status_lists import keep_signed, mark_revoked, signed_list
from app.credentials.states import CERTIFICATE, OF_AUTHORITY, STANDING, TAKES_ALONG, LogAct, RevocationReason

__all__ = [
    "Revoking",
    "check_own_body",
    "keep_signed",
    "mark",
    "publish_revoked",
    "renewals",
    "revoke",
    "revoke_all",
    "signed_list",
    "supersede",
]


class Revoking(NamedTuple):
    """A certificate to revoke and why; `former` is the code of the certificate that takes it along."""

    certificate: Certificate
    reason: RevocationReason
    former: str | None = None


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
    ForbiddenError for issuers of another body, InvalidError for a reason of the authority, ConflictError where it is
    revoked already. Without an actor the room that asked for the certificate took its fact back; `decision` is the
    code of the event that says so.
    """
    check_own_body(certificate, by)
    if reason in OF_AUTHORITY:
        raise InvalidError(
            _l("That a body is not trusted is decided by the authority. Choose another reason."), field="reason"
        )
    mark(revoke_all([Revoking(certificate, reason)], note=note, by=by, at=at, decision=decision), at=at)


def mark(revoked: Iterable[Certificate], *, at: datetime) -> None:
    """Set the bits of what was revoked, one statement a list, in one order for all who do."""
    indexes: dict[int, list[int]] = {}
    for one in revoked:
        indexes.setdefault(one.status_list_id, []).append(one.status_index)
    session.flush()
    for list_id, listed in sorted(indexes.items()):
        mark_revoked(list_id, listed, at=at)


def supersede(replaced: Sequence[Certificate], *, at: datetime) -> None:
    """Revoke certificates whose place others took, in as many statements as one."""
    _write([Revoking(one, RevocationReason.SUPERSEDED) for one in replaced], note="", by=None, at=at)
    mark(replaced, at=at)


def publish_revoked(fallen: Sequence[Revoking], *, at: datetime) -> None:
    """Publish certificates as revoked that the public log tells of already: none counts for a moment.

    Nobody hears that they were issued; the rooms above and their holders hear that they were revoked.
    """
    _write(fallen, note="", by=None, at=at, published_at=at)
    mark([one.certificate for one in fallen], at=at)


def check_own_body(certificate: Certificate, by: Actor | None) -> None:
    """Refuse issuers of another body."""
    if by is not None and by.organisation_id != certificate.body.organisation_id:
        raise ForbiddenError(_l("Only the body that issued a certificate revokes it."))


def revoke_all(
    revoking: Sequence[Revoking],
    *,
    note: str,
    by: Actor | None,
    at: datetime,
    decision: str | None = None,
) -> list[Certificate]:
    """Revoke certificates and, where the reason says so, what renews them; return all that were revoked.

    As many statements as for one. What would follow them and is not issued yet is closed with the reason. Their bits
    are left to the caller, who sets those of many at once with `mark`. Raises ConflictError where one is revoked
    already.
    """
    # What follows is locked before it, as where a publication lets it take the former's place
    close_following({one.certificate.id: one.reason for one in revoking}, at=at)
    _write(revoking, note=note, by=by, at=at, decision=decision)
    revoked = [one.certificate for one in revoking]
    along = renewals(revoking)
    return revoked + revoke_all(along, note=note, by=by, at=at, decision=decision) if along else revoked


def _write(
    revoking: Sequence[Revoking],
    *,
    note: str,
    by: Actor | None,
    at: datetime,
    decision: str | None = None,
    published_at: datetime | None = None,
) -> None:
    """Revoke certificates in their rows, the public log and the events; those that are published only now with it."""
    move, published = ("publish_revoked", {"published_at": published_at}) if published_at else ("revoke", {})
    for one in revoking:
        CERTIFICATE.move(
            one.certificate,
            move,
            revoked_at=at,
            revoked_by_id=by.person_id if by else None,
            revoked_for=one.reason,
            revocation_note=note or None,
            **published,
        )
    certificates = [one.certificate for one in revoking]
    rows.write_held(certificates)
    suspension.close_all_open([one.id for one in certificates], at=at)
    log.note_all(certificates, LogAct.REVOKE, at=at)
    requests = {one.id: one for one in reads.requests_with([one.request_id for one in certificates])}
    told = [(subject(one.certificate), _data(one, requests[one.certificate.request_id], decision)) for one in revoking]
    events.record_many("credentials.revoked", told, by=by, at=at, reason=note or None)


def _data(revoking: Revoking, request: CertificateRequest, decision: str | None) -> JsonObject:
    because = {"decision": decision, "with": revoking.former}
    known = {key: value for key, value in because.items() if value}
    return {**source_data(revoking.certificate, request), "reason": revoking.reason.value, **known}


def renewals(revoking: Iterable[Revoking]) -> list[Revoking]:
    """Return the standing certificates that revocations take along directly: what renews the revoked ones."""
    formers = {one.certificate.id: one for one in revoking if TAKES_ALONG[one.reason]}
    if not formers:
        return []
    query = select(Certificate).where(Certificate.replaces_id.in_(formers), Certificate.state.in_(STANDING))
    holders = (joinedload(Certificate.person), joinedload(Certificate.organisation))
    found = session.scalars(query.options(*holders).order_by(Certificate.id))
    return [_along(one, formers[one.replaces_id or 0]) for one in found]


def _along(certificate: Certificate, former: Revoking) -> Revoking:
    return Revoking(certificate, former.reason, former.certificate.code)
