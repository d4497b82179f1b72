"""The days of exams that are counted anew once holidays are entered: to speak to a notice, to answer an offer."""

from datetime import date, datetime, time

from sqlalchemy import ColumnElement, and_

from app.assessment.exams.administration_states import ConductState, WaitState
from app.assessment.exams.models import ConductRecord, ExamSession, WaitingPlace
from app.assessment.exams.services import waiting
from app.assessment.exams.services.administration import of_conduct, of_place
from app.assessment.exams.services.conduct import hear_until, rule_of
from app.core.calendar import Deadline, Published
from app.core.clock import SHANGHAI, day_of
from app.core.db import session
from app.rulebook.kinds import CountedDay, Kept, in_column


def _may_speak(since: date) -> ColumnElement[bool]:
    return and_(
        ConductRecord.state == ConductState.NOTIFIED,
        ConductRecord.statement.is_(None),
        ConductRecord.hear_until >= since,
    )


def _hear_until(record: ConductRecord, known: Published) -> Deadline | None:
    return None if record.proposed_at is None else hear_until(rule_of(record), record.proposed_at, known)


def _is_offered(since: date) -> ColumnElement[bool]:
    first = datetime.combine(since, time(), SHANGHAI)
    return and_(WaitingPlace.state == WaitState.OFFERED, WaitingPlace.answer_until >= first)


def _session_of(place: WaitingPlace) -> ExamSession:
    return session.get_one(ExamSession, place.session_id)


def _answer_by(place: WaitingPlace, known: Published) -> Deadline | None:
    return None if place.offered_at is None else waiting.answer_by(_session_of(place), place.offered_at, known)


def _keep_offer(place: WaitingPlace, due: Deadline, at: datetime) -> None:
    del at
    place.answer_until = waiting.ends_at(_session_of(place), due.day)


HEARING = CountedDay(
    "exams.hear",
    ConductRecord,
    of_conduct,
    waits=_may_speak,
    counted=_hear_until,
    kept=in_column("hear_until"),
    event="exams.hearing_recounted",
    told=True,
    todo="exams.hear",
)
OFFER = CountedDay(
    "exams.seat_offer",
    WaitingPlace,
    of_place,
    waits=_is_offered,
    counted=_answer_by,
    kept=Kept(lambda place: Deadline(day_of(place.answer_until), provisional=False), _keep_offer),
    event="exams.offer_recounted",
    told=True,
    todo=waiting.TODO,
)
COUNTED_DAYS = (HEARING, OFFER)
