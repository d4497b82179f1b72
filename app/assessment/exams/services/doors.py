"""Writes at the door: the identity check; and the refusals of a start or a hand-in by the rules of a venue."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.assessment.exams.administration_states import Check
from app.assessment.exams.models import Admission, Attempt, ExamSession, Registration, SessionRoom
from app.assessment.exams.queries.candidates import rule_of
from app.assessment.exams.queries.sittings import times_of
from app.assessment.exams.rules.entry import REASONS, Arrival, hand_in_from, may_start
from app.assessment.exams.rules.timing import last_start
from app.assessment.exams.services.administration import of_registration
from app.core import events
from app.core.access import Actor
from app.core.clock import SHANGHAI
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.rulebook.verdicts import Outcome, Verdict


def check_identity(
    admission: Admission, registration: Registration, *, matches: bool, note: str, by: Actor, at: datetime
) -> None:
    """Record what the invigilator found at the door; the last check counts, every check is an event.

    Raises InvalidError for a mismatch without a note, ForbiddenError for one's own ticket.
    """
    if by.person_id == registration.person_id:
        raise ForbiddenError(_l("Nobody checks their own identity. Another invigilator does."))
    if not matches and not note.strip():
        raise InvalidError(_l("Say what does not match."), field="note")
    admission.outcome = Check.CHECKED if matches else Check.MISMATCH
    admission.note = note.strip() or None
    admission.checked_by_id, admission.checked_at = by.person_id, at
    session.flush()
    kind = "exams.identity_checked" if matches else "exams.identity_mismatch"
    events.record(kind, of_registration(registration), by=by, at=at, reason=admission.note)


def start_verdict(attempt: Attempt, at: datetime) -> Verdict:
    """Judge whether a candidate may start now by the rules of the venue."""
    found, held = attempt.session, timedelta(seconds=attempt.held_seconds)
    rule, source = rule_of(found)
    query = (
        select(Admission.outcome, SessionRoom.paused_at)
        .join(SessionRoom, SessionRoom.id == Admission.session_room_id)
        .where(Admission.registration_id == attempt.registration_id)
    )
    outcome, paused_at = session.execute(query).one_or_none() or (None, None)
    arrival = Arrival(
        opens_at=found.opens_at,
        at_venue=found.venue_id is not None,
        identity_check=found.identity_check,
        outcome=outcome,
        room_paused=paused_at is not None,
        held=held,
        paused_at=attempt.paused_at,
        until=f"{latest_start(attempt).astimezone(SHANGHAI):%H:%M}" if held else "",
    )
    return may_start(rule, arrival, at, source)


def latest_start(attempt: Attempt) -> datetime:
    """Return until when a candidate may start, by the window and the late entry of a venue, pauses given back."""
    rule, _source = rule_of(attempt.session)
    return last_start(times_of(attempt), rule.late_entry_minutes if attempt.session.venue_id is not None else 0)


def refuse_start(attempt: Attempt, *, at: datetime) -> None:
    """Raise ConflictError naming the first condition of the venue that is not met; online nothing is asked."""
    if attempt.session.venue_id is None:
        return
    missing = [line for line in start_verdict(attempt, at).lines if line.outcome is not Outcome.MET]
    if missing:
        raise ConflictError(
            _l(
                "You cannot start yet. Not met: %(condition)s. Ask the invigilator.",
                condition=str(REASONS[missing[0].reason]) % missing[0].params,
            ),
            code="not_admitted",
        )


def refuse_early_hand_in(code: str, *, by: Actor, at: datetime) -> None:
    """Raise ConflictError where a sitting at a venue is handed in within the first minutes that the rule sets."""
    query = (
        select(ExamSession, Attempt.started_at)
        .join(Attempt, Attempt.session_id == ExamSession.id)
        .where(Attempt.code == code, Attempt.person_id == by.person_id, Attempt.submitted_at.is_(None))
    )
    row = session.execute(query.where(ExamSession.venue_id.is_not(None))).one_or_none()
    if row is None or row.started_at is None:
        return
    rule, _source = rule_of(row.ExamSession)
    first = hand_in_from(rule, row.started_at, at_venue=True)
    if at < first:
        raise ConflictError(
            _l(
                "Nobody hands in before %(time)s. Go on, or look your answers over.",
                time=f"{first.astimezone(SHANGHAI):%H:%M}",
            ),
            code="too_early",
        )
