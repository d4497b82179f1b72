"""Days counted in working days are counted anew once the holidays of a year are entered: every room's, in chunks."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import select

from app.core import events
from app.core.calendar import Deadline, Published, published
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.db import Base, session
from app.core.events import Event
from app.core.jobs import Job, start_job
from app.core.room import rooms
from app.desk import services as desk
from app.rulebook.kinds import CountedDay
from app.rulebook.rules.recounting import Recounted, recounted

RECOUNT, STAYS = "rulebook.recount", "rulebook.recount_stays"
COMMAND = "flask calendar load"
CHUNK = 100


@dataclass(frozen=True, slots=True)
class Anew:
    """With what days are counted anew, why (the year, its notice, its pack or command, who entered it), and when."""

    known: Published
    why: JsonObject
    at: datetime


def counted_days() -> dict[str, CountedDay]:
    """Return every declared day that is counted in working days, by name."""
    return {one.name: cast("CountedDay", one) for room in rooms() for one in room.counted_days}


def recount_after(happened: Event) -> None:
    """Start counting the days of every room anew after the holidays of a year were entered."""
    year = int(happened.subject_code)
    why = {
        "year": year,
        "notice": happened.rule,
        "source": happened.data.get("pack", COMMAND),
        "entered": happened.code,
        "entered_by": happened.actor_id,
    }
    for name in counted_days():
        start_job(RECOUNT, key=f"{name}:{happened.code}", by=None, args={"days": name, "why": why})


def recount_some(job: Job, *, at: datetime) -> bool:
    """Count the next rows of a kind of day anew; return whether any were left.

    A day that runs through a year ends in it or later.
    """
    kind, why = counted_days()[job.args["days"]], job.args["why"]
    model = kind.model
    query = select(model).where(model.id > job.cursor, kind.waits(date(why["year"], 1, 1)))
    rows = session.scalars(query.order_by(model.id).limit(CHUNK)).all()
    anew = Anew(published(), why, at)
    for row in rows:
        _recount(row, kind, anew)
        job.cursor = row.id
    job.done += len(rows)
    session.flush()
    return len(rows) == CHUNK


def _recount(row: Base, kind: CountedDay, anew: Anew) -> None:
    due = kind.counted(row, anew.known)
    if due is None:
        return
    found = recounted(kind.kept.stands(row), due, day_of(anew.at), told=kind.told)
    if found.changed:
        kind.kept.write(row, Deadline(found.day, found.provisional), anew.at)
        session.flush()
    if found.moved and kind.todo:
        desk.move_todos(kind.subject(row), kind.todo, due_on=found.day)
    if found.changed or found.stays:
        _tell(row, kind, found, anew)


def _tell(row: Base, kind: CountedDay, found: Recounted, anew: Anew) -> None:
    """Record what a new count changed and why, with the notice as its rule; a day that had to stay is said so."""
    days = {"was": found.was, "due": found.day, "counted": found.counted}
    data = {**kind.about(row), **anew.why, **{name: day.isoformat() for name, day in days.items()}}
    event = STAYS if found.stays else kind.event
    events.record(event, kind.subject(row), by=None, at=anew.at, rule=anew.why["notice"], data=data)
