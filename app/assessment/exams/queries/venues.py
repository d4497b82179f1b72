"""Reads of venues, of the rooms a session uses, and of who sits where."""

from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from app.assessment.exams.access import held_by
from app.assessment.exams.models import Admission, ExamVenue, Registration, SessionRoom, VenueRoom
from app.assessment.exams.queries.pages import PER_PAGE, Page, paged, place_of
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


def venues(actor: Actor, page: int) -> Page[ExamVenue]:
    """List the venues within what the actor may see, with their rooms."""
    query = (
        select(ExamVenue)
        .options(selectinload(ExamVenue.rooms))
        .where(held_by(ExamVenue.organisation_id, ExamVenue.region_code, actor))
        .order_by(ExamVenue.name_zh, ExamVenue.id)
    )
    return paged(query, page)


def venues_of(organisation_id: int) -> list[ExamVenue]:
    """Return every venue of an organisation with its rooms, in one statement."""
    query = select(ExamVenue).options(joinedload(ExamVenue.rooms)).where(ExamVenue.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(ExamVenue.name_zh, ExamVenue.id)).unique())


def venue(code: str, actor: Actor) -> ExamVenue:
    """Return one venue with its rooms; raises NotFoundError."""
    query = (
        select(ExamVenue)
        .options(selectinload(ExamVenue.rooms))
        .where(ExamVenue.code == code, held_by(ExamVenue.organisation_id, ExamVenue.region_code, actor))
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such venue within what you may see."))
    return found


def rooms_of(session_id: int) -> list[SessionRoom]:
    """Return the rooms that a session uses, by name, each with its venue."""
    query = (
        select(SessionRoom)
        .join(SessionRoom.room)
        .options(joinedload(SessionRoom.room).joinedload(VenueRoom.venue))
        .where(SessionRoom.session_id == session_id)
        .order_by(VenueRoom.name, VenueRoom.id)
    )
    return list(session.scalars(query))


def room_of(session_id: int, code: str) -> SessionRoom:
    """Return a room of a session by its code there; raises NotFoundError."""
    for one in rooms_of(session_id):
        if one.code == code:
            return one
    raise NotFoundError(_l("The session does not use this room."))


def seats_of(session_id: int) -> int | None:
    """Return how many seats a session has, None where it is online."""
    return session.scalar(having(session_id))


def having(session_id: int) -> Select[int]:
    """Select how many seats a session has, NULL where it is online."""
    return (
        select(func.sum(VenueRoom.seats))
        .join(SessionRoom, SessionRoom.room_id == VenueRoom.id)
        .where(SessionRoom.session_id == session_id)
    )


def seat_of(registration_id: int) -> Admission | None:
    """Return where a candidate sits, with room and venue; None without a seat."""
    query = (
        select(Admission)
        .options(joinedload(Admission.session_room).joinedload(SessionRoom.room).joinedload(VenueRoom.venue))
        .where(Admission.registration_id == registration_id)
    )
    return session.scalar(query)


class Seated(NamedTuple):
    """A candidate of a session with the seat, None without one."""

    registration: Registration
    admission: Admission | None


def seats(session_id: int, page: int, total: int) -> Page[Seated]:
    """List who sits where by ticket number, those who withdrew left out; `total` is how many there are."""
    room = joinedload(Admission.session_room).joinedload(SessionRoom.room).joinedload(VenueRoom.venue)
    query = (
        select(Registration, Admission)
        .outerjoin(Admission, Admission.registration_id == Registration.id)
        .options(joinedload(Registration.person), room)
        .where(Registration.session_id == session_id, Registration.withdrawn_at.is_(None))
        .order_by(Registration.number)
    )
    pages, wanted = place_of(page, total)
    rows = session.execute(query.limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page([Seated(*row) for row in rows], wanted, pages, total)


def seats_by_registration(registration_ids: list[int]) -> dict[int, Admission]:
    """Return the seats of many candidates in one statement."""
    query = (
        select(Admission)
        .options(joinedload(Admission.session_room).joinedload(SessionRoom.room).joinedload(VenueRoom.venue))
        .where(Admission.registration_id.in_(registration_ids))
    )
    return {one.registration_id: one for one in session.scalars(query)}
