"""Withdrawn registrations that an examiner takes up again: with a reason, under the conditions and seats of now."""

from datetime import datetime

from sqlalchemy import select

from app.assessment.exams.models import Attempt, ExamSession, Registration
from app.assessment.exams.queries import candidates as candidates_queries
from app.assessment.exams.queries import revoking as revocations
from app.assessment.exams.queries import waiting
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.freezing import frozen
from app.assessment.exams.services.registering import RefusedError, enter, locked
from app.assessment.exams.services.sessions import prepare_one
from app.assessment.exams.states import SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, Text
from app.core.text import _l


def hindrance(found: ExamSession, at: datetime) -> Text | None:
    """Tell why no withdrawn registration of a session can be taken up now, None where it can."""
    if found.state not in {SessionState.PLANNED, SessionState.PREPARED} or at >= found.opens_at:
        return _l("The window has opened. The candidate may register for another session.")
    if found.state is SessionState.PLANNED and found.prepared_at is not None:
        return _l("The papers are being prepared at this moment. Try again in a minute.")
    if frozen(found, at):
        return _l("Editing is frozen around the exam. Who withdrew stays withdrawn.")
    return None


def take_up(registration: Registration, found: ExamSession, *, reason: str, by: Actor, at: datetime) -> None:
    """Let a withdrawn registration count again under its ticket number; one that counts already is left as it is.

    Once papers are prepared the candidate's own is prepared too. Raises ConflictError once the exam is too near, for a
    revoked registration, which only an appeal lifts, or where no seat is free; RefusedError with the verdict where a
    condition of the rule pack is not met.
    """
    locked(found)
    session.refresh(registration, ("withdrawn_at",))
    if registration.withdrawn_at is None:
        return
    _check(registration, found, at)
    candidate = judged(registration, found)
    if not candidate.verdict.met:
        raise RefusedError(candidate.verdict)
    event = {"session": found.code}
    events.record("exams.registration_taken_up", of_registration(registration), by=by, at=at, reason=reason, data=event)
    enter(found, candidate, candidate.verdict, by=by, at=at)
    if found.state is SessionState.PREPARED and not _has_paper(registration):
        prepare_one(found, registration, at=at)


def _check(registration: Registration, found: ExamSession, at: datetime) -> None:
    stopped = hindrance(found, at)
    if stopped is not None:
        raise ConflictError(stopped)
    if revocations.in_force(found.id, registration.person_id) is not None:
        raise ConflictError(_l("This registration was revoked. It counts again only where an appeal lifts that."))
    if waiting.seats(found.id, but_not=registration.person_id).free == 0:
        raise ConflictError(_l("No seat is free. Add a room first, or let the candidate join the waiting list."))


def judged(registration: Registration, found: ExamSession) -> candidates_queries.Candidate:
    """Judge the candidate of a registration as the rule pack and the facts stand now."""
    enrolment = session.scalars(candidates_queries.enrolment_of(registration)).one()
    (candidate,) = candidates_queries.judged(found, [enrolment])
    return candidate


def _has_paper(registration: Registration) -> bool:
    return session.scalar(select(Attempt.id).where(Attempt.registration_id == registration.id)) is not None
