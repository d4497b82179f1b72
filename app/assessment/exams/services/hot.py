"""The hot paths at the door of a request: one Core statement in a short write, no record loaded.

Each answers only the plain success. Anything else (a stranger, a repetition, a refusal) is None with nothing written:
the caller then goes the long way, which checks access as everywhere and tells the reason. `checked` says that the
request was found to come from the browser that its session asks for; without it only sessions that ask for none answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from app.accounts.door import Knock
from app.assessment.exams.rules.entry import Arrival, admits, hand_in_from
from app.assessment.exams.rules.parameters import ExamRule, LevelRule
from app.assessment.exams.rules.timing import Phase, Times, deadline, phase
from app.assessment.exams.services import statements
from app.assessment.exams.services.answers import Answer, Beat, Saved
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import SubmittedHow
from app.core import events
from app.core.events import Subject
from app.core.short_writes import short_write
from app.desk import services as desk

Done = TypeVar("Done", Saved, Beat, SubmittedHow)


@dataclass(frozen=True, slots=True)
class Through(Generic[Done]):
    """What was done, and when the session of the cookie was last noted as used."""

    done: Done
    seen_at: datetime


def save(
    knock: Knock, code: str, page: str, answers: Sequence[Answer], *, at: datetime, checked: bool = False
) -> Through[Saved] | None:
    """Save answers that are all new, durable when this returns."""
    values = {**statements.save_values(code, page, answers, at), **_who(knock, checked=checked)}

    def write(connection: Connection) -> Sequence[Any] | None:
        statement = statements.save(connection.dialect.name, len(answers), at_door=True)
        rows = connection.execute(statement, values).all()
        return rows[0] if len(rows) == len(answers) else None

    if (row := short_write(write)) is None:
        return None
    deadline_at, seen_at = row[2], row[3]
    return Through(Saved(tuple(one.key for one in answers), (), deadline_at), seen_at)


def beat(knock: Knock, code: str, page: str, *, at: datetime, checked: bool = False) -> Through[Beat] | None:
    """Show that the page lives."""
    values = {"sitting": code, "at": at, **_who(knock, checked=checked)}
    row = short_write(lambda connection: connection.execute(statements.beat(at_door=True), values).first())
    if row is None:
        return None
    deadline_at, holder, paused_at, seen_at = row
    return Through(Beat(deadline_at, holds=holder == page, paused=paused_at is not None), seen_at)


def start(knock: Knock, code: str, *, at: datetime, checked: bool = False) -> datetime | None:
    """Start a sitting with its event in one short transaction; return when the session was last noted as used.

    The instants and the conditions of a venue are judged by the same rules as everywhere (`rules.timing`,
    `rules.entry`). What changes between the look and the start (a pause, a change of seat into a paused room, extra
    time) is a column of the sitting that the start asks again.
    """

    def write(connection: Connection) -> datetime | None:
        row = connection.execute(statements.ready(), {"sitting": code, **_who(knock, checked=checked)}).first()
        if row is None:
            return None
        held = timedelta(seconds=row.held_seconds)
        times = Times(row.opens_at, row.closes_at, row.minutes, row.extra_minutes, extends=row.extends, held=held)
        if phase(times, at) is not Phase.READY or not _admitted(row, held, at):
            return None
        reckoned = {"extra": row.extra_minutes, "held": row.held_seconds, "deadline": deadline(times, at)}
        values = {"sitting_id": row.id, "at": at, **reckoned}
        if connection.execute(statements.start(), values).first() is None:
            return None
        _note(connection, "exams.sitting_started", of_attempt(code), row, at=at)
        seen_at: datetime = row.seen_at
        return seen_at

    return short_write(write)


def submit(knock: Knock, code: str, page: str, *, at: datetime, checked: bool = False) -> Through[SubmittedHow] | None:
    """Hand in a sitting with its event and to-do in one short transaction."""

    def write(connection: Connection) -> Through[SubmittedHow] | None:
        row = connection.execute(statements.at_hand(), {"sitting": code, **_who(knock, checked=checked)}).first()
        if row is None or _too_early(row, at):
            return None
        values = {"sitting_id": row.id, "page": page, "at": at}
        how = connection.execute(statements.submit(), values).scalar()
        if how is None:
            return None
        about = of_attempt(code)
        _note(connection, "exams.sitting_submitted", about, row, at=at)
        desk.close_shortly(connection, about, "exams.sit", at=at)
        return Through(how, row.seen_at)

    return short_write(write)


def _admitted(row: Any, held: timedelta, at: datetime) -> bool:  # noqa: ANN401 - a row
    """Tell whether the rules of the venue let the sitting start; online they ask nothing."""
    if row.venue_id is None:
        return True
    arrival = Arrival(
        opens_at=row.opens_at,
        at_venue=True,
        identity_check=row.identity_check,
        outcome=row.outcome,
        room_paused=row.room_paused_at is not None,
        held=held,
    )
    return admits(_rule_of(row), arrival, at)


def _too_early(row: Any, at: datetime) -> bool:  # noqa: ANN401 - a row
    """Tell whether the sitting is at a venue and within the first minutes, in which nobody hands in."""
    if row.venue_id is None or row.started_at is None:
        return False
    return at < hand_in_from(_rule_of(row), row.started_at, at_venue=True)


def _rule_of(row: Any) -> LevelRule:  # noqa: ANN401 - a row
    return ExamRule.model_validate(row.params).of(row.level)


def _who(knock: Knock, *, checked: bool) -> dict[str, object]:
    return {**knock.values(), "browser_checked": checked}


def _note(connection: Connection, kind: str, about: Subject, row: Any, *, at: datetime) -> None:  # noqa: ANN401 - a row
    """Record what happened, by whoever knocked: a ticket acts under no role."""
    role = "" if row.only_code is not None else row.role.value
    events.record_shortly(connection, kind, about, by=(row.person_id, role), at=at)
