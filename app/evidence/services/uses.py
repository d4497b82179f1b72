"""Relying on evidence: who uses which record for what, never more of it than there is."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from app.core import events
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError, NotFoundError
from app.core.events import Subject
from app.core.text import _l
from app.evidence.models import Evidence, EvidenceUse
from app.evidence.queries.uses import counted_records, newer_checked, used_in
from app.evidence.rules.checks import WHOLE
from app.evidence.services.subjects import of_evidence
from app.evidence.states import LIVE, Kind


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
    events.record("evidence.used", of_evidence(evidence), by=by, at=at, data=_said(purpose, by_subject))
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
    found = [(one, evidence) for one, evidence in session.execute(query)]
    _end_uses(found, by=by, at=at)
    return len(found)


def _end_uses(found: Iterable[tuple[EvidenceUse, Evidence]], *, by: Actor | None, at: datetime) -> None:
    for one, evidence in found:
        one.released_at = at
        subject = Subject(one.subject_type, one.subject_code)
        events.record("evidence.released", of_evidence(evidence), by=by, at=at, data=_said(one.purpose, subject))
    session.flush()


def let_go_of_ended(by_subject: Subject, *, at: datetime, by: Actor | None = None) -> int:
    """Give up the records of a subject that ended, and rely on the new version where one was checked.

    Return how many new versions it relies on now.
    """
    query = select(EvidenceUse, Evidence).join(Evidence, Evidence.id == EvidenceUse.evidence_id)
    query = query.where(
        EvidenceUse.subject_type == by_subject.type,
        EvidenceUse.subject_code == by_subject.code,
        EvidenceUse.released_at.is_(None),
        Evidence.state.not_in(LIVE),
    )
    ended = [(one, evidence) for one, evidence in session.execute(query.order_by(EvidenceUse.id))]
    _end_uses(ended, by=by, at=at)
    taken = [(newer_checked(evidence), one) for one, evidence in ended]
    for newer, one in taken:
        if newer is not None:
            use(newer.id, by_subject, one.purpose, at, by=by, part=one.part)
    return sum(newer is not None for newer, _one in taken)


def count_for(
    people: Mapping[int, Subject], purpose: str, kinds: Collection[Kind], *, on: date, known_at: datetime, at: datetime
) -> None:
    """Note which records a computed result of each person counts, and give up those it counts no more.

    A result counts records of its own person only, so nothing is used up. Three statements and what changed.
    """
    counted = {one.id: one for one in counted_records(people, kinds, on=on, known_at=known_at)}
    query = select(EvidenceUse, Evidence).join(Evidence, Evidence.id == EvidenceUse.evidence_id)
    query = query.where(
        EvidenceUse.purpose == purpose,
        EvidenceUse.subject_type.in_({one.type for one in people.values()}),
        EvidenceUse.subject_code.in_([one.code for one in people.values()]),
    )
    known = {evidence.id: (one, evidence) for one, evidence in session.execute(query)}
    standing = {key: pair for key, pair in known.items() if pair[0].released_at is None}
    _end_uses([pair for key, pair in standing.items() if key not in counted], by=None, at=at)
    begun = [one for key, one in counted.items() if key not in standing]
    for one in begun:
        subject = people[one.person_id]
        made = (
            known[one.id][0]
            if one.id in known
            else EvidenceUse(
                evidence_id=one.id, purpose=purpose, subject_type=subject.type, subject_code=subject.code, part=WHOLE
            )
        )
        made.used_at, made.released_at = at, None
        session.add(made)
    session.flush()
    facts = [(of_evidence(one), _said(purpose, people[one.person_id])) for one in begun]
    events.record_many("evidence.used", facts, by=None, at=at)


def _said(purpose: str, subject: Subject) -> JsonObject:
    return {"purpose": purpose, "type": subject.type, "code": subject.code}
