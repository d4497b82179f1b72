"""Who relies on which evidence."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select

from app.core.columns import JsonList, JsonObject
from app.core.db import session
from app.core.events import Subject
from app.evidence.models import Evidence, EvidenceUse
from app.evidence.states import LIVE, Kind, State


def uses_of(evidence_ids: Iterable[int]) -> list[EvidenceUse]:
    """Return the uses of records, the latest first, those that were given up among them."""
    query = select(EvidenceUse).where(EvidenceUse.evidence_id.in_(list(evidence_ids)))
    return list(session.scalars(query.order_by(EvidenceUse.id.desc())))


def standing_uses(evidence_id: int) -> list[EvidenceUse]:
    """Return who relies on a record now, in the order they began to."""
    query = select(EvidenceUse).where(EvidenceUse.evidence_id == evidence_id, EvidenceUse.released_at.is_(None))
    return list(session.scalars(query.order_by(EvidenceUse.id)))


def told_uses(evidence_id: int) -> JsonList:
    """Return who relies on a record now, as the event of its end tells whoever must decide again."""
    return [
        {"purpose": use.purpose, "type": use.subject_type, "code": use.subject_code, "part": str(use.part)}
        for use in standing_uses(evidence_id)
    ]


def users_told(data: JsonObject, subject_type: str) -> list[str]:
    """Return the codes of the subjects of a type that an ended record was used in, from its event, each once."""
    return list(dict.fromkeys(use["code"] for use in data.get("uses", ()) if use["type"] == subject_type))


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


def newer_checked(evidence: Evidence) -> Evidence | None:
    """Return the checked version that took the place of one that was superseded, None where there is none."""
    if evidence.state is not State.SUPERSEDED:
        return None
    query = select(Evidence).where(Evidence.series == evidence.series, Evidence.state == State.CHECKED)
    return session.scalar(query.order_by(Evidence.id.desc()).limit(1))


def counted_records(
    person_ids: Iterable[int], kinds: Collection[Kind], *, on: date, known_at: datetime
) -> list[Evidence]:
    """Return the checked records of some kinds that facts count on a day as known at an instant, while they stand."""
    query = select(Evidence).where(
        Evidence.person_id.in_(list(person_ids)),
        Evidence.kind.in_(list(kinds)),
        Evidence.state == State.CHECKED,
        Evidence.checked_at <= known_at,
        Evidence.happened_on <= on,
    )
    return list(session.scalars(query.order_by(Evidence.id)))


def once_used_by(subject: Subject) -> list[Evidence]:
    """Return the records that a subject relied on at any time and that stand still."""
    query = select(Evidence).join(EvidenceUse, EvidenceUse.evidence_id == Evidence.id)
    query = query.where(EvidenceUse.subject_type == subject.type, EvidenceUse.subject_code == subject.code)
    return list(session.scalars(query.where(Evidence.state.in_(LIVE)).order_by(Evidence.id)))


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
