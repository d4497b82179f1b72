"""Reads of exam sessions: lists, one session, how its sittings stand right now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Region
from app.assessment.exams.access import held_by
from app.assessment.exams.models import Attempt, ExamSession, ExamVenue, Paper, Registration
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.rules.timing import SILENT_AFTER
from app.assessment.exams.states import SessionState, SubmittedHow
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.jobs import Job, JobState
from app.core.text import _l

JOBS = ("exams.prepare", "exams.mark", "exams.scripts")


@dataclass(frozen=True, slots=True)
class Counts:
    """How the sittings of a session stand: every prepared sitting is in one of the last five."""

    registered: int
    prepared: int
    absent: int
    working: int
    silent: int
    submitted: int
    collected: int


def sessions(actor: Actor, page: int, state: SessionState | None = None) -> Page[ExamSession]:
    """List the sessions, the latest window first."""
    query = _sessions(actor).order_by(ExamSession.opens_at.desc(), ExamSession.id.desc())
    return paged(query if state is None else query.where(ExamSession.state == state), page)


def exam_session(code: str, actor: Actor) -> ExamSession:
    """Return one session with its paper and blueprint; raises NotFoundError."""
    query = (
        _sessions(actor)
        .options(joinedload(ExamSession.paper).joinedload(Paper.blueprint))
        .where(ExamSession.code == code)
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such exam session within what you may see."))
    return found


def counts(session_id: int, at: datetime) -> Counts:
    """Count the sittings of a session as they stand at an instant, in two statements."""
    registered = session.scalar(
        select(func.count())
        .select_from(Registration)
        .where(Registration.session_id == session_id, Registration.withdrawn_at.is_(None))
    )
    started = Attempt.started_at.is_not(None)
    open_now = started & Attempt.submitted_at.is_(None)
    heard = Attempt.seen_at >= at - SILENT_AFTER
    row = session.execute(
        select(
            func.count(),
            func.count().filter(Attempt.started_at.is_(None)),
            func.count().filter(open_now & heard),
            func.count().filter(open_now),
            func.count().filter(Attempt.submitted_how == SubmittedHow.CANDIDATE),
            func.count().filter(Attempt.submitted_how == SubmittedHow.COLLECTED),
        ).where(Attempt.session_id == session_id)
    ).one()
    prepared, absent, working, running, submitted, collected = row
    return Counts(registered or 0, prepared, absent, working, running - working, submitted, collected)


def tickets_issued(session_id: int) -> tuple[int, int]:
    """Count the tickets issued, and the candidates who may have one."""
    row = session.execute(
        select(func.count(Registration.ticket_hash), func.count()).where(
            Registration.session_id == session_id, Registration.withdrawn_at.is_(None)
        )
    ).one()
    return row[0], row[1]


def locked(found: ExamSession) -> ExamSession:
    """Return a session as it is now, locked until the end of the transaction against acts that exclude each other."""
    session.refresh(found, ("state", "marked_at", "version"), with_for_update=True)
    return found


def running(session_id: int) -> int:
    """Count the sittings that started and are neither handed in nor collected."""
    query = (
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.session_id == session_id, Attempt.started_at.is_not(None), Attempt.submitted_at.is_(None))
    )
    return session.scalar(query) or 0


def running_job(found: ExamSession) -> Job | None:
    """Return the preparation or the marking that is not done yet, or failed, to show how far it is."""
    keys = [f"{kind}:{found.code}" for kind in JOBS]
    query = select(Job).where(Job.key.in_(keys), Job.state != JobState.DONE).order_by(Job.id.desc())
    return session.scalars(query.limit(1)).first()


def region_of(found: ExamSession | ExamVenue) -> Region:
    """Return the region that a session is held in, or that a venue lies in."""
    return session.get_one(Region, found.region_code)


def regions(actor: Actor) -> list[Region]:
    """Return the actor's region and those right below it, where a session may be held."""
    query = (
        select(Region)
        .where(or_(Region.code == actor.region_code, Region.parent_code == actor.region_code))
        .order_by(Region.code)
    )
    return list(session.scalars(query))


def examined_by(session_id: int) -> set[int]:
    """Return the ids of all who drafted, assembled, froze, opened, marked or released a session."""
    found = session.scalars(
        select(ExamSession)
        .options(joinedload(ExamSession.paper).joinedload(Paper.blueprint))
        .where(ExamSession.id == session_id)
    ).one()
    paper = found.paper
    hands = {
        paper.blueprint.drafted_by_id,
        paper.assembled_by_id,
        paper.signed_by_id,
        paper.frozen_by_id,
        found.created_by_id,
        found.prepared_by_id,
        found.marked_by_id,
        found.proposed_by_id,
        found.released_by_id,
        *session.scalars(select(Registration.registered_by_id).where(Registration.session_id == session_id).distinct()),
    }
    return {person_id for person_id in hands if person_id is not None}


def _sessions(actor: Actor) -> Select[ExamSession]:
    return select(ExamSession).where(held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
