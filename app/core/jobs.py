"""Outbox and long work: rows in the database, woken by huey, one transaction a chunk."""

import logging
import sqlite3
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from huey import Huey, MemoryHuey, RedisHuey, SqliteHuey
from redis import ConnectionPool, RedisError
from sqlalchemy import CheckConstraint, ColumnElement, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core.access import Actor
from app.core.clock import real_now
from app.core.columns import (
    PK,
    BigKey,
    Code,
    Instant,
    JsonObject,
    OptionalInstant,
    OptionalLong,
    Short,
)
from app.core.db import Base, WriteScope, session, unit_of_work, writing
from app.core.errors import DomainError, UnavailableError
from app.core.events import Event, Outbox
from app.core.room import JobKind, Periodic, Subscriber, all_subscribers, rooms

log = logging.getLogger("jijing.jobs")
MAX_ATTEMPTS = 8
BACKOFF_SECONDS = 5
REDIS_SECONDS = 3  # a queue that does not answer must not hold up a request that is committed already
LEASE = timedelta(minutes=2)
TOGETHER = 100  # rows of the outbox that one transaction delivers to a subscriber who takes several
EARLY_SECONDS = 5  # the minute's tick jitters; periodic work may start this much before its time


class JobState(StrEnum):
    """Where a job is; `failed` is kept for the administrator to see and start again."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """Long work that the user can watch and leave; `cursor` says where the next chunk starts."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("(state = 'queued') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("done <= total OR total = 0", name="progress"),
    )

    id: Mapped[PK]
    code: Mapped[Code]
    kind: Mapped[Short]
    key: Mapped[Short] = mapped_column(unique=True)
    args: Mapped[JsonObject]
    state: Mapped[JobState] = mapped_column(default=JobState.QUEUED)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    cursor: Mapped[int] = mapped_column(BigKey, default=0)
    result: Mapped[JsonObject] = mapped_column(default=dict)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[Instant] = mapped_column(default=real_now)
    started_at: Mapped[Instant] = mapped_column(default=real_now)
    ended_at: Mapped[OptionalInstant]
    error: Mapped[OptionalLong]
    person_id: Mapped[int | None] = mapped_column(BigKey)
    acting_role: Mapped[str | None] = mapped_column()


def start_job(kind: str, *, key: str, by: Actor | None, args: JsonObject) -> Job:
    """Queue long work once per key: a repeated request gets the first job back."""
    found = session.scalar(select(Job).where(Job.key == key))
    if found is not None:
        return found
    _job_kind(kind)
    job = Job(
        kind=kind,
        key=key,
        args=args,
        person_id=by.person_id if by else None,
        acting_role=by.role if by else None,
    )
    session.add(job)
    session.flush()
    session().info["wake"] = True
    return job


def work(limit: int = 500) -> int:
    """Do what is due: outbox rows, then one chunk of each job after another; return how many."""
    count = 0
    while count < limit and (_one_delivery() or _one_chunk()):
        count += 1
    return count


def _one_delivery() -> bool:
    with unit_of_work():
        rows = _next_rows()
        if not rows:
            return False
        name, event_of = rows[0].subscriber, {row.id: row.event_id for row in rows}
        outside = any(one.outside for one in _subscribers(name))
        if outside:
            rows[0].due_at = real_now() + LEASE
    try:
        if outside:
            _deliver_outside(*next(iter(event_of.items())), name)
        else:
            with unit_of_work():
                _deliver(name, event_of)
    except Exception as error:
        log.exception("subscriber %s failed", name)
        _postpone(Outbox, event_of, error)
    return True


def _next_rows() -> Sequence[Outbox]:
    """Return the row that is due, with others that its subscriber takes together; one that failed before goes alone."""
    due = _due(Outbox).where(Outbox.done_at.is_(None)).with_for_update(skip_locked=True)
    first = session.scalar(due)
    if first is None:
        return ()
    if first.attempts or all(one.handle_all is None or one.outside for one in _subscribers(first.subscriber)):
        return (first,)
    alike = due.where(Outbox.subscriber == first.subscriber, Outbox.attempts == 0)
    return session.scalars(alike.limit(TOGETHER)).all()


