"""Writes of venues and their rooms."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.assessment.exams.models import ExamVenue, VenueRoom
from app.assessment.exams.services.administration import of_venue
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.text import _l


@dataclass(frozen=True, slots=True)
class Place:
    """What is said of a venue."""

    name_zh: str
    name_en: str
    address: str
    region_code: str


def add_venue(place: Place, *, by: Actor, at: datetime) -> ExamVenue:
    """Add a venue of the actor's organisation; raises ConflictError for a name it has already."""
    if by.organisation_id is None:
        raise ForbiddenError(_l("A venue belongs to an organisation. Act for the body that holds exams there."))
    known = select(ExamVenue.id).where(
        ExamVenue.organisation_id == by.organisation_id, ExamVenue.name_zh == place.name_zh
    )
    if session.scalar(known) is not None:
        raise ConflictError(_l("There is a venue of this name already. Open it to add rooms."), field="name_zh")
    venue = ExamVenue(
        organisation_id=by.organisation_id,
        region_code=place.region_code,
        name_zh=place.name_zh,
        name_en=place.name_en,
        address=place.address,
        created_by_id=by.person_id,
        created_at=at,
    )
    session.add(venue)
    session.flush()
    events.record("exams.venue_added", of_venue(venue), by=by, at=at)
    return venue


def add_room(venue: ExamVenue, *, name: str, seats: int, by: Actor, at: datetime) -> VenueRoom:
    """Add a room with its seats; raises ConflictError for a name the venue has already."""
    known = select(VenueRoom.id).where(VenueRoom.venue_id == venue.id, VenueRoom.name == name)
    if session.scalar(known) is not None:
        raise ConflictError(_l("The venue has a room of this name. Choose another name."), field="name")
    room = VenueRoom(venue_id=venue.id, name=name, seats=seats)
    session.add(room)
    session.flush()
    events.record("exams.room_added", of_venue(venue), by=by, at=at, data={"seats": seats})
    return room
