"""Reads of the incident log and of conduct records."""

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from app.assessment.exams.access import held_by
from app.assessment.exams.administration_states import IncidentKind
from app.assessment.exams.models import (
    ConductRecord,
    ExamSession,
    Incident,
    IncidentFile,
    Registration,
    SessionRoom,
)
from app.assessment.exams.queries.pages import Page, paged
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.files import StoredFile
from app.core.text import _l


def incidents(session_id: int, page: int, kind: IncidentKind | None = None) -> Page[Incident]:
    """List the incidents of a session, the latest first."""
    query = (
        select(Incident)
        .options(
            joinedload(Incident.session_room).joinedload(SessionRoom.room),
            joinedload(Incident.registration).joinedload(Registration.person),
            selectinload(Incident.files),
        )
        .where(Incident.session_id == session_id)
        .order_by(Incident.happened_at.desc(), Incident.id.desc())
    )
    return paged(query if kind is None else query.where(Incident.kind == kind), page)


def incident_file(code: str, file_id: int, actor: Actor) -> StoredFile:
    """Return a file of an incident; raises NotFoundError."""
    query = (
        select(StoredFile)
        .join(IncidentFile, IncidentFile.file_id == StoredFile.id)
        .join(Incident, Incident.id == IncidentFile.incident_id)
        .join(ExamSession, ExamSession.id == Incident.session_id)
        .where(
            Incident.code == code,
            IncidentFile.id == file_id,
            held_by(ExamSession.organisation_id, ExamSession.region_code, actor),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such file within what you may see."))
    return found


def conduct_records(session_id: int, page: int) -> Page[ConductRecord]:
    """List the conduct records of a session, the latest first."""
    query = (
        select(ConductRecord)
        .options(joinedload(ConductRecord.registration).joinedload(Registration.person))
        .where(ConductRecord.session_id == session_id)
        .order_by(ConductRecord.id.desc())
    )
    return paged(query, page)


def conduct_record(code: str, actor: Actor) -> ConductRecord:
    """Return one conduct record of the actor's organisation and region; raises NotFoundError."""
    query = _records().where(
        ConductRecord.code == code, held_by(ExamSession.organisation_id, ExamSession.region_code, actor)
    )
    return _found(session.scalar(query))


def own_conduct_record(code: str, actor: Actor) -> ConductRecord:
    """Return a conduct record about the actor, once notice of it was given; raises NotFoundError."""
    query = _records().where(
        ConductRecord.code == code,
        Registration.person_id == actor.person_id,
        ConductRecord.hear_until.is_not(None),
    )
    return _found(session.scalar(query))


def _records() -> Select[ConductRecord]:
    return (
        select(ConductRecord)
        .join(ConductRecord.session)
        .join(ConductRecord.registration)
        .options(
            joinedload(ConductRecord.session), joinedload(ConductRecord.registration).joinedload(Registration.person)
        )
    )


def _found(record: ConductRecord | None) -> ConductRecord:
    if record is None:
        raise NotFoundError(_l("There is no such conduct record within what you may see."))
    return record
