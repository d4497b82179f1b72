"""Writes of registration by the candidates themselves, and of withdrawal."""

from datetime import datetime

from sqlalchemy import delete, select

from app.assessment.exams.models import Admission, ExamSession, Registration
from app.assessment.exams.queries import candidates as candidates_queries
from app.assessment.exams.queries import registering as queries
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.sessions import new_registration, record_decision
from app.assessment.exams.states import SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError
from app.core.text import _l
from app.courses.models import Enrolment
from app.rulebook.verdicts import Verdict


class RefusedError(ConflictError):
    """A registration that the verdict refuses; `verdict` holds every condition."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(_l("You may not register: look at the conditions that are not met."), code="not_eligible")
        self.verdict = verdict


def register_oneself(found: ExamSession, enrolment: Enrolment, *, by: Actor, at: datetime) -> Registration:
    """Register the actor for a session in its registration window; registered already, it changes nothing.

    Raises RefusedError with the verdict. The row of the session is locked, so that the last seat is given once.
    """
    locked(found)
    known = _known(found, by.person_id)
    if known is not None and known.withdrawn_at is None:
        return known
    candidate, verdict, _seats = queries.judged_now(found, enrolment, at)
    if found.prepared_at is not None or not verdict.met:
        raise RefusedError(verdict)
    return enter(found, candidate, verdict, by=by, at=at)


def locked(found: ExamSession) -> ExamSession:
    """Return a session as it is now, its row locked: whoever gives or takes a seat stands in line for it."""
    session.refresh(found, with_for_update={"of": ExamSession})
    return found


def _known(found: ExamSession, person_id: int) -> Registration | None:
    query = select(Registration).where(Registration.session_id == found.id, Registration.person_id == person_id)
    return session.scalar(query.execution_options(populate_existing=True))


def enter(
    found: ExamSession, candidate: candidates_queries.Candidate, verdict: Verdict, *, by: Actor, at: datetime
) -> Registration:
    """Register a candidate whose verdict is met; the row of the session is locked."""
    enrolment = candidate.enrolment
    known = _known(found, enrolment.person_id)
    if known is None:
        known = new_registration(found, candidate, candidates_queries.next_seat(found.id), by=by, at=at)
        session.add(known)
    known.withdrawn_at, known.verdict, known.enrolment_id = None, verdict.to_json(), enrolment.id
    known.registered_at, known.registered_by_id = at, by.person_id
    session.flush()
    record_decision(found, candidate, known, by=by, at=at)
    events.record("exams.candidate_registered", of_registration(known), by=by, at=at, rule=found.rule_pack)
    return known


def withdraw(registration: Registration, *, by: Actor, at: datetime) -> None:
    """Withdraw the actor's own registration while registration is open and no paper is prepared.

    The seat goes to the next on the waiting list. A repeated request changes nothing.
    """
    locked(registration.session)
    session.refresh(registration, ("withdrawn_at",))
    if registration.withdrawn_at is not None:
        return
    if not may_withdraw(registration, at):
        raise ConflictError(_l("Registration has closed, so it can no longer be withdrawn. Tell the exam body."))
    registration.withdrawn_at = at
    registration.ticket_hash = None
    session.execute(delete(Admission).where(Admission.registration_id == registration.id))
    session.flush()
    events.record("exams.registration_withdrawn", of_registration(registration), by=by, at=at)


def may_withdraw(registration: Registration, at: datetime) -> bool:
    """Tell whether a registration may still be withdrawn: until registration closes or the papers are prepared."""
    found = registration.session
    late = found.registers_until is not None and at >= found.registers_until
    return found.state is SessionState.PLANNED and found.prepared_at is None and not late
