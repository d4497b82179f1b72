"""Reads of sittings: the candidate's own, and the answers last saved."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.models import AnswerSave, Attempt, ExamSession, Registration, Result
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.rules.timing import Times
from app.assessment.exams.states import SessionState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.items.rules.responses import BadResponseError, Response, read_response
from app.items.states import ItemType


@dataclass(frozen=True, slots=True)
class Kept:
    """The last answer of a place: its sequence, the response by type of item, whether marked for review."""

    sequence: int
    response: dict[str, Any]
    review: bool

    @property
    def choice(self) -> tuple[str, ...]:
        """Return the letters as shown that were chosen, none where the item has no options."""
        return tuple(self.response.get("choice", ()))


def own_attempt(code: str, actor: Actor) -> Attempt:
    """Return one of the actor's own sittings with session and registration; raises NotFoundError.

    Who came in with a ticket finds the one sitting that it opens.
    """
    query = (
        select(Attempt)
        .options(joinedload(Attempt.session).joinedload(ExamSession.paper), joinedload(Attempt.registration))
        .where(Attempt.code == code, Attempt.person_id == actor.person_id)
    )
    refuse_beyond(code, actor)
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such sitting of yours."))
    return found


def refuse_beyond(code: str, actor: Actor) -> None:
    """Raise NotFoundError where the actor came in with a ticket that opens another sitting."""
    if actor.limited_to not in {None, code}:
        raise NotFoundError(_l("There is no such sitting of yours."))


def times_of(found: Attempt) -> Times:
    """Return the instants that decide where a sitting stands."""
    return times(found.session, found)


def times(window: ExamSession, found: Attempt) -> Times:
    """Return the same for a sitting whose session is at hand."""
    return Times(
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        minutes=window.minutes,
        extra=found.extra_minutes,
        started_at=found.started_at,
        deadline_at=found.deadline_at,
        submitted_at=found.submitted_at,
        paused_at=found.paused_at,
        extends=window.extends,
        held=timedelta(seconds=found.held_seconds),
    )


def own_registration(code: str, actor: Actor, *, with_person: bool = False) -> Registration:
    """Return one of the actor's own registrations by ticket number, not withdrawn; raises NotFoundError."""
    query = (
        select(Registration)
        .options(joinedload(Registration.session), *([joinedload(Registration.person)] if with_person else []))
        .where(
            Registration.code == code,
            Registration.person_id == actor.person_id,
            Registration.withdrawn_at.is_(None),
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such admission ticket of yours."))
    return found


def kept(attempt_id: int) -> dict[int, Kept]:
    """Return the last answers of a sitting by place as shown."""
    return {
        place: Kept(sequence, {key: part for key, part in value.items() if key != "review"}, bool(value["review"]))
        for _attempt, place, sequence, value in _latest([attempt_id])
    }


def choices(attempt_ids: Iterable[int]) -> dict[int, dict[int, tuple[str, ...]]]:
    """Return for each sitting the letters last chosen by place as shown, in one statement."""
    wanted = list(attempt_ids)
    found: dict[int, dict[int, tuple[str, ...]]] = {attempt_id: {} for attempt_id in wanted}
    for attempt_id, place, _sequence, value in _latest(wanted):
        found[attempt_id][place] = tuple(value.get("choice", ()))
    return found


def responses(attempts: Iterable[Attempt], types: Mapping[int, ItemType]) -> dict[int, dict[int, Response]]:
    """Return for each sitting the answers last given by place as shown, in one statement.

    `types` has the type of the item at each position of the frozen paper. An answer that its type does not have
    counts as none: only a tampered page sends one.
    """
    orders = {one.id: from_json(one.order) for one in attempts}
    found: dict[int, dict[int, Response]] = {attempt_id: {} for attempt_id in orders}
    for attempt_id, place, _sequence, value in _latest(list(orders)):
        places = orders[attempt_id]
        if place <= len(places):
            with suppress(BadResponseError):
                found[attempt_id][place] = read_response(types[places[place - 1].position], value)
    return found


def registrations_of(actor: Actor) -> list[tuple[Registration, Attempt | None, Result | None]]:
    """Return the actor's registrations with sitting and, once released, result; latest window first."""
    query = (
        select(Registration, Attempt, Result)
        .join(Registration.session)
        .options(joinedload(Registration.session))
        .outerjoin(Attempt, Attempt.registration_id == Registration.id)
        .outerjoin(Result, (Result.attempt_id == Attempt.id) & (ExamSession.state == SessionState.RELEASED))
        .where(Registration.person_id == actor.person_id, Registration.withdrawn_at.is_(None))
        .order_by(ExamSession.opens_at.desc())
    )
    return [(registration, attempt, result) for registration, attempt, result in session.execute(query)]


def _latest(attempt_ids: list[int]) -> list[tuple[int, int, int, dict[str, Any]]]:
    last = (
        select(AnswerSave.attempt_id, AnswerSave.position, func.max(AnswerSave.sequence).label("sequence"))
        .where(AnswerSave.attempt_id.in_(attempt_ids))
        .group_by(AnswerSave.attempt_id, AnswerSave.position)
        .subquery()
    )
    query = select(AnswerSave.attempt_id, AnswerSave.position, AnswerSave.sequence, AnswerSave.value).join(
        last,
        (AnswerSave.attempt_id == last.c.attempt_id)
        & (AnswerSave.position == last.c.position)
        & (AnswerSave.sequence == last.c.sequence),
    )
    return list(session.execute(query))
