"""What the exams room keeps of a person: registrations, sittings with their answers, released results."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import SelectBase, select

from app.assessment.exams.models import (
    AnswerSave,
    Attempt,
    ExamSession,
    LateAnswer,
    LateDecision,
    Registration,
    Result,
    ResultCorrection,
    ScriptMark,
    SittingSignal,
    TaskMarker,
)
from app.assessment.exams.queries.signals import address_of
from app.assessment.exams.services.signals import shred_addresses
from app.assessment.exams.states import CorrectionState, LateState, SessionState
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError
from app.core.personal_data import NO_END, PURPOSE_NOT_ACHIEVED, rows
from app.core.room import HoldKind, PersonalData
from app.core.text import _l


def _registrations(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Registration.code,
        ExamSession.code.label("session"),
        ExamSession.name_zh.label("name"),
        ExamSession.level,
        Registration.registered_at,
        Registration.verdict,
        Attempt.started_at,
        Attempt.deadline_at,
        Attempt.submitted_at,
        Attempt.submitted_how,
        Attempt.extra_minutes,
        Attempt.held_seconds,
    )
    sat = told.join(ExamSession, ExamSession.id == Registration.session_id).outerjoin(
        Attempt, Attempt.registration_id == Registration.id
    )
    return rows(sat.where(Registration.person_id == person_id).order_by(Registration.id))


def _answers(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Attempt.code.label("attempt"), AnswerSave.position, AnswerSave.sequence, AnswerSave.value, AnswerSave.saved_at
    ).join(Attempt, Attempt.id == AnswerSave.attempt_id)
    return rows(told.where(Attempt.person_id == person_id).order_by(AnswerSave.id))


def _late(person_id: int) -> Iterable[JsonObject]:
    """Tell answers that came late or from another page, and what was decided about them."""
    told = (
        select(
            Attempt.code.label("attempt"),
            LateAnswer.position,
            LateAnswer.sequence,
            LateAnswer.value,
            LateAnswer.client_at,
            LateAnswer.received_at,
            LateAnswer.merged_as,
            LateDecision.counts,
            LateDecision.confirmed_at,
        )
        .join(Attempt, Attempt.id == LateAnswer.attempt_id)
        .outerjoin(
            LateDecision,
            (LateDecision.late_answer_id == LateAnswer.id) & (LateDecision.state == LateState.CONFIRMED),
        )
    )
    return rows(told.where(Attempt.person_id == person_id).order_by(LateAnswer.id))


def _signals(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Attempt.code.label("attempt"),
        SittingSignal.kind,
        SittingSignal.address_sealed,
        SittingSignal.address_key,
        SittingSignal.detail,
        SittingSignal.client_at,
        SittingSignal.received_at,
    ).join(Attempt, Attempt.id == SittingSignal.attempt_id)
    for row in rows(told.where(Attempt.person_id == person_id).order_by(SittingSignal.id)):
        address = address_of(row.pop("address_sealed"), row.pop("address_key"))
        yield {**row, "address": address}


def _results(person_id: int) -> Iterable[JsonObject]:
    """Tell released results only: before that nobody outside of the exam body knows them."""
    told = (
        select(
            Attempt.code.label("attempt"),
            ExamSession.code.label("session"),
            Result.score,
            Result.max_score,
            Result.cut_score,
            Result.passed,
            Result.raw_score,
            Result.raw_max,
            Result.by_module,
            Result.voided,
            ExamSession.released_at,
        )
        .join(Attempt, Attempt.id == Result.attempt_id)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
    )
    mine = told.where(Attempt.person_id == person_id, ExamSession.state == SessionState.RELEASED)
    return rows(mine.order_by(Result.id))


def _corrections(person_id: int) -> Iterable[JsonObject]:
    """Tell confirmed corrections: a proposed one is no score yet."""
    told = (
        select(
            ResultCorrection.code,
            ResultCorrection.case_code.label("case"),
            ResultCorrection.was,
            ResultCorrection.by_module,
            ResultCorrection.confirmed_at,
        )
        .join(Result, Result.id == ResultCorrection.result_id)
        .join(Attempt, Attempt.id == Result.attempt_id)
    )
    mine = told.where(Attempt.person_id == person_id, ResultCorrection.state == CorrectionState.CONFIRMED)
    return rows(mine.order_by(ResultCorrection.id))


def _held(person_id: int, on: date) -> SelectBase:
    """Keep who is registered for an exam until its results are released; they hold on every day until then."""
    del on
    return (
        select(ExamSession.name_zh, NO_END)
        .join(Registration, Registration.session_id == ExamSession.id)
        .where(Registration.person_id == person_id, ExamSession.state != SessionState.RELEASED)
    )


def one_registration(kept_id: int, gone_id: int) -> None:
    """Refuse where both records are registered for one exam: two sittings of one person are never made one."""
    kept = select(Registration.session_id).where(Registration.person_id == kept_id)
    query = select(ExamSession.name_zh).join(Registration, Registration.session_id == ExamSession.id)
    exam = session.scalars(query.where(Registration.person_id == gone_id, ExamSession.id.in_(kept)).limit(1)).first()
    if exam is not None:
        raise ConflictError(
            _l(
                "Both records are registered for the exam %(exam)s. Records that sat it twice are not joined.",
                exam=exam,
            )
        )


def one_marker(kept_id: int, gone_id: int) -> None:
    """Refuse where both records marked in one task: a second mark must stay a second person's."""
    for model, whole in ((TaskMarker, TaskMarker.task_id), (ScriptMark, ScriptMark.script_id)):
        kept = select(whole).where(model.marked_by_id == kept_id)
        if session.scalar(select(whole).where(model.marked_by_id == gone_id, whole.in_(kept)).limit(1)) is not None:
            raise ConflictError(
                _l("Both records marked answers of one exam. A second mark must stay a second person's.")
            )


