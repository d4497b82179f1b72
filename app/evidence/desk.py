"""What the evidence room puts on desks: to-dos that must be open, following from the states of its records."""

from collections.abc import Iterator

from sqlalchemy import and_, or_, select

from app.accounts.states import Role
from app.core.db import session
from app.core.events import Subject
from app.desk.kinds import Expected
from app.evidence.models import Evidence, SampleAudit, SampleItem
from app.evidence.states import OPEN, State
from app.rulebook.verdicts import Outcome


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of records and of drawn samples."""
    return {*_records(), *_disputes(), *_samples()}


def _of_region(kind: str, evidence: Evidence) -> Expected:
    return Expected(kind, Subject("evidence", evidence.code), role=Role.CREDIT, region_code=evidence.region_code)


def _records() -> Iterator[Expected]:
    """What is declared waits for its person, then for a checker; a checked one whose papers fell apart, again."""
    fell = and_(Evidence.state == State.CHECKED, Evidence.standing == Outcome.NOT_MET.value)
    for evidence in session.scalars(select(Evidence).where(or_(Evidence.state.in_(OPEN), fell))):
        if evidence.state is State.CHECKED:
            yield _of_region("evidence.look_again", evidence)
        elif evidence.accepted_at is None:
            yield Expected("evidence.accept", Subject("evidence", evidence.code), person_id=evidence.person_id)
        else:
            yield _of_region("evidence.check", evidence)


def _disputes() -> Iterator[Expected]:
    """A dispute waits until the check that is made with knowledge of it."""
    since = and_(Evidence.state == State.CHECKED, Evidence.disputed_at > Evidence.checked_at)
    query = select(Evidence).where(Evidence.disputed_at.is_not(None), or_(Evidence.state.in_(OPEN), since))
    for evidence in session.scalars(query):
        yield _of_region("evidence.disputed", evidence)


def _samples() -> Iterator[Expected]:
    """A drawn record waits for the officer it was given to, its finding for a second one."""
    query = (
        select(SampleAudit.code, SampleAudit.region_code, SampleItem.assigned_to_id, SampleItem.finding)
        .join(SampleAudit, SampleAudit.id == SampleItem.audit_id)
        .where(SampleItem.assigned_to_id.is_not(None), SampleItem.confirmed_by_id.is_(None))
    )
    for code, region, officer_id, finding in session.execute(query):
        about = Subject("sample_audit", code)
        if finding is None:
            yield Expected("evidence.sample", about, person_id=officer_id)
        else:
            yield Expected("evidence.second", about, role=Role.CREDIT, region_code=region)
