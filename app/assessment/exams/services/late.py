"""Answers that came after the end or from a page that had lost the sitting: merged, or kept until two people decide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.accounts.states import Role
from app.assessment.exams.models import AnswerSave, Attempt, ExamSession, LateAnswer, LateDecision
from app.assessment.exams.queries import late as queries
from app.assessment.exams.queries import marking as marking_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.rules.merging import Known, merged_as
from app.assessment.exams.services import recutting, regrading
from app.assessment.exams.services.answers import Answer, Key, Writer
from app.assessment.exams.services.sitting import NOT_STARTED, PAUSED, own
from app.assessment.exams.services.subjects import named, of_attempt
from app.assessment.exams.states import LATE, KeptBecause, SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk

TODO = "exams.late"
MOST_KEPT = 2_000
"""So many answers of one sitting are kept apart at most: no page of ours sends more."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of answers at the side door: kept for a decision, or merged into the history."""

    kept: tuple[Key, ...]
    merged: tuple[Key, ...]
    deadline_at: datetime
    paused: bool


def keep(writer: Writer, *, answers: Sequence[Answer], at: datetime) -> Taken:
    """Take answers that the sitting itself no longer takes; what was sent before is answered the same again.

    While the sitting goes on, an answer of another page merges where its place has no answer typed later; after the
    end it waits for two examiners. Raises ConflictError where the sitting has not begun, is paused, has no such place,
    or where its results are out.
    """
    found = own(writer, lock=True)
    _check(found, answers)
    sent_before = _sent_before(found.id, writer.page)
    history = queries.last_known(found.id)
    durable = queries.acknowledged(found.id, [one.position for one in answers])
    running = found.submitted_at is None and found.deadline_at is not None and found.deadline_at >= at
    outcome: dict[Key, int | None] = {}
    for one in sorted(answers, key=lambda answer: answer.key):
        if one.key in sent_before:
            outcome[one.key] = sent_before[one.key]
            continue
        if durable.get(one.key) == one.value:  # it was saved, only the answer did not get through
            outcome[one.key] = sent_before[one.key] = one.sequence
            continue
        known = history.get(one.position)
        taken = merged_as(known, one.sequence, one.client_at, at=at) if running else None
        if taken is not None:
            history[one.position] = Known(taken, one.client_at or at)
            session.add(_entered(found.id, one.position, taken, one.value, typed=one.client_at, at=at))
        session.add(_kept(found.id, writer.page, one, running=running, taken=taken, at=at))
        outcome[one.key] = taken
    if outcome.keys() - sent_before.keys():
        _tell(found, outcome, writer, at)
    kept = tuple(key for key, taken in outcome.items() if taken is None)
    merged = tuple(key for key, taken in outcome.items() if taken is not None)
    return Taken(kept, merged, found.deadline_at or at, found.paused_at is not None)


def _check(found: Attempt, answers: Sequence[Answer]) -> None:
    if found.deadline_at is None:
        raise ConflictError(NOT_STARTED, code="not_started")
    if found.paused_at is not None and found.submitted_at is None:
        raise ConflictError(PAUSED, code="paused")
    if any(one.position > found.places for one in answers):
        raise ConflictError(_l("This paper has no such place."), code="no_such_place")
    state = session.scalar(select(ExamSession.state).where(ExamSession.id == found.session_id))
    if state is SessionState.RELEASED:
        raise ConflictError(
            _l("The results are released, so nothing more is taken. Ask for a recheck of your result."), code="late"
        )
    held = session.scalar(select(func.count()).where(LateAnswer.attempt_id == found.id)) or 0
    if held + len(answers) > MOST_KEPT:
        raise ConflictError(_l("More answers came than a paper can have. Ask the invigilator."), code="late")


def _sent_before(attempt_id: int, page: str) -> dict[Key, int | None]:
    rows = session.execute(
        select(LateAnswer.position, LateAnswer.sequence, LateAnswer.merged_as).where(
            LateAnswer.attempt_id == attempt_id, LateAnswer.page == page
        )
    )
    return {(position, sequence): taken for position, sequence, taken in rows}


def _entered(
    attempt_id: int, position: int, sequence: int, value: dict[str, object], *, typed: datetime | None, at: datetime
) -> AnswerSave:
    return AnswerSave(
        attempt_id=attempt_id,
        position=position,
        sequence=sequence,
        value=value,
        client_at=typed,
        saved_at=at,
        merged=True,
    )


def _kept(attempt_id: int, page: str, one: Answer, *, running: bool, taken: int | None, at: datetime) -> LateAnswer:
    return LateAnswer(
        attempt_id=attempt_id,
        page=page,
        position=one.position,
        sequence=one.sequence,
        value=one.value,
        client_at=one.client_at,
        received_at=at,
        because=KeptBecause.OTHER_PAGE if running else KeptBecause.LATE,
        merged_as=taken,
    )


def _tell(found: Attempt, outcome: dict[Key, int | None], writer: Writer, at: datetime) -> None:
    merged = sum(taken is not None for taken in outcome.values())
    data = {"page": writer.page, "kept": len(outcome) - merged, "merged": merged}
    events.record("exams.answers_kept", of_attempt(found.code), by=writer.by, at=at, data=data)
    held = session.get_one(ExamSession, found.session_id)
    if merged < len(outcome):
        _ask(found, held, at=at)


