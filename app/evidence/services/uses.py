"""Relying on evidence: who uses which record for what, never more of it than there is."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, NotFoundError
from app.core.events import Subject
from app.core.text import _l
from app.evidence.models import Evidence, EvidenceUse
from app.evidence.queries.uses import used_in
from app.evidence.rules.checks import WHOLE
from app.evidence.services.subjects import of_evidence
from app.evidence.states import LIVE


def use(
    evidence_id: int,
    by_subject: Subject,
    purpose: str,
    at: datetime,
    *,
    by: Actor | None = None,
    part: Decimal = WHOLE,
) -> EvidenceUse:
    """Note that a title application, rating or base result relies on a record, or on a part of it in per cent.

    A record serves several purposes, but within one purpose never more than the whole of it; a purpose that
    comes again, such as a yearly rating, is named with its year. Repeated for the same subject it gives the
    first use back. Raises NotFoundError where there is no such record, ConflictError where the record does not
    stand or is used up.
    """
    query = select(Evidence).where(Evidence.id == evidence_id).with_for_update()
    evidence = session.scalar(query.execution_options(populate_existing=True))
    if evidence is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    if evidence.state not in LIVE or evidence.accepted_at is None:
        raise ConflictError(_l("Only a declared record that its person stands by can be relied on."))
    known = _known(evidence_id, by_subject, purpose)
    if known is not None and known.released_at is None:
        return known
    taken = used_in(evidence, purpose, but=by_subject)
    if taken + part > WHOLE:
        raise ConflictError(
            _l(
                "“%(title)s” is relied on for this purpose already; %(left)s per cent of it are left.",
                title=evidence.title,
                left=WHOLE - taken,
            )
        )
    made = known or EvidenceUse(
        evidence_id=evidence_id,
        purpose=purpose,
        subject_type=by_subject.type,
        subject_code=by_subject.code,
    )
    made.part, made.used_at, made.released_at = part, at, None
    made.used_by_id = by.person_id if by else None
    session.add(made)
    session.flush()
    data = {"purpose": purpose, "type": by_subject.type, "code": by_subject.code}
    events.record("evidence.used", of_evidence(evidence), by=by, at=at, data=data)
    return made


def _known(evidence_id: int, by_subject: Subject, purpose: str) -> EvidenceUse | None:
    query = select(EvidenceUse).where(
        EvidenceUse.evidence_id == evidence_id,
        EvidenceUse.purpose == purpose,
        EvidenceUse.subject_type == by_subject.type,
        EvidenceUse.subject_code == by_subject.code,
    )
    return session.scalar(query)


def release(by_subject: Subject, *, at: datetime, by: Actor | None = None, purpose: str | None = None) -> int:
    """Give up what a subject relies on, for one purpose or all; return how many uses ended."""
    query = select(EvidenceUse, Evidence).join(Evidence, Evidence.id == EvidenceUse.evidence_id)
    query = query.where(
        EvidenceUse.subject_type == by_subject.type,
        EvidenceUse.subject_code == by_subject.code,
        EvidenceUse.released_at.is_(None),
    )
    if purpose is not None:
        query = query.where(EvidenceUse.purpose == purpose)
    found = list(session.execute(query))
    for one, evidence in found:
        one.released_at = at
        data = {"purpose": one.purpose, "type": by_subject.type, "code": by_subject.code}
        events.record("evidence.released", of_evidence(evidence), by=by, at=at, data=data)
    session.flush()
    return len(found)
