"""Reads of revoked registrations: the candidate's own, those of a session, the one in force."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import contains_eager

from app.assessment.exams.models import ExamSession, Registration, RegistrationRevocation
from app.assessment.exams.states import SessionState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


def _revocations() -> Select[RegistrationRevocation]:
    loaded = contains_eager(RegistrationRevocation.registration).contains_eager(Registration.session)
    return (
        select(RegistrationRevocation)
        .join(RegistrationRevocation.registration)
        .join(Registration.session)
        .options(loaded)
    )


def in_force(session_id: int, person_id: int) -> RegistrationRevocation | None:
    """Return what keeps a person from registering for a session again, None where nothing does."""
    return session.scalar(_revocations().where(*_keeps_out(session_id, person_id)))


def standing(session_id: int, person_id: int) -> ColumnElement[bool]:
    """Return the condition that a revocation keeps a person from registering for a session again."""
    query = select(RegistrationRevocation.id).join(RegistrationRevocation.registration)
    return query.where(*_keeps_out(session_id, person_id)).exists()


def _keeps_out(session_id: int, person_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Registration.session_id == session_id,
        Registration.person_id == person_id,
        RegistrationRevocation.lifted_at.is_(None),
    )


def latest(registration_id: int) -> RegistrationRevocation | None:
    """Return the last revocation of a registration, lifted or not."""
    query = _revocations().where(RegistrationRevocation.registration_id == registration_id)
    return session.scalars(query.order_by(RegistrationRevocation.id.desc()).limit(1)).first()


def among(registrations: Iterable[Registration]) -> set[int]:
    """Return which of some registrations are revoked, by their ids."""
    withdrawn = [one.id for one in registrations if one.withdrawn_at is not None]
    if not withdrawn:
        return set()
    query = select(RegistrationRevocation.registration_id).where(
        RegistrationRevocation.registration_id.in_(withdrawn), RegistrationRevocation.lifted_at.is_(None)
    )
    return set(session.scalars(query))


def of_actor(actor: Actor) -> list[RegistrationRevocation]:
    """Return the actor's revoked registrations for exams whose results are not released yet, the latest first."""
    query = _revocations().where(
        Registration.person_id == actor.person_id,
        RegistrationRevocation.lifted_at.is_(None),
        ExamSession.state != SessionState.RELEASED,
    )
    return list(session.scalars(query.order_by(RegistrationRevocation.id.desc())))


def own(code: str, actor: Actor) -> RegistrationRevocation:
    """Return the revocation of one of the actor's own registrations; raises NotFoundError."""
    query = _revocations().where(RegistrationRevocation.code == code, Registration.person_id == actor.person_id)
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("No registration of yours was revoked under this number."))
    return found


def by_code(code: str) -> RegistrationRevocation:
    """Return a revocation for the case about it; raises NotFoundError."""
    found = session.scalar(_revocations().where(RegistrationRevocation.code == code))
    if found is None:
        raise NotFoundError(_l("No registration was revoked under this number."))
    return found
