"""Records of decisions: the pack, the facts that were seen and the verdict with its reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError
from app.core.events import Subject
from app.core.text import _l
from app.rulebook.facts import Facts, to_json
from app.rulebook.models import DecisionRecord
from app.rulebook.queries import records
from app.rulebook.states import Tag
from app.rulebook.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Decided:
    """What is recorded of one decision.

    `facts` are those the verdict was judged on, complete, so that the same judge gives the same verdict again; they
    hold codes, figures and days, never a name or a document number. `judged_on` is the day that was judged.
    """

    subject: Subject
    facts: Facts
    verdict: Verdict
    judged_on: date
    region_code: str
    person_id: int | None = None


def record_decision(kind: str, decided: Decided, *, by: Actor | None, at: datetime) -> DecisionRecord:
    """Record a decision in the running transaction; it supersedes the last one of this kind on its subject."""
    return record_decisions(kind, [decided], by=by, at=at)[0]


def record_decisions(kind: str, decided: Sequence[Decided], *, by: Actor | None, at: datetime) -> list[DecisionRecord]:
    """Record decisions of one kind at once, such as those on all candidates of a session.

    Raises ConflictError where one subject is decided twice.
    """
    subjects = [one.subject for one in decided]
    if len(set(subjects)) < len(subjects):
        raise ConflictError(_l("One subject is decided twice at once. Decide it once."))
    former = records.latest_by_subject(kind, subjects)
    made = [_record(kind, one, former.get(one.subject), by=by, at=at) for one in decided]
    session.add_all(made)
    session.flush()
    return made


def _record(kind: str, one: Decided, former: int | None, *, by: Actor | None, at: datetime) -> DecisionRecord:
    return DecisionRecord(
        kind=kind,
        subject_type=one.subject.type,
        subject_code=one.subject.code,
        person_id=one.person_id,
        region_code=one.region_code,
        pack=one.verdict.pack,
        tag=Tag(one.verdict.tag),
        judged_on=one.judged_on,
        facts=to_json(one.facts),
        verdict=one.verdict.to_json(),
        outcome=one.verdict.outcome,
        decided_at=at,
        decided_by_id=by.person_id if by else None,
        supersedes_id=former,
    )
