"""The second look at a record whose evidence was withdrawn or replaced: proposed by one officer, agreed to by another.

Nothing is overwritten: until two officers withdraw or correct the record it counts, and what was known before stays.
"""

from datetime import datetime

from app.accounts.states import Role
from app.assessment.credit.access import works_on
from app.assessment.credit.models import CreditDoubt, CreditRecord
from app.assessment.credit.queries import doubts as queries
from app.assessment.credit.queries import records
from app.assessment.credit.services.records import WHO, withdraw
from app.assessment.credit.states import DOUBT, Proposal, RecordState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk
from app.evidence import services as evidence

LOOK_AGAIN, SECOND = "credit.look_again", "credit.decide_doubt"


def of_doubt(found: CreditDoubt) -> Subject:
    """Name a second look in to-dos."""
    return Subject(queries.TYPE, found.code)


def open_doubt(record: CreditRecord, *, code: str, at: datetime) -> None:
    """Let officers look again at a record in force whose evidence (its code) ended, and tell its person.

    A record that waits for its second officer is not confirmed while its evidence has ended, so it needs none.
    """
    if record.state is not RecordState.CONFIRMED:
        return
    events.record("credit.doubted", records.subject(record), by=None, at=at, data={"evidence": code})
    if queries.open_doubt(record) is not None:
        return
    made = CreditDoubt(record_id=record.id, opened_at=at)
    session.add(made)
    session.flush()
    _wait(LOOK_AGAIN, made, record, at=at)


def _wait(kind: str, found: CreditDoubt, record: CreditRecord, *, at: datetime, but: int | None = None) -> None:
    desk.close_todos(of_doubt(found), at=at)
    desk.open_todo(
        kind,
        of_doubt(found),
        url=f"/credit/records/{record.code}",
        at=at,
        role=Role.CREDIT,
        region_code=record.region_code,
        not_person_id=but or record.person_id,
        params={"conduct": record.conduct},
    )


def propose(
    found: CreditDoubt, record: CreditRecord, *, proposal: Proposal, findings: str, by: Actor, at: datetime
) -> None:
    """Propose that a record be withdrawn or stand, with what was found; a second officer decides.

    Raises ForbiddenError for who is no credit officer of the region or the person of the record.
    """
    if not works_on(by, record.region_code, record.person_id):
        raise ForbiddenError(WHO)
    if not findings.strip():
        raise InvalidError(_l("Say what you found; the person reads it."), field="findings")
    proposed = {"proposed_by_id": by.person_id, "proposed_at": at, "findings": findings.strip()}
    DOUBT.move(found, "propose", proposal=proposal, **proposed)
    session.flush()
    data = {"proposal": proposal.value}
    events.record("credit.doubt_proposed", records.subject(record), by=by, at=at, reason=findings.strip(), data=data)
    _wait(SECOND, found, record, at=at, but=by.person_id)


def agree(found: CreditDoubt, record: CreditRecord, *, by: Actor, at: datetime) -> None:
    """Agree as the second officer: the record is withdrawn, or it stands on what is left of its evidence.

    Raises ForbiddenError for who proposed it.
    """
    _check_second(found, record, by)
    DOUBT.move(found, "approve", decided_by_id=by.person_id, settled_at=at)
    session.flush()
    desk.close_todos(of_doubt(found), at=at)
    if found.proposal is Proposal.WITHDRAW:
        withdraw(record, reason=found.findings or "", by=by, at=at)
        return
    evidence.let_go_of_ended(records.subject(record), at=at, by=by)
    events.record("credit.stands", records.subject(record), by=by, at=at, reason=found.findings)


def send_back(found: CreditDoubt, record: CreditRecord, *, reason: str, by: Actor, at: datetime) -> None:
    """Not agree as the second officer, with the reason: officers look at the record again."""
    _check_second(found, record, by)
    if not reason.strip():
        raise InvalidError(_l("Give the reason."), field="reason")
    DOUBT.move(found, "return", proposal=None, findings=None, proposed_by_id=None, proposed_at=None)
    session.flush()
    events.record("credit.doubt_returned", records.subject(record), by=by, at=at, reason=reason.strip())
    _wait(LOOK_AGAIN, found, record, at=at)


def _check_second(found: CreditDoubt, record: CreditRecord, by: Actor) -> None:
    if not works_on(by, record.region_code, record.person_id):
        raise ForbiddenError(WHO)
    if found.proposed_by_id == by.person_id:
        raise ForbiddenError(_l("You proposed this, so another credit officer decides on it."))


def end_with(record: CreditRecord, *, at: datetime) -> None:
    """Let go of the evidence of a record that ended, and settle the second look at it."""
    evidence.release(records.subject(record), at=at)
    found = queries.open_doubt(record)
    if found is not None:
        DOUBT.move(found, "lapse", settled_at=at)
        session.flush()
        desk.close_todos(of_doubt(found), at=at)
