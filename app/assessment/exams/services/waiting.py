"""Writes of waiting lists: join, leave, offer the free seat to the next, accept or let it lapse to the next.

Whatever gives or takes a seat locks the row of the session first, so each free seat is offered exactly once.
"""

from datetime import date, datetime, time

from app.assessment.exams.administration_states import WAIT, WaitState
from app.assessment.exams.models import ExamSession, Registration, WaitingPlace
from app.assessment.exams.queries import candidates, registering
from app.assessment.exams.queries import waiting as queries
from app.assessment.exams.services.administration import of_place
from app.assessment.exams.services.registering import RefusedError, enter, locked
from app.assessment.exams.services.subjects import named
from app.core import events
from app.core.access import Actor
from app.core.calendar import Deadline, Published, add_working_days, published
from app.core.clock import SHANGHAI, day_of
from app.core.db import session
from app.core.errors import ConflictError
from app.core.events import Event
from app.core.text import _l
from app.courses.models import Enrolment
from app.desk import services as desk
from app.rulebook.verdicts import Verdict

TODO = "exams.seat_offer"
LAST_MINUTE = time(23, 59)
SEATS_LEFT = "exams.seats_left"


def may_join(verdict: Verdict) -> bool:
    """Tell whether nothing but the seats stands in the way of a registration, and the seats do."""
    refused = [line.reason for line in verdict.lines if not line.optional and line.outcome != "met"]
    return refused == [SEATS_LEFT]


def join(found: ExamSession, enrolment: Enrolment, *, by: Actor, at: datetime) -> WaitingPlace:
    """Put the actor on the waiting list of a full session; there already, it changes nothing.

    Raises RefusedError with the verdict where a condition other than the seats is not met, ConflictError where a seat
    is free or the rule of the level knows no waiting list.
    """
    locked(found)
    known = queries.own(found, by.person_id)
    if known is not None:
        return known
    candidate, verdict, _seats = registering.judged_now(found, enrolment, at)
    rule = candidates.rule_of(found)[0].waiting
    if not queries.takes_offers(found) or not (verdict.met or may_join(verdict)):
        raise RefusedError(verdict)
    if verdict.met:
        raise ConflictError(_l("A seat is free. Register for the exam."))
    if not rule.kept:
        raise ConflictError(_l("The rule of this level knows no waiting list. Look for another session."))
    place = WaitingPlace(
        session_id=found.id,
        person_id=by.person_id,
        enrolment_id=enrolment.id,
        rule_pack=found.rule_pack,
        rank=rule.rank(sat_before=candidate.facts.last_sat_on is not None),
        applied_at=at,
    )
    session.add(place)
    session.flush()
    events.record("exams.waiting_joined", of_place(place), by=by, at=at, rule=found.rule_pack)
    return place


def leave(place: WaitingPlace, *, by: Actor, at: datetime) -> None:
    """Leave the waiting list, or decline the seat that is offered: it goes to the next. A repeated request is none."""
    found = locked(place.session)
    session.refresh(place)
    if place.state not in queries.LIVE:
        return
    had_offer = place.state is WaitState.OFFERED
    WAIT.move(place, "decline" if had_offer else "leave", ended_at=at)
    _ended(place, "exams.seat_declined" if had_offer else "exams.waiting_left", by=by, at=at)
    offer_free(found, at=at)


def accept(place: WaitingPlace, *, by: Actor, at: datetime) -> Registration:
    """Take the seat that is offered; taken before, the same registration is returned.

    Raises ConflictError where nothing is offered or the time is up, RefusedError where a condition is no longer met.
    """
    found = locked(place.session)
    session.refresh(place)
    if place.registration_id is not None:
        return session.get_one(Registration, place.registration_id)
    if place.state is not WaitState.OFFERED or place.answer_until is None or not queries.takes_offers(found):
        raise ConflictError(_l("No seat is offered to you now. Look at your place on the waiting list."))
    if at > place.answer_until:
        raise ConflictError(_l("The time to accept this seat is over. It is offered to the next."))
    enrolment = registering.enrolment_for(found, by)
    (candidate,) = candidates.judged(found, [enrolment])
    if not candidate.verdict.met:
        raise RefusedError(candidate.verdict)
    return enter(found, candidate, candidate.verdict, by=by, at=at)


