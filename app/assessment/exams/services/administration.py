"""How events and to-dos name the records of the administration of sessions."""

from app.assessment.exams.models import (
    ConductRecord,
    ExamVenue,
    ExtraTime,
    Incident,
    Registration,
    RegistrationRevocation,
    SessionChange,
    WaitingPlace,
)
from app.core.events import Subject


def of_venue(found: ExamVenue) -> Subject:
    """Name a venue."""
    return Subject("exam_venue", found.code)


def of_registration(found: Registration) -> Subject:
    """Name a registration by its ticket number."""
    return Subject("registration", found.code)


def of_revocation(found: RegistrationRevocation) -> Subject:
    """Name the revocation of a registration, for the case about it."""
    return Subject("registration_revocation", found.code)


def of_extra_time(found: ExtraTime) -> Subject:
    """Name a grant of extra time."""
    return Subject("extra_time", found.code)


def of_change(found: SessionChange) -> Subject:
    """Name a change of a session while its editing is frozen."""
    return Subject("session_change", found.code)


def of_incident(found: Incident) -> Subject:
    """Name an incident."""
    return Subject("exam_incident", found.code)


def of_conduct(found: ConductRecord) -> Subject:
    """Name a conduct record."""
    return Subject("conduct_record", found.code)


def of_place(found: WaitingPlace) -> Subject:
    """Name a place on a waiting list."""
    return Subject("waiting_place", found.code)
