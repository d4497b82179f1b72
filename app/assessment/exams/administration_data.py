"""What the administration of sessions keeps of a person: seat and identity check, extra time, incidents, conduct."""

from collections.abc import Iterable

from sqlalchemy import select

from app.assessment.exams.administration_states import WaitState
from app.assessment.exams.models import (
    Admission,
    ConductRecord,
    ExamSession,
    ExtraTime,
    ExtraTimeFor,
    Incident,
    Registration,
    RegistrationRevocation,
    SessionRoom,
    VenueRoom,
    WaitingPlace,
)
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError
from app.core.personal_data import rows
from app.core.room import PersonalData
from app.core.text import _l


def _seats(person_id: int) -> Iterable[JsonObject]:
    told = (
        select(
            Registration.code,
            ExamSession.code.label("session"),
            VenueRoom.name.label("room"),
            Admission.seat,
            Admission.outcome,
            Admission.note,
            Admission.checked_at,
            Registration.withdrawn_at,
            Registration.ticket_at,
        )
        .join(ExamSession, ExamSession.id == Registration.session_id)
        .outerjoin(Admission, Admission.registration_id == Registration.id)
        .outerjoin(SessionRoom, SessionRoom.id == Admission.session_room_id)
        .outerjoin(VenueRoom, VenueRoom.id == SessionRoom.room_id)
    )
    return rows(told.where(Registration.person_id == person_id).order_by(Registration.id))


def _waiting(person_id: int) -> Iterable[JsonObject]:
    told = select(
        ExamSession.code.label("session"),
        WaitingPlace.applied_at,
        WaitingPlace.state,
        WaitingPlace.offered_at,
        WaitingPlace.answer_until,
        WaitingPlace.ended_at,
    ).join(ExamSession, ExamSession.id == WaitingPlace.session_id)
    return rows(told.where(WaitingPlace.person_id == person_id).order_by(WaitingPlace.id))


def _revoked(person_id: int) -> Iterable[JsonObject]:
    told = (
        select(
            Registration.code,
            ExamSession.code.label("session"),
            RegistrationRevocation.reason,
            RegistrationRevocation.words,
            RegistrationRevocation.revoked_at,
            RegistrationRevocation.lifted_at,
            RegistrationRevocation.lifted_in.label("case"),
        )
        .join(Registration, Registration.id == RegistrationRevocation.registration_id)
        .join(ExamSession, ExamSession.id == Registration.session_id)
    )
    return rows(told.where(Registration.person_id == person_id).order_by(RegistrationRevocation.id))


def one_place(kept_id: int, gone_id: int) -> None:
    """Refuse where both records wait for one exam: nobody has two places on a list."""
    live = (WaitState.WAITING, WaitState.OFFERED)
    kept = select(WaitingPlace.session_id).where(WaitingPlace.person_id == kept_id, WaitingPlace.state.in_(live))
    query = select(WaitingPlace.id).where(WaitingPlace.person_id == gone_id, WaitingPlace.state.in_(live))
    if session.scalar(query.where(WaitingPlace.session_id.in_(kept)).limit(1)) is not None:
        raise ConflictError(_l("Both records wait for a seat of one exam. Let one of them leave its waiting list."))


def _extra_time(person_id: int) -> Iterable[JsonObject]:
    told = (
        select(
            Registration.code,
            ExtraTime.minutes,
            ExtraTime.reason,
            ExtraTime.state,
            ExtraTime.asked_at,
            ExtraTime.decided_at,
        )
        .join(ExtraTimeFor, ExtraTimeFor.registration_id == Registration.id)
        .join(ExtraTime, ExtraTime.id == ExtraTimeFor.extra_time_id)
    )
    return rows(told.where(Registration.person_id == person_id).order_by(ExtraTime.id))


def _incidents(person_id: int) -> Iterable[JsonObject]:
    told = select(Registration.code, Incident.kind, Incident.happened_at, Incident.description, Incident.action).join(
        Registration, Registration.id == Incident.registration_id
    )
    return rows(told.where(Registration.person_id == person_id).order_by(Incident.id))


def _conduct(person_id: int) -> Iterable[JsonObject]:
    """Tell records of which notice was given: before that two invigilators still write and sign them."""
    told = select(
        ConductRecord.code,
        ConductRecord.conduct,
        ConductRecord.description,
        ConductRecord.state,
        ConductRecord.consequence,
        ConductRecord.hear_until,
        ConductRecord.statement,
    ).join(Registration, Registration.id == ConductRecord.registration_id)
    mine = told.where(Registration.person_id == person_id, ConductRecord.hear_until.is_not(None))
    return rows(mine.order_by(ConductRecord.id))


ADMINISTRATION_DATA = (
    PersonalData(
        "exam_waiting",
        _l("My places on waiting lists"),
        _waiting,
        columns=("waiting_place.person_id",),
        fields={
            "session": _l("Exam session"),
            "applied_at": _l("Applied on"),
            "offered_at": _l("Offered on"),
            "answer_until": _l("Answer until"),
            "ended_at": _l("Ended on"),
        },
    ),
    PersonalData(
        "exam_revocations",
        _l("Revocations of my registrations"),
        _revoked,
        fields={
            "session": _l("Exam session"),
            "words": _l("What the exam body says"),
            "revoked_at": _l("Revoked on"),
            "lifted_at": _l("Lifted on"),
            "case": _l("Case number"),
        },
    ),
    PersonalData(
        "exam_seats",
        _l("My seats and identity checks"),
        _seats,
        fields={
            "session": _l("Exam session"),
            "room": _l("Room"),
            "seat": _l("Seat"),
            "note": _l("Note"),
            "checked_at": _l("Identity checked on"),
            "withdrawn_at": _l("Withdrawn on"),
            "ticket_at": _l("Ticket issued on"),
        },
    ),
    PersonalData("extra_time", _l("My extra time"), _extra_time, fields={"minutes": _l("Extra minutes")}),
    PersonalData(
        "exam_incidents",
        _l("Incidents in my exams"),
        _incidents,
        fields={
            "happened_at": _l("Happened at"),
            "description": _l("Course of events"),
            "action": _l("What was done"),
        },
    ),
    PersonalData(
        "exam_conduct",
        _l("Records of my conduct in exams"),
        _conduct,
        fields={
            "conduct": _l("Conduct"),
            "description": _l("Course of events"),
            "consequence": _l("Consequence"),
            "hear_until": _l("Statement until"),
            "statement": _l("My statement"),
        },
    ),
)