def offer_free(found: ExamSession, *, at: datetime) -> int:
    """Offer every free seat of a session to the next on its list; the row of the session must be locked."""
    count = 0
    while queries.takes_offers(found) and (queries.seats(found.id).free or 0) > 0:
        place = queries.next_in_line(found.id)
        if place is None:
            break
        _offer(place, found, at=at)
        count += 1
    return count


def answer_by(found: ExamSession, offered_at: datetime, known: Published) -> Deadline:
    """Return the last day to answer an offer made at an instant: the day of the exam at the latest."""
    due = add_working_days(day_of(offered_at), candidates.rule_of(found)[0].waiting.answer_days, known)
    return due._replace(day=min(due.day, day_of(found.opens_at)))


def ends_at(found: ExamSession, last: date) -> datetime:
    """Return the instant until which an offer is answered on its last day, before the exam opens."""
    return min(datetime.combine(last, LAST_MINUTE, SHANGHAI), found.opens_at)


def _offer(place: WaitingPlace, found: ExamSession, *, at: datetime) -> None:
    until = ends_at(found, answer_by(found, at, published()).day)
    WAIT.move(place, "offer", offered_at=at, answer_until=until)
    session.flush()
    events.record("exams.seat_offered", of_place(place), by=None, at=at, rule=found.rule_pack)
    desk.open_todo(
        TODO,
        of_place(place),
        url=f"/exams/open/{found.code}",
        at=at,
        person_id=place.person_id,
        due_on=day_of(until),
        params=named(found, "session"),
    )


def lapse(session_id: int, *, at: datetime) -> int:
    """Let the offers of a session whose time is up lapse, each to the next; return how many lapsed."""
    found = locked(session.get_one(ExamSession, session_id))
    late = queries.overdue(found.id, at)
    for place in late:
        WAIT.move(place, "lapse", ended_at=at)
        _ended(place, "exams.seat_lapsed", by=None, at=at)
    offer_free(found, at=at)
    return len(late)


def _ended(place: WaitingPlace, kind: str, *, by: Actor | None, at: datetime) -> None:
    session.flush()
    events.record(kind, of_place(place), by=by, at=at, rule=place.rule_pack)
    desk.close_todos(of_place(place), at=at)


def seats_changed(happened: Event) -> None:
    """Offer what became free by other rooms for a session."""
    offer_free(locked(queries.session_by_code(happened.subject_code)), at=happened.at)


def seat_freed(happened: Event) -> None:
    """Offer the seat of a registration that was withdrawn to the next."""
    offer_free(locked(queries.session_of_registration(happened.subject_code)), at=happened.at)


def seated(happened: Event) -> None:
    """End the waiting of whom an examiner registered meanwhile."""
    _seat(queries.session_by_code(happened.subject_code), happened)


def seat_taken(happened: Event) -> None:
    """End the waiting of who is registered now: by the seat that was offered, or by another that was free."""
    _seat(queries.session_of_registration(happened.subject_code), happened)


def _seat(found: ExamSession, happened: Event) -> None:
    for place, registration in queries.registered_since(found.id):
        WAIT.move(place, "accept", ended_at=happened.at, registration_id=registration.id)
        _ended(place, "exams.seat_accepted", by=None, at=happened.at)


def closed(happened: Event) -> None:
    """End every wait once the papers are prepared: no seat can be given any more."""
    found = queries.session_by_code(happened.subject_code)
    for place in queries.live(found.id):
        WAIT.move(place, "close", ended_at=happened.at)
        _ended(place, "exams.waiting_closed", by=None, at=happened.at)
