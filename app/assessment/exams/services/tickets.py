"""Admission tickets (准考证): a secret of 192 random bits, of which only the digest is kept."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from app.assessment.exams.models import ExamSession, Registration
from app.assessment.exams.rules.tickets import digest
from app.assessment.exams.services import ticket_door
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.subjects import of_session
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError
from app.core.files import StoredFile
from app.core.jobs import Job, start_job
from app.core.text import _l

SECRET_BYTES = 24
TICKETS = "exams.tickets"


def new_secret() -> str:
    """Return a new secret of 192 random bits, as a link takes it."""
    return secrets.token_urlsafe(SECRET_BYTES)


def issue(registration: Registration, *, by: Actor, at: datetime) -> str:
    """Issue a ticket and return its secret, which is kept nowhere; the ticket issued before dies with it.

    Raises ConflictError for a withdrawn registration.
    """
    if registration.withdrawn_at is not None:
        raise ConflictError(_l("This registration was withdrawn, so there is no ticket for it."))
    secret = new_secret()
    registration.ticket_hash = digest(secret)
    registration.ticket_at = at
    ticket_door.close_opened(registration)
    session.flush()
    events.record("exams.ticket_issued", of_registration(registration), by=by, at=at)
    return secret


def keep_issued(digests: Mapping[int, bytes], *, by: Actor | None, at: datetime) -> int:
    """Keep the digests of tickets that were printed together, by registration; return how many.

    One that got a ticket of its own meanwhile keeps that, and the printed one does not open the door.
    """
    query = select(Registration).where(
        Registration.id.in_(digests), Registration.ticket_hash.is_(None), Registration.withdrawn_at.is_(None)
    )
    registrations = list(session.scalars(query))
    for one in registrations:
        one.ticket_hash, one.ticket_at = digests[one.id], at
    session.flush()
    events.record_many("exams.ticket_issued", ((of_registration(one), {}) for one in registrations), by=by, at=at)
    return len(registrations)


def ask_for_tickets(found: ExamSession, *, by: Actor | None, at: datetime) -> Job:
    """Start printing a ticket for every candidate who has none yet; asked again with nobody new, it is the same job.

    Raises ConflictError where everyone has one.
    """
    waiting = select(Registration.id).where(
        Registration.session_id == found.id, Registration.ticket_hash.is_(None), Registration.withdrawn_at.is_(None)
    )
    ids = list(session.scalars(waiting))
    if not ids:
        raise ConflictError(_l("Every candidate has a ticket. Issue a lost one anew on the candidate's page."))
    key = f"{TICKETS}:{found.code}:{max(ids)}"
    job = start_job(TICKETS, key=key, by=by, args={"session": found.code})
    job.total = len(ids)
    events.record("exams.tickets_asked", of_session(found), by=by, at=at, data={"tickets": len(ids)})
    return job


def latest_job(found: ExamSession) -> Job | None:
    """Return the job that prints, or printed last, the tickets of a session."""
    query = select(Job).where(Job.kind == TICKETS, Job.key.startswith(f"{TICKETS}:{found.code}:", autoescape=True))
    return session.scalars(query.order_by(Job.id.desc()).limit(1)).first()


def printed(job: Job | None) -> list[StoredFile]:
    """Return the files that a job has printed so far, in the order of the ticket numbers."""
    digests = job.result.get("files", []) if job else []
    found = {one.sha256: one for one in session.scalars(select(StoredFile).where(StoredFile.sha256.in_(digests)))}
    return [found[one] for one in digests if one in found]


def note_download(found: ExamSession, *, by: Actor, at: datetime) -> None:
    """Note who took the tickets of a session out of the house."""
    events.record("exams.tickets_downloaded", of_session(found), by=by, at=at)
