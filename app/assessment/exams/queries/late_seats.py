"""Reads of candidates without a seat in a session whose seats are given."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Select, case, exists, func, select

from app.assessment.exams.models import Admission, Registration, SessionRoom
from app.assessment.exams.queries import venues
from app.assessment.exams.rules.seating import Candidate, Place
from app.core.db import session
from app.courses.models import Cohort, Enrolment


def are_given(session_id: int) -> bool:
    """Tell whether anybody has a seat in a session."""
    here = select(SessionRoom.id).where(SessionRoom.session_id == session_id)
    return bool(session.scalar(select(exists().where(Admission.session_room_id.in_(here)))))


def unseated(session_id: int, *, first: str = "") -> list[Candidate]:
    """Return the candidates of a session without a seat: the ticket number named first, then who registered earlier."""
    ahead = case((Registration.code == first, 0), else_=1)
    query = _unseated(session_id).order_by(ahead, Registration.registered_at, Registration.id)
    return [Candidate(one, organisation) for one, organisation in session.execute(query)]


def count_unseated(session_id: int) -> int:
    """Count the candidates of a session without a seat."""
    return session.scalar(_counting(session_id)) or 0


class Capacity(NamedTuple):
    """How many seats a session has, None online, how many candidates, and how many of them have no seat."""

    seats: int | None
    candidates: int
    unseated: int


def capacity(session_id: int) -> Capacity:
    """Count the seats and candidates of a session in one statement."""
    counting = (
        select(func.count())
        .select_from(Registration)
        .where(Registration.session_id == session_id, Registration.withdrawn_at.is_(None))
    )
    parts = (venues.having(session_id), counting, _counting(session_id))
    seats, candidates, late = session.execute(select(*(part.scalar_subquery() for part in parts))).one()
    return Capacity(seats, candidates, late if seats else 0)


def _counting(session_id: int) -> Select[int]:
    return select(func.count()).select_from(_unseated(session_id).subquery())


def _unseated(session_id: int) -> Select[int, int]:
    seat = select(Admission.id).where(Admission.registration_id == Registration.id)
    return (
        select(Registration.id, Cohort.base_organisation_id)
        .join(Enrolment, Enrolment.id == Registration.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Registration.session_id == session_id, Registration.withdrawn_at.is_(None), ~seat.exists())
    )


def seated(session_id: int) -> dict[Place, int]:
    """Return the seats of a session that are given, each with the organisation whose candidate sits there."""
    query = (
        select(Admission.session_room_id, Admission.seat, Cohort.base_organisation_id)
        .join(Registration, Registration.id == Admission.registration_id)
        .join(Enrolment, Enrolment.id == Registration.enrolment_id)
        .join(Cohort, Cohort.id == Enrolment.cohort_id)
        .where(Registration.session_id == session_id)
    )
    return {Place(room_id, seat): organisation for room_id, seat, organisation in session.execute(query)}


def codes_of(registration_ids: Iterable[int]) -> dict[int, str]:
    """Return the ticket numbers of registrations."""
    query = select(Registration.id, Registration.code).where(Registration.id.in_(list(registration_ids)))
    return dict(session.execute(query).all())


def without_ticket(session_id: int) -> bool:
    """Tell whether a candidate of a session has no ticket yet."""
    query = select(Registration.id).where(
        Registration.session_id == session_id, Registration.ticket_hash.is_(None), Registration.withdrawn_at.is_(None)
    )
    return session.scalars(query.limit(1)).first() is not None
