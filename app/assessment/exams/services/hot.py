"""The hot paths at the door of a request: one Core statement in a transaction of its own, no record loaded.

Each answers only the plain success. Anything else (a stranger, a repetition, a refusal) is None with nothing written:
the caller then goes the long way, which checks access as everywhere and tells the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from app.accounts.door import Knock
from app.assessment.exams.services import statements
from app.assessment.exams.services.answers import Answer, Beat, Saved
from app.core.db import short_write

Done = TypeVar("Done", Saved, Beat)


@dataclass(frozen=True, slots=True)
class Through(Generic[Done]):
    """What was done, and when the session of the cookie was last noted as used."""

    done: Done
    seen_at: datetime


def save(knock: Knock, code: str, page: str, answers: Sequence[Answer], *, at: datetime) -> Through[Saved] | None:
    """Save answers that are all new, durable when this returns."""
    values = {**statements.save_values(code, page, answers, at), **knock.values()}
    with short_write() as connection:
        statement = statements.save(connection.dialect.name, len(answers), at_door=True)
        rows = connection.execute(statement, values).all()
        if len(rows) != len(answers):
            connection.rollback()
            return None
    deadline_at, seen_at = rows[0][2], rows[0][3]
    return Through(Saved(tuple(one.key for one in answers), (), deadline_at), seen_at)


def beat(knock: Knock, code: str, page: str, *, at: datetime) -> Through[Beat] | None:
    """Show that the page lives."""
    with short_write() as connection:
        row = connection.execute(statements.beat(at_door=True), {"sitting": code, "at": at, **knock.values()}).first()
    if row is None:
        return None
    deadline_at, holder, paused_at, seen_at = row
    return Through(Beat(deadline_at, holds=holder == page, paused=paused_at is not None), seen_at)