PERSONAL_DATA = (
    PersonalData(
        "exams",
        _l("My exams"),
        _registrations,
        holds=(
            HoldKind(
                _l("Name and document for the exam you are registered for (%(exam)s)"), PURPOSE_NOT_ACHIEVED, _held
            ),
        ),
        columns=("registration.person_id",),
        fields={
            "session": _l("Exam session"),
            "registered_at": _l("Registered on"),
            "verdict": _l("Conditions"),
            "started_at": _l("Begun"),
            "deadline_at": _l("Deadline"),
            "submitted_at": _l("Handed in"),
            "submitted_how": _l("How it was handed in"),
            "extra_minutes": _l("Extra minutes"),
            "held_seconds": _l("Seconds for which a pause held the start"),
        },
    ),
    PersonalData(
        "answers",
        _l("My answers"),
        _answers,
        columns=("attempt.person_id",),
        fields={
            "attempt": _l("Sitting"),
            "position": _l("Place"),
            "sequence": _l("Version"),
            "value": _l("My answer"),
            "saved_at": _l("Saved on"),
        },
    ),
    PersonalData(
        "late_answers",
        _l("My late answers"),
        _late,
        fields={
            "attempt": _l("Sitting"),
            "position": _l("Place"),
            "sequence": _l("Version"),
            "value": _l("My answer"),
            "client_at": _l("Typed at"),
            "received_at": _l("Received at"),
            "merged_as": _l("Merged as version"),
            "counts": _l("Counts"),
            "confirmed_at": _l("Confirmed on"),
        },
    ),
    PersonalData(
        "signals",
        _l("My sittings: what the page recorded"),
        _signals,
        forget=shred_addresses,
        fields={
            "attempt": _l("Sitting"),
            "kind": _l("What happened on the page"),
            "address": _l("Network address"),
            "detail": _l("Detail"),
            "client_at": _l("Time"),
            "received_at": _l("Reported at"),
        },
    ),
    PersonalData(
        "results",
        _l("My results"),
        _results,
        fields={
            "attempt": _l("Sitting"),
            "session": _l("Exam session"),
            "score": _l("Score"),
            "max_score": _l("Full score"),
            "cut_score": _l("Cut score"),
            "passed": _l("Passed"),
            "raw_score": _l("Points on the paper sat"),
            "raw_max": _l("Full score of the paper sat"),
            "by_module": _l("By module"),
            "voided": _l("Voided"),
            "released_at": _l("Released"),
        },
    ),
    PersonalData(
        "corrections",
        _l("Corrections of my results"),
        _corrections,
        fields={
            "case": _l("Case number"),
            "was": _l("Score before"),
            "by_module": _l("By module"),
            "confirmed_at": _l("Confirmed on"),
        },
    ),
)
MERGES = {
    "registration.person_id": one_registration,
    "script_mark.marked_by_id": one_marker,
    "task_marker.marked_by_id": one_marker,
}
