"""Who relies on which evidence."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import func, select

from app.core.db import session
from app.core.events import Subject
from app.evidence.models import Evidence, EvidenceUse
from app.evidence.states import LIVE


def uses_of(evidence_ids: Iterable[int]) -> list[EvidenceUse]:
    """Return the uses of records, the latest first, those that were given up among them."""
    query = select(EvidenceUse).where(EvidenceUse.evidence_id.in_(list(evidence_ids)))
    return list(session.scalars(query.order_by(EvidenceUse.id.desc())))


def standing_uses(evidence_id: int) -> list[EvidenceUse]:
    """Return who relies on a record now, in the order they began to."""
    query = select(EvidenceUse).where(EvidenceUse.evidence_id == evidence_id, EvidenceUse.released_at.is_(None))
    return list(session.scalars(query.order_by(EvidenceUse.id)))


def used_in(evidence: Evidence, purpose: str, *, but: Subject) -> Decimal:
    """Return which part of a record, in per cent, others rely on for a purpose; every version of it counts."""
    versions = select(Evidence.id).where(Evidence.series == evidence.series, Evidence.state.in_(LIVE))
    query = select(func.sum(EvidenceUse.part)).where(
        EvidenceUse.evidence_id.in_(versions),
        EvidenceUse.purpose == purpose,
        EvidenceUse.released_at.is_(None),
        (EvidenceUse.subject_type != but.type) | (EvidenceUse.subject_code != but.code),
    )
    return session.scalar(query) or Decimal(0)


def evidence_used_by(subject: Subject) -> list[Evidence]:
    """Return the records that a title application, rating or the like relies on now."""
    query = (
        select(Evidence)
        .join(EvidenceUse, EvidenceUse.evidence_id == Evidence.id)
        .where(
            EvidenceUse.subject_type == subject.type,
            EvidenceUse.subject_code == subject.code,
            EvidenceUse.released_at.is_(None),
        )
    )
    return list(session.scalars(query.order_by(Evidence.id)))