def _deliver_outside(row_id: int, event_id: int, name: str) -> None:
    """Let a subscriber wait for the network while no transaction is open; its row is leased meanwhile.

    A runner that dies leaves the row to be delivered again when the lease has passed.
    """
    _subscriber(name).handle(session.get_one(Event, event_id))
    with unit_of_work():
        session.get_one(Outbox, row_id).done_at = real_now()


def _deliver(name: str, event_of: Mapping[int, int]) -> None:
    waiting = select(Outbox).where(Outbox.id.in_(event_of), Outbox.done_at.is_(None)).order_by(Outbox.id)
    rows = session.scalars(waiting.with_for_update(skip_locked=True)).all()
    happened = session.scalars(select(Event).where(Event.id.in_([row.event_id for row in rows])).order_by(Event.id))
    _handle(_subscriber(name), happened.all())
    for row in rows:
        row.done_at = real_now()


def _handle(subscriber: Subscriber, happened: Sequence[Event]) -> None:
    if subscriber.handle_all is not None and len(happened) > 1:
        subscriber.handle_all(happened)
        return
    for one in happened:
        subscriber.handle(one)


def finish(key: str) -> Job:
    """Do the chunks of the job with a key here until it ends or fails, as the runner would; for who waits for it."""
    while _one_chunk(Job.key == key, Job.state == JobState.QUEUED):
        pass
    return session.scalars(select(Job).where(Job.key == key)).one()


def _one_chunk(*conditions: ColumnElement[bool]) -> bool:
    with unit_of_work():
        job = session.scalar(_due(Job).where(*(conditions or (Job.state == JobState.QUEUED,))))
        if job is None:
            return False
        job_id, cursor = job.id, job.cursor
    try:
        prepared = _prepared(job)
        with unit_of_work():
            _run_chunk(job_id, cursor, prepared)
    except Exception as error:
        log.exception("job %s failed", job_id)
        _postpone(Job, (job_id,), error)
    return True


def _prepared(job: Job) -> tuple[Any, ...]:
    """Return what a job's next chunk is handed beside the job; computed under no write lock."""
    prepare = _job_kind(job.kind).prepare
    if prepare is None:
        return ()
    try:
        return (prepare(job),)
    except BaseException:
        session.rollback()
        raise


def _run_chunk(job_id: int, cursor: int, prepared: tuple[Any, ...]) -> None:
    job = session.scalar(
        select(Job)
        .where(Job.id == job_id, Job.state == JobState.QUEUED, Job.cursor == cursor)
        .with_for_update(skip_locked=True)
    )
    if job is None:
        return
    more = _job_kind(job.kind).chunk(job, *prepared)
    job.attempts = 0
    if not more:
        job.state = JobState.DONE
        job.ended_at = real_now()


def _due(model: type[Any]) -> Any:  # noqa: ANN401 - a select over either queue
    return select(model).where(model.due_at <= real_now()).order_by(model.due_at, model.id).limit(1)


def _postpone(model: type[Any], ids: Iterable[int], error: Exception) -> None:
    """Try again later, each time twice as late; a refusal by a rule ends a job at once, an outage does not."""
    told = isinstance(error, DomainError)
    refused = told and not isinstance(error, UnavailableError)
    said = str(error) if told else "".join(traceback.format_exception_only(error))
    with unit_of_work():
        for row in session.scalars(select(model).where(model.id.in_(ids))):
            row.attempts += 1
            row.due_at = real_now() + timedelta(seconds=BACKOFF_SECONDS * 2**row.attempts)
            row.error = said
            if isinstance(row, Job) and (refused or row.attempts >= MAX_ATTEMPTS):
                row.state = JobState.FAILED
                row.ended_at = real_now()