def propose(found: Attempt, codes: Iterable[str], *, counts: bool, reason: str, by: Actor, at: datetime) -> int:
    """Propose whether answers of a sitting count; return how many. Raises InvalidError where none can be decided."""
    _check_decidable(_locked(found))
    if not reason.strip():
        raise InvalidError(_l("Say why. The second examiner and the candidate read it."), field="reason")
    wanted = set(codes)
    rows = [row for row in queries.of_sitting(found.id) if row.answer.code in wanted and row.undecided]
    if not rows:
        raise InvalidError(_l("Choose at least one answer that waits for a decision."), field="answers")
    for row in rows:
        _propose_one(row, counts=counts, reason=reason.strip(), by=by, at=at)
    session.flush()
    data = {"answers": sorted(row.answer.code for row in rows), "counts": counts}
    events.record("exams.late_proposed", of_attempt(found.code), by=by, at=at, reason=reason.strip(), data=data)
    desk.close_todos(of_attempt(found.code), kind=TODO, at=at)
    _ask(found, found.session, at=at, not_by=by)
    return len(rows)


def _propose_one(row: queries.Row, *, counts: bool, reason: str, by: Actor, at: datetime) -> None:
    if row.decision is None:
        session.add(
            LateDecision(
                late_answer_id=row.answer.id, counts=counts, reason=reason, proposed_by_id=by.person_id, proposed_at=at
            )
        )
        return
    LATE.move(row.decision, "propose", counts=counts, reason=reason, proposed_by_id=by.person_id, proposed_at=at)


def confirm(found: Attempt, *, by: Actor, at: datetime) -> int:
    """Confirm every proposal of another examiner about a sitting; return how many. Counted ones enter the history.

    After the marking was asked for they go to the markers, or into a new marking, as well. Raises ForbiddenError for
    who proposed them, ConflictError where a place holds a counted answer typed later or while a marking is at work.
    """
    held = _locked(found)
    _check_decidable(held)
    _check_idle(held)
    rows = _of_another(found, by)
    history = queries.last_known(found.id)
    entered = []
    for row in sorted(rows, key=lambda one: (one.answer.client_at or one.answer.received_at, one.answer.id)):
        taken = _enter(found, row, history, at) if row.decision.counts else None
        entered += [taken] if taken is not None else []
        LATE.move(row.decision, "confirm", confirmed_by_id=by.person_id, confirmed_at=at, entered_as=taken)
    session.flush()
    data = {"answers": sorted(row.answer.code for row in rows), "counted": len(entered)}
    events.record("exams.late_decided", of_attempt(found.code), by=by, at=at, data=data)
    _after(found, at)
    if entered:
        recutting.follow(held, found, by=by, at=at)
    return len(rows)


def _enter(found: Attempt, row: queries.Proposed, history: dict[int, Known], at: datetime) -> int:
    answer = row.answer
    taken = merged_as(history.get(answer.position), answer.sequence, answer.client_at, at=answer.received_at)
    if taken is None:
        raise ConflictError(
            _l(
                "Question %(number)d has an answer that was typed later and counts. Send the proposal back.",
                number=answer.position,
            )
        )
    history[answer.position] = Known(taken, answer.client_at or answer.received_at)
    session.add(_entered(found.id, answer.position, taken, answer.value, typed=answer.client_at, at=at))
    return taken


def send_back(found: Attempt, *, reason: str, by: Actor, at: datetime) -> int:
    """Send every proposal of another examiner about a sitting back with a reason; return how many."""
    _check_decidable(_locked(found))
    rows = _of_another(found, by)
    for row in rows:
        LATE.move(row.decision, "return", proposed_by_id=None, proposed_at=None)
    session.flush()
    events.record("exams.late_returned", of_attempt(found.code), by=by, at=at, reason=reason)
    _after(found, at)
    return len(rows)


def _of_another(found: Attempt, by: Actor) -> list[queries.Proposed]:
    proposed = queries.proposed(found.id)
    if not proposed:
        raise ConflictError(_l("Nothing is proposed here. Look again: somebody may have decided before you."))
    others = [row for row in proposed if row.decision.proposed_by_id != by.person_id]
    if not others:
        raise ForbiddenError(_l("You proposed this. Another examiner of your organisation must decide on it."))
    return others


def _locked(found: Attempt) -> ExamSession:
    """Return the session of a sitting as it is now, held against a marking or a release that begins meanwhile."""
    return sessions_queries.locked(found.session)


def _check_decidable(held: ExamSession) -> None:
    """Refuse while the results are before a second examiner or out: what counts is fixed then."""
    if held.state not in (SessionState.PREPARED, SessionState.MARKED):
        raise ConflictError(
            _l("The release of this session is proposed. Send the proposal back before late answers are decided.")
        )


def _check_idle(held: ExamSession) -> None:
    """Refuse while work reads the answers: it would have read some before and some after."""
    if marking_queries.at_work(held):
        raise ConflictError(_l("The sittings are being marked at this moment. Confirm again in a few minutes."))
    if marking_queries.open_run(held.id):
        raise ConflictError(regrading.ANOTHER_OPEN)


def _after(found: Attempt, at: datetime) -> None:
    """Ask again for whatever still waits about a sitting."""
    desk.close_todos(of_attempt(found.code), kind=TODO, at=at)
    if any(row.open for row in queries.of_sitting(found.id)):
        _ask(found, found.session, at=at)


def _ask(found: Attempt, held: ExamSession, *, at: datetime, not_by: Actor | None = None) -> None:
    desk.open_todo(
        TODO,
        of_attempt(found.code),
        url=f"/exams/late/{found.code}",
        at=at,
        role=Role.EXAMINER,
        organisation_id=held.organisation_id,
        region_code=held.region_code,
        not_person_id=not_by.person_id if not_by else None,
        params=named(held, "session"),
    )
