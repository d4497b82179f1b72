"""Replaying the decisions of a year under a draft: asked for once, done in chunks."""

from datetime import datetime

from sqlalchemy import func, select

from app.core import events, jobs
from app.core.access import Actor
from app.core.db import session
from app.core.errors import InvalidError
from app.core.jobs import Job
from app.core.text import _l
from app.rulebook import queries
from app.rulebook.access import check_region
from app.rulebook.models import DecisionRecord, Replay, ReplayChange, RulePack
from app.rulebook.queries import records
from app.rulebook.services.packs import subject

REPLAY = "rulebook.replay"
CHUNK = 200


def ask_for_replay(pack: RulePack, *, year: int, by: Actor, at: datetime) -> Replay:
    """Start replaying the decisions of a year in the pack's region; one that still runs is given back.

    Raises InvalidError for a kind that decides nothing and a year without decisions, ForbiddenError for another
    region's pack.
    """
    check_region(pack, by)
    if queries.kind(pack.kind).judge is None:
        raise InvalidError(_l("Packs of this kind decide nothing by themselves, so nothing can be replayed."))
    running = session.scalar(
        select(Replay).where(Replay.pack_id == pack.id, Replay.year == year, Replay.ended_at.is_(None))
    )
    if running is not None:
        return running
    standing = records.standing(pack.kind, pack.region_code, year).subquery()
    total, last = session.execute(select(func.count(), func.max(standing.c.id))).one()
    if not total:
        raise InvalidError(
            _l("No decision of this kind was made in this region in %(year)s. Choose another year.", year=year),
            field="year",
        )
    asked = Replay(pack_id=pack.id, year=year, last_record_id=last, asked_by_id=by.person_id, asked_at=at)
    session.add(asked)
    session.flush()
    job = jobs.start_job(REPLAY, key=f"{REPLAY}:{asked.code}", by=by, args={"replay": asked.code})
    job.total = total
    events.record("rulebook.replay_asked", subject(pack), by=by, at=at, data={"year": year, "replay": asked.code})
    return asked


def replay_some(job: Job, *, at: datetime) -> bool:
    """Replay the next decisions; return whether some are left."""
    asked = records.replay(str(job.args["replay"]))
    query = records.standing(asked.pack.kind, asked.pack.region_code, asked.year)
    rows = session.scalars(
        query.where(DecisionRecord.id > job.cursor, DecisionRecord.id <= asked.last_record_id)
        .order_by(DecisionRecord.id)
        .limit(CHUNK)
    ).all()
    for one in records.replayed(asked.pack, rows):
        _note(asked, one)
    asked.records += len(rows)
    job.done = min(job.done + len(rows), job.total)
    job.cursor = rows[-1].id if rows else job.cursor
    if len(rows) < CHUNK:
        asked.ended_at = at
    return len(rows) == CHUNK


def _note(asked: Replay, one: records.Replayed) -> None:
    if not one.changed:
        return
    asked.changed += 1
    asked.gained += one.after.met and not one.before.met
    asked.lost += one.before.met and not one.after.met
    session.add(
        ReplayChange(
            replay_id=asked.id,
            record_id=one.record.id,
            before=one.before.outcome.value,
            after=one.after.outcome.value,
            verdict=one.after.to_json(),
        )
    )
