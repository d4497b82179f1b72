"""Writes of revoked registrations: an examiner revokes before the exam with a reason; an upheld appeal lifts it."""

from datetime import datetime

from sqlalchemy import delete, select

from app.assessment.exams.administration_states import RevocationReason
from app.assessment.exams.models import Admission, Attempt, ExamSession, Registration, RegistrationRevocation
from app.assessment.exams.queries import revoking as queries
from app.assessment.exams.queries import waiting
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.freezing import frozen
from app.assessment.exams.services.registering import locked
from app.assessment.exams.services.sessions import prepare_one
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, Text
from app.core.text import _l
from app.desk import services as desk


def hindrance(found: ExamSession, at: datetime) -> Text | None:
    """Tell why no registration of a session can be revoked now, None where it can."""
    if found.state not in {SessionState.PLANNED, SessionState.PREPARED} or at >= found.opens_at:
        return _l("The window has opened. What happens in the exam itself goes into a conduct record.")
    if _is_preparing(found):
        return _l("The papers are being prepared at this moment. Try again in a minute.")
    if frozen(found, at):
        return _l("Editing is frozen around the exam. At the door the identity check decides who enters.")
    return None


def _is_preparing(found: ExamSession) -> bool:
    return found.state is SessionState.PLANNED and found.prepared_at is not None


def revoke(
    registration: Registration,
    found: ExamSession,
    *,
    reason: RevocationReason,
    words: str,
    by: Actor,
    at: datetime,
) -> RegistrationRevocation:
    """Revoke a registration: ticket and seat are void, a paper prepared for it is dropped, the seat goes to the next.

    A repeated request returns the revocation in force. Raises ConflictError once the exam is too near, or where the
    candidate withdrew by themselves.
    """
    locked(found)
    session.refresh(registration, ("withdrawn_at",))
    known = queries.in_force(found.id, registration.person_id)
    if known is not None:
        return known
    stopped = hindrance(found, at)
    if stopped is not None:
        raise ConflictError(stopped)
    if registration.withdrawn_at is not None:
        raise ConflictError(_l("The candidate has withdrawn this registration already. There is nothing to revoke."))
    made = RegistrationRevocation(
        registration_id=registration.id, reason=reason, words=words, revoked_by_id=by.person_id, revoked_at=at
    )
    session.add(made)
    registration.withdrawn_at, registration.ticket_hash = at, None
    _take_back(registration, at=at)
    session.flush()
    data = {"revocation": made.code, "reason": reason.value}
    events.record("exams.registration_revoked", of_registration(registration), by=by, at=at, data=data)
    return made


def _take_back(registration: Registration, *, at: datetime) -> None:
    """Free the seat, and drop the paper that was prepared: nobody has begun it before the window."""
    session.execute(delete(Admission).where(Admission.registration_id == registration.id))
    prepared = session.scalar(select(Attempt).where(Attempt.registration_id == registration.id))
    if prepared is not None:
        session.delete(prepared)
        desk.close_todos(of_attempt(prepared.code), at=at)


def lift(revocation: RegistrationRevocation, *, case_code: str, by: Actor, at: datetime) -> bool:
    """Lift a revocation that an appeal found wrong; return whether the registration itself counts again.

    It does where the window has not opened and a seat is free; otherwise the person may register for another exam. A
    repeated decision changes nothing. Raises ConflictError while papers are being prepared.
    """
    registration = revocation.registration
    found = locked(registration.session)
    if revocation.lifted_at is not None:
        return registration.withdrawn_at is None
    if _is_preparing(found):
        raise ConflictError(_l("The papers are being prepared at this moment. Try again in a minute."))
    revocation.lifted_at, revocation.lifted_in = at, case_code
    restored = _may_return(found, at)
    if restored:
        registration.withdrawn_at = None
        if found.state is SessionState.PREPARED:
            prepare_one(found, registration, at=at)
    session.flush()
    data = {"revocation": revocation.code, "case": case_code, "restored": restored}
    kind = "exams.registration_restored" if restored else "exams.revocation_lifted"
    events.record(kind, of_registration(registration), by=by, at=at, data=data)
    return restored


def _may_return(found: ExamSession, at: datetime) -> bool:
    early = found.state in {SessionState.PLANNED, SessionState.PREPARED} and at < found.opens_at
    return early and waiting.seats(found.id).free != 0
