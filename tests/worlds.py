"""Worlds that are built once and kept: what a factory made in a known database is the next time taken from a copy.

A factory marked `built_once` is asked for the same world by test after test. While the database holds nothing but
worlds that are known, its first answer is kept beside a copy of the database; a later question with the same arguments
brings that copy back and reads the records of the answer anew. After any other write, in any other database, and
wherever a test patched something, the factory simply builds. What a test does to its world is gone with the test.
"""

import io
import pickle
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from flask import Flask
from sqlalchemy import Engine, Select, event, inspect, select, text, union_all, update
from sqlalchemy import literal_column as literal

from app.core import files, post
from app.core.clock import ClockSetting, real_now
from app.core.db import Base, db, session, writing

if TYPE_CHECKING:
    import pytest  # the bench makes worlds without it

Given = ParamSpec("Given")
Made = TypeVar("Made")
MOST = 24
EMPTY = ("empty",)
Key = tuple[type[Base], tuple[Any, ...]]


class Copies(ABC):
    """How the content of the database is copied and brought back."""

    @abstractmethod
    def take(self) -> Any:  # noqa: ANN401 - each database has its own
        """Copy what the database holds."""

    @abstractmethod
    def bring_back(self, copy: Any) -> None:  # noqa: ANN401 - what `take` returned
        """Let the database hold what it held when the copy was taken."""

    @abstractmethod
    def drop(self, copy: Any) -> None:  # noqa: ANN401 - what `take` returned
        """Forget a copy."""


