"""Writes of the incident log of a session."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.assessment.exams.administration_states import IncidentKind
from app.assessment.exams.models import ExamSession, Incident, IncidentFile, Registration, SessionRoom
from app.assessment.exams.services.administration import of_incident
from app.assessment.exams.services.subjects import of_session
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import InvalidError
from app.core.files import StoredFile
from app.core.text import _l


@dataclass(frozen=True, slots=True)
class Happened:
    """What an invigilator says of an incident; a room or a candidate where it concerns one."""

    kind: IncidentKind
    at: datetime
    description: str
    action: str
    room: SessionRoom | None = None
    registration: Registration | None = None
    files: Sequence[StoredFile] = ()


def add_incident(found: ExamSession, happened: Happened, *, by: Actor, at: datetime) -> Incident:
    """Add an entry to the incident log, which nobody changes afterwards; raises InvalidError for a time to come."""
    if happened.at > at:
        raise InvalidError(_l("The time lies in the future. Give the time it happened."), field="happened_at")
    incident = Incident(
        session_id=found.id,
        kind=happened.kind,
        happened_at=happened.at,
        session_room_id=happened.room.id if happened.room else None,
        registration_id=happened.registration.id if happened.registration else None,
        description=happened.description,
        action=happened.action,
        reported_by_id=by.person_id,
        reported_at=at,
    )
    session.add(incident)
    session.flush()
    unique = {one.id: one for one in happened.files}
    session.add_all(IncidentFile(incident_id=incident.id, file_id=one.id, name=one.name) for one in unique.values())
    session.flush()
    data = {"incident": incident.code, "kind": happened.kind.value, "files": len(unique)}
    events.record("exams.incident", of_session(found), by=by, at=at, data=data)
    events.record("exams.incident_entered", of_incident(incident), by=by, at=at)
    return incident
