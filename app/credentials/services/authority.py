"""Whether a body may issue now: asked when a batch is prepared, when it is approved, and before anything is signed."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select

from app.core.db import session
from app.core.errors import ForbiddenError
from app.core.text import _l
from app.credentials.models import Batch, CertificateRequest, IssuingBody
from app.credentials.queries import delegations as reads
from app.credentials.rules.delegation import Coverage, Endorsement, covers
from app.credentials.rules.templates import first_instant
from app.credentials.states import CertificateKind

Certified = tuple[CertificateKind, str | None, datetime]
"""What an authority must cover: kind, level, and the instant from which the certificate is valid."""


def require_authority(body: IssuingBody, facts: Iterable[Certified] = (), *, at: datetime) -> None:
    """Raise ForbiddenError for a body whose authority to issue has ended or does not cover what it certifies.

    The authority must hold now and from the instant on from which a certificate is valid; what a body issued
    before stays valid.
    """
    if body.closed_at is not None and at >= body.closed_at:
        raise ForbiddenError(
            _l("The authority of this body to issue certificates has ended. Its requests go to the body after it.")
        )
    for code in uncovered(body, facts, at=at).values():
        raise ForbiddenError(REFUSALS[code], code=code)


def uncovered(body: IssuingBody, facts: Iterable[Certified], *, at: datetime) -> dict[Certified, str]:
    """Return what a body may not certify now, or not from the instant on from which it is valid, and the code why."""
    if reads.is_self_standing(body):
        return {}
    endorsements = reads.endorsements_of(body)
    found = {}
    for kind, level, begins in set(facts):
        best = (_best(endorsements, kind, level, instant) for instant in (at, begins))
        wrong = next((one.code for one in best if not one.covered), None)
        if wrong is not None:
            found[kind, level, begins] = wrong
    return found


def _best(endorsements: list[Endorsement], kind: CertificateKind, level: str | None, at: datetime) -> Coverage:
    found = Coverage(covered=False, code="scope-none")
    for endorsement in endorsements:
        found = covers(endorsement, kind, level, at)
        if found.covered:
            return found
    return found


def certified_in(batch: Batch) -> set[Certified]:
    """Return what the certificates of a batch need an authority for, each once."""
    level, begins = (CertificateRequest.fields[name].as_string() for name in ("level", "valid_from"))
    query = select(CertificateRequest.kind, level, begins).where(CertificateRequest.batch_id == batch.id).distinct()
    return {certified(kind, found, day) for kind, found, day in session.execute(query)}


def certified(kind: CertificateKind, level: str | None, day: str) -> Certified:
    """Return what an authority must cover, of a certificate that is valid from an ISO day on."""
    return kind, level, first_instant(date.fromisoformat(day))


REFUSALS = {
    "scope-none": _l("The authority has not delegated to your body, so it cannot issue. Ask the authority."),
    "scope-kind": _l("The authority has not delegated this kind of certificate to your body. Ask the authority."),
    "scope-level": _l("The authority has not delegated this level to your body. Ask the authority."),
    "scope-not-begun": _l("The authority of your body begins later. Issue then, or ask the authority."),
    "scope-ended": _l("The authority of your body has ended, so it cannot issue; what it issued before stays valid."),
}