class FileCopies(Copies):
    """Copies of the file of SQLite."""

    def __init__(self) -> None:
        self._path = Path(str(db.engine.url.database))
        self._numbers = count(1)

    def take(self) -> Path:
        """Copy the file, its log folded in."""
        copy = self._path.with_suffix(f".world-{next(self._numbers)}")
        db.engine.dispose()
        with sqlite3.connect(self._path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        shutil.copy(self._path, copy)
        return copy

    def bring_back(self, copy: Path) -> None:
        """Put a new file in place; a connection that somebody forgot holds on to the old one."""
        db.engine.dispose()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        shutil.copy(copy, self._path)

    def drop(self, copy: Path) -> None:
        """Delete a file."""
        copy.unlink(missing_ok=True)


class RowCopies(Copies):
    """Copies of the rows of PostgreSQL, table by table; no trigger fires when they come back."""

    def __init__(self) -> None:
        rows: list[Select[str]] = [
            select(literal(f"'{table.name}'")).where(text(f'EXISTS (SELECT FROM "{table.name}")'))
            for table in db.metadata.sorted_tables
        ]
        self._filled = union_all(*rows)

    def take(self) -> dict[str, bytes]:
        """Copy the rows of each table that has some."""
        copy: dict[str, bytes] = {}
        with db.engine.connect() as connection:
            held: Any = connection.connection.dbapi_connection
            for name in connection.execute(self._filled).scalars().all():
                with held.cursor().copy(f'COPY "{name}" TO STDOUT (FORMAT binary)') as rows:
                    copy[name] = b"".join(bytes(one) for one in rows)
            connection.rollback()
        return copy

    def bring_back(self, copy: dict[str, bytes]) -> None:
        """Empty every table and fill those that had rows."""
        with db.engine.begin() as connection:
            connection.execute(text("SELECT empty_tables()"))
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            held: Any = connection.connection.dbapi_connection
            for name, rows in copy.items():
                with held.cursor().copy(f'COPY "{name}" FROM STDIN (FORMAT binary)') as target:
                    target.write(rows)

    def drop(self, copy: dict[str, bytes]) -> None:
        """Leave it to the collector."""


@dataclass(frozen=True)
class World:
    """What a factory answered, and everything that it left."""

    number: int
    answer: bytes
    records: bytes
    copy: Any
    letters: dict[str, Any]
    contents: tuple[bytes, ...]
    kept_at: datetime
    clock_set: bool


class _Writer(pickle.Pickler):
    """Writes records by their keys, and the application as what it is: always the same."""

    def __init__(self, target: io.BytesIO) -> None:
        super().__init__(target, protocol=pickle.HIGHEST_PROTOCOL)
        self.records: dict[Key, Base] = {}

    def persistent_id(self, obj: object) -> Key | str | None:
        """Name a record by its class and key; raises PicklingError for one that was never stored."""
        if isinstance(obj, Flask):
            return obj.name
        if not isinstance(obj, Base):
            return None
        identity = inspect(obj).identity
        if identity is None:
            raise pickle.PicklingError(f"{obj!r} is not stored")
        self.records[type(obj), identity] = obj
        return type(obj), identity


class _Reader(pickle.Unpickler):
    """Finds records by their keys."""

    def __init__(self, source: io.BytesIO, records: dict[Key, Base]) -> None:
        super().__init__(source)
        self._records = records

    def persistent_load(self, name: Key) -> Base:
        """Give the record of a name."""
        return self._records[name]


def _written(what: object) -> tuple[bytes, dict[Key, Base]]:
    target = io.BytesIO()
    writer = _Writer(target)
    writer.dump(what)
    return target.getvalue(), writer.records


class Worlds:
    """The worlds of this process, and where the database stands: which of them it holds, None where it holds more."""

    def __init__(self) -> None:
        self._worlds: OrderedDict[tuple[object, ...], World] = OrderedDict()
        self._numbers = count(1)
        self._stands: tuple[object, ...] | None = None
        self._copies: Copies | None = None
        self._engine: Engine | None = None
        self._patch: pytest.MonkeyPatch | None = None

    def begin(self, patch: "pytest.MonkeyPatch | None") -> None:
        """Be told that a test begins with an empty database, and by what it may patch the product."""
        if self._copies is None:
            self._copies = FileCopies() if db.engine.dialect.name == "sqlite" else RowCopies()
            self._engine = db.engine
            event.listen(db.engine, "commit", self._be_told)
        self._stands, self._patch = EMPTY, patch

    def end(self) -> None:
        """Be told that a test has ended."""
        self._stands = self._patch = None

    def _be_told(self, _connection: object) -> None:
        self._stands = None

    @contextmanager
    def step(self, *name: object) -> Iterator[None]:
        """Run a block whose outcome is known by its name, so that it leads from one known world to another."""
        stands = self._stands
        yield
        self._stands = (*stands, *name) if stands is not None else None

    def give(self, build: Callable[..., Made], args: tuple[object, ...], named: dict[str, object]) -> Made:
        """Give what a factory makes, from its copy where there is one."""
        key = self._key(build, args, named)
        if key is None:
            return build(*args, **named)
        if (world := self._worlds.get(key)) is not None:
            self._worlds.move_to_end(key)
            self._bring_back(world)
        else:
            world = self._worlds[key] = self._keep(build(*args, **named))
            self._forget_oldest()
        session.expire_all()
        answer: Made = self._read(world)
        self._stands = (world.number,)
        return answer

    def _key(
        self, build: Callable[..., object], args: tuple[object, ...], named: dict[str, object]
    ) -> tuple[object, ...] | None:
        if self._stands is None or db.engine is not self._engine or writing() or self._patched():
            return None
        try:
            given, _records = _written((args, named))
        except (pickle.PicklingError, AttributeError, TypeError):
            return None
        return (*self._stands, build.__module__, build.__qualname__, given)

    def _patched(self) -> bool:
        """Tell whether the test changed something of the product; what pytest-flask changes is the same in each."""
        patch = self._patch
        if patch is None:
            return False
        return bool(patch._setitem or patch._cwd) or any(not isinstance(one[0], Flask) for one in patch._setattr)

    def _keep(self, made: object) -> World:
        assert self._copies is not None
        answer, found = _written(made)
        records = pickle.dumps(found, protocol=pickle.HIGHEST_PROTOCOL)
        contents = tuple(
            files.path_of(one.sha256).read_bytes()
            for one in session.scalars(select(files.StoredFile))
            if files.is_kept(one)
        )
        clock_set = session.get(ClockSetting, 1) is not None
        session.rollback()
        number, copy = next(self._numbers), self._copies.take()
        return World(number, answer, records, copy, dict(post._memory), contents, real_now(), clock_set)

    def _bring_back(self, world: World) -> None:
        assert self._copies is not None
        session.rollback()
        self._copies.bring_back(world.copy)
        post._memory.clear()
        post._memory.update(world.letters)
        for content in world.contents:
            files.put_in_place(content)
        passed = int((real_now() - world.kept_at).total_seconds())
        if world.clock_set and passed:
            self._turn_back(passed)

    @staticmethod
    def _turn_back(passed: int) -> None:
        """Let the clock go on from where it stood when the world was made."""
        with db.engine.connect().execution_options(write=True) as connection, connection.begin():
            connection.execute(update(ClockSetting).values(offset_seconds=ClockSetting.offset_seconds - passed))

    @staticmethod
    def _read(world: World) -> Any:  # noqa: ANN401 - whatever a factory answers
        """Give the answer with its records as they were read when it was first given, and all that they had loaded."""
        stored: dict[Key, Base] = pickle.loads(world.records)  # noqa: S301 - written by this very process
        records = {key: session.merge(one, load=False) for key, one in stored.items()}
        return _Reader(io.BytesIO(world.answer), records).load()

    def _forget_oldest(self) -> None:
        assert self._copies is not None
        while len(self._worlds) > MOST:
            _key, world = self._worlds.popitem(last=False)
            self._copies.drop(world.copy)


worlds = Worlds()


def built_once(build: Callable[Given, Made]) -> Callable[Given, Made]:
    """Mark a factory whose worlds are kept: what it makes follows from its arguments and the database alone.

    It answers with records, values and plain objects that hold such, all of which pickle.
    """

    @wraps(build)
    def give(*args: Given.args, **named: Given.kwargs) -> Made:
        return worlds.give(build, args, named)

    return give
