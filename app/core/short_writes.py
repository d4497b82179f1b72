"""Short writes of the hot paths: a few Core statements, durable when they return; on SQLite several share a commit."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import copy_context
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine

from app.core.db import db, session, writing

Done = TypeVar("Done")
Work = Callable[[Connection], Done | None]

SHARED = 32
"""How many writes share a commit at most."""


def short_write(work: Work[Done], engine: Engine | None = None) -> Done | None:
    """Do work on a connection in a write of its own and return what it returned, durable by then.

    Work that returns None, or raises, leaves nothing behind. It uses the connection alone: no record is loaded, no hook
    runs. It may run in another thread, in this one's context, beside the work of other requests: whoever gets the turn
    to write on SQLite does what waits in this process under one commit (decision 0086).
    Raises what the work raises; RuntimeError within a unit of work; OperationalError where nobody got a turn in time,
    and then nothing of the group is kept.
    """
    if engine is None and session.registry.has() and writing():
        msg = "a short write within a unit of work would wait for itself"
        raise RuntimeError(msg)
    engine = engine or db.engine
    if engine.dialect.name != "sqlite":
        return _alone(engine, work)
    return _line_of(engine).wait_for(engine, work)


def _alone(engine: Engine, work: Work[Done]) -> Done | None:
    with engine.connect().execution_options(write=True) as connection, connection.begin() as transaction:
        found = work(connection)
        if found is None:
            transaction.rollback()
    return found


class _Task(Generic[Done]):
    """Work that waits, and what became of it."""

    def __init__(self, work: Work[Done]) -> None:
        self.work, self.context = work, copy_context()
        self.found: Done | None = None
        self.error: BaseException | None = None
        self.ended = False

    def run(self, connection: Connection) -> None:
        """Do the work so that it alone can be taken back."""
        held: Any = connection.connection.dbapi_connection
        held.execute("SAVEPOINT task")
        try:
            self.found = self.context.run(self.work, connection)
        except Exception as error:  # noqa: BLE001 - raised again for whoever asked for the work
            self.error = error
        if self.found is None:
            held.execute("ROLLBACK TO task")
        held.execute("RELEASE task")


class _Line:
    """The writes of this process that wait for their turn on one SQLite database."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.waiting: deque[_Task[Any]] = deque()

    def wait_for(self, engine: Engine, work: Work[Done]) -> Done | None:
        """Return what the work returned, done here or by whoever has the turn."""
        task = _Task(work)
        self.waiting.append(task)
        while not task.ended:
            with self.turn:
                if not task.ended:
                    _together(engine, [self.waiting.popleft() for _one in range(min(SHARED, len(self.waiting)))])
        if task.error is not None:
            raise task.error
        return task.found


def _together(engine: Engine, tasks: Sequence[_Task[Any]]) -> None:
    """Do tasks under one commit; where that fails none of them counts as done."""
    try:
        with engine.connect().execution_options(write=True) as connection, connection.begin():
            for task in tasks:
                task.run(connection)
    except BaseException as error:
        for task in tasks:
            task.error = task.error or error
        if not isinstance(error, Exception):
            raise
    finally:
        for task in tasks:
            task.ended = True


_LINES: WeakKeyDictionary[Engine, _Line] = WeakKeyDictionary()


def _line_of(engine: Engine) -> _Line:
    return _LINES.setdefault(engine, _Line())