def retry_job(code: str) -> None:
    """Start a failed job again from where it stopped."""
    session.execute(
        update(Job)
        .where(Job.code == code, Job.state == JobState.FAILED)
        .values(state=JobState.QUEUED, ended_at=None, attempts=0, due_at=real_now())
    )
    session().info["wake"] = True


def _subscriber(name: str) -> Subscriber:
    return next(_subscribers(name))


def _subscribers(name: str) -> Iterator[Subscriber]:
    return (one for one in all_subscribers() if one.name == name)


def _job_kind(name: str) -> JobKind:
    return next(kind for room in rooms() for kind in room.jobs if kind.name == name)


def last_work() -> datetime | None:
    """Return when the runner last showed a sign of life; for readiness."""
    return session.scalar(select(RunnerBeat.at))


class RunnerBeat(Base):
    """The job runner's heartbeat, one row."""

    __tablename__ = "runner_beat"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Instant]


def beat() -> None:
    """Show that the runner lives."""
    with unit_of_work():
        session.merge(RunnerBeat(id=1, at=real_now()))


def init_app(app: Flask, redis_url: str | None, queue_path: str) -> None:
    """Make the queue that wakes the runner: Redis where given, a file of SQLite otherwise."""
    if app.testing:
        queue: Huey = MemoryHuey("jijing", results=False)
    elif redis_url:
        pool = ConnectionPool.from_url(redis_url, socket_connect_timeout=REDIS_SECONDS, socket_timeout=REDIS_SECONDS)
        queue = RedisHuey("jijing", connection_pool=pool, results=False)
    else:
        Path(queue_path).parent.mkdir(parents=True, exist_ok=True)
        queue = SqliteHuey("jijing", filename=queue_path, results=False)
    app.extensions["huey"] = queue
    app.extensions["wake"] = queue.task(name="wake")(_in_context(app, work))
    if _wake_after not in WriteScope.after_commit:
        WriteScope.after_commit.append(_wake_after)


def _in_context(app: Flask, run: Callable[[], Any]) -> Callable[[], None]:
    def call() -> None:
        with app.app_context():
            run()

    return call


def _wake_after(current: Any) -> None:  # noqa: ANN401 - the scoped session's own type is private
    """Wake the runner after a commit that left it something; its rows are durable, this is not."""
    if writing() or not current.info.pop("wake", False) or current_app.testing:
        return
    try:
        current_app.extensions["wake"]()
    except (RedisError, sqlite3.Error) as error:
        log.warning("the job runner could not be woken and will look by itself: %s", error)


def run_forever(app: Flask) -> None:
    """Run the consumer: wakes on commit, looks for lost work each minute, keeps the periodic work."""
    queue: Huey = app.extensions["huey"]
    minute = lambda _now: True  # noqa: E731 - huey asks once a minute
    queue.periodic_task(minute, name="minute")(_in_context(app, _each_minute))
    consumer = queue.create_consumer(workers=1, periodic=True, initial_delay=0.05, max_delay=1.0)
    _in_context(app, _each_minute)()
    consumer.run()


_last_runs: dict[str, float] = {}
"""When this runner last did its periodic work, by name; after a restart all of it is due."""


def _is_due(periodic: Periodic) -> bool:
    """Tell whether a periodic's seconds have passed, and note that it runs now."""
    now = time.monotonic()
    last = _last_runs.get(periodic.name)
    if last is not None and now - last < periodic.seconds - EARLY_SECONDS:
        return False
    _last_runs[periodic.name] = now
    return True


def _each_minute() -> None:
    beat()
    for periodic in _all_periodic():
        if _is_due(periodic):
            periodic.run()
    work()


def _all_periodic() -> list[Periodic]:
    return [periodic for room in rooms() for periodic in room.periodic]


def keep_periodic() -> int:
    """Do all periodic work now, due or not, as after a move of the domain clock; return how many were run."""
    found = _all_periodic()
    for periodic in found:
        periodic.run()
    return len(found)
