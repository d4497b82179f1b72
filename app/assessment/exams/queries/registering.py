"""Reads of registration by the candidates themselves: what is open to them, and what their verdict is now."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.access import covers
from app.assessment.exams.administration_states import REVOCATION_LABELS
from app.assessment.exams.models import ExamSession, ExamVenue, Registration, WaitingPlace
from app.assessment.exams.queries import candidates, revoking, waiting
from app.assessment.exams.rules.entry import Door, may_register
from app.assessment.exams.states import SessionState
from app.core.access import Actor
from app.core.clock import SHANGHAI
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.courses.models import Cohort, Course, Enrolment
from app.courses.states import EnrolmentState
from app.rulebook.verdicts import Verdict

MOST = 100


class Mine(NamedTuple):
    """An exam as one candidate finds it: the venue (None online), their enrolment, registration and waiting place.

    `position` is which of the waiting list that place is, 1 the next.
    """

    session: ExamSession
    enrolment: Enrolment
    venue: ExamVenue | None
    registration: Registration | None
    place: WaitingPlace | None
    position: int


class Judged(NamedTuple):
    """Whether a person may register themselves, what was judged, and how full the session is for them."""

    candidate: candidates.Candidate
    verdict: Verdict
    seats: waiting.Seats


def enrolments_of(actor: Actor) -> list[Enrolment]:
    """Return the actor's enrolments that may lead to an exam, the completed ones first."""
    query = (
        select(Enrolment)
        .join(Enrolment.cohort)
        .join(Cohort.course)
        .options(
            contains_eager(Enrolment.cohort).contains_eager(Cohort.course),
            contains_eager(Enrolment.cohort).joinedload(Cohort.syllabus_pack),
            joinedload(Enrolment.person),
        )
        .where(
            Enrolment.person_id == actor.person_id,
            Enrolment.state.in_([EnrolmentState.ENROLLED, EnrolmentState.COMPLETED]),
        )
        .order_by(Enrolment.state, Enrolment.id)
    )
    return list(session.scalars(query))


def enrolment_for(found: ExamSession, actor: Actor) -> Enrolment:
    """Return the enrolment with which the actor would sit a session; raises NotFoundError where none fits."""
    for one in enrolments_of(actor):
        if _fits(found, one):
            return one
    raise _no_exam()


def _no_exam() -> NotFoundError:
    return NotFoundError(_l("There is no exam of yours at this address. It needs a course of its level and region."))


def _fits(found: ExamSession, enrolment: Enrolment) -> bool:
    course: Course = enrolment.cohort.course
    return course.level == found.level and covers(found.region_code, enrolment.cohort.region_code)


def open_sessions(actor: Actor, at: datetime) -> list[ExamSession]:
    """Return the sessions of the actor's levels and regions whose registration runs or is still to come."""
    mine = enrolments_of(actor)
    query = (
        select(ExamSession)
        .where(
            ExamSession.level.in_({one.cohort.course.level for one in mine}),
            ExamSession.state == SessionState.PLANNED,
            ExamSession.prepared_at.is_(None),
            ExamSession.registers_until > at,
        )
        .order_by(ExamSession.opens_at, ExamSession.id)
        .limit(MOST)
    )
    return [one for one in session.scalars(query) if any(_fits(one, enrolment) for enrolment in mine)]


def session_for(code: str, actor: Actor) -> tuple[ExamSession, Enrolment]:
    """Return a session that takes registrations by candidates, and the actor's enrolment; raises NotFoundError."""
    found = session.scalar(select(ExamSession).where(_registers(code)))
    if found is None:
        raise _no_exam()
    return found, enrolment_for(found, actor)


def _registers(code: str) -> ColumnElement[bool]:
    return and_(ExamSession.code == code, ExamSession.registers_from.is_not(None))


def mine(code: str, actor: Actor) -> Mine:
    """Return the same session with all that is the actor's in it, in two statements; raises NotFoundError."""
    query = (
        select(ExamSession, ExamVenue, Registration, WaitingPlace, waiting.position())
        .select_from(ExamSession)
        .outerjoin(ExamVenue, ExamVenue.id == ExamSession.venue_id)
        .outerjoin(Registration, (Registration.session_id == ExamSession.id) & _held_by(actor))
        .outerjoin(WaitingPlace, (WaitingPlace.session_id == ExamSession.id) & waiting.held_by(actor.person_id))
        .options(joinedload(ExamSession.pack, innerjoin=True))
        .where(_registers(code))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise _no_exam()
    found, venue, registration, place, position = row
    return Mine(found, enrolment_for(found, actor), venue, registration, place, position)


def own_registration(found: ExamSession, actor: Actor) -> Registration | None:
    """Return the actor's registration for a session, None without one or after a withdrawal."""
    return session.scalar(select(Registration).where(Registration.session_id == found.id, _held_by(actor)))


def _held_by(actor: Actor) -> ColumnElement[bool]:
    return (Registration.person_id == actor.person_id) & Registration.withdrawn_at.is_(None)


def judged_now(found: ExamSession, enrolment: Enrolment, at: datetime) -> Judged:
    """Judge whether a person may register themselves at an instant: eligibility, the window, the seats.

    A seat that is offered to somebody else is taken.
    """
    (candidate,) = candidates.judged(found, [enrolment])
    _rule, source = candidates.rule_of(found)
    seats = waiting.seats(found.id, but_not=enrolment.person_id)
    revoked = revoking.in_force(found.id, enrolment.person_id)
    why = str(REVOCATION_LABELS[revoked.reason]) if revoked else ""
    door = Door(found.registers_from, found.registers_until, seats.taken + seats.offered, seats.total, why)
    said = (_said(found.registers_from), _said(found.registers_until))
    return Judged(candidate, may_register(door, at, candidate.verdict, said=said, source=source), seats)


def _said(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""
