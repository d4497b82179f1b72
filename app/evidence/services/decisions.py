"""What becomes of a declared record: accepted or declined by its person, checked, rejected, withdrawn."""

from datetime import datetime

from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError, Text
from app.core.text import _l
from app.desk import services as desk
from app.evidence.access import handles, may_check, owns
from app.evidence.models import Evidence
from app.evidence.queries.uses import told_uses
from app.evidence.services import shares
from app.evidence.services.doors import refuse_checking, refuse_entering
from app.evidence.services.entry import supersede, wait_for_check
from app.evidence.services.subjects import of_evidence
from app.evidence.services.verdicts import refresh
from app.evidence.states import EVIDENCE, State
from app.rulebook.verdicts import Outcome

NOT_YOURS: Text = _l("The person whom the record is about says whether it is right.")


def accept(evidence: Evidence, *, by: Actor, at: datetime) -> None:
    """Let the person stand by what an organisation entered for them; then it waits for a checker.

    Repeated, it changes nothing. Raises ForbiddenError for anyone else and for who may enter nothing.
    """
    if not owns(by, evidence):
        raise ForbiddenError(NOT_YOURS)
    if evidence.accepted_at is not None:
        return
    refuse_entering(by, on=day_of(at))
    EVIDENCE.move(evidence, "confirm", accepted_at=at, confirmed_at=at)
    session.flush()
    events.record("evidence.accepted", of_evidence(evidence), by=by, at=at)
    desk.close_todos(of_evidence(evidence), at=at, kind="evidence.accept")
    wait_for_check(evidence, at=at)


def decline(evidence: Evidence, *, reason: str, by: Actor, at: datetime) -> None:
    """Let the person refuse what an organisation entered for them, with the reason it reads.

    Raises ForbiddenError for anyone else, ConflictError where they accepted it.
    """
    if not owns(by, evidence) or by.person_id == evidence.entered_by_id:
        raise ForbiddenError(NOT_YOURS)
    if evidence.accepted_at is not None:
        raise ConflictError(_l("You have confirmed this record. Withdraw it instead, with a reason."))
    _end(evidence, "reject", reason=reason, at=at, rejected_by_id=by.person_id)
    events.record("evidence.declined", of_evidence(evidence), by=by, at=at, reason=reason, about_person=True)


def check(evidence: Evidence, *, note: str, by: Actor, at: datetime) -> None:
    """Confirm as an authority of the region that the papers hold together; the verdict seen is kept with it.

    An earlier version that was checked is superseded now. Raises ForbiddenError for its subject, for who
    entered it and for other regions, InvalidError where a condition is not met, or is unknown and no note
    says why it may stand open.
    """
    _check_checker(evidence, by, at)
    if evidence.accepted_at is None:
        raise ConflictError(_l("The person has not confirmed this record yet."))
    refresh(evidence, at=at)
    if evidence.standing == Outcome.NOT_MET:
        raise InvalidError(_l("A condition is not met. Ask for a correction, or reject the record with the reason."))
    if evidence.standing == Outcome.UNKNOWN and not note.strip():
        raise InvalidError(_l("A condition is unknown. Write why the record may be checked without it."), field="note")
    EVIDENCE.move(evidence, "check", checked_by_id=by.person_id, checked_at=at, checked_verdict=evidence.verdict)
    session.flush()
    rule = (evidence.verdict or {}).get("pack")
    why = note.strip() or None
    about = of_evidence(evidence)
    events.record("evidence.checked", about, by=by, at=at, reason=why, about_person=True, rule=rule)
    desk.close_todos(of_evidence(evidence), at=at)
    _replace_checked_version(evidence, by=by, at=at)


def _replace_checked_version(evidence: Evidence, *, by: Actor, at: datetime) -> None:
    earlier = session.get(Evidence, evidence.supersedes_id) if evidence.supersedes_id else None
    if earlier is not None and earlier.state is State.CHECKED:
        supersede(earlier, evidence, by=by, at=at)
        refresh(evidence, at=at)


def reject(evidence: Evidence, *, reason: str, by: Actor, at: datetime) -> None:
    """Reject a record as an authority of the region, with the reason that its person reads."""
    _check_checker(evidence, by, at)
    _end(evidence, "reject", reason=reason, at=at, rejected_by_id=by.person_id)
    events.record("evidence.rejected", of_evidence(evidence), by=by, at=at, reason=reason, about_person=True)


def _check_checker(evidence: Evidence, by: Actor, at: datetime) -> None:
    if not may_check(by, evidence):
        raise ForbiddenError(
            _l("An authority of the record's region checks it, and nobody their own record or one they entered.")
        )
    refuse_checking(by, on=day_of(at))


def withdraw(evidence: Evidence, *, reason: str, by: Actor, at: datetime) -> None:
    """Withdraw a record; whoever relies on it is told by the event and decides again.

    Raises ForbiddenError for anyone but its person, ConflictError where it has ended.
    """
    may = owns(by, evidence) if evidence.accepted_at is not None else handles(by, evidence)
    if not may:
        raise ForbiddenError(_l("The person whom the record is about withdraws it."))
    end_by_withdrawal(evidence, reason=reason, by=by, at=at)


def end_by_withdrawal(evidence: Evidence, *, reason: str, by: Actor, at: datetime) -> None:
    """Withdraw a record for whoever was found to have the right to; its uses stand in the event."""
    uses = told_uses(evidence.id)
    _end(evidence, "withdraw", reason=reason, at=at, withdrawn_by_id=by.person_id)
    events.record(
        "evidence.withdrawn", of_evidence(evidence), by=by, at=at, reason=reason, about_person=True, data={"uses": uses}
    )


def _end(evidence: Evidence, move: str, *, reason: str, at: datetime, **columns: object) -> None:
    if not reason.strip():
        raise InvalidError(_l("Give the reason."), field="reason")
    EVIDENCE.move(evidence, move, reason=reason.strip(), ended_at=at, **columns)
    session.flush()
    desk.close_todos(of_evidence(evidence), at=at)
    shares.recount(evidence)
    refresh(evidence, at=at)
